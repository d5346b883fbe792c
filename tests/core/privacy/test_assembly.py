"""A detector from the names of its parts."""

import pytest

from graftwork.core.errors import DictionaryInvalid, UnknownLanguage, UnknownProfile
from graftwork.core.privacy.assembly import detector_for


def test_the_same_settings_give_the_same_detector():
    assert detector_for(ner=False) is detector_for(ner=False)
    assert detector_for(ner=False) is not detector_for("secrets", ner=False)


def test_an_unknown_profile_is_refused():
    with pytest.raises(UnknownProfile):
        detector_for("gdrp", ner=False)


def test_an_unknown_language_is_refused():
    with pytest.raises(UnknownLanguage):
        detector_for(languages=("tlh",), ner=False)


def test_a_dictionary_that_is_missing_is_refused(tmp_path):
    with pytest.raises(DictionaryInvalid, match=r"none\.txt: No such file") as raised:
        detector_for(ner=False, dictionaries=(tmp_path / "none.txt",))
    assert "line" not in raised.value.message


def test_terms_of_the_company_are_found_and_read_again_when_they_change(tmp_path):
    import os

    terms = tmp_path / "terms.txt"
    terms.write_text("blue falcon\n", encoding="utf-8")
    text = "the blue falcon and the grey heron"
    found = detector_for(ner=False, dictionaries=(terms,)).find(text).findings
    assert [(one.kind, text[one.start : one.end]) for one in found] == [("term", "blue falcon")]
    terms.write_text("grey heron\n", encoding="utf-8")
    os.utime(terms, ns=(1, 1))
    found = detector_for(ner=False, dictionaries=(terms,)).find(text).findings
    assert [text[one.start : one.end] for one in found] == ["grey heron"]


def test_a_profile_of_secrets_leaves_names_alone():
    assert detector_for("secrets", ner=False).find("Ask Mr Strobelmann.").findings == ()
