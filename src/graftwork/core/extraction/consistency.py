"""Whether a value says what its words say, and in which form it is kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import jsonschema

from graftwork.core.extraction.codes import CodeList
from graftwork.core.extraction.dates import dates_in, read_date
from graftwork.core.extraction.normalising import join_broken, normalise, numbers_in
from graftwork.core.extraction.numbers import says_number
from graftwork.core.output_shape import Leaf

# Of the words of a value, those that its quote must have: small words may be added, the content may not.
WORDS_SHARE = 0.6
_WORD = re.compile(r"\w+")
_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DATE_DOUBTS = {
    "no such day": "there is no such day in the calendar",
    "two-digit year": "the year has two digits only",
    "day or month first": "day and month may be either way round",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A value as it is kept; where it cannot be, `reason` says why (it may name a code, never words of the text)."""

    value: Any = field(repr=False)
    reason: str = ""


def typed(leaf: Leaf, value: Any, codes: Mapping[str, CodeList]) -> Kept:
    """`value` as the leaf wants it: of its type, one of its choices or codes, a real date, within its rules."""
    kept = _of_type(leaf, value)
    if kept is None:
        return Kept(None, "the model's value is of another type")
    if leaf.choices:
        return _chosen(leaf, kept)
    if leaf.codes:
        return _coded(leaf, kept, codes)
    if isinstance(kept, str) and leaf.format in ("date", "date-time"):
        return _dated(leaf, kept)
    return _within_rules(leaf, kept)


def says(leaf: Leaf, value: Any, words: str) -> str:
    """Why `words` do not say `value`; empty where they do. A choice, a code and a yes or no need only be quoted."""
    if leaf.choices or leaf.codes or isinstance(value, bool):
        return ""
    if isinstance(value, int | float):
        return "" if says_number(words, value) else "its words do not say this number"
    if leaf.format == "date":
        return _says_date(value, words)
    return "" if _says_text(value, words) else "its words say something else"


def _of_type(leaf: Leaf, value: Any) -> Any:
    """`value`, or the number or sign that it spells; `None` where it is nothing of the kind."""
    if isinstance(value, bool):
        return value if "boolean" in leaf.types else None
    if isinstance(value, int | float):
        if "integer" in leaf.types and value == int(value):
            return int(value)
        return value if "number" in leaf.types else None
    if not isinstance(value, str):
        return None
    if "string" in leaf.types:
        return value
    plain = value.strip().lower()
    if "boolean" in leaf.types and plain in ("true", "false"):
        return plain == "true"
    if not {"integer", "number"} & set(leaf.types) or len(plain) > 30 or not _PLAIN_NUMBER.fullmatch(plain):
        return None
    return _of_type(leaf, float(plain) if "." in plain else int(plain))


def _chosen(leaf: Leaf, value: Any) -> Kept:
    wanted = value.strip().casefold() if isinstance(value, str) else value
    for choice in leaf.choices:
        same = choice.casefold() if isinstance(choice, str) else choice
        if type(same) is type(wanted) and same == wanted:
            return Kept(choice)
    return Kept(None, "not one of the values that the schema names")


def _coded(leaf: Leaf, value: Any, codes: Mapping[str, CodeList]) -> Kept:
    known = codes.get(leaf.codes)
    if known is None:
        return Kept(None, f"the code list `{leaf.codes}` is not there")
    if (code := known.find(str(value))) is not None:
        return Kept(code)
    nearest = known.nearest(str(value))
    return Kept(None, f"not in the code list `{leaf.codes}`{f'; the nearest is {nearest}' if nearest else ''}")


def _dated(leaf: Leaf, value: str) -> Kept:
    if leaf.format == "date-time":
        try:
            datetime.fromisoformat(value.strip())
        except ValueError:
            return Kept(None, "not a date with a time")
        return _within_rules(leaf, value.strip())
    read = read_date(value)
    if read is None:
        return Kept(None, "not a calendar date with day, month and year")
    if read.day is None:
        return Kept(None, _DATE_DOUBTS[read.doubt])
    return _within_rules(leaf, read.day.isoformat())


def _within_rules(leaf: Leaf, value: Any) -> Kept:
    rules = {name: rule for name, rule in leaf.rules.items() if name != "format"}
    try:
        broken = next(iter(jsonschema.Draft202012Validator(rules).iter_errors(value)), None)
    except (re.error, RecursionError, ArithmeticError):
        return Kept(None, "the schema's rule cannot be checked")
    return Kept(value) if broken is None else Kept(None, f"breaks the rule `{broken.validator}` of the schema")


def _says_date(value: str, words: str) -> str:
    doubts = []
    for read in dates_in(words):
        if read.day is not None and read.day.isoformat() == value:
            return ""
        if read.doubt == "no such day" or any(day.isoformat() == value for day in read.days):
            doubts.append(_DATE_DOUBTS[read.doubt])
    return doubts[0] if doubts else "its words do not say this date"


def _says_text(value: str, words: str) -> bool:
    said, there = normalise(value).text, {normalise(words).text, normalise(join_broken(words)).text}
    if any(said in text for text in there):
        return True
    wanted = _WORD.findall(said)
    found = {word for text in there for word in _WORD.findall(text)}
    day = read_date(value)
    if day is not None and any(day.day and day.day == other.day for other in dates_in(words)):
        return True
    if not wanted or not set(numbers_in(said)) <= {number for text in there for number in numbers_in(text)}:
        return False
    matched = sum(any(_same_stem(word, other) for other in found) for word in wanted)
    return matched / len(wanted) >= WORDS_SHARE


def _same_stem(one: str, other: str) -> bool:
    """Equal, or one with an ending more: "fractures" and "fracture", but not "hypotension" and "hypertension"."""
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= 4 and len(long) - len(short) <= 3 and long.startswith(short))
