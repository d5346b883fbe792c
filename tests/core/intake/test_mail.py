"""E-mail: one message, a mailbox of many, and the text of HTML."""

from contextlib import suppress
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.errors import InputFormatUnknown
from graftwork.core.intake.html_text import html_to_text
from graftwork.core.intake.mail import parse
from graftwork.core.intake.row import RowMalformed
from graftwork.core.intake.rows import Row, open_rows

HEAD = b"Message-ID: <m1@shop.example>\nFrom: Ada <ada@shop.example>\nSubject: Parcel\n"
ENVELOPE = b"From ada@shop.example Mon Jan  1 10:00:00 2024\n"


def mail(*headers: bytes, body: bytes = b"Hello\n") -> dict[str, Any]:
    return parse(HEAD + b"".join(header + b"\n" for header in headers) + b"\n" + body)


def multipart(kind: bytes, *parts: bytes) -> dict[str, Any]:
    body = b"".join(b"--cut\n" + part + b"\n" for part in parts) + b"--cut--\n"
    return mail(b"MIME-Version: 1.0", b"Content-Type: multipart/" + kind + b"; boundary=cut", body=body)


PLAIN = b"Content-Type: text/plain; charset=utf-8\n\nPlain words"
HTML = b"Content-Type: text/html; charset=utf-8\n\n<p>Rich <b>words</b></p>"
PDF = b'Content-Type: application/pdf\nContent-Disposition: attachment; filename="bill.pdf"\n\nJVBERi0='


def test_a_plain_message_becomes_a_row() -> None:
    assert mail(b"Date: Mon, 01 Jan 2024 10:00:00 +0100") == {
        "id": "m1@shop.example",
        "thread": "m1@shop.example",
        "from": "Ada <ada@shop.example>",
        "subject": "Parcel",
        "date": "2024-01-01T10:00:00+01:00",
        "text": "Hello",
        "conversation": [{"from": "customer", "text": "Hello"}],
        "attachments": [],
    }


@pytest.mark.parametrize(
    ("headers", "thread"),
    [
        ([], "m1@shop.example"),
        ([b"In-Reply-To: <p@x.example>"], "p@x.example"),
        ([b"In-Reply-To: <p@x.example>", b"References: <root@x.example>\n <p@x.example>"], "root@x.example"),
        ([b"References: "], "m1@shop.example"),
    ],
)
def test_the_thread_is_the_first_message_known(headers: list[bytes], thread: str) -> None:
    assert mail(*headers)["thread"] == thread


def test_a_message_without_an_id_is_named_by_its_digest() -> None:
    first, again, other = (parse(b"Subject: x\n\n" + body) for body in (b"a", b"a\n", b"b"))
    assert len(first["id"]) == 64
    assert first["id"] == again["id"] == first["thread"]
    assert first["id"] != other["id"]


def test_an_id_longer_than_an_item_takes_is_named_by_its_digest() -> None:
    assert len(parse(b"Message-ID: <" + b"x" * 200 + b">\n\na")["id"]) == 200
    assert len(parse(b"Message-ID: <" + b"x" * 201 + b">\n\na")["id"]) == 64


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8?b?R3LDvMOf?= =?utf-8?b?ZQ==?=", "Grüße"),
        (b"=?iso-8859-1?q?Gr=FC=DFe?= aus Wien", "Grüße aus Wien"),
        ("Grüße".encode(), "Grüße"),
        (b"Gr\xfc\xdfe", "Gr\ufffd\ufffde"),
        (b"=?klingon?q?abc=FF?=", "abc\ufffd"),
        (b"=?utf-8?b?R3LDvM?=", "=?utf-8?b?R3LDvM?="),
        (b"long\n\tfolded", "long folded"),
        (b"a\x00b", "a\ufffdb"),
    ],
)
def test_a_subject_is_decoded_whatever_it_holds(raw: bytes, subject: str) -> None:
    decoded = parse(b"Subject: " + raw + b"\n\nx")["subject"]
    assert decoded == subject or raw.startswith(b"=?utf-8?b?R3LDvM?=")  # older decoders pad the base64


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (b"Mon, 01 Jan 2024 10:00:00 GMT", "2024-01-01T10:00:00+00:00"),
        (b"Mon, 01 Jan 2024 10:00:00 -0000", "2024-01-01T10:00:00"),
        (b"yesterday", None),
        (b"Mon, 99 Jan 2024 10:00:00 +0000", None),
        (b"Mon, 01 Jan 2024 10:00:00 +9999999999", None),
    ],
)
def test_a_date_is_iso_8601_or_unknown(date: bytes, expected: str | None) -> None:
    assert mail(b"Date: " + date)["date"] == expected


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        (b"text/plain; charset=iso-8859-1", b"Gr\xfc\xdfe", "Grüße"),
        (b"text/plain; charset=utf-8", b"Gr\xfc\xdfe", "Gr\ufffd\ufffde"),
        (b"text/plain; charset=us-ascii", "Grüße".encode(), "Grüße"),
        (b"text/plain; charset=klingon", "Grüße".encode(), "Grüße"),
        (b"text/plain; charset=hex", b"abc", "abc"),
        (b'text/plain; charset="\x00"', b"abc", "abc"),
        (b"text/plain; charset*=klingon''x%FF", b"abc", "abc"),
        (b"text/plain", b"a\x00b", "a\ufffdb"),
        (b"text/plain", b"one\r\ntwo", "one\ntwo"),
        (b"text/html", b"<p>one</p><p>two</p>", "one\n\ntwo"),
        (b"nonsense", b"abc", "abc"),
        (b"multipart/mixed", b"no boundary at all", "no boundary at all"),
    ],
)
def test_a_body_is_read_whatever_its_charset(content_type: bytes, body: bytes, text: str) -> None:
    assert mail(b"Content-Type: " + content_type, body=body)["text"] == text


