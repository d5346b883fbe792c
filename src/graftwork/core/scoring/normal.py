"""When two values say the same: letter case, white space, the form of a number and of a date do not count."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
# Order of the groups, then the pattern. 03/04/2021 is read both ways: countries differ, and a scorer cannot know.
_DATES = tuple(
    (order, re.compile(rf"(?<![\w.,/-]){pattern}(?![\w/-]|[.,]\d)"))
    for order, pattern in (
        ("ymd", r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?: ?t00:00(?::00)? ?z?)?"),
        ("dmy", r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})"),
        ("mdy", r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})"),
        ("dmy", rf"(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH},? (\d{{4}})"),
        ("mdy", rf"{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})"),
    )
)
_MONTH_OF_YEAR = (("my", re.compile(rf"{_MONTH},? (\d{{4}})")), ("ym", re.compile(r"(\d{4})-(\d{2})")))

_LOOKS = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})
_THOUSANDS = re.compile(r"(?<![\w.,])(\d{1,3}(?:,\d{3})+)(?=(?:\.\d+)?(?!\w|[.,]\d))")
_ZEROS = re.compile(r"(?<![\d.])(\d+)\.(\d*?)0+(?!\d|\.\d)")
_UNIT_BEHIND = re.compile(r"(?<=\d)\s*(?=[%\u20ac$\u00a3\u00b0]|(?!(?:st|nd|rd|th)\b)[a-z])")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_TRUE, _FALSE = frozenset(("true", "yes")), frozenset(("false", "no"))


@lru_cache(maxsize=4_096)
def canonical(text: str) -> str:
    """`text` with one form of letters, white space and numbers: `1,200.50 EUR` becomes `1200.5 eur`."""
    text = unicodedata.normalize("NFKC", text).translate(_LOOKS).casefold()
    text = _THOUSANDS.sub(lambda found: found[1].replace(",", ""), text)
    text = _ZEROS.sub(lambda found: f"{found[1]}.{found[2]}".rstrip("."), text)
    return " ".join(_UNIT_BEHIND.sub(" ", text).split())


def forms(value: Any) -> frozenset[str]:
    """The ways in which a leaf of a JSON can be read. Two that share one say the same."""
    if isinstance(value, bool):
        return frozenset(("=yes" if value else "=no",))
    text = canonical(_number_text(value) if isinstance(value, int | float) else str(value))
    bare = text.strip(" .,;:!?\"'()[]")
    found = {f"'{bare}", *(f"@{day}" for day in dates_in(bare, whole=True))}
    if _NUMBER.fullmatch(bare):
        found.add(f"#{float(bare):g}" if len(bare) < 16 else f"#{bare}")
    if bare in _TRUE | _FALSE:
        found.add("=yes" if bare in _TRUE else "=no")
    return frozenset(found)


def same(one: Any, other: Any) -> bool:
    return not forms(one).isdisjoint(forms(other))


def holds(text: str, words: str) -> bool:
    """Whether `words` occur in `text`, as whole words and whole numbers."""
    wanted = canonical(words)
    return re.search(rf"(?<!\w)(?<!\d[.,]){re.escape(wanted)}(?!\w|[.,]\d)", canonical(text)) is not None


def holds_value(text: str, value: Any) -> bool:
    """Whether `text` says `value`: its words, or the same date or number in another form."""
    if isinstance(value, bool):
        return False  # "no fever" says false, and no comparison of words can tell
    if holds(text, _number_text(value) if isinstance(value, int | float) else str(value)):
        return True
    return not dates_in(canonical(str(value)), whole=True).isdisjoint(dates_in(canonical(text)))


def dates_in(text: str, *, whole: bool = False) -> frozenset[str]:
    """The dates in a canonical text, as ISO 8601; with `whole`, where it is one date (or month) and nothing else."""
    found: set[str] = set()
    for order, pattern in _DATES:
        for match in _matches(pattern, text, whole):
            if day := _day(dict(zip(order, match.groups(), strict=True))):
                found.add(day)
    for order, pattern in _MONTH_OF_YEAR if whole else ():
        for match in _matches(pattern, text, whole):
            parts = dict(zip(order, match.groups(), strict=True))
            found.add(f"{parts['y']}-{_month_number(parts['m']):02}")
    return frozenset(found)


def _matches(pattern: re.Pattern[str], text: str, whole: bool) -> Iterable[re.Match[str]]:
    if not whole:
        return pattern.finditer(text)
    complete = pattern.fullmatch(text)
    return [complete] if complete else []


def _day(parts: dict[str, str]) -> str | None:
    try:
        return date(int(parts["y"]), _month_number(parts["m"]), int(parts["d"])).isoformat()
    except ValueError:
        return None


def _month_number(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.index(text[:3]) + 1


def _number_text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
