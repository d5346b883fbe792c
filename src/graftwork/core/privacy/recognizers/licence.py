"""Driving licences and licences of a profession, by their label."""

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.labels import TIGHT, bounded, hint, labelled, long_numbered, numbered

_LABELS = (
    r"driv(?:er|ing)['`]?s?['`]?[ _-]?licen[cs]es?",
    r"driv(?:er|ing) (?:permit|id)",
    r"licen[cs]e(?:[ _-](?:number|no|nr|id|plate))",
    r"(?-i:DL)",
    r"dvla",
    r"f[uü]hrerschein(?:nummer|nr)?",
    r"permis de conduire",
    r"(?:permiso|carn[eé](?:t)?|licencia) de conduc(?:ir|ci[oó]n)",
    r"patente(?: di guida)?",
    r"rijbewijs(?:nummer)?",
    (
        r"(?:medical|nursing|professional|pilot|bar|law|teaching|contractor|business"
        r"|firearms?|gun|pharmacy|pharmacist|dental"
        r"|real estate|cpa|security|trade|broker(?:age)?|physician|attorney)[ _-]?licen[cs]e"
    ),
    r"licen[cs]ed? (?:no|number|nr|id|#)",
    r"state bar|bar (?:number|no|#)|gmc|nmc pin|registration (?:no|number)",
    r"n\.?[ºo°]? ?col(?:eg(?:iado)?)?\.?|n[uú]mero de colegiad[oa]|colegiad[oa]",
    r"approbation(?:snummer)?|lanr|arztnummer|rpps|adeli",
)
# The Driver and Vehicle Licensing Agency (UK): name, birthday with the month raised by 50 for women, initials, checks.
_UK = r"\b[A-Z9]{5} ?\d[0156]\d[0-3]\d\d ?[A-Z9]{2}[A-Z0-9]{3}\b"


RECOGNIZER = PatternRecognizer(
    "licence",
    (
        Pattern("licence", labelled(_LABELS, TIGHT), "a licence, by its label", numbered, 0.88, hint(_LABELS)),
        Pattern(
            "licence",
            labelled(_LABELS, TIGHT, words=True),
            "a licence, by a label further off",
            long_numbered,
            0.83,
            hint(_LABELS),
        ),
        Pattern("licence", bounded(_UK), "a British driving licence by its form", score=0.9),
        Pattern(
            "licence", bounded(r"\b[A-Z]{2}-?DL[-:# ]?[A-Z0-9]{5,14}\b"), "a driving licence with its state", score=0.9
        ),
        Pattern(
            "licence",
            bounded(r"\bDL[:# -]{1,2}(?:[A-Z0-9]{2,14}-?){1,4}\b"),
            "a driving licence with its mark",
            score=0.9,
        ),
        Pattern(
            "licence",
            bounded(r"\b[A-Z]{2}[ -]?\d{2}[ -]?(?:19|20)\d{2}[ -]?\d{7}\b"),
            "an Indian driving licence by its form",
            score=0.85,
        ),
    ),
)
