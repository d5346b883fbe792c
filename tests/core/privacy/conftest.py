"""A detector by rules for the tests of its parts."""

from collections.abc import Callable

import pytest

from graftwork.core.privacy.assembly import detector_for

Values = Callable[[str], list[tuple[str, str]]]


@pytest.fixture(scope="session")
def values() -> Values:
    """What the English rules find in a text: kind and value, in order."""
    detector = detector_for(languages=("en",), ner=False)
    return lambda text: [(found.kind, text[found.start : found.end]) for found in detector.find(text).findings]
