# ruff: noqa: RUF001 - the look-alike characters are what is tested
"""Values come back: whole or streamed, whatever the model did to the placeholder, and never another's."""

import codecs
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graftwork.core.privacy.book import Book
from graftwork.core.privacy.placeholders import Placeholder
from graftwork.core.privacy.restore import HOLD_BACK, Restorer, restore
from graftwork.core.privacy.sinks import DEFAULT, EVERYWHERE, SinkPolicy
from support.books import placeholder_for

CHARLIE = "Charlie Douglas"


@pytest.fixture(scope="module")
def book() -> Book:
    return some_book()


def some_book() -> Book:
    book = Book()
    placeholder_for(book, CHARLIE, "person")
    placeholder_for(book, "charlie@example.com", "mail")
    for number in range(2, 12):
        placeholder_for(book, f"Given{number} Surname{number}", "person")
    book.set_surrogate(Placeholder("MAIL", 1), "person1@mask.invalid")
    return book


BOOK = some_book()
PIECES = st.sampled_from(
    [
        "[PERSON_1]", "[person_1]", "PERSON_1", "PERSON_11", "[PERSON_11]", "{{PERSON_1}}", r"\[PERSON\_1\]",
        "&lt;PERSON_1&gt;", r"\u005bPERSON_1\u005d", "%5BPERSON_1%5D", "[**PERSON_1**]", "【PERSON_1】", "[PERSON_9",
        "PERSON", "_1", "[", "]", "(", ")", "![", "](", "[x](", "<a href='", "'", ">", "<", "https://", "www.", "\n",
        "\n\n", " ", "s", "a", "E", "\\", "&", "%", "\u200b", "mailto:", "[MAIL_1]", "person1@mask.invalid",
        "person1@mask", "[d]: ", "url(", "é", "😀", "{", "}", "1",
        '"//', "e.com/", ":80/", "\\\\", "[d]:\n", "<img ", "&", '"https://',
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=12).map("".join)
POLICIES = st.sampled_from(
    [DEFAULT, EVERYWHERE, SinkPolicy(link="encode"), SinkPolicy(prose="withhold", image="restore")]
)


def streamed(pieces: list[str], book: Book, policy: SinkPolicy) -> tuple[str, int, int, int]:
    restorer = Restorer(book, sinks=policy)
    text = "".join([*map(restorer.feed, pieces), restorer.close()])
    return text, restorer.restored, restorer.unknown, restorer.withheld


@given(TEXTS, st.lists(st.integers(0, 80), max_size=6), POLICIES)
@example("PERSON\\_1", [6, 7, 8], DEFAULT)
@example("{{PERSON_1}}", [11], DEFAULT)
@example("\\u005bPERSON_1\\u005d\u200bPERSON_1", [], DEFAULT)
@example("x\u200bPERSON_1", [1], DEFAULT)
@example("PERSON_1\u200bx", [9], DEFAULT)
def test_every_split_of_the_stream_gives_the_same(text, cuts, policy):
    at = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in pairwise(at)]
    whole = restore(text, BOOK, sinks=policy)
    expected = (whole.text, whole.restored, whole.unknown, whole.withheld)
    assert streamed(pieces, BOOK, policy) == expected
    assert streamed(list(text), BOOK, policy) == expected


def test_every_split_of_the_bytes_gives_the_same_also_inside_a_character():
    text = "Zoë 😀 ［PERSON_1］ [PERSON\u20111]s, é"
    whole = restore(text, BOOK).text
    raw = text.encode()
    for at in range(len(raw) + 1):
        decoder = codecs.getincrementaldecoder("utf-8")()
        pieces = [decoder.decode(raw[:at]), decoder.decode(raw[at:], final=True)]
        assert streamed(pieces, BOOK, DEFAULT)[0] == whole


@given(TEXTS)
def test_no_more_is_held_back_than_one_placeholder(text):
    restorer = Restorer(BOOK)
    for char in text:
        restorer.feed(char)
        assert len(restorer._held) <= HOLD_BACK


