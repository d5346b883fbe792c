"""What the model is asked, and what its answers count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.privacy.assembly import detector_for
from graftwork.core.privacy.votes import chunks_of


def test_only_sentences_with_an_unsure_word_are_read():
    text = "Nothing is here. Teradyna called us. Nothing again.\nAnd no more."
    assert [chunk.text.strip() for chunk in chunks_of(text, [text.index("Teradyna")])] == ["Teradyna called us."]


def test_neighbouring_sentences_are_read_together():
    text = "Teradyna called us. Zentrifox answered. Nothing again."
    places = [text.index("Teradyna"), text.index("Zentrifox")]
    assert [chunk.text.strip() for chunk in chunks_of(text, places)] == ["Teradyna called us. Zentrifox answered."]


@given(st.text(alphabet="aA. \n!", max_size=300), st.lists(st.integers(0, 299), max_size=10))
def test_every_unsure_place_is_in_one_piece_that_stands_where_it_says(text, places):
    places = sorted({place for place in places if place < len(text)})
    chunks = chunks_of(text, places)
    for chunk in chunks:
        assert text[chunk.start : chunk.start + len(chunk.text)] == chunk.text
    for place in places:
        assert sum(chunk.start <= place < chunk.start + len(chunk.text) for chunk in chunks) == 1


def test_a_long_text_without_sentences_is_cut():
    text = "word " * 5_000
    assert all(len(chunk.text) <= 2_000 for chunk in chunks_of(text, range(0, len(text), 5)))


@pytest.mark.parametrize("text", ["Nobody is named here.", "The Court of Appeal sat in March."])
def test_the_model_adds_nothing_where_nothing_is(text):
    assert [one for one in detector_for().find(text).findings if one.kind == "person"] == []


def test_the_model_and_the_rules_find_a_name_together():
    text = "Yesterday afternoon Oyelaran Adekunbi visited the office in Rotterdam."
    found = detector_for().find(text).findings
    assert ("person", "Oyelaran Adekunbi") in [(one.kind, text[one.start : one.end]) for one in found]
