"""Telephone numbers: candidates by their look, proved by phonenumbers (of libphonenumber), or named by a label."""

import re
from collections.abc import Iterator

import phonenumbers

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.labels import digits, hint

_EXTENSION = r"(?:[ ,;]{0,2}(?:x|ext\.?|extension|#|durchwahl|poste)[ .:]{0,2}\d{1,6})?"
_GAP = r"(?:[ \t.\-/]{0,2}| [/\x{2013}-] )"
_LABELS = (
    r"phone|telephone|tele?fon(?:nummer|o)?|t[eé]l[eé]phone|t[eé]l(?:[eé]f)?|telf"
    r"|tfno|tlf|tlfno|telefoon(?:nummer)?|tel"
    r"|mobile|mobil(?:nummer)?|m[oó]vil|portable|cell(?:ulare|ular)?|handy(?:nummer)?|gsm|fax|landline|hotline|pager"
    r"|whatsapp|signal|sms|text|call|ring|dial|reach|desk|contact(?: number)?|rufnummer"
    r"|appel(?:er|ez)|llam(?:ar|e)|contacto"
)
_AFTER = r"(?:mobile|office|home|cell|fax|work|desk|landline|phone|tel|hotline|direct|mob)\b"
# Who writes a national number begins it with a zero, except in these plans.
_ZERO_REGIONS = ("GB", "DE", "FR", "IT", "NL", "ES")
_DATE = re.compile(r"\d{1,4}([-./])\d{1,2}\1\d{1,4}|\d{1,2} \d{1,2} (?:19|20)\d\d|\d{1,2}[-./ ](?:19|20)\d\d")
_GROUPS = re.compile(r"\d+")
MIN_DIGITS, MAX_DIGITS = 7, 15
"""ITU-T E.164 sets the upper limit; the lower is that of a local number written with its area."""


def _is_international(value: str) -> bool:
    number = digits(re.split(r"(?i)x|ext|#|durchwahl|poste", value)[0])
    return MIN_DIGITS <= len(number.removeprefix("00")) <= MAX_DIGITS + 2


def _is_national(value: str) -> bool:
    """A number of a country that is known by name, written in groups as people there do."""
    body = re.split(r"(?i)x|ext|#|durchwahl|poste", value)[0].strip()
    if _DATE.fullmatch(body) or len(_GROUPS.findall(body)) < 2:  # a bare number needs a label
        return False
    return any(_valid(body, region) for region in _regions(body))


def _regions(body: str) -> tuple[str, ...]:
    number = digits(body)
    if number.startswith("0"):
        return _ZERO_REGIONS
    if len(number) == 9:  # the length of Spanish numbers
        return ("ES",)
    if len(number) in {10, 11}:
        return ("US", "IT") if number[0] != "3" else ("IT", "US")
    return ()


def _valid(body: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(body, region))
    except phonenumbers.NumberParseException:
        return False


def _is_labelled(value: str) -> bool:
    return 6 <= len(digits(value)) <= MAX_DIGITS + 6 and _DATE.fullmatch(value) is None  # short local ones


def _to_the_full_stop(value: str) -> Iterator[tuple[int, int]]:
    """A labelled number ends where a sentence does: what follows may be an address."""
    number = value.partition(". ")[0]
    if _is_labelled(number):
        yield 0, len(number)


RECOGNIZER = PatternRecognizer(
    "phone",
    (
        Pattern(
            "phone",
            rf"(?:\+{_GAP}|\b00)[1-9]\d{{0,3}}(?:{_GAP}\(?\d{{1,12}}\)?){{1,8}}{_EXTENSION}\b",
            "a number with the code of its country",
            _is_international,
            0.85,
        ),
        Pattern(
            "phone",
            rf"(?:\+?1{_GAP}|\b001{_GAP})?(?:\(\d{{3}}\) ?|\b\d{{3}}[ .\-])\d{{3}}[ .\-]\d{{4}}{_EXTENSION}\b",
            "a number in the form of North America",
            score=0.75,
        ),
        Pattern(
            "phone",
            (
                rf"(?:^|[^\w.,/+-])(?P<value>(?:\(0\d{{1,5}}\)|0\d{{1,5}}){_GAP}"
                rf"(?:\d{{1,8}}[ .\-/]{{1,2}}){{0,5}}\d{{2,8}}{_EXTENSION})\b"
            ),
            "a valid number of a national plan",
            _is_national,
            0.75,
        ),
        Pattern(
            "phone",
            r"(?:^|[^\w.,/+-])(?P<value>3[2-9]\d[ .\-/]\d{3}[ .]?\d{3,4})\b",
            "a valid number of a national plan",
            _is_national,
            0.65,
        ),
        Pattern(
            "phone",
            r"(?:^|[^\w.,/+-])(?P<value>\(0?[1-9]\d\) ?9?\d{4}[ -]\d{4})\b",
            "a number in the form of Brazil",
            score=0.75,
        ),
        Pattern(
            "phone",
            r"(?:^|[^\w.,/+-])(?P<value>[36789]\d{2}[ .-]\d{2,3}[ .-]\d{2,3}(?:[ .-]\d{2,3})?)\b",
            "a valid number of a national plan",
            _is_national,
            0.65,
        ),
        Pattern(
            "phone",
            (
                rf"(?i)(?:\b|_)(?:{_LABELS})s?(?:[ _-]?(?:numbers?|nummer|num[eé]ro|n[uú]mero"
                rf"|no|nr|home|work|office|mobile))?\b"
                rf"[\"'*)>.]{{0,3}}(?:[ \t]*[:=#|-]|[ \t]+(?:is|was|me at|me on|us at|us on|at"
                rf"|on|ist|est|es|to|him at|her at|them at|number|line|via|us))"
                rf"{{0,2}}[ \t]*\n?[ \t]*[\"'(]{{0,2}}(?P<value>[+(]{{0,2}}\d[\d ().\-/]{{4,22}}\d{_EXTENSION})"
            ),
            "a number beside a word for telephone",
            score=0.85,
            hint=hint(rf"{_LABELS}".split("|")),
            locate=_to_the_full_stop,
        ),
        Pattern(
            "phone",
            rf"(?i)(?:^|[\s\\,;:])(?P<value>[+(]{{0,2}}\d[\d ().\-/]{{5,22}}\d{_EXTENSION})[ \t]*[-(,]?[ \t]*{_AFTER}",
            "a number before a word for telephone",
            _is_labelled,
            0.8,
            rf"(?i)\d[ \t]*[-(,]?[ \t]*{_AFTER}",
        ),
    ),
)
