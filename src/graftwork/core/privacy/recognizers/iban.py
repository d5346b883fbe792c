"""International bank account numbers (ISO 13616): proved by their country, length and check digits, or by a label."""

import re
from collections.abc import Iterator

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.labels import hint, labelled

# Characters of an IBAN by country, from the registry of SWIFT (release 99).
_REGISTRY = """
AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29
ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20
LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29
PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20
YE30
"""
LENGTHS = {entry[:2]: int(entry[2:]) for entry in _REGISTRY.split()}
_LABELS = (r"iban", r"international bank account number", r"kontoverbindung", r"bank account")
MIN_FIGURES = 8


def is_iban(value: str) -> bool:
    """Country, length and check digits (ISO 7064, mod 97-10). National rules inside are not held against it."""
    if len(value) != LENGTHS.get(value[:2]):
        return False
    try:
        return bool(mod_97_10.checksum(value[4:] + value[:4]) == 1)
    except (ValidationError, ValueError):
        return False


def locate(run: str) -> Iterator[tuple[int, int]]:
    """The IBAN at the start of `run`, which may go on: its country says where it ends."""
    places = [index for index, character in enumerate(run) if character.isalnum()]
    letters = "".join(run[index] for index in places).upper()
    length = LENGTHS.get(letters[:2])
    if length is None or len(letters) < length or not is_iban(letters[:length]):
        return
    end = places[length - 1] + 1
    if _is_written(run[places[0] : end]):
        yield places[0], end


def _is_written(value: str) -> bool:
    """A sentence has the right check digits once in a hundred times: it has few figures, and words of any length."""
    groups = re.split(r"[^A-Za-z0-9]+", value)
    in_fours = all(len(group) == 4 for group in groups[:-1]) and len(groups[-1]) <= 4  # ISO 13616, 5.2
    return sum(map(str.isdigit, value)) >= MIN_FIGURES and (len(groups) == 1 or in_fours or value.upper() == value)


def _has_digits(value: str) -> bool:
    return sum(map(str.isalnum, value)) >= 5  # country, check digits and something


_GAP = r"(?:[ \t._-]|\r?\n[> \t]*)?"

RECOGNIZER = PatternRecognizer(
    "iban",
    (
        Pattern(
            "iban",
            rf"\b[A-Z]{_GAP}[A-Z]{_GAP}\d{_GAP}\d(?:{_GAP}[A-Z0-9]){{11,29}}",
            "an IBAN: country, length and check digits are right",
            score=0.98,
            locate=locate,
            overlapping=True,
            hint=r"\b[A-Z][ \t._-]?[A-Z](?:[ \t._-]|\r?\n[> \t]*)?\d",
        ),
        Pattern(
            "iban",
            rf"(?i)(?:\b|_)[a-z][a-z]\d\d(?:{_GAP}[a-z0-9]){{11,29}}",
            "an IBAN: country, length and check digits are right",
            score=0.98,
            locate=locate,
            overlapping=True,
            hint=r"(?:\b|_)[A-Za-z]{2}\d\d",
        ),
        Pattern(
            "iban",
            labelled(
                (r"ibans?", r"international bank account number"),
                r"(?P<value>[a-z]{2}[\dx*]{2}(?:[ -]?[a-z0-9*]{1,30}){0,9}|[a-z]{2}[-_a-z0-9*]{4,32}\d)\b",
                words=True,
            ),
            "an IBAN, by its label",
            _has_digits,
            0.85,
            hint(_LABELS),
        ),
    ),
)
