"""The main path: readers, languages, kinds, offsets, notices."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graftwork.core.privacy.assembly import detector_for
from graftwork.core.privacy.detector import Detector, LanguageRules
from graftwork.core.privacy.finding import Finding
from graftwork.core.privacy.text import Text
from graftwork.core.privacy.vocabulary import load_vocabulary


class Fixed:
    """Finds one span in every text."""

    name = "fixed"

    def __init__(self, start, end, kind="person"):
        self.finding = Finding(start, end, kind, "fixed", "it is fixed", 0.99)

    def find(self, text):
        return [self.finding] if self.finding.end <= len(text.normal) else []


class Broken:
    name = "broken"

    def find(self, text: Text):
        raise RuntimeError(self.name)


def detector(*readers, kinds=frozenset(("person",)), guess=None):
    return Detector(readers, {"en": LanguageRules(load_vocabulary("en"), ())}, kinds, guess)


def test_only_the_kinds_of_the_profile_are_told():
    assert detector(Fixed(0, 4, "location")).find("Anna was here").findings == ()
    assert len(detector(Fixed(0, 4, "person")).find("Anna was here").findings) == 1


def test_a_reader_that_crashes_is_not_hidden():
    with pytest.raises(RuntimeError):
        detector(Fixed(0, 4), Broken()).find("Anna was here")


def test_a_language_nobody_configured_is_told_and_read_by_rules():
    found = detector(Fixed(0, 4), guess=lambda _: "fi").find("Anna oli täällä")
    assert found.language == "fi"
    assert found.notices == ("language fi is not configured: masked by rules only",)
    assert len(found.findings) == 1


def test_a_text_too_short_to_tell_its_language_is_read_as_the_first():
    found = detector(Fixed(0, 4), guess=lambda _: None).find("Anna")
    assert found.notices == ()
    assert len(found.findings) == 1


def test_offsets_lead_into_the_original_text():
    text = "Please ask Mr\u00a0Karl Stro\u200bbelmann about it."
    found = detector_for(ner=False).find(text).findings
    assert [text[one.start : one.end] for one in found] == ["Karl Stro\u200bbelmann"]


def test_many_texts_give_what_each_gives_alone():
    texts = ["Ask Mr Strobelmann.", "", "Nothing here.", "Write to PO Box 1048."]
    detector = detector_for(ner=False)
    assert detector.find_many(texts) == [detector.find(text) for text in texts]


def test_a_reason_never_quotes_the_text():
    text = "Ask Mr Karl Strobelmann of Zentrifix GmbH, 12 Brookline Road, Rotterdam, karl@example.com."
    found = detector_for(ner=False).find(text).findings
    assert found
    for one in found:
        assert text[one.start : one.end].lower() not in one.reason.lower()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_findings_inside_it_in_order(text):
    found = detector_for(ner=False).find(text).findings
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= two.start for one, two in itertools.pairwise(found))


@pytest.mark.parametrize(
    "text",
    ["Anna, " * 20_000, "12 " * 40_000, "Ab " * 40_000, "A." * 60_000, "\n" * 100_000, "12" + " " * 100_000 + "Street"],
    ids=["names", "numbers", "capitals", "initials", "lines", "spaces"],
)
def test_no_text_takes_long(text):
    assert detector_for(ner=False).find(text) is not None


def test_warming_asks_no_service_and_changes_no_finding() -> None:
    read: list[str] = []

    class Service:
        name = "service"

        def find(self, text: Text) -> list[Finding]:
            read.append(text.normal)
            return []

    cold = detector_for(ner=False)
    detector = detector_for(ner=False, extra=(Service(),))
    detector.warm()
    assert read == []
    text = "Dear Mr Miller, your order A-4711 goes to 12 High Street, Leeds."
    assert detector.find(text).findings == cold.find(text).findings
