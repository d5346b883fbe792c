"""What a draft was written from, for the page: passages with their spans lit, statements with what stands behind them.

A place to light is written `[[target, start, end], …]` in JSON, where the target is the number of a passage or the name
of a field, and offsets count UTF-16 units, as the browser does.
"""

import json
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from graftwork.apps.desk.standing import Standing, Stood
from graftwork.core.types import Claim, Excerpt, FieldEvidence, Grounds

Light = tuple[str, int, int]
Lights = list[Light]


# About a page of text: the browser lays out only the stretches that are in view.
STRETCH_CHARACTERS = 3_000

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; lit where a statement or a value was taken from it."""

    text: str = field(repr=False)
    lit: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a field that ends at a line or a page. `page` is the number of the page that begins with it."""

    pieces: Sequence[Piece]
    page: int | None = None


@dataclass(frozen=True, slots=True)
class ExcerptShown:
    """A passage. Without `pieces` it is one that this person may not read (any more)."""

    number: int
    title: str
    place: str
    pieces: Sequence[Piece]
    link: str


@dataclass(frozen=True, slots=True)
class ClaimShown:
    """One statement of the draft, `start` to `end` in UTF-16 units of its text.

    `lights` are the places behind it, empty where there are none to show; `hidden` says that some stand in a source
    that this person may not read. `citing` says what is wrong with its markers.
    """

    text: str = field(repr=False)
    support: Standing
    missing: Sequence[str] = field(repr=False)
    lights: str
    start: int
    end: int
    hidden: bool = False
    citing: str = ""

    @property
    def needs_attention(self) -> bool:
        return self.support in ("unsupported", "miscited")


class Units:
    """Offsets in a text, from code points to UTF-16 units of the page, which holds each line end as one."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __call__(self, offset: int) -> int:
        return offset + bisect_left(self._astral, offset) - bisect_left(self._double_ends, offset)

    @cached_property
    def _astral(self) -> list[int]:
        return [] if self._text.isascii() else [match.start() for match in _ASTRAL.finditer(self._text)]

    @cached_property
    def _double_ends(self) -> list[int]:
        return [match.end() - 1 for match in re.finditer("\r\n", self._text)]


class Places:
    """Where to light what stands behind a draft: in the passages that this person may read, and in the item."""

    def __init__(self, grounds: Grounds, texts: Mapping[str, str], readable: Collection[str]) -> None:
        self._excerpts = {one.number: one for one in grounds.excerpts if may_read(one, readable)}
        self._fields = {name: Units(text) for name, text in texts.items()}

    def hides(self, claim: Claim) -> bool:
        return any(one.excerpt not in self._excerpts for one in claim.citations)

    def of_claim(self, claim: Claim) -> Lights:
        return [light for one in claim.citations for light in self._in_excerpt(one.excerpt, one.start, one.end)]

    def of_value(self, found: FieldEvidence) -> Lights:
        if found.start is None or found.end is None:
            return []
        if found.field is not None:
            return self._in_field(found.field, found.start, found.end)
        return self._in_excerpt(found.excerpt or 0, found.start, found.end)

    def _in_excerpt(self, number: int, start: int, end: int) -> Lights:
        excerpt = self._excerpts.get(number)
        if excerpt is None:
            return []
        if excerpt.of_item:
            return self._in_field(excerpt.document, excerpt.start + start, excerpt.start + end)
        units = Units(excerpt.text)
        return [(str(number), units(start), units(end))]

    def _in_field(self, name: str, start: int, end: int) -> Lights:
        units = self._fields.get(name)
        return [(name, units(start), units(end))] if units else []


def may_read(excerpt: Excerpt, readable: Collection[str]) -> bool:
    return excerpt.of_item or excerpt.source in readable


def excerpts_shown(grounds: Grounds | None, readable: Collection[str]) -> list[ExcerptShown]:
    """The passages of sources, as `readable` (names of sources) allows. Those of the item stand in the item itself."""
    excerpts = [one for one in grounds.excerpts if not one.of_item] if grounds else []
    if grounds is None or not excerpts:
        return []
    lit = _lit_by_excerpt(grounds)
    return [_shown(one, lit.get(one.number, []), readable) for one in excerpts]


def claims_shown(text: str, stood: Iterable[Stood], places: Places) -> list[ClaimShown]:
    """The statements of `text` that state something, or cite what is not there, in their order."""
    units = Units(text)
    return [_claim(text, one, units, places) for one in stood if one.standing != "states_nothing"]


def to_check(claims: Iterable[ClaimShown]) -> int:
    """How many statements somebody should look at before the text is sent."""
    return sum(claim.needs_attention for claim in claims)


def summary(claims: Sequence[ClaimShown]) -> str:
    """How the statements stand together, in one sentence."""
    if not claims:
        return "Nothing in the text states a fact."
    count = Counter(claim.support for claim in claims)
    bad, wrong, own = count["unsupported"], count["miscited"], count["of_item"]
    of_all = f"of {len(claims)} statement{'s' * (len(claims) > 1)}"
    if bad:
        also = f"; {wrong} {'cite' if wrong > 1 else 'cites'} the wrong passage" if wrong else ""
        return f"{bad} {of_all} {'have' if bad > 1 else 'has'} no support in what was read{also}."
    if wrong:
        return f"{wrong} {of_all} {'cite' if wrong > 1 else 'cites'} the wrong passage."
    if own:
        rest = len(claims) - own
        from_item = f"{own} {'are' if own > 1 else 'is'} from the item"
        if not rest:
            return "All statements are from the item." if own > 1 else "The statement is from the item."
        return f"{rest} {of_all} {'are' if rest > 1 else 'is'} supported; {from_item}."
    return f"All {len(claims)} statements are supported." if len(claims) > 1 else "The statement is supported."


def _claim(text: str, one: Stood, units: Units, places: Places) -> ClaimShown:
    claim = one.claim
    lights = places.of_claim(claim) if one.standing != "of_item" else []
    said = text[claim.start : claim.end].strip()
    start = text.find(said, claim.start)
    return ClaimShown(
        said,
        one.standing,
        claim.missing,
        json.dumps(lights) if lights else "",
        units(start),
        units(start + len(said)),
        hidden=one.standing != "of_item" and places.hides(claim),
        citing=one.citing,
    )


def evidence_lights(grounds: Grounds, places: Places) -> dict[str, tuple[FieldEvidence, str]]:
    """By JSON pointer: the evidence of a value, and its place to light, empty where there is none."""
    lights = {one.path: (one, places.of_value(one)) for one in grounds.evidence}
    return {path: (one, json.dumps(found) if found else "") for path, (one, found) in lights.items()}


def field_stretches(value: str, name: str, grounds: Grounds | None, pages: Sequence[int]) -> list[Stretch]:
    """The text of one of the item's fields, with what the draft was taken from lit."""
    grounds = grounds or Grounds()
    spans = [(one.start or 0, one.end or 0) for one in grounds.evidence if one.field == name and _is_placed(one)]
    own = {one.number: one for one in grounds.excerpts if one.of_item and one.document == name}
    spans += [
        (excerpt.start + citation.start, excerpt.start + citation.end)
        for claim in grounds.claims
        for citation in claim.citations
        if (excerpt := own.get(citation.excerpt))
    ]
    return stretches(value, spans, pages)


