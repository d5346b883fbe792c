# ruff: noqa: RUF001 - the look-alike characters are what is tested
"""Bad input on its way through the real detector, the book, masking and restoring.

Where a case has its table beside the part that it is about, it stands there and not here:

- a placeholder that a user typed, before and after one was minted; two texts that each mint index 1; a value that
  looks like a placeholder: `test_mask`
- the German genitive without an apostrophe, where a name is known without its `s`: `test_mask`
- `_1`, `_11` and `_01`; the twenty ways to mangle a placeholder: `test_placeholders`, `test_restore`
- every split of a stream, also inside a character: `test_restore`; of a tool call's JSON: `test_sinks`
- a placeholder in a link, an image, a tool's arguments: `test_sinks`
- an invented placeholder; one spelled letter by letter or in base64: `test_restore`
- a detector that crashes, a stream that breaks off, frames of events: `tests/gateway/test_bad_input`
"""

import time

import pytest

from graftwork.core.privacy.assembly import detector_for
from graftwork.core.privacy.book import Book
from graftwork.core.privacy.detector import Detector
from graftwork.core.privacy.mask import Masked, mask
from graftwork.core.privacy.restore import restore
from graftwork.core.privacy.sinks import EVERYWHERE
from support.books import placeholder_for


def undone(masked: Masked) -> str:
    """The text that was masked: each span as it was written there."""
    text = masked.text
    for (start, end), surface in reversed(list(zip(masked.spans, masked.surfaces, strict=True))):
        text = text[:start] + surface + text[end:]
    return text


@pytest.fixture(scope="module")
def detector() -> Detector:
    return detector_for(ner=False)


def masked(text: str, detector: Detector, book: Book) -> Masked:
    return mask(text, detector.find(text, book.known_values()).findings, book)


@pytest.mark.parametrize("turn", ["before", "after", "in the same text"])
def test_a_placeholder_typed_before_or_after_one_is_minted_is_nobody_s(detector, turn):
    book, typed = Book(), "Who is [PERSON_1]?"
    sent = []
    if turn == "before":
        sent.append(masked(typed, detector, book))
    if turn == "in the same text":
        sent.append(masked(f"My name is Dana Whitfield. {typed}", detector, book))
    else:
        masked("My name is Dana Whitfield.", detector, book)
    sent.append(masked(typed, detector, book))
    for one in sent:
        assert "Who is [PERSON_1]?" not in one.text
        assert restore(one.text, book).text.endswith(typed)


def test_a_placeholder_of_another_tenant_or_thread_stays_a_placeholder(detector):
    mine, theirs = Book(), Book()
    masked("My name is Dana Whitfield, dana@example.com", detector, theirs)
    masked("My name is Erik Sandberg", detector, mine)
    answer = restore("[PERSON_1] [PERSON_2] [MAIL_1]", mine)
    assert answer.text == "Erik Sandberg [PERSON_2] [MAIL_1]"
    assert answer.unknown == 2


def test_two_messages_that_each_mint_index_one_give_back_their_own_value(detector):
    books = [Book(), Book()]
    texts = ["My name is Dana Whitfield", "My name is Erik Sandberg"]
    sent = [masked(text, detector, book) for text, book in zip(texts, books, strict=True)]
    assert sent[0].text == sent[1].text == "My name is [PERSON_1]"
    assert [restore(one.text, book).text for one, book in zip(sent, books, strict=True)] == texts


