"""What a file can claim that would cost minutes: columns and names without end, codecs that are no encodings."""

import time

import pytest

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.connectors.uploads.actions import choose_reading, store_upload
from graftwork.apps.connectors.uploads.matching import matched
from graftwork.apps.connectors.uploads.queries import access_upload, plan_of
from graftwork.apps.connectors.uploads.table import ENCODINGS, recognise
from graftwork.core.errors import InputEncodingUnknown, RequestInvalid
from graftwork.core.intake.errors import TableTooWide
from graftwork.core.intake.header import MOST_COLUMNS

LIMIT_SECONDS = 2


@pytest.fixture
def in_time():
    start = time.monotonic()
    yield
    assert time.monotonic() - start < LIMIT_SECONDS


def table_of(columns):
    return b",".join(columns) + b"\n" + b",".join([b"x"] * len(columns)) + b"\n"


TOO_WIDE = {
    "columns": ("a.csv", table_of([b"c%d" % number for number in range(100_000)])),
    "one name": ("a.csv", table_of([b"a"] * 100_000)),
    "keys": ("a.jsonl", b"{" + b",".join(b'"k%d": 1' % number for number in range(100_000)) + b"}\n"),
    "keys of many rows": (
        "a.jsonl",
        b"".join(b"{" + b",".join(b'"%d-%d": 1' % (row, key) for key in range(50)) + b"}\n" for row in range(25)),
    ),
}


@pytest.mark.parametrize("name", TOO_WIDE)
def test_more_columns_than_anyone_matches_are_refused_at_once(name, in_time):
    with pytest.raises(TableTooWide):
        recognise(TOO_WIDE[name][1], TOO_WIDE[name][0])


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize("columns", [[b"text"] * MOST_COLUMNS, [b"text%d" % number for number in range(MOST_COLUMNS)]])
def test_the_most_columns_are_read_and_matched_at_once(columns, note_reply):
    table = recognise(table_of(columns), "a.csv")
    assert len(table.columns) == MOST_COLUMNS
    assert matched(note_reply, table.columns).fields["text"].startswith("text")
    assert ("renamed" in table.features) == (len(set(columns)) == 1)


CODECS = ["punycode", "idna", "utf-7", "unicode_escape", "raw_unicode_escape", "rot13", "hex", "undefined", "utf-32"]


@pytest.mark.django_db
@pytest.mark.parametrize("codec", [*CODECS, "a\x00b", "no such", "UTF8"])
def test_a_codec_that_the_page_does_not_offer_is_refused_at_once(codec, note_reply, make_user, now, in_time):
    ops = actor_for_user(make_user("olga", "ops"))
    upload = store_upload(ops, "note_reply", "a.csv", b"id,text\n" + b"a" * 100_000 + b",x\n", now)
    before = plan_of(upload)
    with pytest.raises(RequestInvalid):
        choose_reading(ops, upload.pk, now, encoding=codec, sheet="")
    assert plan_of(access_upload(ops, upload.pk)) == before


def test_every_encoding_of_the_page_and_the_guessed_one_can_be_chosen():
    text = "id,text\n1,Grüße\n"
    for encoding in ENCODINGS.keys() - {"cp1251"}:
        assert recognise(text.encode(encoding), "a.csv", encoding=encoding).encoding == encoding
    wide = "\ufeff序号,文本\n1,我们的订单什么时候到\n".encode("gb18030") * 40
    guessed = recognise(wide, "a.csv").encoding
    assert guessed not in ENCODINGS
    assert recognise(wide, "a.csv", encoding=guessed).encoding == guessed
    with pytest.raises(InputEncodingUnknown):
        recognise(wide, "a.csv", encoding="utf_7")


@pytest.mark.django_db
def test_a_name_that_is_no_text_is_left_out(note_reply, make_user, now):
    content = b'{"id": "1", "text": "\\ud83d"}\n{"\\ud83d": "y", "a\\u0000": "z", "text": "x", "\\ud83d\\ude00": 1}\n'
    upload = store_upload(actor_for_user(make_user("olga", "ops")), "note_reply", "a.jsonl", content, now)
    assert plan_of(upload).table.columns == ("id", "text", "\U0001f600")
