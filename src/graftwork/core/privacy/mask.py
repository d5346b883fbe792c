"""Masking: every finding becomes a placeholder, and nothing else in the text can be taken for one."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graftwork.core.privacy.book import Book, Mention
from graftwork.core.privacy.entities import HONORIFICS, Gender
from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.mangling import TRIGGER, Mangled, next_mangled
from graftwork.core.privacy.surrogates import Surrogates, surrogate_pattern

_HONORIFIC = "|".join(sorted(map(re.escape, HONORIFICS), key=len, reverse=True))
_LEADING = re.compile(rf"(?:({_HONORIFIC})\.?\s+)+", re.IGNORECASE)
_LONGEST_HONORIFIC = 24
_POSSESSIVE = re.compile(r"(?:['\u2019]s|(?<=s)['\u2019])\Z", re.IGNORECASE)
SHORT_INDEX = 1_000
_NAMED: frozenset[Kind] = frozenset(("person", "organisation", "location", "term"))


@dataclass(frozen=True, slots=True, repr=False)
class Masked:
    """Text that may leave: every finding is a placeholder, and no other words in it are read as one.

    `spans` are the placeholders' character offsets in `text`, `counts` how many values of each kind they stand for.
    `surfaces` are the values as they were written, in order: whoever keeps them must seal them. Nothing else in here
    is sensitive, and `repr` shows the counts only.
    """

    text: str
    counts: Mapping[Kind, int]
    spans: tuple[tuple[int, int], ...] = ()
    notices: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        return f"Masked({dict(self.counts)})"

    @property
    def count(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, repr=False)
class _Span:
    """A part of the text that is to be replaced."""

    start: int
    end: int
    kind: Kind
    gender: Gender | None = None
    is_short: bool = False


def mask(text: str, findings: Sequence[Finding], book: Book, *, surrogates: Surrogates | None = None) -> Masked:
    """Replace every finding, with the placeholder that its entity has in `book`; new ones are minted there.

    What the text itself holds that could be read as a placeholder is masked first, as a literal: nobody gets a value
    by typing its placeholder. The masked text is then read as `restore` would read it, until it finds there exactly
    what was put in. Before it is sent, the book must be saved. Findings that overlap are masked as one.
    """
    literals = _literals(text, book)
    spans = _without_overlaps(_named_spans(text, findings, book), literals)
    while True:
        masked = _replaced(text, spans, book, surrogates)
        stray = list(_strays(masked, spans))
        if not stray:
            return masked
        spans = _without_overlaps(spans, stray)


def _literals(text: str, book: Book) -> list[_Span]:
    found = [_Span(token.start, token.end, "literal", is_short=_is_short(token)) for token in _tokens(text)]
    pattern = surrogate_pattern(book.surrogates)
    if pattern is not None:
        found += [_Span(match.start(), match.end(), "literal") for match in pattern.finditer(text)]
    return found


def _is_short(token: Mangled) -> bool:
    return token.placeholder is not None and token.placeholder.index < SHORT_INDEX


def _tokens(text: str) -> Iterable[Mangled]:
    position = 0
    while isinstance(token := next_mangled(text, position, closed=True), Mangled):
        yield token
        position = token.end


def _named_spans(text: str, findings: Sequence[Finding], book: Book) -> list[_Span]:
    """The findings without honorifics and genitives, which stay in the text."""
    spans = [
        _without_possessive(text, _without_honorific(text, finding) if finding.kind == "person" else _span(finding))
        if finding.kind in _NAMED
        else _span(finding)
        for finding in findings
    ]
    return _without_bare_genitives(text, spans, book)


def _span(finding: Finding) -> _Span:
    return _Span(finding.start, finding.end, finding.kind)


def _without_honorific(text: str, finding: Finding) -> _Span:
    start, end = finding.start, finding.end
    leading = _LEADING.match(text, start, end)
    if leading is not None and leading.end() < end:
        start = leading.end()
    return _Span(start, end, finding.kind, _gender_before(text, start))


def _gender_before(text: str, start: int) -> Gender | None:
    """What the words right before a name tell of it, inside the finding or outside: `Herr Dr.` tells by its first."""
    gender: Gender | None = None
    if start and text[start - 1].isspace():
        for word in reversed(text[max(0, start - _LONGEST_HONORIFIC) : start].split()[-2:]):
            honorific = word.strip("(\"'.\u201c\u201e").lower()
            if honorific not in HONORIFICS:
                break
            gender = HONORIFICS[honorific] or gender
    return gender


def _without_possessive(text: str, span: _Span) -> _Span:
    tail = _POSSESSIVE.search(text, span.start, span.end)
    return span if tail is None or tail.start() == span.start else replace(span, end=tail.start())


def _without_bare_genitives(text: str, spans: list[_Span], book: Book) -> list[_Span]:
    """`Müllers` is Müller's, where a Müller is known and no Müllers. The letter stays, so nothing is lost by it."""
    candidates = [
        number
        for number, span in enumerate(spans)
        if span.kind == "person" and span.gender is None and text[span.end - 1] == "s" and span.end - span.start > 3
    ]
    if not candidates:
        return spans
    here = {book.name_of(text[span.start : span.end]).words for span in spans if span.kind == "person"}
    here |= {words[-1:] for words in here} | {words[:1] for words in here}
    for number in candidates:
        span = spans[number]
        name = book.name_of(text[span.start : span.end])
        base = book.name_of(text[span.start : span.end - 1])
        if not book.knows_person(name) and (base.words in here or book.knows_person(base)):
            spans[number] = replace(span, end=span.end - 1)
    return spans


