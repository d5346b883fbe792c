"""Where the sentences of a draft or of a passage begin and end, in English, German and French, in lists and tables.

Rules rather than a model: a draft is checked sentence by sentence while a person waits, and a wrong cut must be
explainable. Linear in the length of the text.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from graftwork.core.citing.markers import MARKER
from graftwork.core.citing.word_lists import listed


class Span(NamedTuple):
    """Offsets of characters, the end exclusive."""

    start: int
    end: int


# A name, a number or an explanation follows: never the end of a sentence.
_GOES_ON = listed(
    "dr mr mrs ms prof st mme mlle sr jr hr fr herr bzw ca cf vgl z.b u.a d.h e.g i.e i.d.r z.t u.u s.o o.g p.ex vs "
    "approx resp incl inkl zzgl ggf evtl gem lt bspw sog usf al eg ie viz fig abb tab art abs §§ para sec ch chap "
    "eq tel str gen col lt sgt capt rev hon messrs zz max min mind"
)
# The same before a number only: "No. 5", but "The answer is no."
_BEFORE_NUMBERS = listed("no nos nr nos p pp s vol v kap ziff z rn pt bd jg art sect")
# May stand at the end: a sentence begins behind them where a word follows that begins sentences.
_MAY_END = listed(
    "etc inc ltd corp co llc plc gmbh bros dept est a.m p.m am pm usw u.s u.k e.u ph.d u.s.a no. jan feb mar apr "
    "jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun std min sek hrs hr mo"
)
_STARTERS = listed(
    "the this that these those it its they we you your our i he she his her their there here if when while after "
    "before for in on at by from to with without as and but or however also please no not all any each both such "
    "what which who how why where a an der die das den dem ein eine es er sie wir ihr ihre unser unsere bitte wenn "
    "falls bei für im am zum zur mit ohne nach vor auch aber und oder diese dieser dieses le la les un une ce cette "
    "ces il elle nous vous si pour dans en au aux sans avec après avant mais et ou"
)
# "am 3. Oktober", "der 2. Termin": the full stop makes the number an ordinal.
_MONTHS = (
    r"(?:jan|feb|mär|maer|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dez|dec|janv|févr|mars|avr|juin|juil|août|déc)"
)
_BEFORE_MONTH = re.compile(rf"\s{{1,4}}{_MONTHS}\w{{0,8}}\b", re.IGNORECASE)
_ORDINAL_ARTICLES = listed(
    "der die das den dem des am im zum zur vom ab bis jede jeder jedes jeden ein eine einen einem einer"
)

_BRACKETS = rf"(?:[ \t]{{0,3}}+(?:{MARKER.pattern}))*+"
_END = re.compile(rf"[.!?…。！？]++[\"'”’»“)\]*_]*+{_BRACKETS}", re.IGNORECASE)  # noqa: RUF001
_FULL = frozenset("。！？")  # noqa: RUF001
_LAST_WORD = re.compile(r"[\w§](?:[\w.\u2019'-]{0,24}\w)?$")
_WORD_AFTER = re.compile(r"[\s\"'„“”«»(\[*_]{0,8}(\w{1,12})")
_LINE = re.compile(r"\n")
_LIST_ITEM = re.compile(r"[ \t]{0,12}(?:[-*+•·–▪◦]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])[ \t]")  # noqa: RUF001
_LIST_NUMBER = re.compile(r"[ \t]{0,12}(?:[-*+•][ \t]{1,3})?\(?(?:\d{1,3}|[a-zA-Z])$")
_ONLY_MARKERS = re.compile(rf"[ \t]{{0,12}}(?:{MARKER.pattern})", re.IGNORECASE)
_GREETING = re.compile(
    r"\s{0,4}(?:dear|hello|hi|hey|hallo|liebe|guten|sehr geehrte|bonjour|ch[eè]re?|madame|monsieur)\b", re.IGNORECASE
)
_SHORT_LINE = 50
_LOOK_BACK = 30


def sentences(text: str) -> list[Span]:
    """The spans of the sentences of `text`, in order, without the white space around them.

    A line of a list, a heading and a row of a table are sentences of their own; `[1]` behind a full stop belongs to the
    sentence before it. Every character that is no white space lies in exactly one span.
    """
    spans: list[Span] = []
    start = 0
    for end in _ends(text):
        if end > start:
            _append(spans, text, start, end)
            start = end
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    stripped = piece.strip()
    if not stripped:
        return
    span = Span(start + left, start + left + len(stripped))
    alone = bool(spans) and _ONLY_MARKERS.match(stripped) is not None and not MARKER.sub("", stripped).strip(" \t.,;")
    if alone:
        span = Span(spans.pop().start, span.end)
    spans.append(span)


def _ends(text: str) -> Iterator[int]:
    """All places where a sentence ends, in order: at marks, and at the ends of lines."""
    marks = (match.end() for match in _END.finditer(text) if _ends_here(text, match))
    yield from sorted({*marks, *_line_ends(text)})


def _line_ends(text: str) -> Iterator[int]:
    line_start = 0
    for match in _LINE.finditer(text):
        line = text[line_start : match.start()]
        after = text[match.end() : match.end() + 40]
        if _line_is_over(line, after):
            yield match.end()
        line_start = match.end()


def _line_is_over(line: str, after: str) -> bool:
    bare = line.strip()
    follows = after.lstrip(" \t\r")
    if not bare or not follows or follows[0] == "\n":
        return True
    if bare[0] in "#|" or follows[0] in "#|>" or _LIST_ITEM.match(after):
        return True
    if bare[-1] in ".!?:;…" and not _is_open(bare):
        return True
    return len(bare) < _SHORT_LINE and (follows[0].isupper() or _GREETING.match(bare) is not None)


def _is_open(line: str) -> bool:
    """Whether the full stop at the end of a line belongs to an abbreviation."""
    return line[-1] == "." and _last_word(line[:-1]).lower() in _GOES_ON


def _last_word(before: str) -> str:
    match = _LAST_WORD.search(before[-_LOOK_BACK:])
    return match[0] if match else ""


def _ends_here(text: str, match: re.Match[str]) -> bool:
    mark, after = match[0], text[match.end() : match.end() + 24]
    if mark[0] in _FULL or not after:
        return True
    if not after[0].isspace():
        return mark[-1] == "]" and mark[0] != "]" and after[0].isupper()
    found = _WORD_AFTER.match(after)
    word = found[1] if found else ""
    if mark[0] in "!?":
        return not (word[:1].islower() and mark[-1] in '"”’»“)')  # noqa: RUF001
    if mark.startswith(("...", "…")):
        return not word[:1].islower()
    return not word[:1].islower() and not _is_abbreviated(text, match.start(), after, word)


def _is_abbreviated(text: str, place: int, after: str, word: str) -> bool:
    before = text[max(0, place - _LOOK_BACK) : place]
    if before[-1:].isdigit():
        return _is_numbering(before, after)
    last = _last_word(before).lower()
    if last in _GOES_ON or len(last) == len(word) == 1:  # "z. B.", "d. h."
        return True
    if last in _BEFORE_NUMBERS:
        return word[:1].isdigit()
    starts = word.lower() in _STARTERS or not word
    if last in _MAY_END or "." in last:
        return not starts
    return len(last) == 1 and before[-1:].isupper() and not starts


def _is_numbering(before: str, after: str) -> bool:
    line = before.rsplit("\n", 1)[-1]
    if len(line) < _LOOK_BACK and _LIST_NUMBER.match(line):
        return True
    words = before.split()
    if len(words[-1]) > 2 or not words[-1].isdigit():
        return False
    article = len(words) > 1 and words[-2].lower() in _ORDINAL_ARTICLES
    return article or _BEFORE_MONTH.match(after) is not None
