"""Numbers that a state gives to a person: US, UK, Germany, France, Spain, Italy, Netherlands; see `national_id_world`.

Check digits by python-stdnum, which names the source of each rule. A number of nine to eleven bare digits passes a
checksum by chance once in ten or eleven times, so these need their label or the grouping that people write them in.
"""

from collections.abc import Callable

from stdnum.de import idnr
from stdnum.es import cif, dni, nie
from stdnum.fr import nif as fr_nif
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.it import codicefiscale
from stdnum.nl import bsn

from graftwork.core.privacy.patterns import Check, Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.labels import (
    TIGHT,
    bounded,
    compact,
    digits,
    hint,
    labelled,
    long_numbered,
    numbered,
)

_LABELS = (
    r"ssns?|social[ _-]?(?:security|insurance)|soc\.? ?sec\.?",
    (
        r"itin|(?-i:TINs?|EINs?)|(?:federal |state |foreign )?tax[ _-]?(?:payer)?[ _-]?"
        r"(?:id|no|number|code|ref|file)|taxpayer|fein"
    ),
    r"employer identification|medicare[ _-]?(?:tax|id|number|no)",
    (
        r"(?-i:NINO?)|national[ _-]?insurance|n\.?i\.? (?:number|no)|nhs|utr|unique tax"
        r"(?:payer)?(?: reference)?|chi number"
    ),
    (
        r"(?:national|personal|citizen|resident|government|state|voter|identity|foreigner)[ _-]?"
        r"(?:id|identity|identification|card|number|no)"
        r"|identity (?:card|number|document)|id[ -]?card|green card|alien(?: registration)?(?: number)?|a-number|uscis"
    ),
    (
        r"(?:steuer|identifikations|steuer-id|steueridentifikations|sozialversicherungs|rentenversicherungs|versicherungs"
        r"|personalausweis|ausweis|aufenthaltstitel)[ -]?(?:id|idnr|nummer|nr|ident"
        r"(?:ifikations)?nummer)?|idnr|svnr|rvnr|personalausweis"
    ),
    (
        r"(?-i:NIR)|num[eé]ro (?:de |d')?(?:s[eé]curit[eé] sociale|insee|fiscal|national)"
        r"|s[eé]curit[eé] sociale|carte (?:nationale )?d'identit[eé]"
        r"|(?-i:CNI|SPI)|titre de s[eé]jour|carte vitale|nuss|nass"
    ),
    (
        r"dni|(?-i:NIE|NIF|CIF)|documento nacional(?: de identidad)?|n[uú]mero de identidad"
        r"|c[eé]dula|seguridad social|afiliaci[oó]n"
    ),
    r"codice fiscale|cod\. ?fisc\.?|c\.f\.|carta d'identit[aà]|partita iva",
    r"bsn|burgerservicenummer|sofi[ -]?nummer",
    r"aadhaa?r|uidai|(?-i:PAN)|pan[ _-]card|voter[ _-]?(?:id|card)|epic (?:no|number)",
    r"social insurance(?: number)?|(?-i:SIN)|tfn|tax file(?: number)?|medicare(?: card)?|ird(?: number)?",
    (
        r"cpf|cnpj|curp|(?-i:RG|RFC|RUT|NIP)|cuit|cuil|pesel|regon|personnummer|samordningsnummer"
        r"|rijksregister(?:nummer)?|num[eé]ro national"
        r"|ahv(?:[ -]?n(?:umme)?r)?|(?-i:AVS|CPR)|f[oø]dselsnummer|hetu|henkil[oö]tunnus"
        r"|pps[ns]?(?: number)?|egn|cnp|oib|jmbg|amka|afm"
        r"|tc kimlik|nric|(?-i:FIN)|hkid|my ?kad|rodn[eé] [cč][ií]slo|isikukood"
    ),
)


def _grouped(check: Callable[[str], bool]) -> Check:
    return lambda value: check(compact(value))


def _is_ssn(value: str) -> bool:
    """Areas that were never issued are written by mistake and in examples, and taxpayers' numbers begin with nine."""
    return value[:3] != "000"


def _is_nino(value: str) -> bool:
    """HMRC manual NIM39110: no D, F, I, Q, U, V in front, no O second, and these pairs are never used."""
    prefix = compact(value)[:2]
    return (
        not set(prefix) & set("DFIQUV")
        and prefix[1] != "O"
        and prefix not in {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}
    )


def _is_pension_number(value: str) -> bool:
    """VKVV (Germany), section 4: area, birthday, letter of the name as two digits, serial, check digit."""
    number = compact(value)
    letter = ord(number[8]) - 64
    figures = f"{number[:8]}{letter:02d}{number[9:11]}"
    total = sum(
        sum(divmod(int(digit) * weight, 10))
        for digit, weight in zip(figures, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True)
    )
    return total % 10 == int(number[11])


def _is_german_card(value: str) -> bool:
    """ICAO 9303, part 3, 4.9: weights 7, 3, 1, letters from A = 10."""
    number = compact(value)
    total = sum(int(character, 36) * (7, 3, 1)[index % 3] for index, character in enumerate(number[:9]))
    return total % 10 == int(number[9])


def _is_nuss(value: str) -> bool:
    """Real Decreto 84/1996 (Spain): the last two digits are the rest of the others by 97."""
    number = digits(value)
    if len(number) != 12:  # province, serial, check
        return False
    area, serial, check = int(number[:2]), int(number[2:10]), int(number[10:])
    return (area * 10**7 + serial if serial < 10**7 else int(number[:10])) % 97 == check


