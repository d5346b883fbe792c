"""What was found in a text: where it stands, what kind of value it is, and how we know. Never the value itself."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "person",
    "address",
    "location",
    "organisation",
    "group",
    "phone",
    "mail",
    "card",
    "iban",
    "bank",
    "national_id",
    "passport",
    "licence",
    "health_id",
    "ip",
    "mac",
    "url",
    "handle",
    "date",
    "date_of_birth",
    "age",
    "vehicle",
    "account",
    "password",
    "key",
    "id",
    "term",
    "literal",
]
"""`group` is a nationality, religion or political group; `id` any other number that names one case, order, person or
thing; `term` a word of the company's own dictionaries; `literal` text that looks like a placeholder."""

KINDS: tuple[Kind, ...] = get_args(Kind)

FieldMask = Literal["detect", "keep"] | Kind
"""How a field of known meaning is masked: search it, leave it, or take the whole of it as one value of a kind."""

FormatKept = Literal["mail", "phone", "card", "iban", "ip", "url", "date", "date_of_birth"]
"""Kinds of which a false value can be made that has the same form and belongs to nobody."""

# Each of these alone names one person, or opens what is theirs. What is not here (a town, a date, an age) only narrows.
DIRECT: frozenset[Kind] = frozenset(KINDS) - {"location", "organisation", "group", "date", "age", "literal"}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One sensitive span: `start` and `end` are character offsets into the original text, `end` exclusive.

    `score` (0 to 1) orders findings that overlap. `recognizer` names the module that found it and `reason` says why,
    in words that never quote the text: `explain` shows both.
    """

    start: int
    end: int
    kind: Kind
    recognizer: str
    reason: str
    score: float = 0.5

    def overlaps(self, other: "Finding") -> bool:
        return self.start < other.end and other.start < self.end
