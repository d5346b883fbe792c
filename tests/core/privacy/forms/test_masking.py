"""Masking and restoring through the forms, with real detection and a real book."""

import io
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.privacy.assembly import detector_for
from graftwork.core.privacy.book import Book
from graftwork.core.privacy.forms import files
from graftwork.core.privacy.forms.masking import Masker, Restorer, Tally
from graftwork.core.privacy.forms.pieces import undo
from graftwork.core.privacy.forms.rewriter import Field, apply
from graftwork.core.privacy.forms.rules import Rules


@pytest.fixture(scope="module")
def detector():
    return detector_for("gdpr", ("en",), ner=False)


def _run(source, name, rewriter, rules=None, **options):
    patches = []
    target = io.BytesIO()
    files.rewrite(
        io.BytesIO(source.encode()), target, name, files.Job(rewriter, rules or Rules(), patches.append, **options)
    )
    undone = io.BytesIO()
    undo(io.BytesIO(target.getvalue()), patches, undone)
    return target.getvalue().decode(), undone.getvalue().decode()


def test_rows_are_masked_joined_and_restored(detector):
    book = Book()
    masker = Masker(detector, book)
    table = "email,full_name,notes\nkim@example.com,Kim Okafor,Kim Okafor called from 192.0.2.44\n"
    lines = json.dumps({"contact": {"email": "kim@example.com"}, "text": "ask kim@example.com"}) + "\n"
    masked_table, undone_table = _run(table, "a.csv", masker)
    masked_lines, undone_lines = _run(lines, "a.jsonl", masker)
    assert "kim@" not in masked_table + masked_lines
    assert "Okafor" not in masked_table
    assert "192.0.2.44" not in masked_table
    assert masked_table.splitlines()[1].startswith("[MAIL_1],[PERSON_1],[PERSON_1] called from [IP_1]")
    assert json.loads(masked_lines) == {"contact": {"email": "[MAIL_1]"}, "text": "ask [MAIL_1]"}
    assert (undone_table, undone_lines) == (table, lines)
    restorer = Restorer(book)
    assert _run(masked_table, "a.csv", restorer, Rules(by_name=False), is_restoring=True)[0] == table
    assert restorer.unknown == 0


def test_a_value_of_a_typed_column_is_found_in_later_rows_and_files(detector):
    masker = Masker(detector, Book())
    _run("Nachname,x\nQuistorp,1\n", "a.csv", masker)
    assert "Quistorp" not in _run("Please tell Quistorp that it is done.", "b.txt", masker)[0]


def test_a_placeholder_that_somebody_typed_does_not_become_a_value(detector):
    book = Book()
    masker = Masker(detector, book)
    _run("mail\nkim@example.com\n", "a.csv", masker)
    source = '{"id": "[MAIL_1]", "note": "what is [MAIL_1]?", "MAIL_1": 1}'
    masked, undone = _run(source, "b.json", masker, Rules({"id": "keep"}))
    assert undone == source
    restored = _run(masked, "b.json", Restorer(book), Rules(by_name=False), is_restoring=True)[0]
    assert json.loads(restored) == json.loads(source)
    assert "kim" not in restored


def test_unknown_placeholders_stay_and_are_counted(detector):
    restorer = Restorer(Book())
    assert _run("Hello [PERSON_9]", "a.txt", restorer)[0] == "Hello [PERSON_9]"
    assert restorer.unknown == 1


def test_a_detector_that_fails_lets_nothing_pass():
    class Broken:
        def find(self, text, known=()):
            raise RuntimeError("detector")

    target = io.BytesIO()
    with pytest.raises(RuntimeError):
        files.rewrite(io.BytesIO(b"kim@example.com"), target, "a.txt", files.Job(Masker(Broken(), Book())))
    assert target.getvalue() == b""


def test_a_tally_changes_nothing_and_names_who_found_what(detector):
    tally = Tally(detector)
    source = "full_name,notes\nKim Okafor,kim@example.com\n"
    assert _run(source, "a.csv", tally)[0] == source
    assert tally.counts["person", "rule"] == 1
    assert sum(count for (kind, _), count in tally.counts.items() if kind == "mail") == 1


def test_white_space_around_a_typed_value_stays(detector):
    [swaps] = Masker(detector, Book()).swaps([Field("  Kim ", "name", "person")])
    assert apply("  Kim ", swaps) == "  [PERSON_1] "


_WORDS = st.sampled_from(
    [
        "kim@example.com",
        "+44 20 7946 0018",
        "4111 1111 1111 1111",
        "[MAIL_1]",
        "MAIL_2",
        "192.0.2.7",
        " ",
        ", ",
        "\n",
        "the",
    ]
)
_TEXT = st.lists(_WORDS | st.text(string.printable, max_size=6), max_size=12).map("".join)


@given(_TEXT)
def test_whatever_the_text_masking_is_undone_to_the_byte(detector, text):
    source = text.encode().decode()
    for name in ("a.txt", "a.md", "a.html", "a.csv"):
        _, undone = _run(source, name, Masker(detector, Book()))
        assert undone == source


@given(st.dictionaries(st.sampled_from(["email", "note", "n", "id"]), _TEXT | st.integers(0, 10**16), max_size=4))
def test_masked_json_is_json_and_holds_no_value_that_was_found(detector, row):
    source = json.dumps(row)
    masked, undone = _run(source, "a.json", Masker(detector, Book()))
    assert undone == source
    assert json.loads(masked).keys() == row.keys() or "_" in "".join(row)
    assert "kim@example.com" not in masked
