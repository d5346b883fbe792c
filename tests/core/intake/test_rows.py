"""The door: formats, refusals, identity, folders, memory."""

import json
import os
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import pytest

from graftwork.core.errors import (
    InputChanged,
    InputEmpty,
    InputEncodingUnknown,
    InputError,
    InputFormatUnknown,
    InputNotFound,
    InputUnreadable,
)
from graftwork.core.intake.folder import Survey, survey
from graftwork.core.intake.rows import Resume, count_hint, fingerprint, open_rows, total_bytes

ENVELOPE = b"From x Mon Jan  1 10:00:00 2024\n"
MAIL = b"Message-ID: <m1@x.example>\nSubject: one\n\nHello\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Every format, a near-miss beside each, and one file of each kind that cannot be read."""
    root = tmp_path / "export"
    files = {
        "a.jsonl": b'{"n": 1}\n{"n": 2}\n',
        "b/one.eml": MAIL,
        "b/two.mbox": ENVELOPE + MAIL + b"\n" + ENVELOPE + MAIL,
        "b-side.csv": b'n,t\n1,"x\ny"\n2,z\n',
        "b.txt": "Grüße".encode(),
        "c/empty.eml": b"",
        "c/twice.csv": b"n,n\n1,2\n",
        "c/wide.jsonl": '{"n": 1}'.encode("utf-16"),
        "z.jsonl": b'{"n": 3}\n',
        ".hidden.jsonl": b'{"n": 9}\n',
        ".git/x.jsonl": b'{"n": 9}\n',
        "photo.png": b"\x89PNG",
        "README": b"no suffix",
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def test_a_folder_is_read_in_the_order_of_its_names(folder: Path) -> None:
    rows = list(open_rows(folder))
    assert [(row.line, row.origin) for row in rows] == [
        (1, "file a.jsonl, line 1"),
        (2, "file a.jsonl, line 2"),
        (3, "file b/one.eml"),
        (4, "file b/two.mbox, message 1"),
        (5, "file b/two.mbox, message 2"),
        (6, "file b-side.csv, line 2"),
        (7, "file b-side.csv, line 4"),
        (8, "file b.txt"),
        (9, "file c/empty.eml"),
        (10, "file c/twice.csv"),
        (11, "file c/wide.jsonl"),
        (12, "file z.jsonl, line 1"),
    ]
    assert rows[7].data == {"id": "b.txt", "text": "Grüße"}
    assert [row.problem for row in rows if row.problem] == [
        "the file is empty",
        "the header names `n` twice, as columns 1 and 2",
        "the text is in UTF-16",
    ]


def test_a_folder_is_resumed_after_any_row(folder: Path) -> None:
    rows = list(open_rows(folder))
    for count, row in enumerate(rows, 1):
        saved = Resume(**json.loads(json.dumps(asdict(row.resume))))
        assert list(open_rows(folder, after=saved)) == rows[count:]
    assert rows[-1].resume.read_bytes == total_bytes(folder)


def test_what_a_folder_passes_over_is_counted(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.jsonl"
    outside.write_bytes(b'{"n": 7}\n')
    (folder / "leaving.jsonl").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / "broken.jsonl").symlink_to(folder / "nothing")
    (folder / "inside.txt").symlink_to(folder / "b.txt")
    found = survey(folder)
    assert found == Survey(
        10, total_bytes(folder), hidden=2, unknown_suffix=2, links_not_followed=3, one_row_each=False
    )
    assert not any((row.data or {}).get("n") == 7 for row in open_rows(folder))


def test_a_text_in_a_folder_is_named_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "note.txt").write_text("hello")
    assert [row.data for row in open_rows(tmp_path)] == [{"id": "x/note.txt", "text": "hello"}]
    assert [row.data for row in open_rows(tmp_path / "x" / "note.txt")] == [{"id": "note.txt", "text": "hello"}]


