# ruff: noqa: RUF001 - the look-alike characters are what is tested
"""Masked text holds no value, and nothing that could be read as a placeholder but what was put there."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graftwork.core.privacy.book import Book
from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.mangling import Mangled, next_mangled
from graftwork.core.privacy.mask import Masked, mask
from graftwork.core.privacy.placeholders import Placeholder
from graftwork.core.privacy.restore import restore
from graftwork.core.privacy.sinks import EVERYWHERE
from support.books import placeholder_for

VALUES: dict[str, Kind] = {
    "Charlie Douglas": "person",
    "Martha Jones": "person",
    "charlie@example.com": "mail",
    "+49 30 1234567": "phone",
    r"\1 $& .*[": "password",
    "[PERSON_1": "key",
    "x": "term",
}
PIECES = st.sampled_from(
    [
        *VALUES, " ", "\n", "[", "]", "{", "(", "<", "\\", "_", "**", "`", "&lt;", "&gt;", "%5B", "\\u003c", "\u200b",
        "1", "s", "'s", "PERSON", "PERSON_1", "person_1", "[PERSON_1]", "[PERSON_", "_1]", "MAIL", "[LITERAL_1]", "Mr ",
        "é", "😀", "\ud800", "](", "https://a.example/", "<a href='",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=14).map("".join)


def undone(masked: Masked) -> str:
    """The text that was masked: each span as it was written there."""
    text = masked.text
    for (start, end), surface in reversed(list(zip(masked.spans, masked.surfaces, strict=True))):
        text = text[:start] + surface + text[end:]
    return text


def found(text: str, values: dict[str, Kind] = VALUES) -> list[Finding]:
    return [
        Finding(match.start(), match.end(), kind, "test", "test")
        for value, kind in values.items()
        for match in re.finditer(re.escape(value), text)
    ]


def masked_of(text: str, values: dict[str, Kind], book: Book | None = None) -> str:
    return mask(text, found(text, values), book or Book()).text


@given(TEXTS)
@example("PERSON_1x")
@example("x_1Charlie Douglas")
@example("[PERSON_1Charlie Douglas]")
@example(r"\[PERSON_1\]")
@example("PERSONx_1")
def test_what_was_masked_comes_back(text):
    book = Book()
    masked = mask(text, found(text), book)
    assert undone(masked) == text
    values = {entry.placeholder: entry.value for entry in book.entries}
    if all(surface in values.values() for surface in masked.surfaces):
        assert restore(masked.text, book, sinks=EVERYWHERE).text == text


@given(TEXTS, TEXTS)
def test_only_what_was_put_there_is_read_as_a_placeholder(first, second):
    book = Book()
    mask(first, found(first), book)
    masked = mask(second, found(second), book)
    at, read = 0, []
    while isinstance(token := next_mangled(masked.text, at, closed=True), Mangled):
        read.append((token.start, token.end))
        at = token.end
    assert tuple(read) == masked.spans
    for value in ("Charlie Douglas", "Martha Jones", "charlie@example.com", "+49 30 1234567"):
        assert value not in masked.text


@pytest.mark.parametrize(
    "typed",
    [
        "[PERSON_1]", "PERSON_1", "person_1", r"\[PERSON\_1\]", "&lt;PERSON_1&gt;", r"\u003cPERSON_1\u003e",
        "%5BPERSON_1%5D", "[PERSON\u200b_1]", "[PERSON\u20111]", "［ＰＥＲＳＯＮ＿１］", "{{PERSON_1}}", "[person 1]",
        "[PERSON_9]", "[PERSON_01]",
    ],
)  # fmt: skip
@pytest.mark.parametrize("minted_before", [True, False])
def test_a_placeholder_typed_by_the_user_gives_nobody_s_value(typed, minted_before):
    book = Book()
    if minted_before:
        placeholder_for(book, "Charlie Douglas", "person")
    text = f"Who is {typed}?"
    masked = mask(text, [], book)
    placeholder_for(book, "Charlie Douglas", "person")
    assert masked.text == "Who is [LITERAL_1]?"
    assert masked.counts == {"literal": 1}
    assert masked.notices == ("typed_placeholders",)
    assert restore(masked.text, book).text == text


def test_a_literal_is_not_read_again_when_it_comes_back():
    book = Book()
    placeholder_for(book, "Charlie Douglas", "person")
    masked = mask("[PERSON_1] and [LITERAL_1]", [], book)
    assert masked.text == "[LITERAL_1] and [LITERAL_2]"
    assert restore(masked.text, book).text == "[PERSON_1] and [LITERAL_1]"


def test_a_value_that_looks_like_a_placeholder_is_a_value_like_any_other():
    book = Book()
    text = "The key is key_1[PERSON_1]zz9, said Charlie."
    values: dict[str, Kind] = {"key_1[PERSON_1]zz9": "key", "Charlie": "person"}
    masked = mask(text, found(text, values), book)
    assert masked.text == "The key is [KEY_1], said [PERSON_1]."
    assert restore(masked.text, book).text == text


def test_a_placeholder_that_forms_at_the_edge_of_a_finding_is_neutralised():
    book = Book()
    text = "PERSON_1Charlie Douglas"
    masked = mask(text, [Finding(8, len(text), "person", "t", "t")], book)
    assert masked.text == "[LITERAL_1][PERSON_1]"
    assert restore(masked.text, book).text == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mr Douglas came", "Mr [PERSON_1] came"),
        ("Herr Dr. Müller kam", "Herr Dr. [PERSON_1] kam"),
        ("Douglas's car", "[PERSON_1]'s car"),
        ("Douglas\u2019s car", "[PERSON_1]\u2019s car"),
        ("Douglas' car", "[PERSON_1]' car"),
        ("Müller kam. Müllers Auto", "[PERSON_1] kam. [PERSON_1]s Auto"),
        ("Müllers Auto. Müller kam", "[PERSON_1]s Auto. [PERSON_1] kam"),
        ("Müllers Auto", "[PERSON_1] Auto"),
        ("Peter und Frau Peters", "[PERSON_1] und Frau [PERSON_2]"),
    ],
)
@pytest.mark.parametrize("honorific_found", [True, False])
def test_honorifics_and_genitives_stay_outside(text, masked, honorific_found):
    names = r"(?:Douglas|Müller|Peter)(?:s\b|['\u2019]s|['\u2019])?"
    pattern = rf"(?:(?:Mr|Herr Dr\.|Frau) )?{names}" if honorific_found else names
    book = Book()
    findings = [Finding(m.start(), m.end(), "person", "t", "t") for m in re.finditer(pattern, text)]
    assert mask(text, findings, book).text == masked
    assert restore(masked, book).text == text


def test_mr_and_mrs_in_one_text_are_told_apart():
    assert (
        masked_of("Mr Douglas met Mrs Douglas, said Mr Douglas.", {"Douglas": "person"})
        == "Mr [PERSON_1] met Mrs [PERSON_2], said Mr [PERSON_1]."
    )


def test_placeholders_are_stable_over_the_turns_of_a_thread():
    book = Book()
    assert masked_of("Ann Lee wrote to Bo Ray.", {"Ann Lee": "person", "Bo Ray": "person"}, book).count("PERSON_") == 2
    assert masked_of("Bo asked Ann.", {"Bo": "person", "Ann": "person"}, book) == "[PERSON_2] asked [PERSON_1]."


def test_two_messages_that_each_mint_index_one_in_their_own_threads_get_their_own_values():
    ours, theirs = Book(), Book()
    first, second = masked_of("Ann", {"Ann": "person"}, ours), masked_of("Bo", {"Bo": "person"}, theirs)
    assert first == second == "[PERSON_1]"
    assert restore(first, ours).text == "Ann"
    assert restore(second, theirs).text == "Bo"


def test_overlapping_mail_and_url_and_phone_and_id_are_covered_once_and_wholly():
    text = "see https://a.example/?m=ann@example.com now"
    url = Finding(4, 40, "url", "t", "t")
    mail = Finding(25, 40, "mail", "t", "t")
    beyond = Finding(25, 44, "id", "t", "t")
    assert mask(text, [mail, url], Book()).text == "see [URL_1] now"
    book = Book()
    assert mask(text, [url, beyond], book).text == "see [URL_1]"
    assert book.value_of(Placeholder("URL", 1)) == text[4:]


@pytest.mark.parametrize(
    ("text", "part", "masked"),
    [
        ("is [PERSON_1] in?", "PERSON", "is [LITERAL_1] in?"),
        ("is [PERSON_1] in?", "[PERSON_1]", "is [LITERAL_1] in?"),
        ("is [ID 47112] in?", "47112", "is [ID_1] in?"),
        ("is [PERSON_1] in?", "[PERSON_1] in", "is [ID_1]?"),
        ("is [PERSON_1] in?", "1] in", "is [ID_1]?"),
    ],
)
def test_a_literal_that_is_or_touches_a_value_goes_with_it(text, part, masked):
    book = Book()
    assert masked_of(text, {part: "id"}, book) == masked
    assert restore(masked, book).text == text


def test_a_typed_name_in_an_address_or_a_tag_comes_back_because_it_is_nobody_s_value():
    book = Book()
    placeholder_for(book, "12 Main Street", "address")
    text = '<input name="address_1"> https://a.example/?address_1=x'
    masked = mask(text, [], book)
    assert "address_1" not in masked.text
    assert restore(masked.text, book).text == text


def test_surfaces_give_back_what_the_fullest_form_would_not():
    book = Book()
    text = "Charlie Douglas came. CHARLIE left."
    masked = mask(text, found(text, {"Charlie Douglas": "person", "CHARLIE": "person"}), book)
    assert masked.text == "[PERSON_1] came. [PERSON_1] left."
    assert restore(masked.text, book).text == "Charlie Douglas came. Charlie Douglas left."
    assert undone(masked) == text


def test_repr_of_masked_shows_counts_only():
    masked = mask("Zwetschge", [Finding(0, 9, "person", "t", "t")], Book())
    assert repr(masked) == "Masked({'person': 1})"
    assert masked.count == 1


def test_ten_thousand_entities_in_one_document_take_about_a_second():
    names = [f"Given{number} Surname{number % 500}" for number in range(10_000)]
    text = "".join(f"{name} wrote.\n" for name in names)
    findings, at = [], 0
    for name in names:
        findings.append(Finding(at, at + len(name), "person", "t", "t"))
        at += len(name) + len(" wrote.\n")
    book = Book()
    started = time.process_time()
    masked = mask(text, findings, book)
    assert restore(masked.text, book).text == text
    assert time.process_time() - started < 4
    assert len(book.entries) == 10_000


@pytest.mark.parametrize("run", ["1", "[", "\\", "PERSON_", "[PERSON_", "((", "&lt;", "%5B", "_"])
def test_a_run_of_one_mb_is_masked_and_restored_in_seconds(run):
    text = run * (1_000_000 // len(run))
    book = Book()
    started = time.process_time()
    assert restore(mask(text, [], book).text, book, sinks=EVERYWHERE).text == text
    assert time.process_time() - started < 12
