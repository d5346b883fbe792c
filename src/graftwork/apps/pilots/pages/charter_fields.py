"""What a form is made of: fields, ranges and rows. Paths are those of `core.charter.schema.Charter`."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["line", "text", "lines", "number", "whole", "percent", "date", "choice", "metric", "use_case", "input"]
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One value. `percent` is stored as a share of 0 to 1; `lines` is a list with one value a line."""

    path: str
    label: str
    kind: Kind = "line"
    help: str = ""
    unit: str = ""
    choices: Choices = ()

    @property
    def tells(self) -> bool:
        """Whether an answer says something: a list that always has a value chosen says nothing by itself."""
        return not (self.kind == "choice" and all(value for value, _ in self.choices))


@dataclass(frozen=True, slots=True)
class Three:
    """A figure that nobody knows exactly: low, likely, high."""

    path: str
    label: str
    kind: Kind = "number"
    help: str = ""
    unit: str = ""

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(Field(f"{self.path}.{end}", end.capitalize(), self.kind) for end in ENDS)


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of tables. The paths of `fields` are those within one row."""

    path: str
    label: str
    one: str
    fields: tuple[Field, ...]
    help: str = ""


Part = Field | Three | Rows


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    title: str
    lead: str
    parts: tuple[Part, ...]


ENDS = ("low", "likely", "high")
