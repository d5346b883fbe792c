"""One mail as a record, whatever it is made of."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.document import Document
from graftwork.core.documents.errors import DocumentFormatUnknown
from graftwork.core.items import MAX_ID_CHARACTERS
from graftwork.systems.contract import Record
from graftwork.systems.mail import reading
from graftwork.systems.mail.automatic import Ours, Rules, why_skipped
from graftwork.systems.mail.file import MailPull
from graftwork.systems.mail.headers import is_address, own_id
from graftwork.systems.mail.reading import Place, Reader, shortened

US = "support@example.com"
OURS = Ours(frozenset((US,)))
PLACE = Place("INBOX", 1, 2)

HEADERS = st.sampled_from([
    b"From", b"Reply-To", b"Subject", b"References", b"In-Reply-To", b"Message-ID", b"Content-Type", b"Date",
    b"Content-Transfer-Encoding", b"Content-Disposition", b"Auto-Submitted", b"Return-Path", b"List-Id",
])  # fmt: skip
VALUES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([
        b"multipart/mixed; boundary=x", b"message/rfc822", b"=?utf-8?b?////?=", b"=?x?q?a?=", b"text/html; charset=x",
        b"attachment; filename*=x''%ff", b"base64", b"<a@b> <c@d>", b"<>", b"\xff\xfe <a@b.c>",
    ]),
)  # fmt: skip


def refuse(_: bytes, name: str) -> Document:
    raise DocumentFormatUnknown(name, "it is a test")


def read(content: bytes, **rules: Any) -> Record:
    return Reader(MailPull.model_validate(rules), OURS, refuse, keep_text=True).record(content, PLACE)


@given(st.lists(st.tuples(HEADERS, VALUES), max_size=8), st.binary(max_size=200))
def test_no_mail_makes_reading_fail_and_each_has_a_key(headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    content = b"".join(b"%s: %s\n" % pair for pair in headers) + b"\n--x\n" + body + b"\n--x--\n"
    record = read(content)
    assert 0 < len(record.key) <= MAX_ID_CHARACTERS
    assert len(record.thread) <= MAX_ID_CHARACTERS
    assert record == read(content)
    if not record.problem:
        assert all(is_address(address) for _, address in record.origin["from"])


@given(st.lists(st.tuples(HEADERS, VALUES), max_size=8))
def test_no_header_makes_judging_fail(headers: list[tuple[bytes, bytes]]) -> None:
    from email import message_from_bytes

    why_skipped(message_from_bytes(b"".join(b"%s: %s\n" % pair for pair in headers) + b"\n"), Rules(OURS))


def test_what_the_library_raises_is_a_problem_of_that_mail_and_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: bytes) -> dict[str, Any]:
        raise KeyError("planted text of a mail")

    monkeypatch.setattr(reading, "parse", fail)
    record = read(b"From: a@example.org\n\nplanted\n")
    assert record.problem == "the mail cannot be read (KeyError)"
    assert record.origin == {"folder": "INBOX", "validity": 1, "uid": 2}


@pytest.mark.parametrize(
    ("references", "answers", "thread"),
    [
        ("<root@a.example> <{own}>", "<{own}>", "root@a.example"),
        ("<{own}>", "<{own}>", "the thread"),
        ("", "<{own}>", "the thread"),
        ("<{own}> <later@a.example>", "<later@a.example>", "the thread"),
        ("", "<other@a.example>", "other@a.example"),
        ("", "", "this@a.example"),
    ],
)
def test_the_thread_is_the_root_or_the_one_that_our_id_names(references: str, answers: str, thread: str) -> None:
    own = own_id("gw-1", "the thread", US)
    content = (
        f"From: a@a.example\nMessage-ID: <this@a.example>\nReferences: {references}\nIn-Reply-To: {answers}\n\nx\n"
    )
    assert read(content.format(own=own).encode()).thread == thread


def test_a_long_chain_keeps_its_root_and_its_end() -> None:
    chain = [f"{number}@a.example" for number in range(100)]
    kept = shortened(chain)
    assert (kept[0], kept[-1], len(kept)) == (chain[0], chain[-1], 30)
