"""What the file of a folder may say, and which paths and names are safe."""

import re
import subprocess
import sys
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from graftwork.systems.folder.file import FolderConnector
from graftwork.systems.folder.names import is_result, is_safe, plain_name, result_path, template_problem

GOOD = {"name": "scans", "use_case": "report_summary", "system": "folder", "url": "inbox", "pull": {}}


def refusal(**changes):
    with pytest.raises(ValidationError) as error:
        FolderConnector.model_validate({**GOOD, **changes})
    return str(error.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "/srv/scans"},
        {"url": "file:///srv/scans"},
        {"url": "s3://bucket/in", "s3": {"endpoint_url": "https://store.example.com"}},
        {"url": "s3://bucket", "s3": {"endpoint_url": "http://127.0.0.1:9000"}},
        {"url": "sftp://user@files.example.com:2222/in"},
        {"url": "smb://files/in", "options": {"username": "u"}, "secret_options": {"password": "env:SMB"}},
        {"push": {"format": "text"}},
        {"push": {"name": "{stem}.result.json"}},
        {"push": {"name": "{stem}.txt"}, "pull": {"pattern": ["*.pdf"]}},
    ],
)
def test_a_file_that_hangs_together_is_taken(changes):
    assert FolderConnector.model_validate({**GOOD, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"url": "sftp://user:pass@files.example.com/in"}, "must not hold a password"),
        ({"url": "sftp://files.example.com/in"}, "sftp://user@host/path"),
        ({"url": "simplecache::s3://bucket"}, "one path or one address"),
        ({"s3": {}}, "goes with an address"),
        ({"url": "s3://b", "s3": {"endpoint_url": "http://store.example.com"}}, "must be https"),
        ({"url": "s3://b", "s3": {"key": "env:K"}}, "belong together"),
        ({"url": "s3://b", "s3": {"key": "AKIA", "secret": "x"}}, "env:NAME"),
        ({"options": {"a": 1}}, "for other protocols"),
        ({"pull": None}, "needs a table"),
        ({"push": {"name": "../{name}"}}, "name of a file"),
        ({"push": {"name": "{other}.json"}}, "may hold"),
        ({"push": {"name": "result.json"}}, "must hold"),
        ({"push": {"name": "{name}"}}, "tells results from documents"),
        ({"push": {"folder": "../out"}}, "inside the folder"),
        ({"push": {"name": "{stem}.txt"}}, "look like a result"),
        ({"push": {"format": "text", "on": ["approved", "rejected"]}}, "approved"),
    ],
)
def test_a_file_that_does_not_is_refused_with_the_reason(changes, words):
    assert words in refusal(**changes)


@pytest.mark.parametrize("path", ["a", "a/b.pdf", "ä ö/ü.txt", "a..b/..c", "...", "a b"])
def test_plain_paths_are_safe(path):
    assert is_safe(path)


@pytest.mark.parametrize(
    "path",
    ["", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a\\..\\b", "a\x00b", "a\udce9", "x" * 2_000],
)
def test_other_paths_are_not(path):
    assert not is_safe(path)


PATHS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("./\\\x00 "), max_size=40)


@given(PATHS)
def test_a_safe_path_stays_inside_the_folder(path):
    if is_safe(path):
        assert ".." not in PurePosixPath(path).parts
        assert not PurePosixPath(path).is_absolute()
        assert PurePosixPath("/root", path).is_relative_to("/root")


TEMPLATES = st.sampled_from(["{name}.graftwork.json", "{stem}.result.txt", "result-{key}.json", "{stem}-{key}.r"])


@given(TEMPLATES, st.sampled_from(["", "out", "out/er"]), PATHS, PATHS)
def test_a_result_is_named_safely_and_is_known_as_one(template, folder, document, key):
    assert template_problem(template) == ""
    if is_safe(document):
        path = result_path(template, folder, document, key)
        assert is_safe(path) or len(path) > 1_000
        assert is_result(path, template)
        assert len(PurePosixPath(path).name.encode()) <= 255


@given(PATHS, PATHS)
def test_two_items_never_get_the_same_name(one, other):
    assert is_safe(plain_name(one))
    assert not re.search(r"[/\\\x00]", plain_name(one))
    assert (plain_name(one) == plain_name(other)) == (one == other)


def test_the_drivers_are_loaded_when_a_folder_needs_them():
    program = (
        "import sys; import graftwork.systems.folder.system, graftwork.systems.webhook.system;"
        "drivers = ('fsspec', 's3fs', 'paramiko', 'jmespath', 'urllib3', 'django');"
        "print([name for name in drivers if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
