"""Reading a connector's file: what is wrong is named with its key, and what was meant."""

from pathlib import Path

import pytest

from graftwork.systems.contract import Record
from graftwork.systems.errors import (
    ConnectorInvalid,
    ConnectorUnknownKey,
    ConnectorUnreadable,
    SystemUnknown,
)
from graftwork.systems.loading import load_connector, open_system
from support.scripted_system import CONNECTOR, far
from support.systems import surroundings


def write(folder: Path, text: str, name: str = "desk_of_old") -> Path:
    file = folder / f"{name}.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_is_read_and_its_system_opened(tmp_path):
    file = load_connector(write(tmp_path, CONNECTOR))
    assert (file.label, file.pull.batch_items, file.push.on) == ("desk_of_old", 3, ("approved",))
    far["desk_of_old"].records = [Record("t-1", {})]
    assert open_system(file, surroundings(tmp_path)).check() == ["1 records"]
    far.clear()


@pytest.mark.parametrize(
    ("was", "is_now", "error", "told"),
    [
        (
            "batch_items",
            "batch_itmes",
            ConnectorUnknownKey,
            "unknown key `pull.batch_itmes`; did you mean `batch_items`",
        ),
        ('use_case = "note_reply"', "", ConnectorInvalid, "`use_case` is required"),
        ('system = "python"', 'system = "pyhton"', SystemUnknown, "did you mean `python`"),
        ('system = "python"', "", ConnectorInvalid, "`system` is required"),
        ("batch_items = 3", "batch_items = 0", ConnectorInvalid, "`pull.batch_items`"),
        ("class =", "klass =", ConnectorUnknownKey, "did you mean `class`"),
        ("[pull]", "[pull", ConnectorUnreadable, "not TOML"),
        (
            'name = "desk_of_old"\nuse',
            'name = "other"\nuse',
            ConnectorInvalid,
            "but the file is called desk_of_old.toml",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path, was, is_now, error, told):
    with pytest.raises(error) as refused:
        load_connector(write(tmp_path, CONNECTOR.replace(was, is_now)))
    assert told in refused.value.message


def test_a_connector_that_does_neither_is_refused(tmp_path):
    with pytest.raises(ConnectorInvalid, match="needs a table"):
        load_connector(write(tmp_path, CONNECTOR.split("[pull]", maxsplit=1)[0]))


def test_a_file_that_is_no_text_is_refused(tmp_path):
    file = tmp_path / "x.toml"
    file.write_bytes(b"name = '\xff'")
    with pytest.raises(ConnectorUnreadable, match="not UTF-8"):
        load_connector(file)


@pytest.mark.parametrize("named", ["no_such_module:Thing", "support.scripted_system:Nothing"])
def test_a_class_that_is_not_there_is_named_by_its_key(tmp_path, named):
    file = load_connector(write(tmp_path, CONNECTOR.replace("support.scripted_system:Scripted", named)))
    with pytest.raises(ConnectorInvalid, match="`class` cannot be loaded"):
        open_system(file, surroundings(tmp_path))


def test_a_class_of_the_workspace_is_found_beside_the_connectors(tmp_path):
    (tmp_path / "connectors").mkdir()
    (tmp_path / "connectors" / "mainframe_of_ours.py").write_text(
        "class Mainframe:\n    def __init__(self, settings, secrets, around):\n        self.region = settings['name']\n"
    )
    text = CONNECTOR.replace("support.scripted_system:Scripted", "mainframe_of_ours:Mainframe")
    system = open_system(load_connector(write(tmp_path / "connectors", text)), surroundings(tmp_path))
    assert system.region == "desk_of_old"
