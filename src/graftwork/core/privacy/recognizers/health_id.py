"""Numbers of patients, insured people and prescribers."""

from stdnum import luhn

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.labels import TIGHT, bounded, compact, hint, labelled, long_numbered, numbered

_LABELS = (
    (
        r"mrn|medical[ _-]?record|med rec|chart(?:[ _-](?:no|number|id|#))|hospital[ _-]"
        r"(?:no|number|id)|unit number|(?-i:PID)"
    ),
    r"patient(?:en)?(?:[ _-](?:id|identifier|no|number|nummer|nr|code|record|#))",
    (
        r"(?:health|medical|dental|vision)[ _-]?(?:insurance|plan|card|care|record)"
        r"(?:[ _-](?:id|no|number|policy|member|#))?"
    ),
    r"insurance[ _-]?(?:id|no|number|policy|code|card|member|group|claim|#)",
    (
        r"(?:member|subscriber|beneficiary|policy ?holder|enrollee|insured|group|plan|policy|certificate)"
        r"[ _-]?(?:id|identifier|identification|no|number|nr|code|#)"
    ),
    r"medicare|medicaid|mbi|hicn|ehic|hsn",
    r"npi|(?-i:DEA)|dea (?:no|number)|prescriber",
    r"rx(?:[ _-]?(?:bin|pcn|grp|group|number|no|#))?|prescription (?:no|number|id|#)",
    (
        r"specimen|accession|encounter(?:[ _-](?:id|no|number))?|episodio|visit (?:id"
        r"|no|number)|admission (?:id|no|number)"
    ),
    (
        r"versicherten(?:nummer|nr)|krankenversicherten(?:nummer|nr)|kvnr|patientennummer"
        r"|fallnummer|krankenkasse|versicherungsnummer"
    ),
    r"(?-i:IPP)|num[eé]ro (?:de )?(?:patient|dossier|adh[eé]rent|assur[eé])|dossier m[eé]dical|mutuelle",
    r"nhc|n[uú]mero de historia(?: cl[ií]nica)?|historia cl[ií]nica|cipa?|cip-?sns|tarjeta sanitaria|nuhsa|p[oó]liza",
    r"tessera sanitaria|zorgverzekering|polisnummer",
)


def _is_npi(value: str) -> bool:
    """CMS: Luhn's sum with the prefix of US health cards, 80840."""
    return luhn.is_valid("80840" + compact(value))


def _is_dea(value: str) -> bool:
    """US Drug Enforcement Administration: odd places plus twice the even ones; the last digit of it is the check."""
    number = compact(value)[2:]
    odd, even = sum(map(int, number[0:6:2])), sum(map(int, number[1:6:2]))
    return (odd + 2 * even) % 10 == int(number[6])


def _is_kvnr(value: str) -> bool:
    """German health insurance: the letter as two digits, weights 1 and 2 in turn, digits of the products summed."""
    number = compact(value)
    figures = f"{ord(number[0]) - 64:02d}{number[1:9]}"
    total = sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(figures, (1, 2) * 5, strict=True))
    return total % 10 == int(number[9])


# Medicare Beneficiary Identifier (CMS): eleven places, letters without S, L, O, I, B, Z.
_MBI_LETTER = "[AC-HJKMNP-RT-Y]"
_MBI = rf"\b[1-9]{_MBI_LETTER}[AC-HJKMNP-RT-Y0-9]\d-?{_MBI_LETTER}[AC-HJKMNP-RT-Y0-9]\d-?{_MBI_LETTER}{{2}}\d{{2}}\b"

RECOGNIZER = PatternRecognizer(
    "health_id",
    (
        Pattern(
            "health_id",
            labelled(_LABELS, TIGHT),
            "a number in health care, by its label",
            numbered,
            0.88,
            hint(_LABELS),
        ),
        Pattern(
            "health_id",
            labelled(_LABELS, TIGHT, words=True),
            "a number in health care, by a label further off",
            long_numbered,
            0.82,
            hint(_LABELS),
        ),
        Pattern(
            "health_id", bounded(r"\b[A-Z]\d{9}\b"), "a German insured number: its check digit is right", _is_kvnr, 0.95
        ),
        Pattern("health_id", bounded(_MBI), "a Medicare number by its form", score=0.95),
        Pattern(
            "health_id",
            bounded(r"\b[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}\b"),
            "a DEA number: its check digit is right",
            _is_dea,
            0.95,
        ),
        Pattern("health_id", bounded(r"\b[12]\d{9}\b"), "a US provider number: its check digit is right", _is_npi, 0.7),
        Pattern(
            "health_id",
            bounded(r"(?i)\b(?:MRN|PID|PAT|CHART|NHC|CIPA?)[-_:#]?[A-Z]{0,3}[-_]?\d{4,12}[A-Z]{0,3}\b"),
            "a number of a patient with its mark",
            score=0.9,
        ),
        Pattern("health_id", bounded(r"\bPID_[A-Z0-9]{4,14}\b"), "a number of a patient with its mark", score=0.85),
        Pattern("health_id", bounded(r"\b[A-Z]{4}\d{12}\b"), "a Spanish health card by its form", score=0.7),
    ),
)
