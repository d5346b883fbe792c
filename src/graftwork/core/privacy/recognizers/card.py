"""Payment cards: proved by Luhn's sum and the ranges of their issuers (ISO/IEC 7812), or named by their label."""

import re
from collections.abc import Iterator

from stdnum import luhn

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.labels import bounded, digits, hint, labelled

# Issuers: Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro, RuPay, Mir, Troy, Verve, Elo.
_ISSUER = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"
    r"|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}"
    r"|3[47]\d{13}"
    r"|(?:6011|65\d{2}|64[4-9]\d)\d{12}(?:\d{3})?|622\d{13}(?:\d{3})?"
    r"|3(?:0[0-59]|[689]\d)\d{11}(?:\d{2,5})?"
    r"|(?:35(?:2[89]|[3-8]\d)\d{12}|2131\d{11}|1800\d{11})"
    r"|62\d{14,17}|81\d{14}"
    r"|(?:5018|5020|5038|5[678]\d{2}|6304|6390|67\d{2}|60\d{2})\d{8,15}"
    r"|220[0-4]\d{12,15}|9792\d{12}|(?:5060|5061|5078|5079|6500)\d{12,15}"
)
_SEPARATED = re.compile(r"\d+")
MIN_DIGITS, MAX_DIGITS = 13, 19
MAX_SCATTERED = 60
"""Characters up to which a number is put together from groups of any length; beyond, groups have three digits."""

_LABELS = (
    r"(?:credit|debit|bank|payment|master|visa|amex|charge|gift)[ _-]?cards?",
    r"card[ _-]?(?:number|num|no|nr)\b\.?",
    r"cc[ _-]?(?:number|num|no)?",
    r"(?-i:PAN)",
    r"visa|mastercard|amex|american express|maestro|discover card",
    r"kreditkarten?(?:nummer)?|kartennummer|carte (?:bancaire|bleue|de cr[eé]dit)|num[eé]ro de carte",
    r"tarjeta(?: de cr[eé]dito| de d[eé]bito)?|carta di credito|creditcard(?:nummer)?",
)


def is_card(number: str) -> bool:
    return _ISSUER.fullmatch(number) is not None and luhn.is_valid(number)


def locate(run: str) -> Iterator[tuple[int, int]]:
    """Cards in a run of digits and separators: a whole group, or groups next to each other."""
    least = 1 if len(run) <= MAX_SCATTERED else 3
    groups = [match.span() for match in _SEPARATED.finditer(run)]
    position = 0
    while position < len(groups):
        last = _last_group(run, groups, position, least)
        if last is None:
            position += 1
            continue
        yield groups[position][0], groups[last][1]
        position = last + 1


def _last_group(run: str, groups: list[tuple[int, int]], first: int, least: int) -> int | None:
    """The last of the groups that make a card with `first`; the longest such number is meant."""
    number, found = "", None
    for index in range(first, len(groups)):
        start, end = groups[index]
        if end - start < least or len(number) + end - start > MAX_DIGITS:
            break
        number += run[start:end]
        if len(number) >= MIN_DIGITS and is_card(number):
            found = index
    return found


def _is_long(value: str) -> bool:
    return MIN_DIGITS - 1 <= len(digits(value)) <= MAX_DIGITS


RECOGNIZER = PatternRecognizer(
    "card",
    (
        Pattern(
            "card",
            r"\d(?:(?:[ \t./-]{1,3}|\r?\n[> \t]*)?\d){12,}",
            "the number of a card: its issuer exists and Luhn's sum is right",
            score=0.97,
            locate=locate,
        ),
        Pattern(
            "card",
            labelled(_LABELS, r"(?P<value>\d(?:[ .-]?\d){11,18})\b", words=True),
            "the number of a card, by its label",
            _is_long,
            0.85,
            hint(_LABELS),
        ),
        Pattern(
            "card",
            bounded(
                r"(?i)\b(?:\d{4}[ -]?(?:[x*•#]{4}[ -]?){2}\d{3,4}|(?:[x*•#]{4}[ -]?){3}\d{3,4}"
                r"|\d{4,6}[x*•#]{4,12}\d{3,4}"
                r"|\d{4} [x*]{4} \d{4})\b"
            ),
            "the number of a card, partly hidden",
            score=0.85,
        ),
        Pattern(
            "card",
            (
                r"(?i)(?:card|visa|mastercard|amex|american express|account|acct)\b[^.\n]{0,40}?\b"
                r"(?:ending(?: (?:in|with))?|last (?:four|4)(?: digits)?"
                r"(?: are| is|:)?)[ \"'*x#]{0,8}(?P<value>\d{3,4})\b"
            ),
            "the last digits of a card or an account",
            score=0.85,
            hint=r"(?i)(?:ending|last (?:four|4))",
        ),
        Pattern(
            "card",
            (
                r"(?i)\b(?:cvv2?|cvc2?|cvn|cid|security code|card verification (?:value|code)"
                r"|pr[uü]fziffer|c[oó]digo de seguridad"
                r"|cryptogramme)\b[\"']?[ \t]*(?:(?:is|was|ist|est|es)\b|[:=#])?[ \t]*[\"'(]?(?P<value>\d{3,4})\b"
            ),
            "the check value of a card",
            score=0.85,
            hint=r"(?i)(?:cvv|cvc|cvn|cid|security code|verification|fziffer|seguridad|cryptogramme)",
        ),
    ),
)
