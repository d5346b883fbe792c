"""The file of an HTTP connector, and the library of described systems: what is wrong is named where it stands."""

from pathlib import Path
from typing import Any

import pytest

from graftwork.systems.errors import ConnectorError, ConnectorInvalid, ConnectorUnknownKey, SystemUnknown
from graftwork.systems.http.file import HttpConnector
from graftwork.systems.http.library import describe, merged, system_files
from graftwork.systems.loading import load_connector
from support.httpsystem import PULL, PUSH, connector

SYSTEM = """
[about]
title = "Acme Desk"
[settings.site]
description = "the part before .desk.example.com"
pattern = "[a-z]+"
[settings.status]
default = "pending"
choices = ["pending", "open"]
[settings.token]
secret = true
[http]
base_url = "https://{setting.site}.desk.example.com"
[http.auth]
kind = "bearer"
token = "{setting.token}"
[http.rate]
requests = 100
"""
OWN = """
name = "acme_tickets"
use_case = "support_reply"
system = "acme"
settings = { site = "nord", token = "env:ACME_TOKEN" }
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PULL.replace('"subject"', '"subject["'), "`pull.fields.subject.value` is not JMESPath at column "),
        (PULL.replace('"tickets"', '"a ||"'), "`pull.items` is not JMESPath"),
        (
            PULL + 'query = { a = "{sinse}" }',
            "`pull` has an unknown placeholder {sinse} in `query.a`; did you mean `since`",
        ),
        (PULL + 'query = { a = "{" }', "`pull.query.a` has a brace at column 1"),
        (PULL + 'query = { a = "{text}" }', "unknown placeholder {text}"),
        (PULL + 'path = "//evil.example"\n'.replace("path", "page"), "unknown key `pull.page`"),
        (PULL.replace("/tickets", "tickets"), "`pull.path`"),
        (PULL.replace("/tickets", "/a?b=c"), "`pull.path`"),
        (PULL + 'pages = { kind = "next" }', "needs `next`"),
        (PULL + 'pages = { kind = "page", keep = true }', "only where its kind"),
        (PULL + 'since = { mark = "at", read = "when" }', "`read` that is none of"),
        (PULL + 'since = { mark = "at", zone = "Mars/North" }', "no time zone"),
        (PULL + 'since = { mark = "at", start = "now" }', "`start` that cannot be read"),
        (PULL + 'since = { mark = "at", read = "number", overlap_seconds = 5 }', "no times"),
        (PULL.replace('conversation = "body"', 'conversation = { turns = "a" }'), "needs `text`"),
        (PUSH.replace('"{text}"', "2026-11-22"), "holds a date without quotes"),
        (PUSH + 'form = { a = "b" }', "both `body` and `form`"),
        (PUSH + 'headers = { "X Y" = "b" }', "must be the name of a header"),
        (PUSH + 'headers = { X = "{setting.status}" }', "names the setting `status`, which there is not"),
        ("http = {}", "needs a table `[pull]`"),
        (PULL + '[http.auth]\nkind = "basic"\nuser = "a"', "needs `password`"),
        (PULL + '[http.auth]\nkind = "bearer"\ntoken = "{origin.id}"', "settings only"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_key(text: str, said: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        connector(text)

    assert said in str(refused.value)


def in_workspace(folder: Path, own: str, system: str = SYSTEM + PULL + PUSH) -> Path:
    (folder / "systems").mkdir(exist_ok=True)
    (folder / "systems" / "acme.toml").write_text(system)
    (folder / "acme_tickets.toml").write_text(own)
    return folder / "acme_tickets.toml"


def loaded(folder: Path, own: str, system: str = SYSTEM + PULL + PUSH) -> HttpConnector:
    file = load_connector(in_workspace(folder, own, system))
    assert isinstance(file, HttpConnector)
    return file


def test_a_described_system_needs_its_settings_only(tmp_path: Path) -> None:
    file = loaded(tmp_path, OWN)

    assert {name: one.given for name, one in file.settings.items()} == {
        "site": "nord", "status": "pending", "token": "env:ACME_TOKEN",
    }  # fmt: skip
    assert file.pull is not None
    assert file.push is not None


@pytest.mark.parametrize(
    ("own", "error", "said"),
    [
        (OWN.replace('site = "nord", ', ""), ConnectorInvalid, "needs `settings.site`: the part before"),
        (OWN.replace("nord", "nord/"), ConnectorInvalid, "`settings.site` to match"),
        (OWN.replace("site", "sight"), ConnectorUnknownKey, "settings.sight"),
        (OWN.replace('"env:ACME_TOKEN"', '"0815-4711"'), ConnectorInvalid, "never stands in this file"),
        (OWN.replace('"acme"', '"acne"'), SystemUnknown, "did you mean `acme`"),
        (OWN + "[pull]\nevery_secs = 5", ConnectorUnknownKey, "pull.every_secs"),
        (OWN.replace("settings = {", "settings = 5 #{"), ConnectorInvalid, "must be a table"),
    ],
)
def test_what_is_wrong_beside_a_described_system_is_named(
    tmp_path: Path, own: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as refused:
        loaded(tmp_path, own)

    assert said in str(refused.value)
    assert "0815" not in str(refused.value)


def test_a_secret_or_a_status_that_nothing_uses_need_not_be_given(tmp_path: Path) -> None:
    own = OWN.replace(', token = "env:ACME_TOKEN"', "") + '[http.auth]\nkind = "none"\n'

    assert loaded(tmp_path, own).http.auth.kind == "none"


def test_a_setting_that_is_named_with_a_question_mark_may_be_left_out(tmp_path: Path) -> None:
    system = SYSTEM.replace("[http]", '[settings.team]\ndescription = "a team"\n[http]') + PULL
    own = "push = false\n" + OWN

    assert loaded(tmp_path, own, system + 'query = { team = "{setting.team?}" }').settings["team"].given is None
    with pytest.raises(ConnectorInvalid, match=r"settings\.team"):
        loaded(tmp_path, own, system + 'query = { team = "{setting.team}" }')


def test_a_connector_overrides_key_by_key_lists_as_a_whole_and_shapes_as_a_whole(tmp_path: Path) -> None:
    own = OWN + '[pull]\nevery_seconds = 5\nfields = { subject = "title" }\n'
    own += '[http.auth]\nkind = "header"\nname = "X"\nvalue = "y"\n'
    file = loaded(tmp_path, own + '[[push.requests]]\npath = "/mine"\n')

    assert file.pull is not None
    assert file.push is not None
    assert (file.pull.every_seconds, file.pull.path) == (5, "/tickets")
    assert file.pull.fields["subject"].value == "title"
    assert file.pull.fields["conversation"].value == "body"
    assert [write.path for write in file.push.requests] == ["/mine"]
    assert (file.http.auth.kind, file.http.auth.token) == ("header", "")
    assert file.http.rate.requests == 100


@pytest.mark.parametrize("side", ["pull", "push"])
def test_one_direction_may_be_switched_off_and_not_both(tmp_path: Path, side: str) -> None:
    file = loaded(tmp_path, f"{side} = false\n" + OWN)

    assert getattr(file, side) is None
    with pytest.raises(ConnectorInvalid, match="needs a table"):
        loaded(tmp_path, "pull = false\npush = false\n" + OWN)


def test_merging_changes_neither_of_the_two() -> None:
    described: dict[str, Any] = {
        "about": {"title": "A"},
        "http": {"base_url": "https://a.example"},
        "settings": {"a": {}},
    }
    own = {"system": "a", "settings": {"a": 1}, "http": {"plain_http": True}}

    together = merged(described, own, Path("x.toml"))

    assert together["http"] == {"base_url": "https://a.example", "plain_http": True}
    assert described["http"] == {"base_url": "https://a.example"}
    assert own["settings"] == {"a": 1}


def test_a_mistake_in_the_description_is_told_by_the_name_of_its_file(tmp_path: Path) -> None:
    with pytest.raises(ConnectorUnknownKey, match=r"acme\.toml: unknown key `pull.itms`"):
        loaded(tmp_path, OWN, SYSTEM + PULL + 'itms = "x"\n')


def test_a_described_system_tells_what_it_asks_for(tmp_path: Path) -> None:
    in_workspace(tmp_path, OWN)
    found = describe(system_files(tmp_path)["acme"])

    assert (found.name, found.title, found.pulls, found.pushes) == ("acme", "Acme Desk", True, True)
    assert {name: (one.required, one.secret) for name, one in found.settings.items()} == {
        "site": (True, False), "status": (False, False), "token": (True, True),
    }  # fmt: skip


def test_every_system_that_ships_can_be_described(tmp_path: Path) -> None:
    found = [describe(file) for file in system_files(tmp_path).values()]

    assert {"rest", "odata"} <= {one.name for one in found}
    assert all(one.title and one.description for one in found)
    assert all(setting.description for one in found for setting in one.settings.values())


@pytest.mark.parametrize("name", ["rest", "odata"])
def test_a_generic_system_needs_little(tmp_path: Path, name: str) -> None:
    settings = {
        "rest": 'base_url = "https://a.example", token = "env:T", list = "tickets"',
        "odata": 'base_url = "https://a.example", user = "a", password = "env:P", entity_set = "Tickets"',
    }
    own = f'name = "acme_tickets"\nuse_case = "support_reply"\nsystem = "{name}"\nsettings = {{ {settings[name]} }}\n'

    assert loaded(tmp_path, own).push is not None
