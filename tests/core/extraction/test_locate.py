"""Quotes are found where they stand, in any spelling, and never at a place that says something else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graftwork.core.extraction.locate import locate
from graftwork.core.extraction.normalising import same_words

TEXT = (
    "Ms Okafor, 51, was seen on 4 May 2023. She denies chest pain.\n"
    "Diagnosis: well-\nknown hyper-\ntension; the “left” wrist \ufb01ssure was 2.5 cm.  Plan:\n  ibuprofen 400 mg, "
    "then ibuprofen 600\u00a0mg."
)


def found(quote, text=TEXT, **options):
    place = locate(quote, {"report": text}, **options)
    return None if place is None else (text[place.start : place.end], place.how)


@pytest.mark.parametrize(
    ("quote", "words", "how"),
    [
        ("4 May 2023", "4 May 2023", "exact"),
        ("  chest pain. ", "chest pain.", "exact"),
        ("CHEST PAIN", "chest pain", "normalised"),
        ("chest pain!", "chest pain", "normalised"),
        ('"left" wrist', "“left” wrist", "normalised"),
        ('left" wrist!', "left” wrist", "normalised"),
        ("fissure", "\ufb01ssure", "normalised"),
        ("hypertension", "hyper-\ntension", "normalised"),
        ("well-known", "well-\nknown", "normalised"),
        ("Plan: ibuprofen 400 mg", "Plan:\n  ibuprofen 400 mg", "normalised"),
        ("ibuprofen 600 mg", "ibuprofen 600\u00a0mg", "normalised"),
        ("was sean on 4 May 2023", "was seen on 4 May 2023", "fuzzy"),
        ("She denise chest pain", "She denies chest pain", "fuzzy"),
    ],
)
def test_words_are_found_in_any_spelling(quote, words, how):
    assert found(quote) == (words, how)


@pytest.mark.parametrize(
    "quote",
    [
        "",
        " \n ",
        "...",
        "est pain",
        "ches",
        "5 cm",
        "was seen on 5 May 2023",
        "ibuprofen 700 mg",
        "She has chest pain",
        "Diagnosis: hypotension",
        "pneumonia",
        "denise",
        TEXT + TEXT,
    ],
)
def test_what_the_text_does_not_say_is_not_found(quote):
    assert found(quote) is None


def test_one_medical_word_is_no_slip_of_another():
    assert found("a history of hypotension", "She had a history of hypertension.") is None
    assert found("a histry of hypertension", "She had a history of hypertension.") is not None


def test_a_word_is_not_found_inside_another_but_next_to_a_sign():
    assert found("cat", "concatenate") is None
    assert found("cat", "a (cat).") == ("cat", "exact")
    assert found("cat", "concatenate a cat") == ("cat", "exact")


def test_scripts_without_spaces_are_found_inside_their_runs():
    assert found("高血圧", "患者は高血圧と診断された。") == ("高血圧", "exact")


def test_a_composed_and_a_combined_accent_are_one_letter():
    assert found("Sjögren", "Sjo\u0308gren syndrome") == ("Sjo\u0308gren", "normalised")
    assert found("schon", "schön") is None


def test_the_occurrence_nearest_to_a_place_is_taken():
    text = "pain here, pain there, pain everywhere"
    first, second, third = 0, 11, 23
    assert locate("pain", {"a": text}).start == first
    assert locate("pain", {"a": text}, near=13).start == second
    assert locate("PAIN", {"a": text}, near=30).start == third


def test_exact_words_in_a_later_text_go_before_near_ones_in_an_earlier():
    place = locate("left wrist", {"a": "the LEFT wrist", "b": "the left wrist"})
    assert (place.field, place.how) == ("b", "exact")


words = st.lists(
    st.sampled_from(
        ["fever", "Fever", "hyper-", "\n", " ", "tension", "ﬁ", "“", "5", ".", "ü", "u\u0308", "\u00ad", "-", "İ"]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=300)
@given(text=st.one_of(words, st.text(max_size=60)), quote=st.one_of(words, st.text(max_size=12)))
def test_what_is_found_equals_the_quote_but_for_its_spelling(text, quote):
    place = locate(quote, {"t": text})
    if place is not None:
        assert 0 <= place.start < place.end <= len(text)
        assert place.how == "fuzzy" or same_words(text[place.start : place.end], quote)


@settings(max_examples=300)
@given(text=words, data=st.data())
def test_whole_words_of_a_text_are_found_in_it(text, data):
    spans = [(n, n + len(word)) for word in set(text.split()) for n in [text.find(word)]]
    spans = [(a, b) for a, b in spans if any(char.isalnum() for char in text[a:b])]
    if spans:
        start, end = data.draw(st.sampled_from(spans))
        place = locate(text[start:end], {"t": text})
        assert place is not None
        assert text[place.start : place.end] == text[start:end]
