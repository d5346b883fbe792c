"""Numbers that a state gives to a person, beyond the countries of `national_id`. Check digits by python-stdnum."""

from stdnum.at import vnr
from stdnum.au import abn, tfn
from stdnum.be import nn
from stdnum.bg import egn
from stdnum.br import cnpj, cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.cn import ric
from stdnum.cz import rc
from stdnum.dk import cpr
from stdnum.ee import ik
from stdnum.fi import hetu
from stdnum.fr import siret
from stdnum.gr import amka
from stdnum.hr import oib
from stdnum.ie import pps
from stdnum.in_ import aadhaar, epic
from stdnum.it import iva
from stdnum.kr import rrn
from stdnum.mx import curp, rfc
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.pt import cc
from stdnum.ro import cnp
from stdnum.se import personnummer
from stdnum.tr import tckimlik
from stdnum.za import idnr as za_idnr

from graftwork.core.privacy.patterns import Check, Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.labels import bounded, compact

_RIGHT = "its check digit is right"
# Bare digits that pass a check may be something else, and what a label or a plus sign says of them is better proof. One
# in ten of all numbers passes the check of a weak one, so the forms of telephones come before it.
_BARE, _GROUPED, _WEAK = 0.8, 0.62, 0.45


def _proved(name: str, regex: str, valid: Check, score: float = 0.95) -> Pattern:
    return Pattern("national_id", bounded(regex), f"{name}: {_RIGHT}", lambda value: valid(compact(value)), score)


def _is_medicare(value: str) -> bool:
    """Services Australia: weights 1, 3, 7, 9 over the first eight digits."""
    number = compact(value)
    total = sum(int(digit) * weight for digit, weight in zip(number[:8], (1, 3, 7, 9, 1, 3, 7, 9), strict=True))
    return number[0] in "23456" and total % 10 == int(number[8])


def _is_personnummer(value: str) -> bool:
    return bool(personnummer.is_valid(value))


def _is_hetu(value: str) -> bool:
    return bool(hetu.is_valid(value))