def test_a_name_that_is_not_utf8_is_shown_and_resumed(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("hello")
    (row,) = open_rows(tmp_path)
    assert row.origin == "file caf\ufffd.txt"
    assert list(open_rows(tmp_path, after=row.resume)) == []


REFUSED: list[tuple[str, bytes | None, str | None, type[InputError]]] = [
    ("missing.jsonl", None, None, InputNotFound),
    ("empty.jsonl", b"", None, InputEmpty),
    ("mark-only.jsonl", b"\xef\xbb\xbf", None, InputEmpty),
    ("blank.jsonl", b"\n \n", None, InputEmpty),
    ("blank.eml", b" \n", None, InputEmpty),
    ("blank.mbox", b"\n\n", None, InputEmpty),
    ("sheet.xlsx", b"PK", None, InputFormatUnknown),
    ("no-suffix", b"{}", None, InputFormatUnknown),
    ("rows.jsonl", b"{}", "yaml", InputFormatUnknown),
    ("rows.jsonl", b"{}", "folder", InputFormatUnknown),
    ("utf16.jsonl", "{}".encode("utf-16"), None, InputEncodingUnknown),
    ("utf16.csv", b"\xfe\xff" + "a,b".encode("utf-16-be"), None, InputEncodingUnknown),
    ("utf32.csv", "a,b".encode("utf-32"), None, InputEncodingUnknown),
]


@pytest.mark.parametrize(("name", "content", "format", "error"), REFUSED)
def test_an_input_is_refused_before_any_row_is_asked_for(
    name: str,
    content: bytes | None,
    format: str | None,  # noqa: A002
    error: type[InputError],
    tmp_path: Path,
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error) as raised:
        open_rows(path, format=format)
    assert type(raised.value) is error
    assert name in raised.value.message


@pytest.mark.parametrize(
    ("name", "format"), [("ROWS.JSONL", None), ("rows.ndjson", None), ("rows", "jsonl"), ("rows.csv", "JSONL")]
)
def test_a_format_is_known_by_suffix_or_by_name(name: str, format: str | None, tmp_path: Path) -> None:  # noqa: A002
    (tmp_path / name).write_bytes(b'{"a": 1}')
    assert [row.data for row in open_rows(tmp_path / name, format=format)] == [{"a": 1}]


def test_a_folder_with_nothing_to_read_is_empty(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"x")
    with pytest.raises(InputEmpty):
        open_rows(tmp_path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(InputUnreadable, match="not a regular file"):
        open_rows(tmp_path / "pipe.jsonl")


def test_a_place_outside_the_input_is_refused_and_its_end_is_not(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"{}\n")
    assert list(open_rows(path, after=Resume(3, 1))) == []
    with pytest.raises(InputChanged):
        open_rows(path, after=Resume(4, 1))
    with pytest.raises(InputChanged):
        open_rows(tmp_path, after=Resume(3, 1, file="gone.jsonl"))


def test_a_fingerprint_notices_either_end_the_size_and_the_names(tmp_path: Path) -> None:
    def of(content: bytes, name: str = "rows.jsonl") -> str:
        path = tmp_path / "folder" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return fingerprint(path) + fingerprint(path.parent)

    middle = b"x" * 300_000
    same, again = of(b"a" + middle + b"b"), of(b"a" + middle + b"b")
    assert same == again
    others = [of(b"A" + middle + b"b"), of(b"a" + middle + b"B"), of(b"a" + middle + b"xb"), of(b"{}", "more.jsonl")]
    assert len({same, *others}) == 5


def test_a_fingerprint_of_a_folder_leaves_out_what_is_not_read(folder: Path) -> None:
    before = fingerprint(folder)
    (folder / ".DS_Store").write_bytes(b"x")
    assert fingerprint(folder) == before
    (folder / "new.txt").write_bytes(b"x")
    assert fingerprint(folder) != before


def test_a_count_is_known_only_where_names_tell_it(folder: Path) -> None:
    assert count_hint(folder) is None
    assert count_hint(folder / "a.jsonl") is None
    assert count_hint(folder / "b" / "one.eml") == 1
    (folder / "b" / "two.mbox").unlink()
    assert count_hint(folder / "b") == 1


@contextmanager
def peak_below(limit_bytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit_bytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("rows.jsonl", b'{"a": "', b'"}\n{"a": "1"}\n'),
        ("rows.csv", b'a,b\n"', b'",2\n1,1\n'),
        ("rows.mbox", ENVELOPE + b"A: 1\n\n", b"\n\n" + ENVELOPE + b"A: 1\n\n1\n"),
    ],
)
def test_a_row_of_50_mb_is_never_held(name: str, before: bytes, after: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(before)
        for _ in range(50):
            file.write(b"x" * 1_000_000)
        file.write(after)
    with peak_below(2_000_000):
        refused, following = open_rows(path, max_row_bytes=1_000_000)
    assert refused.problem == "the row is longer than the limit of 1,000,000 bytes"
    assert following.data is not None


@pytest.mark.parametrize(
    ("name", "head", "row"),
    [("rows.jsonl", b"", b'{"a": "x", "b": 1}\n'), ("rows.csv", b"a,b\n", b"x,1\n")],
)
def test_200_000_rows_take_no_more_memory_than_a_few(name: str, head: bytes, row: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(head + row * 200_000)
    rows = open_rows(path)
    next(rows)
    before = sys.getallocatedblocks()  # tracemalloc would take ten times as long over so many rows
    most = max(sys.getallocatedblocks() for number, _ in enumerate(rows) if number % 5_000 == 0)
    assert most - before < 2_000
    with peak_below(500_000):
        assert sum(1 for _ in islice(open_rows(path), 5_000)) == 5_000
