"""What a labelled value looks like: how far a name, an address or a number after its label goes."""

import re
from collections.abc import Callable, Iterator
from functools import cache

from graftwork.core.privacy.finding import Kind
from graftwork.core.privacy.languages.pack import Pack, load_pack
from graftwork.core.privacy.recognizers.labels import is_measure

Span = tuple[int, int]
Shape = Callable[[str], Iterator[Span]]

LANGUAGES = ("en", "de", "fr", "es")
MAX_VALUE_CHARS = 160

_NAME_WORD = re.compile(r"[^\W\d_](?:[\w'-]*[^\W_])?[.ªº]{0,2}")
_BETWEEN_NAMES = re.compile(r"\s*(?:[,;/&+]|\s(?:and|und|et)\s)\s*")
_MAX_NAMES = 12
_MAX_NAME_WORDS = 7
_MAX_PLAIN_WORDS = 4
_HOUSE_NUMBER_WITHIN = 45

_DATE = re.compile(
    r"(?:le |el |am |on )?(?:\d{1,4}[./ -]{1,2}(?:de )?(?:\d{1,2}|[^\W\d_]{3,10})\.?,?[./ -]{1,2}(?:del? )?\d{2,4}"
    r"|[^\W\d_]{3,10}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{8}|\d{4})(?!\d)",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?:[A-Z]{1,6}[-/ .:#]{0,2}|[a-z]{1,6}[-/.:#]){0,2}\d(?:[\w*]|[-/._ ]{1,2}(?=[\dA-Z])(?![A-ZÀ-Þ][a-zà-ÿ]))*"
    r"|[A-Za-z*][\w*-]*\d[\w*-]*(?:[./-][\w*]+)*"
)
_PHONE = re.compile(r"\(?\+?\(?\d[\d ()./-]{4,24}\d")
_PLATE = re.compile(r"[A-ZÄÖÜ0-9]{1,4}[ -]?[A-ZÄÖÜ0-9]{1,17}(?:[ -][A-Z0-9]{1,6}){0,2}")
_HANDLE = re.compile(r"@?[\w][\w.@+-]{2,62}")
_SECRET = re.compile(r"\S{4,128}")
_AGE = re.compile(r"\d{1,3}")
_CONTACTS = re.compile(r"[\s,;.(-]*\b(?:tel|tfno|tlf|telf|fax|phone|e-?mail|correo|mob|handy)\b", re.IGNORECASE)
_REMARK = re.compile(r" [(\u2013-]")
_SENTENCE_END = re.compile(r"(?<=[\w)])\.\s+(?=[A-ZÀ-Þ][a-zß-ÿ]+\s+[a-zß-ÿ])|[.!?]\s*$")
_MIN_DIGITS, _MIN_PHONE_DIGITS, _MAX_PHONE_DIGITS = 3, 6, 15


@cache
def _packs() -> tuple[Pack, ...]:
    return tuple(load_pack(code) for code in LANGUAGES)


@cache
def _honorifics() -> frozenset[str]:
    return frozenset(word.rstrip(".") for pack in _packs() for word in pack.persons.honorifics) | {"herrn", "ms"}


@cache
def _particles() -> frozenset[str]:
    return frozenset().union(*(pack.persons.particles for pack in _packs())) | {"y", "e", "i"}


@cache
def _ends() -> frozenset[str]:
    """Words with which something else begins after a name: an organisation, a heading. Surnames go first: `Iglesia`."""
    ends = (pack.organisations.heads | pack.organisations.public | pack.generic for pack in _packs())
    names = (pack.persons.surnames | pack.persons.given_names for pack in _packs())
    return frozenset().union(*ends) - frozenset().union(*names) - _particles() - _honorifics()


@cache
def _streets() -> frozenset[str]:
    return frozenset(word.rstrip(".") for pack in _packs() for word in pack.addresses.types if word not in _particles())


@cache
def _given_names() -> frozenset[str]:
    return frozenset().union(*(pack.persons.given_names - pack.persons.not_names for pack in _packs()))


def whole_name(value: str) -> Iterator[Span]:
    """A field that holds nothing but names: all of it, whatever its case."""
    return _names(value, ends=frozenset(), plain=True)


def name(value: str) -> Iterator[Span]:
    return _names(value, ends=_ends(), plain=True)


def name_of_role(value: str) -> Iterator[Span]:
    """A name, where the label alone does not prove that there is one: two words with a capital, or a given name."""
    for start, end in _names(value, ends=_ends(), plain=False):
        words = [word.lower() for word in _NAME_WORD.findall(value[start:end])]
        two = len(words) > 1 and not all(word in _ordinary() for word in words)
        if two or words[0] in _given_names() or _is_addressed(value[:start]):
            yield start, end


def _is_addressed(before: str) -> bool:
    return any(word.rstrip(".").lower() in _honorifics() for word in before.split())


@cache
def _ordinary() -> frozenset[str]:
    return frozenset().union(*(pack.persons.not_names for pack in _packs()))


def _names(value: str, *, ends: frozenset[str], plain: bool) -> Iterator[Span]:
    position = 0
    for _ in range(_MAX_NAMES):
        span = _one_name(value, position, ends, plain=plain)
        if span is None:
            return
        yield span
        if (between := _BETWEEN_NAMES.match(value, span[1])) is None or between.end() == position:
            return
        position = between.end()
        plain = False


def _one_name(value: str, position: int, ends: frozenset[str], *, plain: bool) -> Span | None:
    first = last = None
    count = 0
    while (match := _NAME_WORD.match(value, _skip_blanks(value, position))) and count < _MAX_NAME_WORDS:
        word = match[0].rstrip(".ªº")
        lower = word.lower()
        if first is None and lower in _honorifics() and (len(lower) > 1 or match[0] != word):
            position = match.end()
            continue
        if _is_end(value, match, lower, first, ends):
            break
        if word[0].isupper():
            first, last = match.start() if first is None else first, match.start() + len(word)
            count += 1
        elif lower not in _particles():
            break
        elif first is None:
            first = match.start()
        position = match.end()
        if match[0] != word and len(word) > 2:
            break
    if first is not None and last is not None:
        return first, last
    return _plain_name(value) if plain and position == 0 else None


def _is_end(value: str, match: re.Match[str], lower: str, first: int | None, ends: frozenset[str]) -> bool:
    if lower in ends:
        return first is not None or match[0][0].isupper()
    if first is None or not ends or lower not in _streets():
        return False
    after = value[match.end() : match.end() + _HOUSE_NUMBER_WITHIN]
    return any(map(str.isdigit, after)) or "s/n" in after.lower()


def _skip_blanks(value: str, position: int) -> int:
    while position < len(value) and value[position] in " \t\xa0":
        position += 1
    return position


def _plain_name(value: str) -> Span | None:
    """A name in lower case: short, nothing but letters, no word that is no name."""
    words = value.strip(" .,;").split()
    if not 1 <= len(words) <= _MAX_PLAIN_WORDS or not all(
        word.replace("-", "").replace("'", "").isalpha() for word in words
    ):
        return None
    if any(word in _ordinary() and word not in _particles() for word in words) or len(value.strip()) < 2:
        return None
    start = len(value) - len(value.lstrip())
    return start, start + len(value.strip(" .,;"))


def street(value: str) -> Iterator[Span]:
    if ("@" in value[:MAX_VALUE_CHARS] and " " not in value.strip()) or "://" in value:
        return
    end = len(value)
    if cut := _CONTACTS.search(value):
        end = cut.start()
    numbered = next((i for i, sign in enumerate(value[:end]) if sign.isdigit()), None)
    if (cut := _SENTENCE_END.search(value, numbered or 0, end)) and (numbered is not None or cut.end() >= end):
        end = cut.start()
    if numbered is None and len(value[:end].split()) > 7:
        return
    yield from _trimmed(value, end, least=3)


def words(value: str) -> Iterator[Span]:
    """A town, an organisation, a nationality: some words with a capital or a number among them, and no sentence."""
    value = _REMARK.split(value, maxsplit=1)[0]
    if not value[:1].isalnum() or value[0].islower() or len(value.split()) > 8:
        return
    yield from _trimmed(value, len(value), least=2)


def _trimmed(value: str, end: int, *, least: int) -> Iterator[Span]:
    start = _skip_blanks(value, 0)
    piece = value[start:end].rstrip(" \t.,;:-(")
    if (sum(map(str.isalnum, piece)) >= least and any(map(str.isalpha, piece))) or piece.isdigit():
        yield start, start + len(piece)


def _matching(form: re.Pattern[str], check: Callable[[str], bool]) -> Shape:
    def shape(value: str) -> Iterator[Span]:
        if match := form.match(value, _skip_blanks(value, 0)):
            found = match[0].rstrip(" .-/_")
            if check(found):
                yield match.start(), match.start() + len(found)

    return shape


def _digits(value: str) -> int:
    return sum(map(str.isdigit, value))


def _is_number(value: str) -> bool:
    return _digits(value) >= _MIN_DIGITS and not is_measure(value)


def _is_secret(value: str) -> bool:
    return not value.isalpha()


date = _matching(_DATE, lambda _: True)
number = _matching(_NUMBER, _is_number)
person_number = _matching(_NUMBER, lambda value: _digits(value) >= _MIN_DIGITS)
phone = _matching(_PHONE, lambda value: _MIN_PHONE_DIGITS <= _digits(value) <= _MAX_PHONE_DIGITS)
plate = _matching(_PLATE, lambda value: _digits(value) > 0 and len(value) >= 4)
handle = _matching(_HANDLE, lambda value: not value.isalpha() or value.islower())
secret = _matching(_SECRET, _is_secret)
age = _matching(_AGE, lambda _: True)

# What each section of `form_labels.toml` announces. Sections that are not here are of no interest.
SHAPES: dict[str, tuple[Kind, Shape]] = {
    "name_part": ("person", whole_name),
    "name": ("person", name),
    "role": ("person", name_of_role),
    "street": ("address", street),
    "town": ("location", words),
    "birth": ("date_of_birth", date),
    "age": ("age", age),
    "phone": ("phone", phone),
    "national_id": ("national_id", person_number),
    "passport": ("passport", person_number),
    "licence": ("licence", person_number),
    "health_id": ("health_id", person_number),
    "account": ("account", number),
    "id": ("id", number),
    "vehicle": ("vehicle", plate),
    "bank": ("bank", person_number),
    "handle": ("handle", handle),
    "password": ("password", secret),
    "organisation": ("organisation", words),
    "group": ("group", words),
}
