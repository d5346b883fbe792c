"""Which mentions are the same thing: how values are compared, and who "Mr Douglas" can be.

A mention belongs to a person only where it can be nobody else. Where two come into question it gets a placeholder of
its own: less is linked than a reader would link, and no value is ever given back for another's.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from graftwork.core.privacy.finding import Kind

Gender = Literal["m", "f"]

_HE = "mr mister sir lord herr herrn monsieur señor sr don signor father brother"
_SHE = "mrs ms miss madam lady dame frau mme mlle madame señora sra señorita doña signora sister"
_ANYONE = "mx dr prof professor doctor"

HONORIFICS: dict[str, Gender | None] = {
    **dict.fromkeys(_HE.split(), "m"),
    **dict.fromkeys(_SHE.split(), "f"),
    **dict.fromkeys(_ANYONE.split()),
}
"""What stands before a name and is not masked; the gender that it tells keeps Mr and Mrs Douglas apart."""

_NUMBERED: frozenset[Kind] = frozenset(
    ("phone", "card", "iban", "bank", "national_id", "passport", "licence", "health_id", "vehicle", "account", "id")
)
# Here a separator tells: `M-AB 12` and `MA-B 12` are two cars, and `1-23` and `12-3` two orders.
_PARTED: frozenset[Kind] = frozenset(("vehicle", "account", "id"))
_PARTICLE_WORDS = "van von der den de del della di da dos das du la le el bin ibn bint ben ter ten zu zum zur af"
_JUNIOR_WORDS = "jr sr ii iii iv junior senior"
_EXACT: frozenset[Kind] = frozenset(("password", "key", "url", "literal"))
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_JUNIORS = frozenset(_JUNIOR_WORDS.split())
_SEPARATORS = re.compile(r"(?:[^\w+]|_)+")
_TRUNK_ZERO = re.compile(r"\(0\)")
_WORD = re.compile(r"[^\W_](?:[^\W_]|['\u2019-](?=[^\W_]))*")


def key_of(value: str, kind: Kind) -> tuple[str, str]:
    """Values of one key are the same entity. Kinds that are written alike share their keys: the first kind stays."""
    if kind in _EXACT:
        return kind, value
    if kind in _NUMBERED:
        number = _TRUNK_ZERO.sub("", unicodedata.normalize("NFKC", value))
        number = _SEPARATORS.sub("-" if kind in _PARTED else "", number).strip("-")
        if kind == "id":  # short ids tell by case
            return "number", number
        number = number.upper()
        return "number", "+" + number[2:] if kind == "phone" and number.startswith("00") else number
    if kind == "mail":
        return "mail", "".join(unicodedata.normalize("NFKC", value).casefold().removeprefix("mailto:").split())
    return "name", " ".join(fold(value).split())


def fold(text: str) -> str:
    """Without case, accents and width."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(
        char for char in decomposed if not unicodedata.combining(char) and unicodedata.category(char) != "Cf"
    )


class Name(NamedTuple):
    """A mention of a person: its words folded, given name first, and what an honorific told."""

    words: tuple[str, ...]
    gender: Gender | None = None

    def __repr__(self) -> str:
        return f"Name({len(self.words)} words)"


def name_of(value: str, gender: Gender | None = None) -> Name:
    """`Douglas, Charlie` is Charlie Douglas; `van der Berg` is one word, and so is `Douglas Jr`."""
    last, comma, first = value.partition(",")
    words = _WORD.findall(fold(value))
    if comma and first.strip() and first.strip(" .").lower() not in _JUNIORS:
        words = _WORD.findall(fold(first)) + _WORD.findall(fold(last))
    joined: list[str] = []
    for word in words:
        if joined and (joined[-1].rsplit(" ", 1)[-1] in _PARTICLES or word in _JUNIORS):
            joined[-1] += f" {word}"
        else:
            joined.append(word)
    return Name(tuple(joined) or (fold(value),), gender)


@dataclass(eq=False, slots=True, repr=False)
class Person:
    """Somebody of one scope. `words` is the fullest name so far."""

    words: tuple[str, ...]
    gender: Gender | None


