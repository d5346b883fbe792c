"""A text of one thing over and over takes time in proportion to its length, whatever the thing and the language.

Figures are of the processor's time, the best of several readings: other work on the machine does not count.
"""

import time

import pytest

from graftwork.core.privacy.assembly import detector_for
from graftwork.core.privacy.detector import Detector

_SHORT, _LONG = 5_000, 20_000
# Four times the text; twice that is left for what a longer text costs memory and the collector of it.
_RATIO = 8.0
_SECONDS = 1.5
_AT_ONCE = 0.3  # Below this, how often it grew is chance.

REPEATED = (
    "Dr. ", "von ", "x=", "A ", "A. ", "Mr Smith ", "12 Main St ", "a@b.c ", "+49 ", "Name: ", "Calle ", "St ", "- ",
    "| ", "\n12 ", "Jean-", "O'", "né le ", "Bank of ", "é", "l'", "www.", "Bosnia and ", "Paris, ", "John Smith and ",
)  # fmt: skip


@pytest.fixture(scope="module", params=["en", "de", "es", "fr"])
def detector(request: pytest.FixtureRequest) -> Detector:
    rules = detector_for(languages=(request.param,), ner=False)
    rules.warm()
    rules.find("Dr. Anna Muster, 12 Main Street")
    return rules


def _seconds(detector: Detector, text: str) -> float:
    began = time.process_time()
    detector.find(text)
    return time.process_time() - began


def _of_length(repeated: str, length: int) -> str:
    return (repeated * (length // len(repeated) + 1))[:length]


def test_time_grows_with_the_length_of_a_repeated_word_not_with_its_square(detector):
    slow = {}
    for repeated in REPEATED:
        long = _seconds(detector, _of_length(repeated, _LONG))
        if long < _AT_ONCE:
            continue
        short = _seconds(detector, _of_length(repeated, _SHORT))
        if long > _SECONDS or long > _RATIO * short:
            again = min(_seconds(detector, _of_length(repeated, _LONG)) for _ in range(3))
            if again > _SECONDS or again > _RATIO * short:
                slow[repeated] = (short, long, again)
    assert not slow


def test_a_street_in_a_long_row_of_capitalised_words_is_still_found(detector):
    row = " ".join(["Zulkrot"] * 100)
    found = detector.find(f"{row}\nShe moved to 12 Rue Zulkrot, Paris.").findings
    assert any(finding.kind == "address" and finding.start >= len(row) for finding in found)