def stretches(text: str, spans: Iterable[tuple[int, int]], pages: Sequence[int] = ()) -> list[Stretch]:
    """`text` in parts that the browser can lay out one by one; together they hold it whole."""
    numbers = {start: number for number, start in enumerate(pages, 1) if number > 1}
    cuts = [0, *_ends_of_lines(text, [place for place in sorted(numbers) if 0 < place < len(text)]), len(text)]
    lit = _joined(spans, len(text))
    ends = [end for _, end in lit]
    parts = []
    for start, end in pairwise(cuts):
        near = lit[bisect_right(ends, start) :]
        inside = [(max(a, start) - start, min(b, end) - start) for a, b in _until(near, end)]
        parts.append(Stretch(pieces(text[start:end], inside), numbers.get(start)))
    return parts


def _until(spans: Sequence[tuple[int, int]], end: int) -> Iterator[tuple[int, int]]:
    for span in spans:
        if span[0] >= end:
            return
        yield span


def _ends_of_lines(text: str, pages: Sequence[int]) -> Iterator[int]:
    """Where to cut: at each page, and in between where a line ends after a page's worth of text."""
    at = 0
    for page in (*pages, len(text)):
        while page - at > STRETCH_CHARACTERS and (cut := text.find("\n", at + STRETCH_CHARACTERS, page - 1) + 1) > 0:
            yield cut
            at = cut
        if page < len(text):
            yield page
        at = page


def pieces(text: str, spans: Iterable[tuple[int, int]]) -> list[Piece]:
    """`text` cut at `spans`, which may overlap."""
    found = []
    at = 0
    for start, end in _joined(spans, len(text)):
        found += [Piece(text[at:start]), Piece(text[start:end], lit=True)]
        at = end
    return [piece for piece in (*found, Piece(text[at:])) if piece.text]


def _joined(spans: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """The spans in their order, those that touch made one, cut to a text of `length`."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(end, length)) for start, end in spans):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _shown(excerpt: Excerpt, spans: Sequence[tuple[int, int]], readable: Collection[str]) -> ExcerptShown:
    if excerpt.source not in readable:
        return ExcerptShown(excerpt.number, "A source that you may not read", "", (), "")
    page = f"page {excerpt.page}" if excerpt.page is not None else ""
    place = " / ".join([excerpt.source, *excerpt.headings, *([page] if page else [])])
    return ExcerptShown(
        excerpt.number, excerpt.title or excerpt.document, place, pieces(excerpt.text, spans), _link(excerpt)
    )


def _link(excerpt: Excerpt) -> str:
    """To the place in the document. Its key begins that of the passage; passages of other indexes have none."""
    try:
        document = UUID(excerpt.chunk.partition(":")[0])
    except ValueError:
        return ""
    span = urlencode({"start": excerpt.start, "end": excerpt.end})
    return f"{reverse('desk:document', args=[document])}?{span}"


def _lit_by_excerpt(grounds: Grounds) -> dict[int, list[tuple[int, int]]]:
    lit: dict[int, list[tuple[int, int]]] = {}
    for claim in grounds.claims:
        for one in claim.citations:
            lit.setdefault(one.excerpt, []).append((one.start, one.end))
    for found in grounds.evidence:
        if found.excerpt is not None and _is_placed(found):
            lit.setdefault(found.excerpt, []).append((found.start or 0, found.end or 0))
    return lit


def _is_placed(one: FieldEvidence) -> bool:
    return one.start is not None and one.end is not None
