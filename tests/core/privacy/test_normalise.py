"""One form for what can be written in many, with a way back to every character."""

import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.privacy.normalise import normalise

# What normalisation has to do with: letters of several scripts, marks, invisible and full-width characters, breaks.
_ODD = (
    "aZ9 \n\r=@.-_éßﬁ½…ªº™№\uff11\uff21\u0301\u0308\u200b\u200d\u200c\ufeff\u00ad\u00a0\u2011\u2013\u2019\u201c"
    "\u0430\u0435\u043e\u0410\u0415Жп\u03b1Ω漢ハﾊﾞ\U0001f469\ud800"
)
_TEXTS = st.text(st.one_of(st.sampled_from(_ODD), st.characters()), max_size=60)

READ_AS = (
    ("\uff14\uff11\uff11\uff11", "4111"),
    ("\uff21\uff22\uff43", "ABc"),
    ("4\u200b1\u200b1", "411"),
    ("\ufeffjo", "jo"),
    ("pass\u00adword", "password"),
    ("a\u200db", "ab"),
    ("Da\u2068na\u2069", "Dana"),
    ("\U000e0044\U000e0061na", "Dana"),
    ("a\ud800b", "a\ufffdb"),
    ("j\u043e@ex\u0430mple.com", "jo@example.com"),
    ("D\u041589", "DE89"),
    ("\u0421\u041d93 0076", "CH93 0076"),
    ("12\u00a0345\u2009678", "12 345 678"),
    ("555\u20110123", "555-0123"),
    ("555\u20130123", "555-0123"),
    ("driver\u2019s", "driver's"),
    ("\u201cx\u201d", '"x"'),
    ("cafe\u0301", "café"),
    ("\ufb01nd", "find"),
    ("jo@\nexample.com", "jo@example.com"),
    ("jo@exam\nple.com", "jo@example.com"),
    ("jo@example.\ncom", "jo@example.com"),
    ("jo\n@example.com", "jo@example.com"),
    ("secret val=\nue", "secret value"),
    ("secret val=\r\nue", "secret value"),
    (
        "https://example.com/a/very/long/path/that/goes/on/for/ever/and/\never-more/x",
        "https://example.com/a/very/long/path/that/goes/on/for/ever/and/ever-more/x",
    ),
)
LEFT_ALONE = (
    "plain ASCII",
    "naïve Übermut, señor",
    "Москва и Тула",
    "сосна",
    "ΚΑΛΗΜΕΡΑ",
    "1994 \u2013 1996",
    "wait \u2014 no",
    "\u06cc\u200c\u0627",
    "\U0001f469\u200d\U0001f680",
    "N.º 3, 2.ª",
    "well…",
    "a = \nb",
    "meet @home.\nThe next",
    "that is all\n@julie.curtis : hi",
    "see https://example.com\nnext line",
)


@pytest.mark.parametrize(("written", "read"), READ_AS)
def test_one_form_is_read_for_what_is_written_in_many(written, read):
    text = normalise(written)
    assert text.normal == read
    assert text.original_span(0, len(read)) == (len(written) - len(written.lstrip("\ufeff")), len(written))


@pytest.mark.parametrize("written", LEFT_ALONE)
def test_text_that_hides_nothing_stays_as_it_is(written):
    text = normalise(written)
    assert (text.normal, text.offsets) == (written, None)


def test_the_span_of_a_value_leaves_out_what_was_not_made_from_it():
    text = normalise("x \uff14\u200b\uff11 y")
    assert text.normal == "x 41 y"
    assert text.original_span(2, 4) == (2, 5)
    assert text.original_span(0, 1) == (0, 1)


def test_a_character_that_became_several_is_covered_whole():
    text = normalise("a\ufb01b")
    assert [text.original_span(place, place + 1) for place in range(4)] == [(0, 1), (1, 2), (1, 2), (2, 3)]


def test_an_empty_span_stays_empty():
    assert normalise("a\u200bb").original_span(1, 1) == (2, 2)
    assert normalise("ab").original_span(1, 1) == (1, 1)
    assert normalise("").original_span(0, 0) == (0, 0)


@given(_TEXTS)
def test_spans_lead_back_in_order_and_without_a_gap(written):
    text = normalise(written)
    spans = [text.original_span(place, place + 1) for place in range(len(text.normal))]
    assert all(0 <= start < end <= len(written) for start, end in spans)
    for (start, end), (next_start, next_end) in pairwise(spans):
        assert (start, end) == (next_start, next_end) or end == next_start


@given(_TEXTS)
def test_a_letter_or_digit_of_ascii_leads_back_to_itself(written):
    text = normalise(written)
    for place, character in enumerate(text.normal):
        start, end = text.original_span(place, place + 1)
        source = written[start:end]
        if source.isascii() and character.isascii() and character.isalnum():
            assert source[0] == character


@given(_TEXTS)
def test_no_visible_letter_or_digit_is_lost(written):
    read = unicodedata.normalize("NFKC", normalise(written).normal)
    shown = unicodedata.normalize("NFKC", written)
    # Letters that are hidden in tag characters (U+E0000 and on) are read too, so there may be more than are shown.
    assert sum(map(str.isalnum, read)) >= sum(map(str.isalnum, shown))


def test_letters_hidden_in_tag_characters_are_read():
    assert normalise("\U000e0041\U000e0042").normal == "AB"


@given(_TEXTS)
def test_bytes_lead_back_to_characters(written):
    text = normalise(written)
    for place in range(len(text.normal) + 1):
        assert text.char_at(len(text.normal[:place].encode("utf-8", "surrogatepass"))) == place


@pytest.mark.parametrize(
    "piece", ["1", "\uff11", "1\u200b", "e\u0301", "\u0430b ", "a@\n", "a=\n", "http://", "при ", "\u201ca\u201d "]
)
def test_a_megabyte_takes_about_a_second_whatever_is_in_it(piece):
    written = piece * (1_000_000 // len(piece))
    started = time.perf_counter()
    normalise(written)
    assert time.perf_counter() - started < 5  # a busy machine; quadratic would be minutes
