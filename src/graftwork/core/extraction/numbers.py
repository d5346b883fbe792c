"""The numbers that a text says, in every way that its signs can be read."""

import re

_WORDS = (
    "zero null",
    "one a an once ein eine einen einem einer un une una uno",
    "two twice zwei deux dos",
    "three drei trois tres",
    "four vier quatre cuatro",
    "five fünf cinq cinco",
    "six sechs seis",
    "seven sieben sept siete",
    "eight acht huit ocho",
    "nine neun neuf nueve",
    "ten zehn dix diez",
    "eleven elf onze once",
    "twelve zwölf douze doce",
)
_VALUE_OF: dict[str, set[float]] = {}
for _number, _names in enumerate(_WORDS):
    for _name in _names.split():
        _VALUE_OF.setdefault(_name, set()).add(_number)
_TIMES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "millionen": 1e6, "mio": 1e6, "m": 1e6, "billion": 1e9}
_LARGEST = 10**18
_GAP = ".,'\u00a0\u202f "
_NUMBER = re.compile(
    rf"(?P<sign>(?<![\w.,])[-\u2212\u2013])?(?P<digits>\d+(?:[{_GAP}]\d+)*)(?:\s?(?P<times>[A-Za-z]+))?"
)
_GROUPED = re.compile(rf"\d{{1,3}}(?:[{_GAP}]\d{{3}})+")
_SEPARATOR = re.compile(f"[{_GAP}]")


def says_number(text: str, value: float) -> bool:
    """Whether `text` says `value`: in digits with any separators, as a word up to twelve, or as thousands or millions.

    A minus sign counts; what may be read in two ways ("1.200") counts as either.
    """
    if abs(value) > _LARGEST:
        return False  # no amount that people write, and too large to compare
    words = (found for word in re.findall(r"[^\W\d_]+", text.lower()) for found in _VALUE_OF.get(word, ()))
    return value in words or any(abs(value - found) <= 1e-9 * max(1.0, abs(value)) for found in _numbers(text))


def _numbers(text: str) -> list[float]:
    found: list[float] = []
    for match in _NUMBER.finditer(text):
        sign = -1.0 if match["sign"] else 1.0
        factors = {1.0, _TIMES.get((match["times"] or "").lower(), 1.0)}
        found += [sign * factor * reading for reading in _readings(match["digits"]) for factor in factors]
    return found


def _readings(digits: str) -> set[float]:
    pieces = _SEPARATOR.split(digits)
    readings = {float(piece) for piece in pieces} if " " in digits or "\u00a0" in digits else set()
    if len(pieces) == 1:
        return {float(digits)}
    if _GROUPED.fullmatch(digits):
        readings.add(float("".join(pieces)))
    whole, last = "".join(pieces[:-1]), pieces[-1]
    grouped = len(pieces) == 2 or _GROUPED.fullmatch(digits[: -len(last) - 1])
    if grouped and digits[-len(last) - 1] in ".,":
        readings.add(float(f"{whole}.{last}"))
    return readings
