"""The placeholders of one scope (a tenant's thread): which value each stands for, in memory.

The vault keeps a book between turns (`apps.vault`). Nothing in here can be logged: a book and its entries show their
placeholders only.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from graftwork.core.privacy.entities import Gender, Name, People, Person, key_of, name_of
from graftwork.core.privacy.finding import Kind
from graftwork.core.privacy.placeholders import LABELS, Placeholder

SECRET_BYTES = 32
MOST_NAMES = 10_000


def scope_of(tenant: str, thread: str) -> str:
    """The name of a thread's scope. Two threads never share one: a separator inside either part is escaped."""
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in (tenant, thread))


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """What a placeholder stands for: the fullest form seen, and the look-alike that is used where one is needed."""

    placeholder: Placeholder
    kind: Kind
    value: str
    gender: Gender | None = None
    surrogate: str | None = None

    def __repr__(self) -> str:
        return f"Entry({self.placeholder})"


@dataclass(frozen=True, slots=True, repr=False)
class Mention:
    """A value as it stands in a text, and the gender that an honorific before it told."""

    value: str
    kind: Kind
    gender: Gender | None = None


class Book:
    """Gives the same entity the same placeholder. Not thread-safe: one text of a scope at a time.

    `last_indexes` are the highest indexes that were ever given out per label, also to entries that have expired: no
    placeholder gets a second value. `secret` (32 bytes) belongs to the scope: it shifts its dates.
    """

    def __init__(
        self,
        entries: Iterable[Entry] = (),
        *,
        secret: bytes | None = None,
        last_indexes: Mapping[str, int] | None = None,
    ) -> None:
        self.secret = secret or secrets.token_bytes(SECRET_BYTES)
        self._entries: dict[Placeholder, Entry] = {}
        self._by_key: dict[tuple[str, str], Placeholder] = {}
        self._by_surrogate: dict[str, Placeholder] = {}
        self._people = People()
        self._placeholders: dict[Person, Placeholder] = {}
        self._names: dict[str, Name] = {}
        self._last = dict(last_indexes or {})
        self._changed: dict[Placeholder, Entry] = {}
        for entry in entries:
            self._load(entry)

    def __repr__(self) -> str:
        return f"Book({len(self._entries)} placeholders)"

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries.values())

    @property
    def last_indexes(self) -> dict[str, int]:
        return dict(self._last)

    def known_values(self) -> list[tuple[str, Kind]]:
        """What is known to be sensitive in this scope, so that the detector finds it again in every text of it."""
        return [(entry.value, entry.kind) for entry in self._entries.values() if entry.kind != "literal"]

    def place(self, mentions: Sequence[Mention]) -> list[Placeholder]:
        """The placeholder of each mention of one text. Persons are linked fullest name first, and numbered in order."""
        names = {i: self.name_of(m.value, m.gender) for i, m in enumerate(mentions) if m.kind == "person"}
        persons = self._link(names)
        return [
            self._of_person(mention, names[number], persons[number]) if number in names else self._of_thing(mention)
            for number, mention in enumerate(mentions)
        ]

    def name_of(self, value: str, gender: Gender | None = None) -> Name:
        """`entities.name_of`, which a thread asks about the same few names in every turn."""
        name = self._names.get(value)
        if name is None:
            if len(self._names) >= MOST_NAMES:
                self._names.clear()
            name = self._names[value] = name_of(value)
        return Name(name.words, gender) if gender else name

    def knows_person(self, name: Name) -> bool:
        return self._people.knows(name.words)

    def value_of(self, placeholder: Placeholder) -> str | None:
        """The fullest form seen of what `placeholder` stands for; `None` where this scope has no such placeholder."""
        entry = self._entries.get(placeholder)
        return None if entry is None else entry.value

    def entry(self, placeholder: Placeholder) -> Entry | None:
        return self._entries.get(placeholder)

    def set_surrogate(self, placeholder: Placeholder, surrogate: str) -> None:
        """Let `surrogate` stand for the same value. Raises `ValueError` where it stands for another already."""
        if self._by_surrogate.setdefault(surrogate, placeholder) != placeholder:
            raise ValueError("a surrogate stands for one value")
        self._put(replace(self._entries[placeholder], surrogate=surrogate))

    def of_surrogate(self, surrogate: str) -> Placeholder | None:
        return self._by_surrogate.get(surrogate)

    @property
    def surrogates(self) -> frozenset[str]:
        return frozenset(self._by_surrogate)

    def take_changes(self) -> tuple[Entry, ...]:
        """The entries that are new or changed since the last call."""
        changes = tuple(self._changed.values())
        self._changed = {}
        return changes

    def put_back(self, changes: Iterable[Entry]) -> None:
        """The vault could not take `changes`: they are told again."""
        self._changed = {entry.placeholder: entry for entry in changes} | self._changed

    def _link(self, names: Mapping[int, Name]) -> dict[int, Person | None]:
        self._people.expect(names.values())
        linked: dict[int, Person | None] = {}
        for number, name in sorted(names.items(), key=lambda item: -len(item[1].words)):
            person = self._people.find(name)
            if person is None and ("name", " ".join(name.words)) not in self._by_key:
                person = self._people.add(name)
            elif person is not None:
                self._people.learn(person, name)
            linked[number] = person
        return linked

    def _of_person(self, mention: Mention, name: Name, person: Person | None) -> Placeholder:
        if person is None:  # a company or a place of this very name: one entity keeps its first kind
            return self._by_key["name", " ".join(name.words)]
        placeholder = self._placeholders.get(person)
        if placeholder is None:
            placeholder = self._placeholders[person] = self._mint(mention.kind)
            self._put(Entry(placeholder, mention.kind, mention.value, person.gender))
            return placeholder
        self._enrich(placeholder, person, mention.value, name)
        return placeholder

    def _enrich(self, placeholder: Placeholder, person: Person, value: str, name: Name) -> None:
        entry = self._entries[placeholder]
        fuller = name.words == person.words and self.name_of(entry.value).words != person.words
        if fuller or entry.gender != person.gender:
            self._put(replace(entry, value=value if fuller else entry.value, gender=person.gender))

    def _of_thing(self, mention: Mention) -> Placeholder:
        key = key_of(mention.value, mention.kind)
        placeholder = self._by_key.get(key)
        if placeholder is None and key[0] == "name" and (person := self._people.exactly(name_of(mention.value).words)):
            placeholder = self._placeholders.get(person)
        if placeholder is None:
            placeholder = self._by_key[key] = self._mint(mention.kind)
            self._put(Entry(placeholder, mention.kind, mention.value))
        return placeholder

    def _mint(self, kind: Kind) -> Placeholder:
        label = LABELS[kind]
        self._last[label] = self._last.get(label, 0) + 1
        return Placeholder(label, self._last[label])

    def _put(self, entry: Entry) -> None:
        self._entries[entry.placeholder] = self._changed[entry.placeholder] = entry

    def _load(self, entry: Entry) -> None:
        placeholder = entry.placeholder
        self._entries[placeholder] = entry
        self._last[placeholder.label] = max(self._last.get(placeholder.label, 0), placeholder.index)
        if entry.surrogate is not None:
            self._by_surrogate[entry.surrogate] = placeholder
        if entry.kind == "person":
            person = self._people.add(name_of(entry.value, entry.gender))
            self._placeholders[person] = placeholder
        else:
            self._by_key[key_of(entry.value, entry.kind)] = placeholder
