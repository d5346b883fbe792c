"""Streets and parts of addresses beyond those of `street`: Dutch, East Asian, Latin American, Irish, and flats."""

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer

_SCORE, _UNNUMBERED_SCORE, _TOWN_SCORE = 0.92, 0.72, 0.66
_START = r"(?:^|[^\pL\pN])"
_ASIAN = "-(?:ku|shi|cho|chome|machi|gun|gu|dong|ro|gil)"
_UNITS = (
    "zona|nave|sector|plot|parcela|manzana|lote|bus|bte|top|stiege|b[âa]t(?:iment)?|appt|esc(?:alier)?|étage|porte|tür"
)

RECOGNIZER = PatternRecognizer(
    "street_world",
    (
        Pattern(
            "address",
            rf"{_START}(?P<value>\p{{Lu}}[\pL-]*(?:gracht|straat|laan|kade|plein|singel|dijk|steeg|[ ]weg) \d{{1,4}}"
            r"(?:[ -]?(?:[IVX]{1,4}|[a-zA-Z]|hs|bis|\d{1,3}))?(?: bus \d{1,4})?)\b",
            "a street and its number, as Dutch writes them",
            score=_SCORE,
            hint=r"(?:gracht|straat|laan|kade|plein|singel|dijk|steeg|[ ]weg) \d",
        ),
        Pattern(
            "address",
            rf"(?:^|[ \n,(|])(?P<value>(?:\d[\d-]{{0,9}},? ){{0,2}}(?:\p{{Lu}}[\pL-]*,? ){{0,2}}\p{{Lu}}\pL+{_ASIAN}\b"
            rf"(?:,? \p{{Lu}}\pL+{_ASIAN}\b){{0,2}})",
            "a ward, a district or a road of East Asia",
            score=_UNNUMBERED_SCORE,
            hint=rf"\pL{_ASIAN}\b",
        ),
        Pattern(
            "address",
            rf"(?:[,\n|] ?|\b(?:at|in|to|en|is) |\d[ ])(?P<value>(?i:{_UNITS})\.?[ ](?:\d{{1,4}}[A-Za-z]?|[A-Z])\b)",
            "a part of a building, an estate or a town, with its number",
            score=_TOWN_SCORE,
            hint=rf"(?i)\b(?:{_UNITS})\.? (?:\d|\pL\b)",
        ),
        Pattern(
            "address",
            r"(?:[,\n|]|\bCol\.) ?(?P<value>(?:(?:Colonia|Col\.|Fracc\.|Barrio|Urb\.|Residencial) )\p{Lu}[\pL-]+"
            r"(?: \p{Lu}[\pL-]+)?)",
            "a quarter, as Spanish America writes it",
            score=_TOWN_SCORE,
            hint=r"(?:Colonia|Col\.|Fracc\.|Barrio|Urb\.|Residencial) \p{Lu}",
        ),
        Pattern(
            "address",
            r"(?:,|\n) ?(?P<value>\p{Lu}[\pL']+(?: \p{Lu}[\pL']+)? "
            r"(?:Road|Street|Avenue|Lane|Close|Row|Terrace|Crescent|Mews|Grove|Gardens))(?:,|\r?\n|$)",
            "a street on a line or between commas",
            score=_TOWN_SCORE,
            hint=r"(?:Road|Street|Avenue|Lane|Close|Row|Terrace|Crescent|Mews|Grove|Gardens)(?:,|\r?\n|$)",
        ),
        Pattern(
            "address",
            r"(?P<value>\b\d{3}-\d{4})[ ,]*(?:\r?\n)?[ ]?(?:Japan|JAPAN|JP)\b",
            "a Japanese postcode",
            score=0.76,
        ),
        Pattern(
            "address",
            r"\b(?:Cottage|House|Farm|Barn|Lodge|Villa|Mill|Rectory|Vicarage|Manor), "
            r"(?P<value>\d{1,4}[A-Za-z]? \p{Lu}\pL+ \p{Lu}\pL+)",
            "a number and a street, behind the name of a house",
            score=_UNNUMBERED_SCORE,
            hint=r"(?:Cottage|House|Farm|Barn|Lodge|Villa|Mill|Rectory|Vicarage|Manor), \d",
        ),
        Pattern(
            "address",
            r"(?i)\bcep:? {0,2}(?P<value>\d{2}\.?\d{3}-?\d{3})\b",
            "a Brazilian postcode",
            score=_TOWN_SCORE,
        ),
        Pattern(
            "address",
            r"\b(?P<value>[AC-FHKNPRTV-Y]\d[\dW] ?[0-9AC-FHKNPRTV-Y]{4})\b",
            "an Irish postcode",
            lambda value: any(map(str.isdigit, value[3:])) and any(map(str.isalpha, value[3:])),
            _TOWN_SCORE,
        ),
        Pattern(
            "address",
            r"(?:[\n,>|] ?|^)(?P<value>[1-9]\d{3} ?[A-Z]{2})(?:[ ,]{1,2}\p{Lu}\pL|\r?\n|$)",
            "a Dutch postcode",
            lambda value: value[:2] not in ("19", "20") or " " not in value,
            _TOWN_SCORE,
            hint=r"\d{4} ?[A-Z]{2}(?:[ ,]|\r?\n|$)",
        ),
    ),
)
