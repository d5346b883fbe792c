"""How a statement stands for the reader, beyond its verdict: cited as it is written, or taken from the item alone.

The check of a text moves and cuts markers before it judges; what a person typed is sent as it stands. So the markers of
the typed text are held against what was found behind each statement.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from graftwork.apps.desk.narrowing import narrowed
from graftwork.core.citing.courtesy import bare
from graftwork.core.citing.facts import Source, missing_facts
from graftwork.core.citing.markers import Marker, markers, without_markers, written
from graftwork.core.citing.names import is_german
from graftwork.core.citing.passages import covered
from graftwork.core.citing.support import Statement
from graftwork.core.prompt import plain
from graftwork.core.types import Claim, Excerpt, Grounds, ItemContent

Standing = Literal["supported", "unsupported", "miscited", "of_item", "states_nothing"]

# Of the weighted words of a statement: below, some of it is the statement's own.
_ALL_WORDS = 0.95


@dataclass(frozen=True, slots=True)
class Stood:
    """A claim with its standing; `citing` says what is wrong with its markers, empty where nothing is."""

    claim: Claim
    standing: Standing
    citing: str = ""


def stand(text: str, claims: Sequence[Claim], grounds: Grounds, content: ItemContent) -> list[Stood]:
    """Each claim of `text`; one with a wrong marker reaches to the end of that marker.

    Where the draft was written from passages of sources, a statement that only the item makes is `of_item`.
    """
    known = {one.number for one in grounds.excerpts}
    draws_on_sources = any(not one.of_item for one in grounds.excerpts)
    of_item = _OfItem(text, claims, grounds.excerpts, content) if draws_on_sources else None
    return [_stood(claim, own, known, of_item) for claim, own in _with_markers(text, claims)]


def _stood(claim: Claim, own: Sequence[Marker], known: Collection[int], of_item: "_OfItem | None") -> Stood:
    told = _wrong_markers(claim, {number for marker in own for number in marker.numbers}, known)
    if told:
        wider = replace(claim, end=max(claim.end, *(marker.end for marker in own)))
        return Stood(wider, "unsupported" if claim.support == "unsupported" else "miscited", told)
    if of_item and claim.support == "supported" and of_item.made(claim):
        return Stood(claim, "of_item")
    return Stood(claim, claim.support)


def _wrong_markers(claim: Claim, typed: Collection[int], known: Collection[int]) -> str:
    unknown = tuple(sorted(set(typed) - set(known)))
    behind = tuple(sorted({one.excerpt for one in claim.citations})) if claim.support == "supported" else ()
    told = [f"there is no passage {written(unknown)}"] if unknown else []
    if typed and not set(behind) <= set(typed):
        says = f"{written(behind)} {'say' if len(behind) > 1 else 'says'} it"
        others = tuple(sorted(set(typed) & set(known)))
        told.append(f"cites {written(others)}, but {says}" if others else says)
    return "; ".join(told)


def _with_markers(text: str, claims: Sequence[Claim]) -> Iterator[tuple[Claim, list[Marker]]]:
    """The markers of a claim are those from its start to that of the next: one may stand behind its full stop."""
    starts = [claim.start for claim in claims]
    own: list[list[Marker]] = [[] for _ in claims]
    for marker in markers(text) if claims else ():
        own[max(0, bisect_right(starts, marker.start) - 1)].append(marker)
    return zip(claims, own, strict=True)


@dataclass(frozen=True)
class _OfItem:
    """Whether the item alone makes a statement: all its words are there, and no cited words hold one of its facts."""

    text: str
    claims: Sequence[Claim]
    excerpts: Sequence[Excerpt]
    content: ItemContent

    def made(self, claim: Claim) -> bool:
        if not claim.citations:
            return True
        statement = Statement(bare(without_markers(self.text[claim.start : claim.end])), self._german)
        wanted = statement.facts
        if not wanted or len(missing_facts(wanted, [self._cited(claim)])) < len(wanted):
            return False
        if missing_facts(wanted, [self._item]):
            return False
        total = sum(statement.weights.values())
        held = sum(covered(statement.weights, self._item.keys).values())
        return held >= _ALL_WORDS * total

    def _cited(self, claim: Claim) -> Source:
        texts = {one.number: one.text for one in self.excerpts}
        return Source("\n\n".join(texts.get(one.excerpt, "")[one.start : one.end] for one in claim.citations))

    @cached_property
    def _german(self) -> bool:
        return is_german(self.text)

    @cached_property
    def _item(self) -> Source:
        near = narrowed(self.text, self.content, ()).content
        return Source("\n\n".join(plain(value) for value in near.fields.values()))