def test_eleven_people_are_not_confused_by_the_beginning_of_an_index(detector):
    book = Book()
    mails = [f"user{letter}@example.com" for letter in "abcdefghijk"]
    masked(" ".join(mails), detector, book)
    assert restore("[MAIL_1] [MAIL_11] MAIL_11 [MAIL_01] MAIL_1", book).text == (
        f"{mails[0]} {mails[10]} {mails[10]} [MAIL_01] {mails[0]}"
    )


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Write to dana@example.com/inbox", "dana@"),
        ("See https://example.com/u?mail=dana@example.com&x=1 for it", "dana@"),
        ("mailto:dana@example.com?subject=hi", "dana@"),
        ("https://dana:hunter2secret@example.com/path", "hunter2secret"),
        ("Phone / customer id: +49 30 12345678", "12345678"),
        ("Account 12345678, phone 030 12345678", "12345678"),
        ("Card 4111 1111 1111 1111 is also my customer number 4111111111111111", "1111"),
    ],
)
def test_what_is_two_kinds_at_once_is_masked_wholly(detector, text, hidden):
    book = Book()
    sent = masked(text, detector, book)
    assert hidden not in sent.text
    assert undone(sent) == text


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Card ４１１１ １１１１ １１１１ １１１１ please", "１１１１"),
        ("Card 4\u200b1\u200b1\u200b1 1111 1111 1111 please", "1111"),
        ("Card 4111\u20111111\u20111111\u20111111 please", "1111"),
        ("Write to dana@ex\u0430mple.com today", "dana"),
        ("Write to dana.whitfield@exam\nple.com today", "dana.whitfield"),
        ("Write to dana@example\u200b.com today", "dana"),
        ("Write to d\u2068ana\u2069@example.com today", "example.com"),
        ("Write to \U000e0064\U000e0061\U000e006e\U000e0061@example.com", "\U000e0064"),
        ("My name is Dana\u202e Whitfield\u202c, hello", "Whitfield"),
        ("Card 4111 1111 1111 1111\ud800", "4111"),
        ("\x00My mail is dana@example.com\x00", "dana"),
    ],
)
def test_full_width_zero_width_homoglyph_and_wrapped_values_are_masked(detector, text, hidden):
    book = Book()
    sent = masked(text, detector, book)
    assert hidden not in sent.text
    assert undone(sent) == text


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("[PERSON_1]s Brief", "Dana Whitfields Brief"),
        ("PERSON_1s Brief", "Dana Whitfields Brief"),
        ("[PERSON_1]'s letter", "Dana Whitfield's letter"),
        ("[PERSON_1]\u2019 letter", "Dana Whitfield\u2019 letter"),
        ("**[PERSON\\_1]**", "**Dana Whitfield**"),
        ("[PERSON_1]x", "Dana Whitfieldx"),
        ("PERSON_1x", "PERSON_1x"),
        ("SUPERPERSON_1", "SUPERPERSON_1"),
    ],
)
def test_an_inflected_placeholder_keeps_its_inflection(detector, answer, shown):
    book = Book()
    masked("My name is Dana Whitfield", detector, book)
    assert restore(answer, book).text == shown


@pytest.mark.parametrize(
    ("first", "then", "sent"),
    [
        (
            "Mein Name ist Jonas Müller.",
            "Ist das nicht Jonas' Brief an Sie?",
            "Ist das nicht [PERSON_1]' Brief an Sie?",
        ),
        ("My name is Dana Whitfield.", "This is Whitfield's letter to you.", "This is [PERSON_1]'s letter to you."),
        ("My name is Dana Whitfield.", "This is Dana Whitfield\u2019s letter.", "This is [PERSON_1]\u2019s letter."),
    ],
)
def test_a_genitive_names_the_same_person(detector, first, then, sent):
    book = Book()
    masked(first, detector, book)
    assert masked(then, detector, book).text == sent


@pytest.mark.parametrize(
    "value", [r"\1\g<0>$1$&", ".*+?^${}()|[]", "(?P<x>a+)+$", "\\", "%s{0}{}", "a\x00b", "\ud800", "[PERSON_1]", "</a>"]
)
def test_a_value_of_metacharacters_comes_back_as_it_was(detector, value):
    text = f"My password is x{value}x and my mail is dana@example.com"
    book = Book()
    sent = masked(text, detector, book)
    assert "dana" not in sent.text
    assert restore(sent.text, book, sinks=EVERYWHERE).text == text
    placeholder_for(book, value, "password")
    assert book.value_of(next(entry.placeholder for entry in book.entries if entry.value == value)) == value


@pytest.mark.parametrize("run", ["7", "4111 ", "a@", "[PERSON_", "[", "&#", "\\u005b", "PERSON_1", "é", "%5B", "John "])
def test_a_run_of_a_megabyte_takes_seconds_and_comes_back(detector, run):
    text = (run * (1_000_000 // len(run) + 1))[:1_000_000]
    book = Book()
    began = time.perf_counter()
    sent = masked(text, detector, book)
    back = undone(sent)
    assert time.perf_counter() - began < 60
    assert back == text


def test_ten_thousand_entities_in_one_document_come_back_each_in_its_place(detector):
    text = "\n".join(f"Please write to user{number}@example.com about it." for number in range(10_000))
    book = Book()
    began = time.perf_counter()
    sent = masked(text, detector, book)
    assert sent.counts["mail"] == 10_000
    assert "@" not in sent.text
    assert restore(sent.text, book).text == text
    assert time.perf_counter() - began < 60


def test_a_document_in_a_language_nobody_configured_says_so_and_is_masked_by_rules():
    german = "Sehr geehrte Damen und Herren, bitte schreiben Sie uns an dana@example.com, Karte 4111 1111 1111 1111."
    english_only = detector_for(languages=("en",))
    found = english_only.find(german)
    assert found.language == "de"
    assert any("de is not configured" in notice for notice in found.notices)
    sent = mask(german, found.findings, Book())
    assert "dana@" not in sent.text
    assert "4111" not in sent.text
    assert not detector_for(languages=("en", "de")).find(german).notices


@pytest.mark.parametrize("text", ["", " ", "\n", "\x00", "\ud800", "[]", "[_1]", "\ufeff", "_", "]" * 9])
def test_a_text_that_says_nothing_is_left_as_it_is(detector, text):
    book = Book()
    sent = masked(text, detector, book)
    assert (sent.text, sent.count) == (text, 0)
    assert restore(text, book).text == text
