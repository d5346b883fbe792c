"""The small model: loaded as pinned, or not at all."""

import importlib.util

import pytest

from graftwork.core.errors import NerMismatch, NerUnavailable
from graftwork.core.privacy import ner


@pytest.fixture
def fresh():
    """The model is loaded anew in the test, and again after it."""
    ner.load_model.cache_clear()
    yield
    ner.load_model.cache_clear()


def test_it_reads_names_with_their_places():
    text = "Angela Merkel flew to Paris."
    found = [(text[start:end], label) for start, end, label in ner.load_model().entities([text])[0]]
    assert ("Angela Merkel", "PERSON") in found
    assert ("Paris", "GPE") in found


def test_a_changed_file_is_refused(fresh, monkeypatch):
    changed = {**ner._DIGESTS, "ner/model": "0" * 64}
    monkeypatch.setattr(ner, "_DIGESTS", changed)
    with pytest.raises(NerMismatch) as error:
        ner.load_model()
    assert error.value.file == "ner/model"


def test_a_missing_package_is_told(fresh, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(NerUnavailable):
        ner.load_model()


def test_a_long_text_is_cut_and_offsets_stay_right():
    filler = "Nothing happened on that day. " * 300
    text = filler + "Angela Merkel flew to Paris."
    found = ner.load_model().entities([text])[0]
    assert "Angela Merkel" in [text[start:end] for start, end, _ in found]