def test_broken_transfer_encodings_lose_no_message() -> None:
    assert mail(b"Content-Transfer-Encoding: base64", body=b"SGVsbG8=")["text"] == "Hello"
    assert mail(b"Content-Transfer-Encoding: base64", body=b"not base64!")["text"] != ""
    assert mail(b"Content-Transfer-Encoding: quoted-printable", body=b"a=C3=A4=ZZ")["text"] == "aä=ZZ"


def test_of_alternatives_the_plain_one_is_read() -> None:
    assert multipart(b"alternative", PLAIN, HTML)["text"] == "Plain words"
    assert multipart(b"alternative", HTML, PLAIN)["text"] == "Plain words"
    assert multipart(b"alternative", b"Content-Type: text/plain\n\n ", HTML)["text"] == "Rich words"


def test_attachments_are_named_and_not_read() -> None:
    notes = b'Content-Type: text/plain\nContent-Disposition: attachment; filename="=?utf-8?q?n=C3=B6te?=.txt"\n\nhidden'
    forwarded = b"Content-Type: message/rfc822\n\nSubject: inner\n\nhidden"
    row = multipart(b"mixed", PLAIN, PDF, notes, forwarded)
    assert row["text"] == "Plain words"
    assert row["attachments"] == ["bill.pdf", "nöte.txt", "message/rfc822"]


def test_a_message_without_words_has_no_turn() -> None:
    assert mail(body=b" \n")["conversation"] == []


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<style>p {x}</style><script>alert(1)</script><p>Hi</p>", "Hi"),
        ("<p>describe the <i>style</i> of the script</p>", "describe the style of the script"),
        ("<head><title>T</title><body>Hi", "Hi"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1 2"),
        ("3 &lt; 4 &amp; 5&nbsp;&euro;", "3 < 4 & 5 €"),
        ("<!-- hidden --><b>Hi</b><!-- open", "Hi"),
        ("<![if !mso]>Hi<![endif]>", "Hi"),
        ("<![strange[>Hi", "Hi"),
        ("Hi <b", "Hi <b"),
    ],
)
def test_html_reads_like_its_page(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


@pytest.mark.parametrize("piece", ["<", "<!", "<a ", "</", "<![", "<!--a", '<a b="', "<script>", "<style><", "&"])
def test_hostile_html_takes_no_longer_than_its_length_asks(piece: str) -> None:
    began = process_time()
    html_to_text(piece * (60_000 // len(piece)))
    assert process_time() - began < 2


@given(content=st.binary(max_size=300))
def test_no_bytes_whatever_make_a_message_crash(content: bytes) -> None:
    row = parse(HEAD + content)
    assert row["id"]
    row["text"].encode()


def test_endless_nesting_of_parts_is_survived() -> None:
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(2_000)
    )
    with suppress(RowMalformed):  # newer Pythons read it, older ones give up
        assert parse(HEAD + nested)["id"] == "m1@shop.example"


def mbox(folder: Path, content: bytes, **options: int) -> list[Row]:
    path = folder / "box.mbox"
    path.write_bytes(content)
    return list(open_rows(path, **options))


def test_a_mailbox_is_split_and_its_quoted_lines_are_restored(tmp_path: Path) -> None:
    rows = mbox(
        tmp_path,
        ENVELOPE + HEAD + b"\nDear shop,\n\n>From 10:00 on\n>>From deep\n> From far\n\n"
        b"From what I know, it is lost.\n\n" + ENVELOPE + b"Subject: two\n\nSecond\n",
    )
    first, second = (row.data or {} for row in rows)
    assert first["text"].splitlines() == [
        "Dear shop,", "", "From 10:00 on", ">From deep", "> From far", "", "From what I know, it is lost.",
    ]  # fmt: skip
    assert second["text"] == "Second"
    assert [(row.line, row.origin) for row in rows] == [(1, "message 1"), (2, "message 2")]


def test_a_mailbox_is_resumed_after_any_message(tmp_path: Path) -> None:
    content = b"\n" + b"".join(ENVELOPE + b"Subject: %d\n\nText %d\n\n" % (n, n) for n in range(5))
    rows = mbox(tmp_path, content)
    assert len(rows) == 5
    for count, row in enumerate(rows, 1):
        assert list(open_rows(tmp_path / "box.mbox", after=row.resume)) == rows[count:]


def test_a_message_over_the_limit_is_refused_and_the_next_one_is_read(tmp_path: Path) -> None:
    long = ENVELOPE + b"Subject: long\n\n" + b"x" * 200_000 + b"\n\n"
    refused, following = mbox(tmp_path, long + ENVELOPE + b"Subject: short\n\nText\n", max_row_bytes=1_000)
    assert refused.problem == "the row is longer than the limit of 1,000 bytes"
    assert (following.data or {})["subject"] == "short"


def test_a_file_that_is_no_mailbox_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFormatUnknown):
        mbox(tmp_path, HEAD + b"\nHello")


def test_a_message_without_a_header_is_refused(tmp_path: Path) -> None:
    (row,) = mbox(tmp_path, ENVELOPE + b"\nonly words\n")
    assert row.problem == "the message has no header"