def _labelled_value(value: str) -> bool:
    return numbered(value) or (set(value) <= set("Xx*#-") and len(value) >= 4)  # hidden, yet a place


_PROVED = 0.96

RECOGNIZER = PatternRecognizer(
    "national_id",
    (
        Pattern(
            "national_id", bounded(r"\b\d{3}-\d{2}-\d{4}\b"), "a US social security number by its form", _is_ssn, 0.9
        ),
        Pattern(
            "national_id",
            bounded(r"\b[Xx*#]{3}-?[Xx*#]{2}-?\d{4}\b"),
            "a US social security number, partly hidden",
            score=0.85,
        ),
        Pattern(
            "national_id",
            r"(?:^|[^\w*])(?P<value>\*{3}-?\*{2}-?\d{4})\b",
            "a US social security number, partly hidden",
            score=0.85,
        ),
        Pattern(
            "national_id",
            bounded(r"(?i)\b[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d]\b"),
            "a UK national insurance number by its form",
            _is_nino,
            0.9,
        ),
        Pattern(
            "national_id",
            bounded(r"\b\d{3}[ \n-]\d{3}[ \n-]\d{4}\b"),
            "an NHS number: its check digit is right",
            _grouped(nhs.is_valid),
            0.8,
        ),
        Pattern(
            "national_id",
            bounded(r"\b\d{2}[ \n]\d{3}[ \n]\d{3}[ \n]\d{3}\b"),
            "a German tax number: its check digit is right",
            _grouped(idnr.is_valid),
            0.95,
        ),
        Pattern(
            "national_id", bounded(r"\b\d{11}\b"), "a German tax number: its check digit is right", idnr.is_valid, 0.7
        ),
        Pattern(
            "national_id",
            bounded(r"(?i)\b\d{2} ?\d{6} ?[a-z] ?\d{3}\b"),
            "a German pension number: its check digit is right",
            _is_pension_number,
            _PROVED,
        ),
        Pattern(
            "national_id",
            bounded(r"\b[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}\d(?:D)?\b"),
            "a German identity card or passport: its check digit is right",
            _is_german_card,
            0.9,
        ),
        Pattern(
            "national_id",
            bounded(
                r"\b[1-478][ .\n]?\d{2}[ .\n]?(?:[02-9]\d|1[0-2])[ .\n]?(?:\d{2}|2[ABab])[ .\n]?\d{3}[ .\n]?\d{3}"
                r"(?:[ ./\n-]{0,3}\d{2})\b"
            ),
            "a French social security number: its key is right",
            _grouped(nir.is_valid),
            _PROVED,
        ),
        Pattern(
            "national_id",
            bounded(r"\b[0-3]\d(?: ?\d{2} ?\d{3}| \d{2} \d{3}| ?\d{5}) ?\d{3} ?\d{3}\b"),
            "a French tax number: its key is right",
            _grouped(fr_nif.is_valid),
            0.7,
        ),
        Pattern(
            "national_id",
            bounded(r"(?i)\b(?:\d{8}|\d{2}\.\d{3}\.\d{3})[ .-]?[a-z]\b"),
            "a Spanish DNI: its letter is right",
            _grouped(dni.is_valid),
            _PROVED,
        ),
        Pattern(
            "national_id",
            bounded(r"(?i)\b[xyz][ .-]?\d{7}[ .-]?[a-z]\b"),
            "a Spanish NIE: its letter is right",
            _grouped(nie.is_valid),
            _PROVED,
        ),
        Pattern(
            "national_id",
            bounded(r"(?i)\b[a-hjnp-suvw]-?\d{7}-?[0-9a-j]\b"),
            "a Spanish CIF: its check digit is right",
            _grouped(cif.is_valid),
            0.9,
        ),
        Pattern(
            "national_id",
            bounded(r"\b\d{2}[ /-]?\d{8}[ /-]?\d{2}\b"),
            "a Spanish social security number: its check is right",
            _is_nuss,
            0.95,
        ),
        Pattern(
            "national_id",
            bounded(
                r"(?i)\b[a-z]{3} ?[a-z]{3} ?[0-9lmnp-v]{2}[abcdehlmprst][0-9lmnp-v]{2} ?[a-z][0-9lmnp-v]{3}[a-z]\b"
            ),
            "an Italian codice fiscale: its check letter is right",
            _grouped(codicefiscale.is_valid),
            _PROVED,
        ),
        Pattern(
            "national_id",
            bounded(r"\b(?:\d{3}[ .]\d{2}[ .]\d{4}|\d{4}[ .]\d{2}[ .]\d{3}|\d{3}\.\d{3}\.\d{3})\b"),
            "a Dutch BSN: its check is right",
            _grouped(bsn.is_valid),
            0.8,
        ),
        Pattern(
            "national_id", labelled(_LABELS, TIGHT), "a number of a state, by its label", numbered, 0.87, hint(_LABELS)
        ),
        Pattern(
            "national_id",
            labelled(_LABELS, r"(?P<value>[x*#]{3,4}(?:[-. ]?[x*#\d]{2,4}){1,3})"),
            "a number of a state, hidden in part",
            _labelled_value,
            0.85,
            hint(_LABELS),
        ),
        Pattern(
            "national_id",
            labelled(_LABELS, TIGHT, words=True),
            "a number of a state, by a label further off",
            long_numbered,
            0.82,
            hint(_LABELS),
        ),
    ),
)
