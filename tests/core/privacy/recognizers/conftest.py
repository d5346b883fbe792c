"""What one recognizer of patterns finds in a text."""

from collections.abc import Callable

import pytest

from graftwork.core.privacy.normalise import normalise
from graftwork.core.privacy.overlaps import best
from graftwork.core.privacy.patterns import PatternRecognizer, PatternSet

Found = Callable[[PatternRecognizer, str], list[str]]


@pytest.fixture(scope="session")
def found() -> Found:
    """The values found in a text, as they stand in it."""
    sets: dict[str, PatternSet] = {}

    def values(recognizer: PatternRecognizer, text: str) -> list[str]:
        patterns = sets.setdefault(recognizer.name, PatternSet((recognizer,)))
        normal = normalise(text)
        spans = (normal.original_span(finding.start, finding.end) for finding in best(patterns.find(normal)))
        return [text[start:end] for start, end in spans]

    return values
