"""How old somebody is, in English, German, French and Spanish; in figures and, for English, in words."""

import re
from collections.abc import Iterator

from graftwork.core.privacy.languages.pack import words
from graftwork.core.privacy.patterns import Pattern, PatternRecognizer

_N = r"(?:1[0-4]\d|\d{1,2})"
_WORD = (
    r"(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[- ](?:one"
    r"|two|three|four|five|six|seven|eight|nine))?"
    r"|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
    r"|one|two|three|four|five|six|seven"
    r"|eight|nine)"
)
_SPANISH = (
    r"(?:uno?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce"
    r"|quince|dieciséis|diecisiete|dieciocho|diecinueve"
    r"|veinte|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa)"
)
_FRENCH = (
    r"(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze"
    r"|quinze|seize|vingt|trente|quarante|cinquante|soixante)"
)

_LEAD = r"(?:[\pL']{1,20}[ ,:(]{1,2}){0,3}\b"
# What is so many years long, and what is so many years old.
_DURATIONS = words(
    """depuis pendant durant dans après sous garantie délai préavis durée tous période contrat bail il
    hace durante desde tras cada garantía plazo duración dentro período últimos hasta
    seit vor nach in binnen für von garantie laufzeit allen"""
)
_PEOPLE = words(
    """âgé âgée age agé agée ans enfant fils fille garçon bébé nourrisson homme femme patient patiente monsieur madame
    edad paciente niño niña niños varón mujer hombre bebé lactante hijo hija chico chica joven señor señora cumple
    alter alt mann frau kind sohn tochter patientin mädchen junge"""
)
_AGE = re.compile(rf"\b(?:{_N}|{_FRENCH}|{_SPANISH}) {{0,2}}(?:ans|mois|a[nñ]os?|mes(?:es)?|jahren)\b", re.IGNORECASE)


def _of_a_person(value: str) -> Iterator[tuple[int, int]]:
    """The age at the end of `value`, unless the words before it speak of a time; a short one only after a person."""
    for age in _AGE.finditer(value):
        lead = set(re.findall(r"\w+", re.split("[,:(]", value[: age.start()].lower().rstrip(" ,:("))[-1]))
        years = age[0][0].isdigit() and not age[0].lower().endswith(("mois", "mes", "meses"))
        if lead & _PEOPLE or value.lower().endswith("de edad") or (years and not lead & _DURATIONS):
            yield age.start(), len(value)


RECOGNIZER = PatternRecognizer(
    "age",
    (
        Pattern(
            "age",
            (
                rf"(?i)\b(?P<value>(?:{_N}|{_WORD})(?:[- ](?:and[- ]a[- ]half[- ])?(?:years?"
                rf"|yrs?|y|months?|mos?|weeks?|wks?|days?))[- ](?:old|of age|o)\b)"
            ),
            "an age in English",
            score=0.85,
            hint=r"(?i)(?:old|of age|[- ]o)\b",
        ),
        Pattern(
            "age",
            rf"(?i)\b(?P<value>{_N} ?(?:y/?o|yo\b|y\.o\.|yrs? ?old|yr-old|m/o|y/o/?[mf]?))",
            "an age, shortened",
            score=0.85,
        ),
        Pattern(
            "age",
            (
                rf"(?i)\b(?:aged?|at the age of|age[ds]? of|age at [a-z]{{4,12}}|turn(?:s|ed"
                rf"|ing)?|edad|[aâ]ge|alter|im alter von|[aâ]g[eé]e? de|[aà] l'[aâ]ge de|a los"
                rf"|i am|i'm|im|he is|she is|he's|she's|over|under)[\"']?[ \t]*[:=]?[ \t]*[\"']?"
                rf"(?P<value>{_N}(?: (?:years?|months?|jahren?|ans|a[nñ]os|meses))?)\b"
            ),
            "an age, by the word before it",
            lambda value: not value.startswith("0"),
            0.6,
        ),
        Pattern(
            "age",
            r"(?i)\b(?:he|she|i|who) (?:was|is|am|turned) (?:already |now |just |only |about |almost |nearly )?"
            rf"(?P<value>{_N})(?:[.,;:)!?]?(?:[ \"')]|\r?\n|$)"
            r"(?:when|at the time|and (?:s?he|i|lived|living)|now|then|$)|[.,;:)!?](?:[ \"')]|\r?\n|$))",
            "an age, after what tells of a person",
            lambda value: not value.startswith("0"),
            0.62,
            hint=r"(?i)(?:he|i|who) (?:was|is|am|turned) (?:\pL+ )?\d",
        ),
        Pattern(
            "age",
            rf"(?i)\b(?P<value>{_N}[- ]?(?:j[aä]hrige[rnsm]?|jahre? alt|monate alt))\b",
            "an age in German",
            score=0.85,
        ),
        Pattern(
            "age",
            rf"(?i){_LEAD}{_N} jahren\b",
            "an age in German",
            score=0.85,
            hint=r"(?i)\d jahren\b",
            locate=_of_a_person,
        ),
        Pattern(
            "age",
            rf"(?i){_LEAD}(?:{_N}|{_FRENCH}) (?:ans|mois)\b",
            "an age in French",
            score=0.6,
            hint=r"(?i) (?:ans|mois)\b",
            locate=_of_a_person,
        ),
        Pattern(
            "age",
            rf"(?i){_LEAD}(?:{_N}|{_SPANISH}) {{0,2}}(?:a[nñ]os?|mes(?:es)?(?: y medio)?)(?: de edad)?\b",
            "an age in Spanish",
            score=0.6,
            hint=r"(?i)[\d ](?:a[nñ]os?|mes(?:es)?)\b",
            locate=_of_a_person,
        ),
        Pattern(
            "age",
            r"(?:^|[,(] ?)(?P<value>[1-9]\d)(?:[,)] (?:from|of|a|an|who|was|is|male|female)\b| ?[MFmf]\b)",
            "an age behind a name",
            score=0.5,
        ),
    ),
)
