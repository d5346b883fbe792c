"""Secrets of known formats and numbers with a checksum, and what they come wrapped in.

Every value is drawn when this is imported, with check digits by python-stdnum; none stands in this file.
"""

import string
from collections.abc import Callable, Iterable
from itertools import pairwise
from random import Random

from stdnum import luhn
from stdnum.at import vnr
from stdnum.be import nn
from stdnum.ch import ssn as ahv
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.iso7064 import mod_97_10
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.se import personnummer
from stdnum.us import ssn

_ANY = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"
_chance = Random(4711)


def drawn(length: int, alphabet: str = _ANY) -> str:
    """A mark of each kind in front, so that what is drawn is never a word by chance."""
    return (
        alphabet[-1] + alphabet[0] + alphabet[-2] + alphabet[1]
        + "".join(_chance.choice(alphabet) for _ in range(length - 4))
    )  # fmt: skip


def _digits(length: int) -> str:
    return _chance.choice("123456789") + "".join(_chance.choice(string.digits) for _ in range(length - 1))


def _valid(make: Callable[[], str], check: Callable[[str], object]) -> str:
    return next(value for value in iter(make, "") if check(value))


def _grouped(value: str, *sizes: int, sign: str = " ") -> str:
    ends = [sum(sizes[:at]) for at in range(len(sizes) + 1)]
    return sign.join(value[start:end] for start, end in pairwise(ends))


def _card(prefix: str, length: int) -> str:
    number = prefix + _digits(length - len(prefix) - 1)
    return number + str(luhn.calc_check_digit(number))


def _iban(country: str, rest: str) -> str:
    return country + str(mod_97_10.calc_check_digits(rest + country)) + rest


def _day() -> str:
    return f"{_chance.randint(50, 99)}{_chance.randint(1, 12):02}{_chance.randint(1, 28):02}"


def _nir() -> str:
    number = f"1{_chance.randint(50, 99)}{_chance.randint(1, 12):02}75{_digits(3)}{_digits(3)}"
    return f"{number}{97 - int(number) % 97:02}"


def _italian() -> str:
    letters = "".join(_chance.choice("BCDFGLMNPRST") for _ in range(6))
    number = f"{letters}{_chance.randint(50, 99)}{_chance.choice('ABCDEHLMPRST')}{_chance.randint(1, 28):02}H501"
    return number + str(codicefiscale.calc_check_digit(number))


def _spanish() -> str:
    number = _digits(8)
    return number + str(dni.calc_check_digit(number))


SECRETS = {
    "aws": "AKIA" + drawn(16, string.ascii_uppercase + string.digits),
    "google": "AIza" + drawn(35),
    "google oauth": "GOCSPX-" + drawn(28),
    "google access": "ya29." + drawn(60),
    "github": "ghp_" + drawn(36),
    "github fine": "github_pat_" + drawn(82),
    "gitlab": "glpat-" + drawn(20),
    "slack": "xoxb-" + _digits(12) + "-" + _digits(12) + "-" + drawn(24),
    "slack app": "xapp-1-" + drawn(60),
    "telegram": _digits(10) + ":AA" + drawn(33),
    "stripe": "sk_live_" + drawn(24),
    "stripe hook": "whsec_" + drawn(32),
    "anthropic": "sk-ant-api03-" + drawn(90),
    "openai": "sk-proj-" + drawn(60),
    "hugging face": "hf_" + drawn(34),
    "groq": "gsk_" + drawn(52),
    "npm": "npm_" + drawn(36),
    "pypi": "pypi-" + drawn(80),
    "docker": "dckr_pat_" + drawn(27),
    "twilio": "SK" + drawn(32, _HEX),
    "sendgrid": "SG." + drawn(22) + "." + drawn(43),
    "mailgun": "key-" + drawn(32, _HEX),
    "shopify": "shpat_" + drawn(32, _HEX),
    "digitalocean": "dop_v1_" + drawn(64, _HEX),
    "databricks": "dapi" + drawn(32, _HEX),
    "linear": "lin_api_" + drawn(40),
    "hashicorp": "hvs." + drawn(40),
    "new relic": "NRAK-" + drawn(27, string.ascii_uppercase + string.digits),
    "figma": "figd_" + drawn(43),
    "web token": "eyJ" + drawn(24) + ".eyJ" + drawn(30) + "." + drawn(43),
}
CHECKED = {
    "visa": _grouped(_card("4", 16), 4, 4, 4, 4),
    "visa bare": _card("4", 16),
    "mastercard": _grouped(_card("53", 16), 4, 4, 4, 4, sign="-"),
    "amex": _grouped(_card("37", 15), 4, 6, 5),
    "iban de": _grouped(_iban("DE", _digits(18)), 4, 4, 4, 4, 4, 2),
    "iban de bare": _iban("DE", _digits(18)),
    "iban nl": _iban("NL", "RABO" + _digits(10)),
    "iban fr": _grouped(_iban("FR", _digits(23)), 4, 4, 4, 4, 4, 4, 3),
    "ssn": _valid(lambda: f"{_digits(3)}-{_digits(2)}-{_digits(4)}", ssn.is_valid),
    "nhs": _grouped(_valid(lambda: _digits(10), nhs.is_valid), 3, 3, 4),
    "tax de": _grouped(_valid(lambda: _digits(11), idnr.is_valid), 2, 3, 3, 3),
    "nir": _grouped(_valid(_nir, nir.is_valid), 1, 2, 2, 2, 3, 3, 2),
    "nir bare": _valid(_nir, nir.is_valid),
    "dni": _spanish(),
    "nie": _valid(lambda: "Y" + _digits(7) + _chance.choice(string.ascii_uppercase), nie.is_valid),
    "codice fiscale": _italian(),
    "pesel": _valid(lambda: _day() + _digits(5), pesel.is_valid),
    "ahv": _valid(lambda: f"756.{_digits(4)}.{_digits(4)}.{_digits(2)}", ahv.is_valid),
    "belgian": _valid(lambda: f"{_grouped(_day(), 2, 2, 2, sign='.')}-{_digits(3)}.{_digits(2)}", nn.is_valid),
    "swedish": _valid(lambda: f"{_day()}-{_digits(4)}", personnummer.is_valid),
    "austrian": _valid(lambda: f"{_digits(4)} {_chance.randint(10, 28)}{_chance.randint(10, 12)}77", vnr.is_valid),
}
LABELLED = {
    "bsn": ("BSN", _valid(lambda: _digits(9), bsn.is_valid)),
    "nhs bare": ("NHS number", _valid(lambda: _digits(10), nhs.is_valid)),
    "tax de bare": ("Steuer-ID", _valid(lambda: _digits(11), idnr.is_valid)),
}


