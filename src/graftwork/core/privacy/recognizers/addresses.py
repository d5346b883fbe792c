"""Street addresses, put together from their parts: number, street, flat, post box, postcode, town.

Parts with nothing but commas, spaces, towns and one line break between them are one address; the short lines below it
are its town, country and postcode.
"""

import re
from collections.abc import Iterator

from graftwork.core.privacy.finding import Finding
from graftwork.core.privacy.recognizers.address_parts import CERTAIN, LIKELY, Part, parts_of
from graftwork.core.privacy.runs import Run
from graftwork.core.privacy.vocabulary import (
    CODE,
    COUNTRY,
    GROUP,
    ORG_SUFFIX,
    PHRASE,
    PLACE,
    PLACE_HEAD,
    PLAIN,
    Vocabulary,
)

_SEPARATOR = re.compile(r"[ \t]*[.,;]?[ \t]*(?:\r?\n)?[ \t>]*")
_LINE_SEPARATOR = re.compile(r"[ \t]*[,;][ \t]*|[ \t]+(?:[-\u2013][ \t]+)?")
_LOWER_TOWN = re.compile(r"[ \t]*,?[ \t]+([^\W\d_]+)(?![^\W_])")
_LINE_BELOW = re.compile(
    r"[ \t,.]*(?:\r?\n[ \t>]*){1,2},?[ \t]*(?P<town>[^\W\d_](?:[^\W\d_]|[ '.()-]){1,38}?)?"
    r"(?:[ \t]*,[ \t]*(?P<more>[^\W\d_](?:[^\W\d_]|[ '.()-]){1,38}?))?[ \t,]*(?P<code>\d{3,7}(?:-\d{3,4})?)?"
    r"(?=[ \t]*[.,;?]?[ \t]*(?:\r?\n|$)|[ \t]*[.;?)])"
)
_CORNER = re.compile(r"\bcorner of (?=[^\n]{3,80})", re.IGNORECASE)
_AFTER_CORNER = re.compile(r"[ \t]+and[ \t]+")
_REASON = "a street with its number, flat, box or postcode"


def addresses(text: str, runs: list[Run], vocabulary: Vocabulary) -> Iterator[Finding]:
    """Addresses of `text`, and the towns in the lines below them."""
    starts = {run.start: run for run in runs}
    if "orner of " in text:
        yield from _corners(text, starts)
    parts = list(parts_of(text, runs, vocabulary))
    if not any(part.strength for part in parts):
        return
    for start, end in _joined(text, parts, starts):
        last = _with_lower_towns(text, end, vocabulary)
        yield Finding(start, last, "address", "addresses", _REASON, 0.77)
        yield from _lines_below(text, last, starts)


def _corners(text: str, runs: dict[int, Run]) -> Iterator[Finding]:
    for match in _CORNER.finditer(text):
        end = match.end()
        for _ in range(2):
            number = re.compile(r"\d{1,6}[ \t]+").match(text, end)
            run = runs.get(number.end() if number else end)
            if run is None:
                break
            tail = re.compile(r"[ \t]+\d{1,5}\b").match(text, run.end)
            yield Finding(
                end, tail.end() if tail else run.end, "address", "addresses", "the corner of two streets", 0.73
            )
            joint = _AFTER_CORNER.match(text, tail.end() if tail else run.end)
            if joint is None:
                break
            end = joint.end()


def _joined(text: str, parts: list[Part], runs: dict[int, Run]) -> Iterator[tuple[int, int]]:
    """Parts that stand beside one another, with the towns between them; at least one of them is a certain part."""
    parts.sort(key=lambda part: (part.start, -part.end))
    at = 0
    while at < len(parts):
        first = parts[at]
        end, strength, count = first.end, first.strength, 1
        at += 1
        while at < len(parts) and (parts[at].start < end or _beside(text, end, parts[at].start, runs)):
            strength = max(strength, parts[at].strength)
            count += parts[at].start >= end
            end = max(end, parts[at].end)
            at += 1
        if strength == CERTAIN or (strength == LIKELY and (count > 1 or _has_town(text, end, runs))):
            yield first.start, _with_town(text, end, runs)


def _beside(text: str, end: int, start: int, runs: dict[int, Run]) -> bool:
    separator = _SEPARATOR.match(text, end)
    at = separator.end() if separator else end
    if at == start:
        return True
    for _ in range(3):  # Town, region, country.
        run = runs.get(at)
        if run is None or len(run.words) > 5 or not _is_town(run):
            return False
        if run.end > start:
            return any(word.start == start for word in run.words)  # `Leeds LS1 4AP`
        gap = _LINE_SEPARATOR.match(text, run.end)
        at = gap.end() if gap else run.end
        if at == start:
            return True
    return False


def _has_town(text: str, end: int, runs: dict[int, Run]) -> bool:
    gap = re.compile(r"[ \t]*,[ \t]*").match(text, end)
    run = runs.get(gap.end()) if gap else None
    return run is not None and _is_town(run)


def _with_town(text: str, end: int, runs: dict[int, Run]) -> int:
    """Where the address ends with the town, region and country behind it on the same line."""
    for _ in range(4):
        gap = _LINE_SEPARATOR.match(text, end)
        run = runs.get(gap.end()) if gap else None
        if run is None or not gap or not _is_town(run) or ("," not in gap[0] and len(run.words) > 4):
            return end
        end = run.end
    return end


def _with_lower_towns(text: str, end: int, vocabulary: Vocabulary) -> int:
    """`12 high street calgary alberta`: listed towns in lower case behind an address."""
    while match := _LOWER_TOWN.match(text, end):
        if not match[1].islower() or not vocabulary.flags(match[1]) & (PLACE | COUNTRY):
            break
        end = match.end()
    return end


def _is_town(run: Run) -> bool:
    return not any(word.flags & ORG_SUFFIX and not word.flags & CODE for word in run.words) and any(
        word.flags & (PLACE | COUNTRY | CODE | PHRASE | PLACE_HEAD | GROUP) or not word.flags & PLAIN
        for word in run.words
    )


def _lines_below(text: str, end: int, runs: dict[int, Run]) -> Iterator[Finding]:
    """Short lines below an address, up to the one with the postcode: town, region, country."""
    for _ in range(4):
        match = _LINE_BELOW.match(text, end)
        if match is None or match.end() == end or not (match["town"] or match["code"]):
            return
        if match["town"] and not _names_a_town(match, runs):
            return
        for group in ("town", "more"):
            if match[group]:
                yield Finding(
                    match.start(group), match.end(group), "location", "addresses", "a line below an address", 0.73
                )
        if match["code"]:
            yield Finding(match.start("code"), match.end("code"), "address", "addresses", "a postcode below it", 0.73)
            return
        end = match.end()


def _names_a_town(match: re.Match[str], runs: dict[int, Run]) -> bool:
    run = runs.get(match.start("town"))
    if match["code"] and match["town"].replace(" ", "").isalpha() and len(match["town"]) < 30:
        return True
    return run is not None and len(run.words) < 6 and _is_town(run)
