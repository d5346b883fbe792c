"""Of findings that overlap, which one stands: one pass over them by certainty, O(n log n)."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import replace
from operator import attrgetter

from graftwork.core.privacy.finding import DIRECT, Finding, Kind

# What may stand between two findings of a kind that are one.
_GAPS: dict[Kind, tuple[str, ...]] = {"person": ("", " ", "\u00a0"), "address": ("", " ", ",", ", ")}
_START = attrgetter("start")
_MARGIN = " \t\r\n,;"


def best(candidates: Iterable[Finding], text: str = "") -> list[Finding]:
    """Without overlaps, in order of place: the most certain stands, then the longest.

    What a direct identifier loses to a better one keeps the rest that stands alone, so that no letter of it leaks;
    persons side by side, with nothing but a space between them in `text`, become one.
    """
    chosen: list[Finding] = []
    for rivals in _rivals(candidates):
        chosen += rivals if len(rivals) == 1 else _best_of(rivals)
    return _joined(chosen, text) if text else chosen


def _rivals(candidates: Iterable[Finding]) -> Iterator[list[Finding]]:
    """`candidates` in groups that share a stretch of text. Most are alone there, and need no comparing."""
    rivals: list[Finding] = []
    end = 0
    for finding in sorted(candidates, key=_START):
        if finding.start >= end and rivals:
            yield rivals
            rivals = []
        rivals.append(finding)
        end = max(end, finding.end)
    if rivals:
        yield rivals


def _best_of(rivals: Iterable[Finding]) -> list[Finding]:
    chosen: list[Finding] = []
    for finding in sorted(rivals, key=lambda found: (-found.score, found.start - found.end, found)):
        for free in _free(finding, chosen):
            insort(chosen, free)
    return chosen


def _free(finding: Finding, chosen: list[Finding]) -> Iterator[Finding]:
    """`finding` where nothing chosen stands; its remains, for a direct identifier; else nothing."""
    # Findings order by start, then end; those chosen do not overlap, so ends are in order as well.
    at = bisect_left(chosen, finding.start, key=lambda found: found.end)
    while at < len(chosen) and chosen[at].end <= finding.start:
        at += 1
    if at == len(chosen) or chosen[at].start >= finding.end:
        yield finding
        return
    if finding.kind not in DIRECT:
        return
    start = finding.start
    rest: list[Finding] = []
    while at < len(chosen) and chosen[at].start < finding.end:
        if chosen[at].start > start + 1:
            rest.append(replace(finding, start=start, end=chosen[at].start))
        start = max(start, chosen[at].end)
        at += 1
    if start + 1 < finding.end:
        rest.append(replace(finding, start=start, end=finding.end))
    yield from rest


def _joined(findings: list[Finding], text: str) -> list[Finding]:
    joined: list[Finding] = []
    for found in findings:
        last = joined[-1] if joined else None
        if last and last.kind == found.kind and text[last.end : found.start] in _GAPS.get(found.kind, ()):
            joined[-1] = replace(last, end=found.end, score=max(last.score, found.score))
        elif text[found.start] not in _MARGIN and text[found.end - 1] not in _MARGIN:
            joined.append(found)
        elif value := text[found.start : found.end].strip(_MARGIN):
            start = text.index(value, found.start)
            joined.append(replace(found, start=start, end=start + len(value)))
    return joined
