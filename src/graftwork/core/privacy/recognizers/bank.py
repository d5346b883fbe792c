"""Banks and accounts at banks: BIC, routing numbers, sort codes, IFSC, BSB, CLABE, numbers beside the word bank."""

from stdnum.us import rtn

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.iban import LENGTHS
from graftwork.core.privacy.recognizers.labels import TIGHT, compact, digits, hint, labelled, long_numbered, numbered

_ROUTING = (r"routing", r"(?-i:ABA|RTN|MICR)", r"transit[ -]?(?:number|no|code)", r"fedwire")
_BIC = (r"bic", r"swift(?:[ -]?code)?", r"bic/swift", r"swift/bic")
_SORT = (
    r"sort[ -]?code",
    r"bankleitzahl",
    r"blz",
    r"bsb",
    r"clearing[ -]?(?:number|nummer)",
    r"code (?:banque|guichet)",
)
_IFSC = (r"ifsc", r"ifsc[ -]?code")
_ACCOUNT = (
    r"bank[ _-]?a(?:ccoun|cc)ts?",
    r"(?:checking|savings|current|deposit|payroll|brokerage|giro)[ _-]?(?:account|acct|a/c)",
    r"iban/account",
    r"kontonummer|bankkonto|konto(?:[ -]?nr)?",
    r"(?:num[eé]ro de )?compte(?: bancaire| courant)|(?-i:RIB)",
    r"cuenta (?:bancaria|corriente|de ahorros?)|n[uú]mero de cuenta|(?-i:CCC)|clabe",
    r"conto corrente|rekening(?:nummer)?|bankrekening",
)
_OTHER_COUNTRIES = """
US CA AU NZ JP CN HK SG IN KR TW TH MY ID PH VN ZA NG KE GH MA MX AR CL CO PE UY EC BO PY VE CU
"""
_COUNTRIES = frozenset(LENGTHS) | frozenset(_OTHER_COUNTRIES.split())


def _is_bic(value: str) -> bool:
    return value[4:6].upper() in _COUNTRIES


def _is_bare_bic(value: str) -> bool:
    """Eleven capitals may be a word; a code of a branch is XXX or has a digit."""
    return _is_bic(value) and (value.endswith("XXX") or any(map(str.isdigit, value)))


def _is_routing(value: str) -> bool:
    return rtn.is_valid(digits(value))


def _is_clabe(value: str) -> bool:
    """Banco de México, circular 3/2012: weights 3, 7, 1 over 17 digits."""
    number = digits(value)
    total = sum(int(digit) * weight % 10 for digit, weight in zip(number, (3, 7, 1) * 6, strict=False))
    return len(number) == 18 and (10 - (total - int(number[17]) * 1 % 10) % 10) % 10 == int(number[17])


def _is_account(value: str) -> bool:
    return numbered(value) and any(map(str.isdigit, value)) and len(compact(value)) <= 34  # ISO 13616


RECOGNIZER = PatternRecognizer(
    "bank",
    (
        Pattern(
            "bank",
            labelled(_BIC, r"(?P<value>[a-z]{4}[ -]?[a-z]{2}[ -]?[a-z0-9]{2}[ -]?(?:[a-z0-9]{3})?)\b"),
            "a BIC, by its label",
            lambda value: _is_bic(compact(value)),
            0.85,
            hint(_BIC),
        ),
        Pattern("bank", r"\b[A-Z]{6}[A-Z0-9]{2}[A-Z0-9]{3}\b", "a BIC with a branch", _is_bare_bic, 0.7),
        Pattern(
            "bank",
            labelled(_ROUTING, r"(?P<value>\d{4}[ -]?\d{4}[ -]?\d)\b", words=True),
            "a routing number: its check digit is right",
            _is_routing,
            0.96,
            hint(_ROUTING),
        ),
        Pattern(
            "bank",
            labelled(_ROUTING, TIGHT, words=True),
            "a routing number, by its label",
            numbered,
            0.85,
            hint(_ROUTING),
        ),
        Pattern(
            "bank",
            labelled(_SORT, r"(?P<value>\d{2,3}[ -]?\d{2,3}[ -]?\d{2,3})\b", words=True),
            "a sort code, by its label",
            score=0.85,
            hint=hint(_SORT),
        ),
        Pattern(
            "bank",
            (
                r"\b(?P<value>\d{2}-\d{2}-\d{2}[ ,;/]{1,3}(?:(?i:a/c|acc(?:oun)?t|account|number"
                r"|no|nr)[.: ]{1,3}){0,2}\d{8})\b"
            ),
            "a sort code and an account",
            score=0.85,
        ),
        Pattern(
            "bank",
            labelled(_IFSC, r"(?P<value>[a-z]{4}[a-z0-9]{5,9})\b", words=True),
            "an IFSC, by its label",
            score=0.85,
            hint=hint(_IFSC),
        ),
        Pattern("bank", r"\b[A-Z]{4}0(?:\d{6}|[A-Z]{0,3}\d{3,6})\b", "an Indian branch code", score=0.6),
        Pattern("bank", r"\b\d{18}\b", "a CLABE: its check digit is right", _is_clabe, 0.95),
        Pattern(
            "bank",
            labelled(_ACCOUNT, TIGHT),
            "an account at a bank, by its label",
            _is_account,
            0.85,
            hint(_ACCOUNT),
        ),
        Pattern(
            "bank",
            labelled(_ACCOUNT, TIGHT, words=True),
            "an account at a bank, by a label further off",
            long_numbered,
            0.8,
            hint(_ACCOUNT),
        ),
    ),
)
