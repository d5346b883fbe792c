"""Placeholders: `[PERSON_1]` stands for the first person of its scope. How they are called, and read again."""

import unicodedata
from dataclasses import dataclass

from graftwork.core.privacy.finding import Kind

LABELS: dict[Kind, str] = {
    "person": "PERSON",
    "address": "ADDRESS",
    "location": "LOCATION",
    "organisation": "ORGANISATION",
    "group": "GROUP",
    "phone": "PHONE",
    "mail": "MAIL",
    "card": "CARD",
    "iban": "IBAN",
    "bank": "BANK",
    "national_id": "NATIONALID",
    "passport": "PASSPORT",
    "licence": "LICENCE",
    "health_id": "HEALTHID",
    "ip": "IP",
    "mac": "MAC",
    "url": "URL",
    "handle": "HANDLE",
    "date": "DATE",
    "date_of_birth": "BIRTHDATE",
    "age": "AGE",
    "vehicle": "VEHICLE",
    "account": "ACCOUNT",
    "password": "PASSWORD",
    "key": "KEY",
    "id": "ID",
    "term": "TERM",
    "literal": "LITERAL",
}
"""One word each, so that a placeholder has one separator, and what a model writes instead of it can be told from it."""

# What models make of a label when they answer in another language or spelling. Each names one label only: `NOM`,
# `NUMBER` or `CITY` could mean several and are not here.
TRANSLATED: dict[str, str] = {
    "PERSONE": "PERSON", "PERSONA": "PERSON", "PERSONNE": "PERSON", "PERSOON": "PERSON",
    "ADRESS": "ADDRESS", "ADRESSE": "ADDRESS", "DIRECCION": "ADDRESS", "INDIRIZZO": "ADDRESS", "ADRES": "ADDRESS",
    "ORGANIZATION": "ORGANISATION", "ORGANISATIE": "ORGANISATION", "ORGANIZACION": "ORGANISATION",
    "TELEFON": "PHONE", "TELEPHONE": "PHONE", "TELEFONO": "PHONE", "TELEFOON": "PHONE",
    "EMAIL": "MAIL", "E-MAIL": "MAIL", "COURRIEL": "MAIL", "CORREO": "MAIL",
    "KARTE": "CARD", "TARJETA": "CARD",
    "REISEPASS": "PASSPORT", "PASSEPORT": "PASSPORT", "PASAPORTE": "PASSPORT",
    "LICENSE": "LICENCE", "LICENCIA": "LICENCE",
    "GEBURTSDATUM": "BIRTHDATE",
    "PASSWORT": "PASSWORD", "CONTRASENA": "PASSWORD",
    "ORT": "LOCATION", "LIEU": "LOCATION", "LUGAR": "LOCATION",
    "GRUPPE": "GROUP", "GROUPE": "GROUP", "GRUPO": "GROUP",
    "FAHRZEUG": "VEHICLE", "VEHICULE": "VEHICLE", "VEHICULO": "VEHICLE",
    "KONTO": "ACCOUNT", "COMPTE": "ACCOUNT", "CUENTA": "ACCOUNT",
}  # fmt: skip

_WRITTEN: dict[str, str] = {label: label for label in LABELS.values()} | TRANSLATED
KIND_OF: dict[str, Kind] = {label: kind for kind, label in LABELS.items()}

# Characters that show nothing: models and web pages put them between letters.
INVISIBLE = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_NOTHING = {ord(char): None for char in "\u00ad\u180e\ufeff"}
for _first, _last in ((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2064), (0x2066, 0x2069)):
    _NOTHING |= dict.fromkeys(range(_first, _last + 1))

MAX_DIGITS = 9


@dataclass(frozen=True, slots=True, order=True)
class Placeholder:
    """One name for one value, unique within its scope. Says nothing about the value but its kind."""

    label: str
    index: int

    def __str__(self) -> str:
        return f"[{self.label}_{self.index}]"


def label_written(text: str) -> str | None:
    """The label that `text` is another way to write (case, accents, width, language), or `None`."""
    known = _WRITTEN.get(text)
    if known is not None:
        return known
    plain = unicodedata.normalize("NFKD", text.translate(_NOTHING)).upper()
    return _WRITTEN.get("".join(char for char in plain if not unicodedata.combining(char)))


def is_upper(text: str) -> bool:
    return unicodedata.normalize("NFKC", text).isupper()


def index_written(text: str) -> int | None:
    """The index that `text` spells, or `None` for what no placeholder has: `01`, `0`, digits of another script.

    Full-width digits are the same digits (NFKC); those of another script would have to be translated.
    """
    if not (text.isascii() and text.isdigit()):
        text = unicodedata.normalize("NFKC", text.translate(_NOTHING))
    if not text.isascii() or not text.isdigit() or text[0] == "0" or len(text) > MAX_DIGITS:
        return None
    return int(text)


def begins_a_label(text: str) -> bool:
    """Whether more letters after `text` could make it a label."""
    folded = text.translate(_NOTHING).upper()
    if not folded.isascii():
        plain = unicodedata.normalize("NFKD", folded)
        folded = "".join(char for char in plain if not unicodedata.combining(char))
    return folded in _BEGINNINGS


_BEGINNINGS = frozenset(word[:end] for word in _WRITTEN for end in range(len(word) + 1))
LONGEST_LABEL = max(map(len, _WRITTEN))
