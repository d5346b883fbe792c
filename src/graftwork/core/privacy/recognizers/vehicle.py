"""Vehicles: identification numbers with their check digit (ISO 3779, 49 CFR 565), and plates beside their label."""

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.labels import bounded, compact, hint, labelled

_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)

_VIN = (
    r"(?-i:VIN)",
    r"vehicle identification(?: number)?",
    r"fahrgestell(?:nummer)?",
    r"fin",
    r"ch[aâ]ssis",
    r"bastidor",
    r"num[eé]ro de s[eé]rie",
)
_PLATE = (
    r"licen[cs]e[ -]plates?",
    r"(?:number|registration|reg|car|vehicle) plates?",
    r"plates?",
    r"vehicle reg(?:istration)?(?:[ -](?:number|no|mark))?",
    r"reg(?:istration)?[ .]?(?:no|number|mark)",
    r"vrm",
    r"(?:amtliches )?kennzeichen|nummernschild",
    r"immatriculation|plaque(?: d'immatriculation)?",
    r"matr[ií]cula|placas?",
    r"targa|kenteken",
)


def is_vin(value: str) -> bool:
    number = compact(value)
    total = sum(
        (_VALUES.get(character) or int(character)) * weight for character, weight in zip(number, _WEIGHTS, strict=True)
    )
    return number[8] == "0123456789X"[total % 11]


def _is_plate(value: str) -> bool:
    return 4 <= len(compact(value)) <= 10 and any(map(str.isdigit, value))  # plates of all countries


RECOGNIZER = PatternRecognizer(
    "vehicle",
    (
        Pattern(
            "vehicle",
            bounded(r"(?i)\b[A-HJ-NPR-Z0-9]{8}[0-9X][A-HJ-NPR-Z0-9]{8}\b"),
            "a vehicle number: its check digit is right",
            is_vin,
            0.96,
        ),
        Pattern(
            "vehicle",
            labelled(_VIN, r"(?P<value>[a-hj-npr-z0-9*x]{11,17})\b", words=True),
            "a vehicle number, by its label",
            lambda value: any(map(str.isdigit, value)),
            0.88,
            hint(_VIN),
        ),
        Pattern(
            "vehicle",
            labelled(_PLATE, r"(?P<value>[a-zäöü0-9]{1,8}(?:[ -]{1,2}[a-z0-9]{1,5}){0,3})\b"),
            "a plate, by its label",
            _is_plate,
            0.85,
            hint(_PLATE),
        ),
        Pattern(
            "vehicle",
            bounded(
                r"\b[A-Z]{2}\d{2} [A-Z]{3}\b|\b[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} \d{1,4}\b|\b[A-Z]{2}-\d{3}-[A-Z]{2}\b"
                r"|\b\d{4} [BCDFGHJKLMNPRSTVWXYZ]{3}\b"
            ),
            "a plate by its form (UK, Germany, France, Spain)",
            score=0.55,
        ),
    ),
)