@pytest.mark.parametrize(
    "text", ["Hello there, ", "a long answer (with brackets), ", "cost: 5 < 6. ", "x & y % z \\ w "]
)
def test_plain_text_is_not_held_back(text, book):
    assert Restorer(book).feed(text) == text


def test_a_word_is_let_go_as_soon_as_it_can_be_no_label(book):
    restorer = Restorer(book)
    assert restorer.feed("The Per") == "The "
    assert restorer.feed("f") == "Perf"


@pytest.mark.parametrize(
    ("form", "restored"),
    [
        ("[PERSON_1]", CHARLIE),
        ("person_1", CHARLIE),
        (r"\[PERSON\_1\]", CHARLIE),
        ("&lt;PERSON_1&gt;", CHARLIE),
        (r"\u003cPERSON_1\u003e", CHARLIE),
        ("%5BPERSON_1%5D", CHARLIE),
        ("[PERSON\u200b_1]", CHARLIE),
        ("[PERSON\u20111]", CHARLIE),
        ("**[PERSON_1]**", f"**{CHARLIE}**"),
        ("[PERSON_1]s", f"{CHARLIE}s"),
        ("[PERSON_1]'s", f"{CHARLIE}'s"),
        ("[PERSON_11]", "Given11 Surname11"),
        ("PERSON_11", "Given11 Surname11"),
    ],
)
def test_a_mangled_placeholder_is_restored(form, restored, book):
    assert restore(f"Dear {form}, hello", book).text == f"Dear {restored}, hello"


@pytest.mark.parametrize(
    "form", ["[PERSON_01]", "[PERSON_99]", "PERSON_99", "[PERSON_١]", "[PERSON_0]", "[MAIL_2]", "[PERSON_1234567890]"]
)
def test_an_invented_placeholder_stays_visible_and_is_counted(form, book):
    result = restore(f"Dear {form}, hello", book)
    assert result.text == f"Dear {form}, hello"
    assert (result.restored, result.unknown) == (0, 1)


@pytest.mark.parametrize("text", ["P-E-R-S-O-N-_-1", "P E R S O N _ 1", "W1BFUlNPTl8xXQ==", "person 1", "PERSON one"])
def test_a_placeholder_spelled_letter_by_letter_or_in_base64_stays_as_it_is(text, book):
    assert restore(text, book).text == text


@pytest.mark.parametrize(
    "value", [r"\1", r"\g<0>", "$1 $& ${x}", ".*+?[](){}|^", "[PERSON_1]", "PERSON_2", "\\", "{0} %s"]
)
def test_a_value_is_inserted_as_it_is_and_never_read_again(value):
    book = Book()
    placeholder_for(book, "Charlie Douglas", "person")
    placeholder_for(book, value, "password")
    assert restore("is [PASSWORD_1]!", book).text == f"is {value}!"
    assert "".join(map(Restorer(book).feed, "is [PASSWORD_1]!")) == f"is {value}!"


def test_a_placeholder_of_another_thread_is_unknown():
    theirs = Book()
    placeholder_for(theirs, "a@example.com", "mail")
    result = restore("[PERSON_1] [PERSON_2]", theirs)
    assert (result.text, result.restored, result.unknown) == ("[PERSON_1] [PERSON_2]", 0, 2)


def test_a_stream_that_breaks_off_inside_a_placeholder_shows_what_came():
    restorer = Restorer(some_book())
    assert restorer.feed("Dear [PERS") == "Dear "
    assert restorer.close() == "[PERS"


def test_a_surrogate_is_restored_as_a_whole_only(book):
    assert restore("to person1@mask.invalid.", book).text == "to charlie@example.com."
    for other in ("xperson1@mask.invalid", "person1@mask.invalidx", "person11@mask.invalid", "person1@mask"):
        assert restore(other, book).text == other


def test_repr_of_restored_shows_counts_only(book):
    assert repr(restore("[PERSON_1]", book)) == "Restored(restored=1, unknown=0, withheld=0)"
