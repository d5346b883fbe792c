"""Street addresses, put together from their parts: number, street, flat, post box, postcode, town.

A part is recognised by a number beside a run of capitalised words (`12 High Street`, `Hochstraße 12`), by what stands
before a number (`Apt. 7`, `PO Box 7`) or by its own form (postcodes). Parts with nothing but commas, spaces and one line
break between them are one address.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graftwork.core.privacy.finding import Finding
from graftwork.core.privacy.runs import Run, Word, before
from graftwork.core.privacy.vocabulary import (
    CODE,
    COUNTRY,
    ENDING,
    GROUP,
    NAME,
    ORDINARY,
    ORG_SUFFIX,
    PHRASE,
    PLACE,
    PLACE_HEAD,
    PLAIN,
    STREET,
    UNIT,
    Vocabulary,
)

_NUMBER = re.compile(
    r"(?<![^\W_])(?<![-.,/@$€£#:][^\W_])(?<!\d[.,-])\d{1,6}(?:[-/]\d{1,5})?[A-Za-z]?(?![^\W_]|[.,:-]\d|[/%°])"
)
_POSTCODE = re.compile(
    r"(?<![^\W_])(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4} ?[A-Z]{2}(?= [A-Z])|\d{5}-\d{4}|\d{2}-\d{3}|\d{3} \d{2}(?= [A-Z]))(?![^\W_])"
)
_SEPARATOR = re.compile(r"[ \t]*[,;]?[ \t]*(?:\r?\n)?[ \t>]*")
_LINE_SEPARATOR = re.compile(r"(?:[ \t]*[,;][ \t]*|[ \t]+(?:[-–][ \t]+)?)")
_LOWER_STREET = re.compile(r"[ \t]+((?:[^\W\d_]+[ \t]+){1,3}?)([^\W\d_]+)\.?(?![^\W_])")
_UNIT_TAIL = re.compile(r"([^\W\d_]+)\.?[ \t]*[#№]?$|[#№]$")
_LONE_TYPES = frozenset(
    ["street", "avenue", "road", "lane", "boulevard", "drive", "ave", "rd", "blvd", "highway", "parkway", "terrace", "crescent", "strasse", "straße", "rue", "calle", "avenida", "ulica", "avda", "via", "viale"]
)
_NO_STREETS = frozenset(
    ["age", "aged", "section", "article", "no", "rule", "chapter", "page", "room", "version", "level", "line", "law", "act", "paragraph", "part", "volume", "figure", "table", "number", "step", "issue", "year", "item", "case", "point", "days", "day"]
)


@dataclass(slots=True)
class Part:
    start: int
    end: int
    strong: bool


def addresses(text: str, runs: list[Run], vocabulary: Vocabulary) -> Iterator[Finding]:
    """Addresses of `text`, and the towns in the lines below them."""
    parts = list(_parts(text, runs, vocabulary))
    if not any(part.strong for part in parts):
        return
    block_runs = {run.start: run for run in runs}
    for start, end in _joined(text, parts, block_runs):
        yield Finding(start, end, "address", "addresses", "a street with its number, flat, box or postcode", 0.74)
        yield from _towns_below(text, end, block_runs)


def _parts(text: str, runs: list[Run], vocabulary: Vocabulary) -> Iterator[Part]:
    starts = {run.start: run for run in runs}
    ends = {run.end: run for run in runs}
    for number in _NUMBER.finditer(text):
        yield _numbered(text, number.start(), number.end(), starts, ends, vocabulary)
    for code in _POSTCODE.finditer(text):
        yield Part(code.start(), code.end(), strong=code[0][0].isalpha())
    for run in runs:
        if street := _lone_street(text, run, vocabulary):
            yield street


def _numbered(
    text: str, start: int, end: int, starts: dict[int, Run], ends: dict[int, Run], vocabulary: Vocabulary
) -> Part:
    following = _next_run(text, end, starts)
    if following and (last := _street_end(following.words, vocabulary)):
        return Part(start, last, strong=True)
    previous = _run_before(text, start, ends)
    if previous and (first := _street_start(previous, vocabulary)) is not None:
        return Part(first, end, strong=True)
    if (opened := _before_number(text, start, vocabulary)) is not None:
        return Part(opened, end, strong=True)
    if (last := _lower_street(text, end, vocabulary)) is not None:
        return Part(start, last, strong=True)
    return Part(start, end, strong=False)


def _next_run(text: str, end: int, starts: dict[int, Run]) -> Run | None:
    at = end
    while at < len(text) and at - end < 3 and text[at] in " \t,":
        at += 1
    return starts.get(at) if at > end else None


def _run_before(text: str, start: int, ends: dict[int, Run]) -> Run | None:
    at = start
    while at > 0 and start - at < 3 and text[at - 1] in " \t,.":
        at -= 1
        if at in ends and at < start:
            return ends[at]
    return None


def _is_street(word: Word) -> bool:
    return bool(word.flags & (STREET | ENDING)) and word.text[0].isupper()


def _street_end(words: list[Word], vocabulary: Vocabulary) -> int | None:
    """Where `High Street`, after a number, ends in the text."""
    for at, word in enumerate(words):
        if _is_street(word) and (at or len(words) > 1 or word.flags & ENDING):
            return _with_direction(words, len(words) if at == 0 else at + 1, vocabulary)
    return None


def _with_direction(words: list[Word], last: int, vocabulary: Vocabulary) -> int:
    """More words of the street: `Way Laidlaw Green`, `Street NW`; not a country or the code of a state."""
    while last < len(words) and not words[last].flags & (COUNTRY | UNIT) and words[last].text[0].isupper():
        last += 1
    return words[last - 1].end


def _street_start(run: Run, vocabulary: Vocabulary) -> int | None:
    """Where `Hochstraße` or `Rue de la Paix`, before a number, begins in the text."""
    words = run.words
    for at, word in enumerate(words):
        if not _is_street(word):
            continue
        if word.flags & ENDING or (len(words) > 1 and vocabulary.base(word.text) not in _NO_STREETS):
            first = 0 if not (run.first and words[0].flags & ORDINARY and at > 0) else min(1, at)
            return words[first].start
    return None


def _before_number(text: str, start: int, vocabulary: Vocabulary) -> int | None:
    """`Apt. 7`, `PO Box 7`, `# 7`: where the words before the number begin."""
    window = text[max(0, start - 24) : start]
    tail = window.rpartition("\n")[2].rstrip(" \t#:№")
    lower = tail.lower()
    for box in vocabulary.pack.addresses.boxes:
        if lower.endswith(box) and not lower[-len(box) - 1 : -len(box)].isalpha():
            return start - len(window.rpartition("\n")[2]) + len(tail) - len(box)
    match = _UNIT_TAIL.search(tail)
    if match and match[1] and match[1].lower() in vocabulary.pack.addresses.units:
        word = match[1].lower()
        if word in _NO_STREETS or (
            word in ("level", "floor", "building", "block", "lot", "door", "unit", "number", "fl")
            and tail[match.start(1)].islower()
        ):
            return None
        return start - len(window.rpartition("\n")[2]) + match.start(1)
    return None


def _lower_street(text: str, end: int, vocabulary: Vocabulary) -> int | None:
    """`12 high street`: only the plain kinds of street, for lower case is weak."""
    match = _LOWER_STREET.match(text, end)
    if not match:
        return None
    for word in re.finditer(r"[^\W\d_]+", text[end : end + 40].partition("\n")[0]):
        if word[0].lower() in _LONE_TYPES and word.start() > 2:
            return end + word.end()
        if word[0].lower() in ("the", "a", "in", "on", "of", "and", "at", "to", "by", "for", "miles", "days"):
            return None
    return None


def _lone_street(text: str, run: Run, vocabulary: Vocabulary) -> Part | None:
    words = run.words
    if len(words) < 2:
        return (
            Part(run.start, run.end, strong=True)
            if words[0].flags & ENDING and _address_cue(text, run, vocabulary)
            else None
        )
    for at, word in enumerate(words):
        if _is_street(word) and vocabulary.base(word.text) in _LONE_TYPES and (at or len(words) > 1):
            others = [other for other in words if other is not word and other.text[0].isupper()]
            first = 1 if run.first and len(words) > 2 and words[0].flags & ORDINARY and at else 0
            if any(not other.flags & PLAIN or other.flags & (NAME | PLACE) for other in others) or _address_cue(
                text, run, vocabulary
            ):
                return Part(words[first].start, words[max(at, len(words) - 1 if at == 0 else at)].end, strong=True)
    return None


def _address_cue(text: str, run: Run, vocabulary: Vocabulary) -> bool:
    cues = before(text, run.start)
    return any(" ".join(cues[-length:]) in vocabulary.pack.addresses.cues for length in range(1, len(cues) + 1))


def _joined(text: str, parts: list[Part], runs: dict[int, Run]) -> Iterator[tuple[int, int]]:
    """Parts that stand beside one another, with the towns between them; at least one of them is a certain part."""
    parts.sort(key=lambda part: (part.start, -part.end))
    at = 0
    while at < len(parts):
        start, end, strong = parts[at].start, parts[at].end, parts[at].strong
        at += 1
        while at < len(parts):
            if parts[at].start > end and not _beside(text, end, parts[at].start, runs):
                break
            strong = strong or parts[at].strong
            end = max(end, parts[at].end)
            at += 1
        if strong:
            yield start, _with_town(text, end, runs)


def _beside(text: str, end: int, start: int, runs: dict[int, Run]) -> bool:
    separator = _SEPARATOR.match(text, end)
    at = separator.end() if separator else end
    if at == start:
        return True
    for _ in range(3):  # Town, region, country.
        run = runs.get(at)
        if run is None or len(run.words) > 5 or run.end > start or not _is_town(run):
            return False
        gap = _LINE_SEPARATOR.match(text, run.end)
        at = gap.end() if gap else run.end
        if at == start:
            return True
    return False


def _with_town(text: str, end: int, runs: dict[int, Run]) -> int:
    """Where the address ends with the town, region and country behind it on the same line."""
    for _ in range(4):
        gap = _LINE_SEPARATOR.match(text, end)
        run = runs.get(gap.end()) if gap else None
        if run is None or not gap or not _is_town(run) or ("," not in gap[0] and len(run.words) > 4):
            return end
        end = run.end
    return end


def _is_town(run: Run) -> bool:
    return not any(word.flags & ORG_SUFFIX and not word.flags & CODE for word in run.words) and any(
        word.flags & (PLACE | COUNTRY | CODE | PHRASE | PLACE_HEAD | GROUP) or not word.flags & PLAIN
        for word in run.words
    )


def _towns_below(text: str, end: int, runs: dict[int, Run]) -> Iterator[Finding]:
    """Short lines below an address, until one that is not only a name: town, country."""
    for _ in range(3):
        gap = re.compile(r"[ \t,]*(?:\r?\n[ \t>]*){1,2}").match(text, end)
        run = runs.get(gap.end()) if gap else None
        if run is None or len(run.words) > 5 or not _is_town(run):
            return
        rest = text[run.end : run.end + 1]
        if rest and rest not in "\r\n ,":
            return
        yield Finding(run.start, run.end, "location", "addresses", "a line below an address", 0.7)
        end = run.end
