"""The parts an address is made of: what a number is, by the words beside it; and parts that need no number."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import re2

from graftwork.core.privacy.recognizers.address_words import (
    AFTER_CHARS,
    BEFORE_CHARS,
    FOREIGN,
    FOREIGN_BEFORE,
    LETTERS,
    LONE,
    NO_UNITS,
    POSTCODE_LABEL,
    POSTCODE_WORDS,
    signs,
)
from graftwork.core.privacy.runs import Run, Word, before
from graftwork.core.privacy.vocabulary import (
    CALENDAR,
    CAPS,
    COUNTRY,
    ENDING,
    GROUP,
    HONORIFIC,
    NAME,
    ORDINARY,
    PARTICLE,
    PLACE,
    PLAIN,
    STREET,
    UNIT,
    Vocabulary,
)

# The first character is matched before it is looked behind: so `re` can skip to it.
_NUMBER = re.compile(
    r"\d(?<![^\W_].)(?<![-.,/@$€£#:][^\W_].)(?<!\d[.,-].)\d{0,5}(?:[-/]\d{1,5})?[A-Za-z]?(?![^\W_]|[.,:-]\d|[/%°])"
)
_POSTCODE = re.compile(
    r"(?<![^\W_])(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4} ?[A-Z]{2}(?= [A-Z])|\d{5}-\d{4}"
    r"|\d{2}-\d{3}|\d{3} \d{2}(?= [A-Z])|[ADF]PO A[AEP] \d{5}|[adf]po a[aep] \d{5})(?![^\W_])"
)
# Matches wherever a postcode may, in a tenth of the time.
_POSTCODE_HINT = re2.compile(
    r"[A-Z]\d[A-Z\d]? ?\d[A-Z]|\d{4} ?[A-Z]{2} |\d{5}-|\d\d-\d{3}|\d{3} \d\d |(?i)[adf]po a[aep]"
)
_AFTER = re.compile(r"[ \t]+(?:[^\W\d_][^\W_]*(?:['.-][^\W_]*)*[ \t]+){0,3}?(?P<type>[^\W\d_]+)(?![^\W_])\.?")
_STREET_AFTER = re.compile(r"[ \t]+(?:street|st|road|avenue|square)\b", re.IGNORECASE)
_APART = ("the", "and", "for", "in", "of")
_GROUPS_BEFORE = re.compile(r"\d \d{1,6} $")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d$")

WEAK, LIKELY, CERTAIN = 0, 1, 2


@dataclass(slots=True)
class Part:
    """`certain` alone makes an address, `likely` beside another part or after words that lead to one."""

    start: int
    end: int
    strength: int


def parts_of(text: str, runs: list[Run], vocabulary: Vocabulary) -> Iterator[Part]:
    reader = _Reader(text, runs, vocabulary)
    for number in _NUMBER.finditer(text):
        yield reader.numbered(number.start(), number.end())
    if _POSTCODE_HINT.search(text):
        for code in _POSTCODE.finditer(text):
            yield Part(code.start(), code.end(), CERTAIN if code[0][0].isalpha() else WEAK)
    for run in runs:
        if run.use & (STREET | ENDING) and (street := reader.lone_street(run)):
            yield street


class _Reader:
    def __init__(self, text: str, runs: list[Run], vocabulary: Vocabulary) -> None:
        self._text = text
        self._starts = {run.start: run for run in runs}
        self._ends = {run.end: run for run in runs}
        self._vocabulary = vocabulary
        self._addresses = vocabulary.pack.addresses
        self._signs = signs(vocabulary)
        self._boxes = tuple(self._addresses.boxes)

    def numbered(self, start: int, end: int) -> Part:
        """What the number from `start` to `end` is a part of."""
        previous, following = self._run_before(start), self._run_after(end)
        signed = self._is_signed(start, end)
        if signed and (opened := self._box_or_unit(start)) is not None:
            return Part(opened, end, CERTAIN)
        if previous and (first := self._street_before(previous)) is not None:
            return Part(first, end, CERTAIN)
        if signed and (first := self._foreign_before(start)) is not None:
            return Part(first, end, CERTAIN)
        if following and (last := self._street_after(following, end)) is not None:
            return Part(start, last, CERTAIN)
        if signed and (last := self._typed_after(end)) is not None:
            return Part(start, last, CERTAIN)
        if previous or following:
            return self._likely(start, end, previous, following)
        return Part(start, end, WEAK)

    def _is_signed(self, start: int, end: int) -> bool:
        """Does a word near the number say what it is? Most numbers have none, and that is seen at once."""
        near = f"{self._text[max(0, start - BEFORE_CHARS) : start]} {self._text[end : end + AFTER_CHARS]}"
        return not self._signs.isdisjoint(LETTERS.findall(near.lower()))

    def _street_after(self, following: Run, end: int) -> int | None:
        """Where `High Street`, after a number, ends."""
        words = following.words
        for at, word in enumerate(words):
            if word.text in _APART or word.flags & CALENDAR:
                break
            if _is_street(word):
                foreign = word.flags & ENDING or self._vocabulary.base(word.text) in FOREIGN
                if foreign or (at and self._text[end] != ","):
                    return _with_direction(words, at + 1 if at else len(words))
        return None

    def _typed_after(self, end: int) -> int | None:
        """The same by the kind of street alone, in any case: `12 high street`, `26 rue de la Paix`."""
        line = self._text[end : end + AFTER_CHARS].partition("\n")[0]
        match = _AFTER.match(line)
        for count, found in enumerate(LETTERS.finditer(line[: match.end() + 40] if match else ""), 1):
            word = found[0].lower()
            if word in FOREIGN and count <= 2 and len(word) > 1:
                return end + self._foreign_end(line, found.end())
            if word in LONE and count > 1:
                return end + found.end()
            if count > 3 or (len(word) < 4 and self._vocabulary.flags(word) & ORDINARY):
                return None
        return None

    @staticmethod
    def _foreign_end(line: str, after: int) -> int:
        """Where the name of a street ends that began with its kind: at a digit, a comma, the end of the line."""
        match = re.compile(r"[^\d,.;:()?!]*").match(line, after)
        return after if match is None else after + len(match[0].rstrip())

    @staticmethod
    def _street_before(previous: Run) -> int | None:
        """Where `Hochstraße`, before a number, begins."""
        words = previous.words
        for at, word in enumerate(words):
            if _is_street(word) and (word.flags & ENDING or at or (len(words) > 1 and not word.flags & HONORIFIC)):
                skip = 1 if previous.first and words[0].flags & ORDINARY and at and not _is_street(words[0]) else 0
                return words[skip].start
        return None

    def _foreign_before(self, start: int) -> int | None:
        """Where `rue de la Paix`, before a number, begins."""
        line = self._text[max(0, start - BEFORE_CHARS) : start].rpartition("\n")[2]
        at = len(line)
        for word in reversed(line.split()[-5:]):
            at = line.rindex(word, 0, at)
            if word.strip(".,").lower() in FOREIGN_BEFORE and (
                word.lower() != "via" or line[at + 4 : at + 5].isupper()
            ):
                return start - len(line) + self._named_before(line, at)
            if not word[0].isalpha():
                return None
        return None

    @staticmethod
    def _named_before(line: str, at: int) -> int:
        """`Rákóczi út`: the capitalised words before the kind of street belong to it."""
        match = re.search(r"(?:[^\W\d_a-z][^\W\d_]*[ \t]+(?:[^\W\d_]{4,}[ \t]+)?){1,3}$", line[:at])
        return at if match is None or not match[0][0].isupper() else match.start()

    def _box_or_unit(self, start: int) -> int | None:
        """`Apt. 7`, `PO Box 7`: where the words before the number begin."""
        line = self._text[max(0, start - 24) : start].rpartition("\n")[2]
        stripped = line.rstrip(" \t#:№")
        lower = stripped.lower()
        if lower.endswith(POSTCODE_WORDS) and POSTCODE_LABEL.search(line):
            return start
        opening = start - len(line)
        if lower.endswith(self._boxes):
            box = max((box for box in self._boxes if lower.endswith(box)), key=len)
            if not lower[-len(box) - 1 : -len(box)].isalpha():
                return opening + len(stripped) - len(box)
        at = max(lower.rfind(" "), lower.rfind(","), lower.rfind("\t"), lower.rfind(">")) + 1
        word = lower[at:].rstrip(".")
        if word not in self._addresses.units or (word in NO_UNITS and not stripped[at].isupper()):
            return None
        return None if word in ("no", "number") else opening + at

    def _likely(self, start: int, end: int, previous: Run | None, following: Run | None) -> Part:
        """A number beside words no list knows: `Dašická 688`, `214 Pavlou Drandaki`; not the last of `01 23 45`."""
        year = bool(_YEAR.match(self._text[start:end]))
        grouped = bool(_GROUPS_BEFORE.search(self._text, max(0, start - 9), start))
        if previous and _may_be_street(previous.words) and end - start < 6:
            led = self._led(previous.start) or bool(_STREET_AFTER.match(self._text, end))
            return Part(previous.start, end, CERTAIN if led and not year else LIKELY)
        if following and _may_be_street(following.words) and not year and not grouped:
            return Part(start, following.end, CERTAIN if self._led(start) else LIKELY)
        return Part(start, end, WEAK)

    def lone_street(self, run: Run) -> Part | None:
        """A street without a number: `Clarke Avenue`; or after words that lead to an address, `at Hauptstraße`."""
        words = run.words
        streets = [at for at, word in enumerate(words) if _is_street(word)]
        if not streets:
            return None
        names = sum(map(_is_named, words))
        led = self._led(run.start)
        for at in streets:
            word = words[at]
            known = self._vocabulary.base(word.text) in LONE and len(words) > 1
            named = names > _is_named(word)
            if (known and named) or (led and (known or word.flags & ENDING or named)):
                first = 1 if run.first and len(words) > 2 and words[0].flags & ORDINARY and at else 0
                return Part(words[first].start, words[at or len(words) - 1].end, CERTAIN)
        return None

    def _led(self, start: int) -> bool:
        """Do the words before `start` lead to an address?"""
        cues = [cue.strip(":,") for cue in before(self._text, start)]
        return any(" ".join(cues[-length:]) in self._addresses.cues for length in range(1, len(cues) + 1))

    def _run_after(self, end: int) -> Run | None:
        at = end
        while at < len(self._text) and at - end < 3 and self._text[at] in " \t,":
            at += 1
        return self._starts.get(at) if at > end else None

    def _run_before(self, start: int) -> Run | None:
        at = start
        while at > 0 and start - at < 3 and self._text[at - 1] in " \t,.":
            at -= 1
            if at in self._ends:
                return self._ends[at]
        return None


def _is_street(word: Word) -> bool:
    return bool(word.flags & (STREET | ENDING)) and word.text[0].isupper()


def _is_named(word: Word) -> bool:
    return word.text[0].isupper() and (not word.flags & PLAIN or bool(word.flags & (NAME | PLACE)))


def _with_direction(words: list[Word], last: int) -> int:
    """More words of the street: `Way Laidlaw Green`, `Street NW`; not a country, not a flat."""
    while last < len(words) and not words[last].flags & (COUNTRY | UNIT) and words[last].text[0].isupper():
        last += 1
    return words[last - 1].end


def _may_be_street(words: list[Word]) -> bool:
    unlike = CALENDAR | HONORIFIC | GROUP | COUNTRY
    return len(words) < 5 and all(
        not word.flags & unlike and (not word.flags & PLAIN or word.flags & (NAME | PARTICLE)) and not word.flags & CAPS
        for word in words
    )