def _full_width(value: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in value)


def _split(value: str, sign: str) -> str:
    return value[: len(value) // 2] + sign + value[len(value) // 2 :]


WRAPPINGS: dict[str, Callable[[str], str]] = {
    "json": '{{"value": "{}"}}'.format,
    "json escaped": '{{\\"value\\": \\"{}\\"}}'.format,
    "yaml": "item:\n  value: {}\n".format,
    "env": "VALUE={}\nDEBUG=1".format,
    "export": "export VALUE='{}'".format,
    "query": "https://api.example.com/v1?value={}&page=2".format,
    "single quotes": "he sent '{}' yesterday".format,
    "double quotes": 'he sent "{}" yesterday'.format,
    "typographic quotes": "he sent “{}” yesterday".format,
    "code span": "use `{}` here".format,
    "code block": "```\n{}\n```".format,
    "table cell": "| item | {} | yes |".format,
    "csv": "17;{};true".format,
    "csv comma": "17,{},true".format,
    "sql": "INSERT INTO t VALUES (1, '{}', NULL);".format,
    "xml": "<value>{}</value>".format,
    "attribute": '<input name="v" value="{}"/>'.format,
    "log": "2026-02-11T08:15:22Z INFO worker[12]: got {} from queue".format,
    "brackets": "the value ({}) is old".format,
    "sentence": "It is {}.".format,
    "spaced": "value  :   {}   ".format,
    "no-break space": "value:\u00a0{}\u00a0here".format,
    "tabs": "value\t{}\tend".format,
    "list": "- {}\n- other".format,
    "quote of a mail": "> > {}\n> thanks".format,
    "full width": lambda value: f"it is {_full_width(value)} here",
    "zero width": lambda value: f"it is {_split(value, chr(0x200B))} here",
    "soft hyphen": lambda value: f"it is {_split(value, chr(0xAD))} here",
    "word joiner": lambda value: f"it is {_split(value, chr(0x2060))} here",
    "isolates": lambda value: f"it is \u2068{value}\u2069 here",
}
# What only numbers in groups are: the gaps are no blanks, the line ends between groups.
GAPS: dict[str, Callable[[str], str]] = {
    "no-break gaps": lambda value: f"it is {value.replace(' ', chr(0xA0))} here",
    "narrow gaps": lambda value: f"it is {value.replace(' ', chr(0x202F))} here",
    "wrapped": lambda value: f"it is {value.replace(' ', chr(10), 1)} here",
    "no-break hyphens": lambda value: f"it is {value.replace('-', chr(0x2011))} here",
    "dashes": lambda value: f"it is {value.replace('-', chr(0x2013))} here",
}


def wrapped() -> list[tuple[str, str]]:
    """Every (text, value): each secret and each number in each wrapping."""
    cases = [(wrap(value), value) for value in SECRETS.values() for wrap in WRAPPINGS.values()]
    return cases + [(wrap(value), value) for value in CHECKED.values() for wrap in (WRAPPINGS | GAPS).values()]


def leaks(text: str, value: str, spans: Iterable[tuple[int, int]]) -> str:
    """The letters and digits of `value` in `text` that none of `spans` covers."""
    covered = bytearray(len(text))
    for start, end in spans:
        covered[start:end] = b"\1" * (end - start)
    signs = iter(value)
    sign = next(signs, None)
    start = next(at for at in range(len(text)) if _plain(text[at : at + 2 * len(value)]).startswith(_plain(value)))
    open_signs = ""
    for at in range(start, len(text)):
        if sign is None:
            break
        if text[at] == sign or _plain(text[at]) == _plain(sign):
            if text[at].isalnum() and not covered[at]:
                open_signs += sign
            sign = next(signs, None)
    return open_signs


def _plain(text: str) -> str:
    """Letters and digits in their ordinary width."""
    narrow = (chr(ord(sign) - 0xFEE0) if 0xFF01 <= ord(sign) <= 0xFF5E else sign for sign in text)
    return "".join(sign for sign in narrow if sign.isalnum())
