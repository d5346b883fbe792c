"""Accounts of customers and employees, by their label; addresses of crypto-currencies."""

from stdnum import bitcoin

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.labels import TIGHT, bounded, hint, labelled, long_numbered, numbered

_LABELS = (
    r"a(?:ccoun|cc)ts?",
    r"acc(?:t|ount)?[ _-]?(?:no|number|nr|id|#)",
    r"acc",
    r"a/c",
    (
        r"(?:customer|client|consumer|subscriber|user|member(?:ship)?|guest|contact"
        r"|buyer|seller|vendor|supplier|merchant|debtor|creditor"
        r"|loyalty|frequent flyer|rewards?|skywards|wallet|meter|loan|mortgage|credit"
        r"|pension|portfolio)[ _-]?(?:id|identifier|no|number|nr|code|acc(?:oun)?t|#)"
    ),
    (
        r"(?:employee|staff|personnel|worker|payroll|badge|officer|agent|student|pupil"
        r"|matriculation|enrol+ment|teacher|faculty)"
        r"[ _-]?(?:id|identifier|no|number|nr|code|#|login id)?"
    ),
    (
        r"kunden(?:nummer|nr|konto)|mitglieds(?:nummer|nr)|personal(?:nummer|nr)|vertrags"
        r"(?:nummer|konto|nr)|matrikel(?:nummer|nr)|benutzer-id"
    ),
    (
        r"(?:num[eé]ro|n[o°]|code|identifiant) (?:de )?(?:client|adh[eé]rent|contrat"
        r"|salari[eé]|matricule|compte|employ[eé])|matricule"
    ),
    r"(?:n[uú]mero|c[oó]digo|n[º°]) (?:de )?(?:cliente|socio|empleado|contrato|usuario|cuenta)|n\.? ?cliente",
    r"klantnummer|codice cliente",
)
_BASE58 = "[1-9A-HJ-NP-Za-km-z]"


def _is_bitcoin(value: str) -> bool:
    return bool(bitcoin.is_valid(value))


RECOGNIZER = PatternRecognizer(
    "account",
    (
        Pattern("account", labelled(_LABELS, TIGHT), "an account, by its label", numbered, 0.85, hint(_LABELS)),
        Pattern(
            "account",
            labelled(_LABELS, TIGHT, words=True),
            "an account, by a label further off",
            long_numbered,
            0.8,
            hint(_LABELS),
        ),
        Pattern(
            "account",
            r"(?i)\bA(?:/C|CC(?:OUN)?T?)(?:[-_ ]?(?:NO|NUM|NUMBER))?[-_:#]{1,2}(?P<value>[A-Z0-9*-]{4,24})\b",
            "an account with its mark",
            score=0.8,
        ),
        Pattern("account", bounded(r"0x[0-9a-fA-F]{40}"), "an address of Ethereum", score=0.95),
        Pattern("account", bounded(r"bc1[02-9ac-hj-np-z]{11,71}"), "an address of Bitcoin", score=0.95),
        Pattern("account", bounded(rf"[13]{_BASE58}{{25,34}}"), "an address of Bitcoin", _is_bitcoin, 0.95),
    ),
)
