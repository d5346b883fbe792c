"""What a connector's file may say, and what is refused before anything is reached."""

from pathlib import Path

import pytest

from graftwork.systems.errors import ConnectorError
from graftwork.systems.loading import load_connector

PLAIN = """
name = "tickets"
use_case = "note_reply"
system = "sql"
url = "postgresql://db.example.com/crm"
{top}
[pull]
table = "tickets"
key = "id"
{pull}
[pull.fields]
text = "body"
{push}
"""
PUSH = '[push]\nset = { answer = "{text}" }\n'


def read(folder: Path, top: str = "", pull: str = "", push: str = "") -> object:
    path = folder / "tickets.toml"
    path.write_text(PLAIN.format(top=top, pull=pull, push=push), encoding="utf-8")
    return load_connector(path)


@pytest.mark.parametrize(
    ("top", "pull", "push"),
    [
        ('password = "env:CRM_PASSWORD"\nencoding = "windows-1252"', "", PUSH),
        ('encoding = "utf-8"\nmisread_as = "latin-1"', "", ""),
        ("", 'watermark = "changed"\nsince = "2026-01-01"', ""),
        ("", 'watermark = "d"\nwatermark_kind = "text"\nwatermark_format = "%Y%m%d"', ""),
        ("", 'status = "s"\nnew_is_null = true\ntaken_value = "taken"', ""),
        ("", "", '[push]\naction = "insert"\ntable = "notes"\nset = { d = "{key}", at = "{decided_at:%d.%m.%Y}" }\n'),
        ("", "", '[push]\ntable = "other"\nset = { a = "{{text}} {text}" }\nwhere = { id = "{row.id}" }\n'),
        ("", "", '[push]\non = ["approved", "rejected"]\n[[push.writes]]\nset = { a = 1 }\n'),
    ],
)
def test_files_that_say_enough_are_taken(tmp_path: Path, top: str, pull: str, push: str) -> None:
    assert read(tmp_path, top, pull, push)


@pytest.mark.parametrize(
    ("top", "pull", "push", "told"),
    [
        ('encoding = "klingon"', "", "", "is no encoding"),
        ('encoding = "base64"', "", "", "is no encoding"),
        ('misread_as = "latin-1"', "", "", "`misread_as` goes with `encoding`"),
        ('password = "planted-Zx81"', "", "", "must say where the secret lies"),
        ('odbc = "DSN=crm"', "", "", "`odbc` goes with a URL"),
        ("", 'query = "SELECT 1"', "", "needs `table` or `query`, and not both"),
        ("", 'key_expression = "a || b"', "", "needs `key` or `key_expression`, and not both"),
        ("", 'watermark = "d"\nwatermark_kind = "text"', "", "`watermark_format` goes with"),
        ("", 'watermark = "d"\nwatermark_kind = "text"\nwatermark_format = "%d.%m.%Y"', "", "must begin with the year"),
        ("", 'since = "2026-01-01"', "", "`since` goes with a watermark"),
        ("", 'status = "s"', "", "`status` goes with `new_values`"),
        ("", 'status = "s"\nnew_values = ["n"]\ntaken_value = "n"', "", "must not be one of `new_values`"),
        ("", 'watermak = "d"', "", "unknown key `pull.watermak`; did you mean `watermark`?"),
        ("", "", '[push]\nset = { answer = "{txt}" }\n', "gap {txt} that nothing fills"),
        ("", "", '[push]\nset = { answer = "{text.__class__}" }\n', "that nothing fills"),
        ("", "", '[push]\nset = { answer = "{text" }\n', "single brace"),
        ("", "", "[push]\n", "needs `set` or `writes`"),
        ("", "", '[push]\ntable = "other"\nset = { a = 1 }\n', "so it needs `where`"),
        ("", "", '[push]\nset = { a = 1 }\nonce_by = ["a"]\n', "`once_by` goes with an insert"),
        (
            "",
            "",
            '[push]\non = ["approved", "rejected"]\n[[push.writes]]\non = ["approved"]\nset = { a = 1 }\n',
            "delivers rejected",
        ),
        ("", "", PUSH + 'time_zone = "Mars/Olympus"\n', "is no time zone"),
    ],
)
def test_files_that_cannot_work_are_refused_by_the_key(
    tmp_path: Path, top: str, pull: str, push: str, told: str
) -> None:
    with pytest.raises(ConnectorError) as caught:
        read(tmp_path, top, pull, push)
    assert told in str(caught.value)
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("postgresql://graftwork@db/crm", False),
        ("postgresql://graftwork:planted-Zx81@db/crm", True),
        ("postgresql://db/crm?sslmode=require", False),
        ("postgresql://db/crm?password=planted-Zx81", True),
        ("db.example.com", True),
    ],
)
def test_a_url_never_holds_a_password(tmp_path: Path, url: str, refused: bool) -> None:
    path = tmp_path / "tickets.toml"
    path.write_text(
        PLAIN.format(top="", pull="", push="").replace("postgresql://db.example.com/crm", url), encoding="utf-8"
    )
    if not refused:
        assert load_connector(path)
        return
    with pytest.raises(ConnectorError) as caught:
        load_connector(path)
    assert "planted" not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize(("odbc", "refused"), [("DSN=crm;UID=me", False), ("DSN=crm; Pwd = planted", True)])
def test_a_string_of_odbc_never_holds_a_password(tmp_path: Path, odbc: str, refused: bool) -> None:
    path = tmp_path / "tickets.toml"
    told = PLAIN.format(top=f'odbc = "{odbc}"', pull="", push="")
    path.write_text(told.replace("postgresql://db.example.com/crm", "odbc://"), encoding="utf-8")
    if not refused:
        assert load_connector(path)
        return
    with pytest.raises(ConnectorError, match="must not hold a password"):
        load_connector(path)
