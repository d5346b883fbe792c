"""Text as a row of tokens in which a quantity has one form: `$329`, `329 USD` and `329 dollars` are the same two."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graftwork.core.scoring.normal import canonical

_UNITS = {
    "dollar": ("dollars", "usd", "$", "bucks"),
    "euro": ("euros", "eur", "\u20ac"),
    "pound": ("pounds", "gbp", "\u00a3"),
    "gb": ("gigabyte", "gigabytes", "gbs"),
    "tb": ("terabyte", "terabytes", "tbs"),
    "mb": ("megabyte", "megabytes"),
    "kg": ("kgs", "kilogram", "kilograms", "kilo", "kilos"),
    "g": ("gram", "grams"),
    "lb": ("lbs",),
    "oz": ("ounce", "ounces"),
    "inch": ("inches", "in", '"'),
    "cm": ("centimetre", "centimetres", "centimeter", "centimeters"),
    "mm": ("millimetre", "millimetres", "millimeter", "millimeters"),
    "m": ("metre", "metres", "meter", "meters"),
    "l": ("litre", "litres", "liter", "liters"),
    "ml": ("millilitre", "millilitres", "milliliter", "milliliters"),
    "w": ("watt", "watts"),
    "hour": ("hours", "hr", "hrs", "h"),
    "minute": ("minutes", "min", "mins"),
    "day": ("days",),
    "week": ("weeks",),
    "month": ("months",),
    "year": ("years", "yr", "yrs"),
    "%": ("percent",),
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in (unit, *words)}
UNITS = frozenset(_UNITS)
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBER_OF = {word: str(number) for number, word in enumerate(_WORDS)}

_CURRENCY_AHEAD = re.compile(r"([$\u20ac\u00a3])\s*(\d+(?:\.\d+)?)")
_TOKEN = re.compile(r"\d+(?:\.\d+)?(?!\w)|\w+(?:'\w+)?|[%$\u20ac\u00a3\"]|[.!?;](?=\s|$)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_ENDS = frozenset(".!?;")
# How many other words may stand among those of one value.
_ROOM = 3


@dataclass(frozen=True, slots=True)
class Token:
    """`text` in its one form. `spelled`: a number written as a word, which in "one of them" states no quantity."""

    text: str
    spelled: bool = False

    @property
    def is_number(self) -> bool:
        return _NUMBER.fullmatch(self.text) is not None


def tokens(text: str) -> list[Token]:
    made: list[Token] = []
    for word in _TOKEN.findall(_CURRENCY_AHEAD.sub(r"\2 \1", canonical(text))):
        behind_number = bool(made) and made[-1].is_number
        if word in _NUMBER_OF:
            made.append(Token(_NUMBER_OF[word], spelled=True))
        elif word in _UNIT_OF and behind_number:
            made.append(Token(_UNIT_OF[word]))
        elif word != '"':
            made.append(Token(_singular(word)))
    return made


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def sentences(tokens: Sequence[Token]) -> Iterator[range]:
    """The positions of each sentence, without its end."""
    start = 0
    for at, token in enumerate(tokens):
        if token.text in _ENDS:
            yield range(start, at)
            start = at + 1
    yield range(start, len(tokens))


def places(wanted: Sequence[Token], said: Sequence[Token]) -> list[set[int]]:
    """Where the words of a value stand: as a whole, else near each other in one sentence, its quantity kept whole."""
    texts = [token.text for token in wanted]
    whole = [set(place) for place in _runs(texts, said)]
    if whole or len(texts) < 2:
        return whole
    anchor = _quantity(wanted) or texts[:1]
    rest = list(texts)
    for word in anchor:
        rest.remove(word)
    return list(_near(anchor, rest, said)) if rest and not any(map(_NUMBER.fullmatch, rest)) else []


def _runs(texts: list[str], said: Sequence[Token]) -> list[range]:
    size = len(texts)
    starts = range(len(said) - size + 1) if size else range(0)
    return [range(at, at + size) for at in starts if [token.text for token in said[at : at + size]] == texts]


def _quantity(wanted: Sequence[Token]) -> list[str]:
    """The number of a value, with the unit behind it."""
    for at, token in enumerate(wanted):
        if token.is_number:
            unit = wanted[at + 1].text if at + 1 < len(wanted) else ""
            return [token.text, unit] if unit in UNITS else [token.text]
    return []


def _near(anchor: list[str], rest: list[str], said: Sequence[Token]) -> Iterator[set[int]]:
    reach = len(rest) + _ROOM
    for place in _runs(anchor, said):
        sentence = next(one for one in sentences(said) if place.start in one)
        around = range(max(sentence.start, place.start - reach), min(sentence.stop, place.stop + reach))
        found = {at for at in around if said[at].text in rest}
        if {said[at].text for at in found} == set(rest):
            yield found | set(place)
