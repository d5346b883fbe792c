"""Passports, by their label; and the machine-readable lines of passports and identity cards (ICAO 9303)."""

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.labels import TIGHT, hint, labelled, long_numbered, numbered

_LABELS = (
    r"passports?",
    r"pass(?:port)?[ -]?(?:no|nr|nummer)",
    r"reisepass(?:nummer)?",
    r"passeports?",
    r"pasaportes?",
    r"passaporto",
    r"paspoort(?:nummer)?",
    r"passaporte",
    r"travel document",
)

RECOGNIZER = PatternRecognizer(
    "passport",
    (
        Pattern("passport", labelled(_LABELS, TIGHT), "a passport, by its label", numbered, 0.9, hint(_LABELS)),
        Pattern(
            "passport",
            labelled(_LABELS, TIGHT, words=True),
            "a passport, by a label further off",
            long_numbered,
            0.85,
            hint(_LABELS),
        ),
        Pattern(
            "passport",
            r"\b[PVIAC][A-Z<][A-Z]{3}[A-Z<]{25,39}\s{0,3}[A-Z0-9<]{30,44}(?:\s{1,3}[A-Z<]{30})?",
            "the machine-readable lines of a travel document",
            score=0.95,
            hint=r"<<",
        ),
        Pattern(
            "passport",
            r"\b[A-Z0-9<]{9}\d[A-Z]{3}\d{7}[MFX<]\d{7}[A-Z0-9<]{14,16}",
            "the second machine-readable line of a travel document",
            score=0.95,
            hint=r"\d[A-Z]{3}\d{7}[MFX<]\d{7}",
        ),
    ),
)
