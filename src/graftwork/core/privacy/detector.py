"""Finding what is sensitive in a text: the main path from characters to findings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from graftwork.core.privacy.finding import DIRECT, Finding, Kind
from graftwork.core.privacy.normalise import normalise
from graftwork.core.privacy.patterns import PatternSet
from graftwork.core.privacy.text import Text


class Reader(Protocol):
    """Anything that finds: rules on words, dictionaries, a model. Offsets are into `text.normal`."""

    name: str

    def find(self, text: Text) -> Iterable[Finding]: ...


@dataclass(frozen=True, slots=True)
class Found:
    """Findings of one text, in order and without overlaps; and what the reader of a report must know about them."""

    findings: tuple[Finding, ...]
    language: str | None = None
    notices: tuple[str, ...] = ()


class Detector:
    """Finds with every reader, then lets the best finding of each place stand. Thread-safe; make one a process."""

    def __init__(self, patterns: PatternSet, readers: Sequence[Reader] = (), kinds: frozenset[Kind] = DIRECT) -> None:
        self._readers: tuple[Reader, ...] = (patterns, *readers)  # type: ignore[assignment]
        self._kinds = kinds

    def find(self, text: str) -> Found:
        normal = normalise(text)
        candidates = [finding for reader in self._readers for finding in reader.find(normal)]
        return Found(tuple(_to_original(normal, best(candidates))))


def best(candidates: Iterable[Finding]) -> list[Finding]:
    """Of findings that overlap, the most certain stands, then the longest; in order of their place."""
    chosen: list[Finding] = []
    for finding in sorted(candidates, key=lambda found: (-found.score, found.start - found.end)):
        if not any(finding.overlaps(other) for other in chosen):
            chosen.append(finding)
    return sorted(chosen)


def _to_original(text: Text, findings: Iterable[Finding]) -> Iterable[Finding]:
    for finding in findings:
        start, end = text.original_span(finding.start, finding.end)
        yield replace(finding, start=start, end=end)