def _is_nric(value: str) -> bool:
    """Singapore: weights 2 7 6 5 4 3 2, an offset of 4 for numbers from 2000 on, letters by series."""
    number = compact(value)
    total = sum(int(digit) * weight for digit, weight in zip(number[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    letters = "JZIHGFEDCBA" if number[0] in "ST" else "XWUTRQPNMLK"
    return letters[(total + (4 if number[0] in "TG" else 0)) % 11] == number[8]


RECOGNIZER = PatternRecognizer(
    "national_id_world",
    (
        _proved("an Indian Aadhaar", r"\b[2-9]\d{3}[ -]\d{4}[ -]\d{4}\b", aadhaar.is_valid),
        _proved("an Indian Aadhaar", r"\b[2-9]\d{11}\b", aadhaar.is_valid, 0.8),
        _proved("an Indian voter number", r"\b[A-Z]{3}\d{7}\b", epic.is_valid, 0.85),
        Pattern(
            "national_id", bounded(r"\b[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]\b"), "an Indian PAN by its form", score=0.9
        ),
        _proved("a Canadian social insurance number", r"\b\d{3}[ -]\d{3}[ -]\d{3}\b", sin.is_valid, _GROUPED),
        _proved("an Australian tax file number", r"\b\d{3}[ -]\d{3}[ -]\d{2,3}\b", tfn.is_valid, _GROUPED),
        _proved("an Australian business number", r"\b\d{2} \d{3} \d{3} \d{3}\b", abn.is_valid),
        _proved("an Australian Medicare number", r"\b[2-6]\d{3} \d{5} \d(?:[ /-]\d)?\b", _is_medicare),
        _proved("a Brazilian CPF", r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b", cpf.is_valid),
        _proved("a Brazilian CNPJ", r"\b\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}\b", cnpj.is_valid),
        _proved("a Polish PESEL", r"\b\d{11}\b", pesel.is_valid, _BARE),
        Pattern(
            "national_id",
            bounded(r"\b(?:\d{2})?\d{6}[-+]\d{4}\b"),
            f"a Swedish personal number: {_RIGHT}",
            _is_personnummer,
            0.95,
        ),
        _proved("a Belgian national number", r"\b\d{2}[.]\d{2}[.]\d{2}[- ]\d{3}[. ]\d{2}\b", nn.is_valid),
        _proved("a Belgian national number", r"\b\d{11}\b", nn.is_valid, _BARE),
        _proved("a Swiss AHV number", r"\b756[ .]?\d{4}[ .]?\d{4}[ .]?\d{2}\b", ahv.is_valid),
        _proved("an Austrian insurance number", r"\b\d{4}[ \n-][0-3]\d[01]\d{3}\b", vnr.is_valid),
        _proved("a Danish personal number", r"\b[0-3]\d[01]\d{3}-\d{4}\b", cpr.is_valid, 0.9),
        Pattern(
            "national_id",
            bounded(r"\b\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]\b"),
            f"a Finnish personal code: {_RIGHT}",
            _is_hetu,
            0.95,
        ),
        _proved("a Norwegian birth number", r"\b[0-7]\d[0-9]\d{3} ?\d{5}\b", fodselsnummer.is_valid, 0.9),
        _proved("a Portuguese citizen card", r"\b\d{8} ?\d ?[A-Z][A-Z0-9]\d\b", cc.is_valid),
        _proved("an Irish PPS number", r"\b\d{7}[A-W][ABHWTX]?\b", pps.is_valid),
        _proved("a Czech or Slovak birth number", r"\b\d{6}/\d{3,4}\b", rc.is_valid),
        _proved("a Romanian personal code", r"\b[1-8]\d{12}\b", cnp.is_valid, _BARE),
        _proved("a Bulgarian personal number", r"\b\d{10}\b", egn.is_valid, _WEAK),
        _proved("an Estonian or Lithuanian personal code", r"\b[1-6]\d{10}\b", ik.is_valid, _BARE),
        _proved("a Greek AMKA", r"\b[0-3]\d[01]\d{8}\b", amka.is_valid, _BARE),
        _proved("a Croatian OIB", r"\b\d{11}\b", oib.is_valid, _WEAK),
        _proved("a Turkish identity number", r"\b[1-9]\d{10}\b", tckimlik.is_valid, _BARE),
        _proved("a South African identity number", r"\b\d{2}[01]\d[0-3]\d ?\d{4} ?[01]\d{2}\b", za_idnr.is_valid, 0.9),
        _proved("a South Korean registration number", r"\b\d{6}-\d{7}\b", rrn.is_valid),
        _proved("a Chinese identity number", r"\b[1-9]\d{16}[\dXx]\b", ric.is_valid),
        _proved("a Mexican CURP", r"\b[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d\b", curp.is_valid),
        Pattern(
            "national_id",
            bounded(r"\b[A-ZÑ&]{4}\d{2}[01]\d[0-3]\d[A-Z0-9]{3}\b"),
            "a Mexican RFC by its form",
            lambda value: bool(rfc.is_valid(value)),
            0.9,
        ),
        _proved("a Chilean RUT", r"\b\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]\b", rut.is_valid, 0.9),
        _proved("a French business number", r"\b\d{3} \d{3} \d{3} \d{5}\b", siret.is_valid, 0.9),
        _proved("an Italian VAT number", r"\bIT ?\d{11}\b", lambda value: iva.is_valid(value.removeprefix("IT"))),
        _proved("a Singaporean identity number", r"\b[STFG]\d{7}[A-Z]\b", _is_nric),
        Pattern(
            "national_id",
            bounded(
                r"\b(?:ATU\d{8}|BE[01]\d{9}|DE\d{9}|ESX?[A-Z0-9]\d{7}[A-Z0-9]|FR[A-Z0-9]{2}\d{9}"
                r"|GB\d{9}|NL\d{9}B\d{2}|PL\d{10}"
                r"|DK\d{8}|SE\d{12}|FI\d{8}|PT\d{9}|IE\d{7}[A-Z]{1,2}|CHE-?\d{3}\.?\d{3}\.?\d{3})\b"
            ),
            "a VAT number by its form",
            score=0.8,
        ),
    ),
)
