"""Forms: a label and its value on one line, on two, in a table, or a label right before a number; in four languages.

A label proves what a word alone cannot: "Calle" after "Apellidos:" is a person. Labels are looked up word by word in
one table, so their number costs nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graftwork.core.privacy.finding import Finding
from graftwork.core.privacy.languages.form_labels import MAX_WORDS, Label, find_label, may_end_label, words_of
from graftwork.core.privacy.recognizers.form_tables import cells_of_tables
from graftwork.core.privacy.recognizers.form_values import MAX_VALUE_CHARS, SHAPES
from graftwork.core.privacy.text import Text

SCORE, ROLE_SCORE, BARE_SCORE = 0.85, 0.75, 0.7

_LOOK_BACK = 64
# A sign that may part a label from its value. After a digit it is a time, before a slash an address on the web.
_SIGN = re.compile(r"[:=](?![:=/\d]{2}|//)")
# What may stand between a label at the beginning of a line and its value.
_GAP = re.compile(r"\t+| {3,}| *\| *| [-\u2013] ")
_MAX_LABEL_CHARS = 44
_BULLETS = " \t\r>*•·|-"
# A number of at least four signs. Patterns begin with what is rare: Python's engine then leaps from one to the next.
_NUMBER = re.compile(r"[0-9](?:[ ./-]?[0-9A-Z]){3,}")
_LEADING_LETTERS = re.compile(r"[A-Z]{1,4}[-/]?$")
_LAST_WORD = re.compile(r"([^\W\d_]+)[\s.#º°(-]{1,4}$")  # What a colon parts is read as a field.
_BARE = frozenset(("phone", "national_id", "passport", "licence", "health_id", "account", "id", "birth", "bank"))
_CERTAIN_DIGITS = 5
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "„": "“", "«": "»"}
_OPENING = " \t*_`>"
_STARTS_PIECE = frozenset("\n\r.;,|\t*•·>([{\"'-")


@dataclass(frozen=True, slots=True)
class _Field:
    """A label, and where its value begins."""

    label: Label
    value: int


class Forms:
    """Reads labelled values. Stateless, thread-safe."""

    name = "forms"

    def find(self, text: Text) -> Iterable[Finding]:
        normal = text.normal
        fields = sorted(_fields(normal), key=lambda field: field.value)
        starts = [field.label.start for field in fields]
        for index, field in enumerate(fields):
            yield from _value(normal, field, _bound(normal, field, starts[index + 1 : index + 4]))
        for announces, start, end in cells_of_tables(normal):
            yield from _shaped(normal, announces, start, end, SCORE, "stands in a column whose head says so")
        yield from _bare_numbers(normal)


def _fields(text: str) -> Iterator[_Field]:
    previous = 0
    for sign in _SIGN.finditer(text):
        if text[max(0, sign.start() - 1)].isdigit():
            continue
        begin = max(previous, sign.start() - _LOOK_BACK)
        begin = max(begin, text.rfind("\n", begin, sign.start()) + 1)
        end = _without_brackets(text, begin, sign.start())
        label = find_label(words_of(text, begin, end)) if end > begin else None
        if label is not None and not text[label.end : end].strip("\"'`*_ .)\t/sS"):
            if label.announces != "role" or _begins_piece(text, label.start):
                yield _Field(label, sign.end())
            previous = sign.end()
    yield from _lines(text)


def _lines(text: str) -> Iterator[_Field]:
    """Labels that begin a line, with no sign after them but a gap, a bar, a dash or the end of the line."""
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        gap = _GAP.search(text, start + 2, min(end, start + _MAX_LABEL_CHARS))
        last = gap.start() if gap else end
        if 2 <= last - start <= _MAX_LABEL_CHARS and text.find(":", start, last) < 0:
            while start < last and text[start] in _BULLETS:
                start += 1
            label = find_label(words_of(text, start, last))
            # A role alone on a line may be a heading, but what follows it must be written as a name.
            if label is not None and label.whole and (label.announces != "role" or gap is None):
                yield _Field(label, gap.end() if gap else end)
        start = end + 1


def _without_brackets(text: str, begin: int, end: int) -> int:
    """Where the label ends, a remark in brackets after it left out: "Name (in capitals):"."""
    stripped = text[begin:end].rstrip("\"'`*_ \t")
    if stripped.endswith(")") and (opening := stripped.rfind("(")) > 0:
        return begin + opening
    return begin + len(stripped)


def _begins_piece(text: str, start: int) -> bool:
    before = text[max(0, start - 4) : start].rstrip(" ")
    return (
        start == 0
        or not before
        or before[-1] in _STARTS_PIECE
        or before[-1].isdigit()
        or text[start - 2 : start] == "  "
    )


def _bound(text: str, field: _Field, next_labels: list[int]) -> int:
    """Where the value ends at the latest: its line, the next label, a bar."""
    start = field.value
    while start < len(text) and text[start] in " \t\r":
        start += 1
    if start < len(text) and text[start] == "\n":
        start += 1
    line_end = text.find("\n", start, start + MAX_VALUE_CHARS)
    end = line_end if line_end >= 0 else min(len(text), start + MAX_VALUE_CHARS)
    for label in next_labels:
        if field.value <= label < end:
            end = label
    for sign in ("|", "\t"):
        if (bar := text.find(sign, start + 1, end)) >= 0:
            end = bar
    return end


def _value(text: str, field: _Field, end: int) -> Iterator[Finding]:
    start = field.value
    while start < end and (text[start] in _OPENING or text[start].isspace()):
        start += 1
    if start < end and (closing := _QUOTES.get(text[start])):
        start += 1
        if (quote := text.find(closing, start, end)) >= 0:
            end = quote
    announces = field.label.announces
    yield from _shaped(
        text, announces, start, end, ROLE_SCORE if announces == "role" else SCORE, "stands after a label that says so"
    )


def _shaped(text: str, announces: str, start: int, end: int, score: float, reason: str) -> Iterator[Finding]:
    if announces not in SHAPES or start >= end:
        return
    kind, shape = SHAPES[announces]
    for first, last in shape(text[start:end]):
        yield Finding(start + first, start + last, kind, Forms.name, f"{reason}: {announces}", score)


def _bare_numbers(text: str) -> Iterator[Finding]:
    """Numbers right after a label, with no sign between: "NHC 7864592", "Kundennummer 4711-22"."""
    for match in _NUMBER.finditer(text):
        begin = max(0, match.start() - _LOOK_BACK)
        before = text[begin : match.start()]
        if lead := _LEADING_LETTERS.search(before[-5:]):
            before = before[: len(before) - len(lead[0])]
        word = _LAST_WORD.search(before[-24:])
        if word is None or not may_end_label(word[1]):
            continue
        words = words_of(before, before.rfind("\n") + 1)
        label = find_label(words[-MAX_WORDS:])
        if label is None or label.announces not in _BARE:
            continue
        if sum(map(str.isdigit, match[0])) >= _CERTAIN_DIGITS or "no" in (word.plain for word in words[-3:]):
            start = begin + len(before)
            end = text.find("\n", start, start + MAX_VALUE_CHARS)
            end = end if end >= 0 else min(len(text), start + MAX_VALUE_CHARS)
            yield from _shaped(text, label.announces, start, end, BARE_SCORE, "follows a label that says so")
