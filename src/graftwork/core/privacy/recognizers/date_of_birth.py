"""Dates of birth: a date beside a word for birth, in English, German, French and Spanish."""

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.date import NAMED, NUMERIC

_WORDS = (
    r"(?:d\.?o\.?b\.?|date[ _-]of[ _-]birth|birth[ _-]?da(?:te|y)|b-?day|born|(?:was )?born on"
    r"|birth|geb(?:oren|\.)?|geburts(?:tag|datum)"
    r"|n[eé]e?s?|date de naissance|naissance|naci(?:do|da|[oó]|miento)|fecha[ _-]de[ _-]nacimiento"
    r"|f\. ?nac\.?|nat[oa]|geboortedatum"
    r"|geboren)"
)
_HINT = r"(?i)(?:d\.?o\.?b|birth|born|b-?day|\bgeb|\bn[eé]e?s?\b|naissance|naci|f\. ?nac|\bnat[oa]\b)"
_BETWEEN = (
    r"""["'*)\]>]{0,3}[ \t]*(?:(?:is|was|were|on|in|the|am|den|le|la|el|d[ií]a|a[nñ]o"""
    r"""|en|del?|ist|war|est|era|es|=>|[:=|,(*-])[ \t]*){0,4}"""
    r"""\n?[ \t]*["'(\[]{0,2}"""
)

RECOGNIZER = PatternRecognizer(
    "date_of_birth",
    (
        Pattern(
            "date_of_birth",
            rf"(?i)(?:\b|_){_WORDS}{_BETWEEN}(?P<value>{NUMERIC}|{NAMED})\b",
            "a date beside a word for birth",
            score=0.9,
            hint=_HINT,
        ),
        Pattern(
            "date_of_birth",
            (
                rf"(?i)(?:\b|_){_WORDS}(?:[ \t]+[\pL.,'-]{{1,16}}){{1,5}}?[ \t]+(?:on|am|le|el)[ \t]+"
                rf"(?:the )?(?P<value>{NUMERIC}|{NAMED})\b"
            ),
            "a date after a word for birth and a place",
            score=0.85,
            hint=_HINT,
        ),
        Pattern(
            "date_of_birth",
            (
                rf"(?i)(?:\b|_){_WORDS}{_BETWEEN}(?P<value>(?:19|20)\d{{6}}|(?:19|20)\d{{2}}"
                rf"|\d{{1,2}} \d{{1,2}} (?:19|20)\d{{2}}|\d{{1,3}}[-/.]{{1,2}}\d{{1,3}}[-/.]{{1,2}}\d{{2,4}})\b"
            ),
            "a year beside a word for birth",
            score=0.85,
            hint=_HINT,
        ),
        Pattern(
            "date_of_birth",
            rf"(?:^|[\s(])\*[ ]?(?P<value>{NUMERIC})\b",
            "a date behind the sign for birth",
            score=0.7,
            hint=r"\*[ ]?\d",
        ),
    ),
)
