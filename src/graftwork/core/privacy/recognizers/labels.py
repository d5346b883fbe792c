"""How labelled values are written: `passport_number: "X12"`, `passport number is X12`, `<passport>X12</passport>`."""

import re
from collections.abc import Iterable

# A noun that makes a label of a word: "passport number", "patient_id", "Kundennummer" needs none.
_NOUN = (
    r"(?:[ _-]?(?:numbers?|num|nummer|num[eé]ros?|n[uú]mero|nr|nos?|ids?|identifiers?"
    r"|identification|code|#|ref|reference"
    r"|n[°º]|details|info|card|de|del|du|der)\.?)"
)
# What stands between a label and its value: closing marks, a sign or a verb, one line break, opening marks. At least
# one of them, or the label would be the beginning of a longer word.
_LINK = (
    r"""(?:[ \t"'`\])*>:=#|_(<\[-]|\r?\n)["'`\])*>]{0,4}[ \t]*(?:\([^()\n]{1,20}\)[ \t]*)?"""
    r"(?:(?:is|was|are|were|be|ist|war|lautet|est|es|era|as|of|=>|->|:=|[:=|#-])[ \t]*){0,2}"
    r"""(?:\r?\n[ \t]*)?["'`(\[<*]{0,4}"""
)
_WORDS = r"(?:[ \t]+[a-z']{1,14}){0,4}?[ \t:]*[ \t][\"'`(\[<]{0,2}"

# A value that has a digit, with the separators people put in: AB-1234, 28 35478635 07, US-PP-987654321, 123.456.789.
TIGHT = (
    r"(?P<value>(?:(?-i:[A-Z]{1,4}) )?(?:[a-z*]{1,14}[-_/.:]?){0,3}[*#]{0,8}\d[\w*]*(?:[-/._:][\w*]+){0,6}"
    r"(?: (?:(?-i:[A-Z]) )?\d[\d-]+){0,7})"
)

_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_DATE = re.compile(
    r"[\dXx]{1,4}([-/.])[\dXx]{1,2}\1[\dXx]{1,4}|(?:0?[1-9]|1[0-2])[-/.](?:19|20)\d\d|\d{1,2}:\d\d(?::\d\d)?"
)
_AMOUNT = re.compile(r"\d{1,3}(?:[.,]\d{3})*[.,]\d\d?")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|am|pm|h|min|kg|mg|ml|cm|mm|km|%|years?)", re.IGNORECASE)


def labelled(labels: Iterable[str], value: str = TIGHT, *, words: bool = False) -> str:
    """RE2 syntax for one of `labels` (RE2 syntax too) followed by `value`, which has a group `value`.

    With `words`, up to four words may stand between them: "passport number for the trip X123".
    """
    between = f"(?:{_LINK}|{_WORDS})" if words else _LINK
    return rf"(?i)(?:\b|_)(?:{'|'.join(labels)}){_NOUN}{{0,3}}\.?{between}{value}"


def bounded(regex: str) -> str:
    """`regex` where it stands alone: between edges of words or underscores, which RE2 takes for letters."""
    flags = "(?i)" if regex.startswith("(?i)") else ""
    core = regex.removeprefix(flags).removeprefix(r"\b").removesuffix(r"\b")
    return rf"{flags}(?:\b|_)(?P<value>{core})(?:\b|_)"


def hint(labels: Iterable[str]) -> str:
    """What must occur for `labelled` to match."""
    return rf"(?i)(?:\b|_)(?:{'|'.join(labels)})"


def numbered(value: str) -> bool:
    """A value that may stand for one thing: four letters or digits, and no year, date, amount or measure."""
    return sum(map(str.isalnum, value)) >= 4 and not is_measure(value)  # shorter ones name a page


def long_numbered(value: str) -> bool:
    """What passes as a number where other words stand between it and its label."""
    return sum(map(str.isalnum, value)) >= 6 and not is_measure(value)  # see `numbered`


def is_measure(value: str) -> bool:
    return any(form.fullmatch(value) for form in (_YEAR, _DATE, _AMOUNT, _ORDINAL))


def digits(value: str) -> str:
    return "".join(filter(str.isdigit, value))


def compact(value: str) -> str:
    """Letters and digits of `value`, in upper case."""
    return "".join(filter(str.isalnum, value)).upper()
