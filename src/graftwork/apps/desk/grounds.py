"""What a draft was written from, for the page: passages with their spans lit, statements with what stands behind them.

A place to light is written `[[target, start, end], …]` in JSON, where the target is the number of a passage or the name
of a field, and offsets count UTF-16 units, as the browser does.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from graftwork.core.types import Citation, Claim, Excerpt, FieldEvidence, Grounds

Light = tuple[str, int, int]
Lights = list[Light]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; lit where a statement or a value was taken from it. `page` is where one begins, before it."""

    text: str
    lit: bool = False
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
    """One statement of the draft; `lights` are the places behind it, empty where there are none."""

    text: str
    support: str
    missing: Sequence[str]
    numbers: Sequence[int]
    lights: str


def excerpts_shown(grounds: Grounds | None, readable: Collection[str]) -> list[ExcerptShown]:
    """The passages of sources, as `readable` (names of sources) allows. Those of the item stand in the item itself."""
    excerpts = [one for one in grounds.excerpts if not one.of_item] if grounds else []
    if grounds is None or not excerpts:
        return []
    lit = _lit_by_excerpt(grounds)
    return [_shown(one, lit.get(one.number, []), readable) for one in excerpts]


def claims_shown(
    text: str, claims: Iterable[Claim], excerpts: Sequence[Excerpt], texts: Mapping[str, str]
) -> list[ClaimShown]:
    """The statements of `text` that state something, in their order. `texts` are the item's fields."""
    by_number = {one.number: one for one in excerpts}
    return [
        ClaimShown(
            text=text[claim.start : claim.end].strip(),
            support=claim.support,
            missing=claim.missing,
            numbers=sorted({one.excerpt for one in claim.citations}),
            lights=json.dumps(_lights(claim.citations, by_number, texts)),
        )
        for claim in claims
        if claim.support != "states_nothing"
    ]


def field_pieces(value: str, field: str, grounds: Grounds | None, pages: Sequence[int]) -> list[Piece]:
    """The text of one of the item's fields, with what the draft was taken from lit, cut where a page begins."""
    grounds = grounds or Grounds()
    spans = [(one.start, one.end) for one in grounds.evidence if one.field == field and _is_placed(one)]
    own = {one.number: one for one in grounds.excerpts if one.of_item and one.document == field}
    spans += [
        (excerpt.start + citation.start, excerpt.start + citation.end)
        for claim in grounds.claims
        for citation in claim.citations
        if (excerpt := own.get(citation.excerpt))
    ]
    return pieces(value, [(start or 0, end or 0) for start, end in spans], pages)


def evidence_lights(grounds: Grounds | None, texts: Mapping[str, str]) -> dict[str, tuple[FieldEvidence, str]]:
    """By JSON pointer: the evidence of a value, and its place to light. `texts` are the item's fields."""
    if grounds is None:
        return {}
    by_number = {one.number: one for one in grounds.excerpts}
    return {one.path: (one, json.dumps(_evidence_place(one, texts, by_number))) for one in grounds.evidence}


def pieces(text: str, spans: Iterable[tuple[int, int]], pages: Sequence[int] = ()) -> list[Piece]:
    """`text` cut at `spans`, which may overlap, and where its `pages` begin."""
    lit = [(max(0, start), min(end, len(text))) for start, end in spans if start < end]
    numbers = {start: number for number, start in enumerate(pages, 1) if number > 1}
    cuts = sorted({0, len(text), *numbers, *(place for span in lit for place in span)})
    return [
        Piece(text[start:end], any(a <= start and end <= b for a, b in lit), numbers.get(start))
        for start, end in pairwise(cuts)
        if 0 <= start < end <= len(text)
    ]


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


def _lights(citations: Iterable[Citation], by_number: Mapping[int, Excerpt], texts: Mapping[str, str]) -> Lights:
    known = [(one, by_number[one.excerpt]) for one in citations if one.excerpt in by_number]
    return [_light(excerpt, one.start, one.end, texts) for one, excerpt in known]


def _light(excerpt: Excerpt, start: int, end: int, texts: Mapping[str, str]) -> Light:
    """A place in a passage; one of the item itself stands in its field."""
    if not excerpt.of_item:
        return str(excerpt.number), _units(excerpt.text, start), _units(excerpt.text, end)
    text = texts.get(excerpt.document, "")
    return excerpt.document, _units(text, excerpt.start + start), _units(text, excerpt.start + end)


def _evidence_place(one: FieldEvidence, texts: Mapping[str, str], by_number: Mapping[int, Excerpt]) -> Lights:
    if one.start is None or one.end is None:
        return []
    if one.field is not None:
        text = texts.get(one.field, "")
        return [(one.field, _units(text, one.start), _units(text, one.end))]
    excerpt = by_number.get(one.excerpt or 0)
    return [_light(excerpt, one.start, one.end, texts)] if excerpt else []


def _is_placed(one: FieldEvidence) -> bool:
    return one.start is not None and one.end is not None


def _units(text: str, offset: int) -> int:
    """Code points to UTF-16 units."""
    return len(text[:offset].encode("utf-16-le")) // 2