def _without_overlaps(spans: Iterable[_Span], literals: Iterable[_Span]) -> list[_Span]:
    """In order, overlapping ones as one."""
    chosen: list[_Span] = []
    both = sorted([*spans, *literals], key=lambda span: (span.start, -span.end, span.kind == "literal"))
    for span in both:
        if span.end <= span.start:
            continue
        last = chosen[-1] if chosen else None
        if last is None or last.end <= span.start:
            chosen.append(span)
        elif span.end > last.end or "literal" in (span.kind, last.kind):
            chosen[-1] = _merged(last, span)
    return chosen


def _merged(first: _Span, second: _Span) -> _Span:
    """A literal goes with the value that it is in or reaches into. It stays one where it has the value inside it and
    is too short to name anybody: `[ID 4711]` is an id, whatever it looks like, and `[PERSON_1]` no organisation.
    """
    literal, value = (first, second) if first.kind == "literal" else (second, first)
    end = max(first.end, second.end)
    covers = literal.kind == "literal" and literal.start <= value.start and value.end <= literal.end
    if covers and literal.is_short:
        return literal
    return value if value.start == first.start and value.end == end else _Span(first.start, end, value.kind)


def _replaced(text: str, spans: Sequence[_Span], book: Book, surrogates: Surrogates | None) -> Masked:
    surfaces = tuple([text[span.start : span.end] for span in spans])
    mentions = [Mention(surface, span.kind, span.gender) for surface, span in zip(surfaces, spans, strict=True)]
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    at = length = 0
    for span, mention, placeholder in zip(spans, mentions, book.place(mentions), strict=True):
        shown = surrogates.of(placeholder, mention, book, text) if surrogates is not None else None
        shown = shown or str(placeholder)
        pieces += (text[at : span.start], shown)
        length += span.start - at
        places.append((length, length + len(shown)))
        length += len(shown)
        at = span.end
    pieces.append(text[at:])
    counts: dict[Kind, int] = {}
    for span in spans:
        counts[span.kind] = counts.get(span.kind, 0) + 1
    notices = ("typed_placeholders",) if "literal" in counts else ()
    return Masked("".join(pieces), counts, tuple(places), notices, surfaces)


def _strays(masked: Masked, spans: Sequence[_Span]) -> Iterable[_Span]:
    """What `restore` would read in the masked text that was not put there, as spans of the original."""
    rest, at = [], 0
    for start, end in masked.spans:
        rest.append(masked.text[at:start])
        at = end
    rest.append(masked.text[at:])
    if TRIGGER.search("".join(rest)) is None:  # a placeholder that is whole never reads as another
        return
    placed = set(masked.spans)
    starts = [start for start, _ in masked.spans]
    for token in _tokens(masked.text):
        if (token.start, token.end) not in placed:
            yield _Span(
                _original(token.start, starts, masked, spans, at_end=False),
                _original(token.end, starts, masked, spans, at_end=True),
                "literal",
            )


def _original(offset: int, starts: Sequence[int], masked: Masked, spans: Sequence[_Span], *, at_end: bool) -> int:
    """The offset in the original; of a replaced part its start, or its end where `at_end`."""
    number = bisect_right(starts, offset - 1 if at_end else offset) - 1
    if number < 0:
        return offset
    _, end = masked.spans[number]
    if offset < end or (at_end and offset == end):
        return spans[number].end if at_end else spans[number].start
    return spans[number].end + offset - end
