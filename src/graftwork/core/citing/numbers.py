"""Numbers with their units, in the ways that people write them: 1.000,50 and 1,000.50, fourteen days and 14-day."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import product

from graftwork.core.citing.word_lists import listed

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES_DE = (
    "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn"
)
_TENS_DE = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"
_ONES_FR = "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept"
_TENS_FR = "vingt trente quarante cinquante soixante"
_SCALES = {
    "hundred": 100, "hundert": 100, "cent": 100, "cents": 100, "thousand": 1_000, "tausend": 1_000, "mille": 1_000,
    "million": 10**6, "millions": 10**6, "millionen": 10**6, "mio": 10**6, "billion": 10**9, "milliarden": 10**9,
    "milliarde": 10**9, "mrd": 10**9, "milliards": 10**9, "dozen": 12, "bn": 10**9,
}  # fmt: skip
_ORDINAL_WORDS = (
    "first erste ersten erster premier première",
    "second zweite zweiten zweiter deuxième",
    "third dritte dritten dritter troisième",
    "fourth vierte vierten quatrième",
    "fifth fünfte fünften cinquième",
    "sixth sechste sechsten",
    "seventh siebte siebten",
    "eighth achte achten",
    "ninth neunte neunten",
    "tenth zehnte zehnten",
)
_ORDINALS = {word: value for value, line in enumerate(_ORDINAL_WORDS, 1) for word in line.split()}
# A number only before a unit: "one month", but "one of them".
_ARTICLES = listed("a an one ein eine einem einen einer eines un une per pro par each every jeden jede")

# Unit: its dimension, and how many of the dimension's base it is.
_UNITS: Mapping[str, tuple[str, str]] = {
    "minute|minutes|min|mins|minuten": ("time", "1"),
    "hour|hours|hr|hrs|h|stunde|stunden|heure|heures": ("time", "60"),
    "day|days|tag|tage|tagen|jour|jours": ("time", "1440"),
    "week|weeks|woche|wochen|semaine|semaines": ("time", "10080"),
    "month|months|monat|monate|monaten|monats|mois": ("months", "1"),
    "quarter|quarters|quartal|quartale": ("months", "3"),
    "year|years|yr|yrs|jahr|jahre|jahren|an|ans|année|années": ("months", "12"),
    "workday|workdays|weekday|weekdays|werktag|werktage|werktagen": ("workday", "1"),
    "arbeitstag|arbeitstage|arbeitstagen": ("workday", "1"),
    "second|seconds|sec|secs|sekunde|sekunden|seconde|secondes": ("seconds", "1"),
    "%|percent|per cent|prozent|pour cent|percentage points": ("percent", "1"),
    "€|eur|euro|euros": ("eur", "1"),
    "$|usd|us$|dollar|dollars": ("usd", "1"),
    "£|gbp|pound sterling": ("gbp", "1"),
    "chf|franken": ("chf", "1"),
    "cent|cents": ("cent", "1"),
    "mg|milligram|milligrams|milligramm": ("mass", "0.001"),
    "g|gram|grams|gramm|gramme|grammes": ("mass", "1"),
    "kg|kilogram|kilograms|kilogramm|kilo|kilos": ("mass", "1000"),
    "lb|lbs|pound|pounds": ("pound", "1"),
    "mm|millimetre|millimetres|millimeter|millimeters": ("length", "0.001"),
    "cm|centimetre|centimetres|centimeter|centimeters|zentimeter": ("length", "0.01"),
    "m|metre|metres|meter|meters": ("length", "1"),
    "km|kilometre|kilometres|kilometer|kilometers": ("length", "1000"),
    "inch|inches|zoll|\"|\u2033": ("inch", "1"),
    "ml|millilitre|millilitres|milliliter|milliliters": ("volume", "0.001"),
    "l|litre|litres|liter|liters": ("volume", "1"),
    "kb": ("kb", "1"), "mb": ("mb", "1"), "gb|gigabyte|gigabytes": ("gb", "1"), "tb|terabyte|terabytes": ("tb", "1"),
    "°c|degrees celsius|grad": ("celsius", "1"), "w|watt|watts": ("watt", "1"), "v|volt|volts": ("volt", "1"),
    "kwh": ("kwh", "1"), "mah": ("mah", "1"), "hz": ("hz", "1"), "ghz": ("ghz", "1"),
}  # fmt: skip
_WORKING = ("working", "business", "work", "trading", "ouvrables", "ouvrés")
_HOW = "|".join(
    (
        *_WORKING[:4],
        "calendar",
        "consecutive",
        "full",
        "whole",
        "paid",
        "unpaid",
        "additional",
        "more",
        "ganze",
        "volle",
    )
)
_DIGITS = r"\d{1,3}(?:[\u00a0\u202f' \u2019]\d{3})++(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*+"


@dataclass(frozen=True, slots=True)
class Number:
    """A number at `start` to `end`. More than one of `values` where the way it is written leaves it open (1,000).

    `unit` is the dimension, empty where none is named; `base` are the values in the dimension's base unit. One that is
    `implied` ("per week") supports a claim, and needs no support itself.
    """

    start: int
    end: int
    values: frozenset[Decimal]
    unit: str = ""
    base: frozenset[Decimal] = frozenset()
    implied: bool = False

    def agrees_with(self, other: "Number") -> bool:
        if self.unit and other.unit:
            return self.unit == other.unit and not self.base.isdisjoint(other.base)
        return not self.values.isdisjoint(other.values)


def numbers(text: str) -> list[Number]:
    """The numbers of `text`, in figures or in words, with units. Not the parts of versions and addresses (3.10.2)."""
    ordinals = [_ordinal(match) for match in _ordinal_pattern().finditer(text)]
    within = {place for number in ordinals for place in range(number.start, number.end)}
    plain = (number for match in _pattern().finditer(text) if (number := _read(match)) is not None)
    return sorted([*ordinals, *(one for one in plain if one.start not in within)], key=lambda number: number.start)


def values_of(figures: str) -> frozenset[Decimal]:
    """What a number in figures may mean; empty for what is none, such as a version with three parts."""
    bare = re.sub(r"[\s'\u2019]", "", figures)
    kinds = {mark for mark in bare if mark in ".,"}
    if len(kinds) == 2:
        decimal = "," if bare.rfind(",") > bare.rfind(".") else "."
        whole, _, rest = bare.rpartition(decimal)
        return _decimals(re.sub(r"[.,]", "", whole) + "." + rest) if decimal not in whole else frozenset()
    if not kinds:
        return _decimals(bare)
    first, *groups = re.split("[.,]", bare)
    grouped = len(first) <= 3 and all(len(group) == 3 for group in groups)
    if len(groups) > 1:
        return _decimals("".join((first, *groups))) if grouped else frozenset()
    as_decimal = _decimals(f"{first}.{groups[0]}")
    return as_decimal | _decimals(first + groups[0]) if grouped and first != "0" else as_decimal


def _ordinal(match: re.Match[str]) -> Number:
    """ "The third day" is no three days: a unit of its own."""
    written = match["written"].casefold().rstrip(".")
    value = frozenset({Decimal(_ORDINALS.get(written) or re.sub(r"\D", "", written))})
    unit = f"{_unit(match['unit'].casefold())[0]} of order"
    return Number(match.start(), match.end(), value, unit, value)


def _decimals(figures: str) -> frozenset[Decimal]:
    # A longer row of figures is no amount, and Decimal takes long for it.
    return frozenset({Decimal(figures).normalize()}) if len(figures) <= 40 else frozenset()


def _read(match: re.Match[str]) -> Number | None:
    values, implied = _values(match)
    unit = (match["unit"] or match["before"] or "").casefold()
    start = match.start()
    if not values or (implied and not unit):
        return None
    how = (match["how"] or match["how_after"] or "").casefold()
    dimension, factor = _unit(" ".join(unit.split()))
    if dimension == "time" and how in _WORKING:
        dimension, factor = "workday", Decimal(1)
    base = frozenset((value * factor).normalize() for value in values) if dimension else frozenset()
    only_article = implied and match["words"].casefold() != "one"
    return Number(start, match.end(), values, dimension, base, implied=only_article)


def _values(match: re.Match[str]) -> tuple[frozenset[Decimal], bool]:
    scale = Decimal(_SCALES.get((match["scale"] or "").casefold().rstrip("."), 1))
    if match["figures"]:
        return frozenset((value * scale).normalize() for value in values_of(match["figures"])), False
    written = match["words"].casefold()
    if written in _ARTICLES:
        return frozenset({Decimal(1)}), True
    return frozenset({(_spelled(written) * scale).normalize()}), False


def _spelled(written: str) -> Decimal:
    total = part = 0
    for word in re.split(r"[\s-]+", written):
        if word in ("and", "und", "et"):
            continue
        scale = _SCALES.get(word)
        if scale is None:
            part += _number_words().get(word, 1 if word in _ARTICLES else 0)
        elif scale == 100:
            part = max(part, 1) * scale
        else:
            total, part = total + max(part, 1) * scale, 0
    return Decimal(total + part)


@lru_cache(maxsize=1)
def _number_words() -> Mapping[str, int]:
    found: dict[str, int] = {}
    for ones in (_ONES, _ONES_DE, _ONES_FR):
        found |= {word: value for value, word in enumerate(ones.split())}
    for tens in (_TENS, _TENS_DE, _TENS_FR):
        found |= {word: 10 * value for value, word in enumerate(tens.split(), 2)}
    found |= {"eighteen": 18, "nineteen": 19, "achtzehn": 18, "neunzehn": 19, "dix-huit": 18, "dix-neuf": 19, "eins": 1}
    for one, tens in product(_ONES_DE.split()[1:10], _TENS_DE.split()):
        found[f"{one}und{tens}"] = found[one] + found[tens]
    return {**found, **{word.casefold(): value for word, value in found.items()}}


@lru_cache(maxsize=1)
def _units() -> Mapping[str, tuple[str, Decimal]]:
    return {name: (unit, Decimal(factor)) for names, (unit, factor) in _UNITS.items() for name in names.split("|")}


def _unit(name: str) -> tuple[str, Decimal]:
    return _units().get(name, ("", Decimal(1)))


@lru_cache(maxsize=1)
def _ordinal_pattern() -> re.Pattern[str]:
    unit = r"(?P<unit>days?|weeks?|months?|years?|quarters?|tage?s?|wochen?|monats?|jahre?s?|quartals?|jour|mois|année)"
    return re.compile(
        rf"(?<![\w.,])(?P<written>{'|'.join(_ORDINALS)}|\d{{1,3}}(?:st|nd|rd|th)|\d{{1,2}}\.)\s(?:full\s|calendar\s)?{unit}\b",
        re.IGNORECASE,
    )


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    # The indefinite articles are read as numbers only where a unit follows, which `_read` sees to.
    known = sorted({*_number_words(), *_ARTICLES, "hundred", "hundert", "thousand", "tausend"}, key=len, reverse=True)
    word = "|".join(map(re.escape, known))
    scale = "|".join(sorted(_SCALES, key=len, reverse=True))
    unit = "|".join(re.escape(name).replace(r"\ ", r"\s") for name in sorted(_units(), key=len, reverse=True))
    return re.compile(
        rf"(?:(?P<before>€|\$|£|\b(?:EUR|USD|GBP|CHF)\b)\s?)?"
        rf"(?:(?<![\w.,])(?P<figures>{_DIGITS})|\b(?P<words>(?:{word})(?:[\s-](?:and\s|und\s)?(?:{word}|{scale})){{0,6}})\b)"
        rf"(?:[\s-]?(?P<scale>{scale})\b\.?)?"
        rf"(?:[\s-]{{0,2}}(?:(?P<how>{_HOW})[\s-])?(?P<unit>{unit})(?![\w]))?"
        rf"(?:\s(?P<how_after>ouvrables|ouvrés)\b)?",
        re.IGNORECASE,
    )
