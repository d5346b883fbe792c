"""How old somebody is, in English, German, French and Spanish; in figures and, for English, in words."""

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
            rf"(?i)\b(?P<value>{_N}[- ]?(?:j[aä]hrige[rnsm]?|jahre? alt|jahren|monate alt))\b",
            "an age in German",
            score=0.85,
        ),
        Pattern(
            "age",
            rf"(?i)\b(?P<value>(?:{_N}|{_FRENCH}) (?:ans|mois))\b",
            "an age in French",
            score=0.6,
        ),
        Pattern(
            "age",
            rf"(?i)\b(?P<value>(?:{_N}|{_SPANISH}) {{0,2}}(?:a[nñ]os?|mes(?:es)?(?: y medio)?)(?: de edad)?)\b",
            "an age in Spanish",
            score=0.6,
        ),
        Pattern(
            "age",
            r"(?:^|[,(] ?)(?P<value>[1-9]\d)(?:[,)] (?:from|of|a|an|who|was|is|male|female)\b| ?[MFmf]\b)",
            "an age behind a name",
            score=0.5,
        ),
    ),
)