@dataclass(slots=True, repr=False)
class _Batch:
    """What one text is going to mention: two Charlies in it must not both become the Charlie of yesterday."""

    full_names: dict[str, set[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(set))


class People:
    """The persons of one scope, found by any way to mention them."""

    def __init__(self) -> None:
        self._by_words: dict[tuple[str, ...], list[Person]] = defaultdict(list)
        self._by_part: dict[str, list[Person]] = defaultdict(list)
        self._by_ends: dict[tuple[str, str], list[Person]] = defaultdict(list)
        self._by_initial: dict[tuple[str, str, bool], list[Person]] = defaultdict(list)
        self._genders: dict[str, set[Gender]] = defaultdict(set)
        self._batch = _Batch()

    def expect(self, names: Iterable[Name]) -> None:
        """Hear of all names of a text before the first of them is linked."""
        self._batch = _Batch()
        for name in names:
            if name.gender:
                self._genders[name.words[-1]].add(name.gender)
            if len(name.words) > 1:
                for word in set(name.words):
                    self._batch.full_names[word].add(name.words)

    def knows(self, words: tuple[str, ...]) -> bool:
        return bool(self._by_words.get(words)) or (len(words) == 1 and bool(self._by_part.get(words[0])))

    def exactly(self, words: tuple[str, ...]) -> Person | None:
        found = self._by_words.get(words, ())
        return found[0] if len(found) == 1 else None

    def find(self, name: Name) -> Person | None:
        """The one that `name` can only be, or `None`."""
        same = [person for person in self._by_words.get(name.words, ()) if person.gender == name.gender]
        if len(same) == 1:
            return same[0]
        candidates: list[Person] = []
        for person in self._candidates(name):
            if person not in candidates and self._agrees(person, name):
                candidates.append(person)
                if len(candidates) > 1:
                    return None
        return candidates[0] if candidates else None

    def add(self, name: Name) -> Person:
        person = Person(name.words, name.gender)
        self._index(person)
        return person

    def learn(self, person: Person, name: Name) -> bool:
        """Take what `name` adds to `person`; whether it is the fuller form."""
        fuller = _fullness(name.words) > _fullness(person.words)
        if fuller:
            self._forget(person)
            person.words = name.words
            self._index(person)
        if name.gender and not person.gender:
            person.gender = name.gender
            self._genders[person.words[-1]].add(name.gender)
        return fuller

    def _candidates(self, name: Name) -> Iterator[Person]:
        words = name.words
        yield from self._by_words.get(words, ())
        if len(words) == 1:
            yield from (
                person for person in self._by_part.get(words[0], ()) if not name.gender or person.words[-1] == words[0]
            )
            return
        first, last = words[0], words[-1]
        for person in self._by_ends.get((first, last), ()):
            if _middles_agree(person.words, words):
                yield person
        for person in self._by_initial.get(
            (first[0], last, len(first) > 1), ()
        ):  # an initial for a name, or the reverse
            if _middles_agree(person.words, words):
                yield person
        yield from self._named_in_part(first, last)

    def _named_in_part(self, first: str, last: str) -> Iterator[Person]:
        """Those known by one word only, whom this full name tells more about; not where the word fits others too."""
        for word in {first, last}:
            if not self._by_part.get(word) and len(self._batch.full_names.get(word, ())) < 2:
                for person in self._by_words.get((word,), ()):
                    if word == last or person.gender is None:
                        yield person

    def _agrees(self, person: Person, name: Name) -> bool:
        if person.gender and name.gender:
            return person.gender == name.gender
        # With a Mr and a Mrs Douglas about, which of them Charlie Douglas is would be a guess.
        return not name.gender or len(self._genders[name.words[-1]]) < 2

    def _index(self, person: Person) -> None:
        for index, key in self._keys(person):
            index[key].append(person)
        if person.gender:
            self._genders[person.words[-1]].add(person.gender)

    def _forget(self, person: Person) -> None:
        for index, key in self._keys(person):
            index[key].remove(person)

    def _keys(self, person: Person) -> Iterator[tuple[dict, object]]:  # type: ignore[type-arg] # several indexes
        words = person.words
        yield self._by_words, words
        if len(words) > 1:
            yield self._by_ends, (words[0], words[-1])
            yield self._by_initial, (words[0][0], words[-1], len(words[0]) == 1)
            for word in dict.fromkeys(words):
                yield self._by_part, word


def _fullness(words: tuple[str, ...]) -> tuple[int, int]:
    return len(words), sum(map(len, words))


def _middles_agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether the words between first and last name can be the same: absent, equal, or an initial of the other."""
    first, second = one[1:-1], other[1:-1]
    if not first or not second:
        return True
    return len(first) == len(second) and all(
        a == b or (min(len(a), len(b)) == 1 and a[0] == b[0]) for a, b in zip(first, second, strict=True)
    )
