"""Dates, in figures and in the words of English, German, French and Spanish."""

import re

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer

MONTHS = (
    r"(?:jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|f[eé]v(?:rier)?|mar(?:ch|s|zo)?"
    r"|m[aä]rz|apr(?:il)?|avr(?:il)?|may|mai|mayo|june?|juni"
    r"|juin|july?|juli|juil(?:let)?|aug(?:ust)?|ao[uû]t|sept?(?:ember|embre|iembre)?"
    r"|oct(?:ober|obre|ubre)?|okt(?:ober)?"
    r"|nov(?:ember|embre|iembre)?|dec(?:ember)?|d[eé]c(?:embre)?|dez(?:ember)?|enero|febrero|abril|junio|julio|agosto"
    r"|setiembre|diciembre|j[aä]nner)"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_MONTH = r"(?:1[0-2]|0?[1-9])"
_YEAR = r"(?:1[89]|20)\d{2}"

NUMERIC = (
    rf"(?:{_YEAR}[-/.]{_MONTH}[-/.]{_DAY}|{_DAY}[-/.]{_MONTH}[-/.](?:{_YEAR}|\d{{2}})"
    rf"|{_MONTH}[-/.]{_DAY}[-/.](?:{_YEAR}|\d{{2}})"
    rf"|{_DAY}\. ?{_MONTH}\. ?{_YEAR})"
)
NAMED = (
    rf"(?:(?:{_DAY}(?:st|nd|rd|th|er|\.|º)?[ -](?:of |de )?{MONTHS}\.?(?:,? ?(?:de |del )?[ -]?(?:{_YEAR}|'\d{{2}}))?)"
    rf"|{MONTHS}\.? {_DAY}(?:st|nd|rd|th)?(?:,? {_YEAR})?\b|{MONTHS}\.?,? (?:de "
    rf"|del )?{_YEAR}|{MONTHS}[-/](?:{_YEAR}|\d{{2}})\b)"
)
_NAMED_HINT = rf"(?i){MONTHS}"
_VERSION = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2}")


def _is_date(value: str) -> bool:
    """`2.10.11` is a version as often as a date; only a year of four figures tells."""
    return _VERSION.fullmatch(value) is None


RECOGNIZER = PatternRecognizer(
    "date",
    (
        Pattern(
            "date",
            (
                rf"(?:^|[^\w./-])(?P<value>{NUMERIC}(?:[T ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d{{1,6}})?)?"
                rf"(?:Z|[+-]\d{{2}}:?\d{{2}})?)?)\b"
            ),
            "a date in figures",
            _is_date,
            0.6,
            hint=r"\d[-/.] ?\d{1,2}[-/.] ?\d",
        ),
        Pattern("date", rf"(?i)\b{NAMED}\b", "a date with the name of its month", score=0.6, hint=_NAMED_HINT),
        Pattern("date", r"\b(?:1[5-9]|20)\d{2}\b", "a year", score=0.4),
    ),
)
