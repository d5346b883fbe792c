"""Texts with gaps: `{name}` is filled, `{{` and `}}` are braces. No expression is ever evaluated."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_GAP = re.compile(r"\{\{|\}\}|\{([^{}]+)\}|[{}]")

# What a delivery offers. `values.NAME` is a value of its JSON, `row.COLUMN` a key column of the row that was read.
NAMES = (
    "text", "decision", "decided_at", "key", "external_id", "thread", "event", "use_case", "reason", "note", "reviewer",
)  # fmt: skip
FAMILIES = ("values.", "row.")


@dataclass(frozen=True, slots=True)
class Template:
    """Pieces in their order: literal texts, and gaps as (name, format)."""

    pieces: tuple[str | tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(piece[0] for piece in self.pieces if not isinstance(piece, str))

    @property
    def only(self) -> str:
        """The name of the one gap that is all of it and keeps its type, or nothing."""
        match self.pieces:
            case ((str() as name, ""),):
                return name
        return ""

    def fill(self, value_of: Callable[[str], Any]) -> Any:
        """The value itself where one gap is all of it; else a text, in which what is `None` leaves no trace."""
        if self.only:
            return value_of(self.only)
        return "".join(
            piece if isinstance(piece, str) else _shown(value_of(piece[0]), piece[1]) for piece in self.pieces
        )


def parse(text: str, *, dates: Collection[str] = ()) -> Template:
    """`dates` are the names that may carry a format, as `{decided_at:%d.%m.%Y}`. Raises `ValueError`."""
    pieces: list[str | tuple[str, str]] = []
    begin = 0
    for found in _GAP.finditer(text):
        pieces.append(text[begin : found.start()])
        begin = found.end()
        if found[0] in ("{", "}"):
            raise ValueError("has a single brace; write {{ or }} for one that is meant as it stands")
        pieces.append(found[0][0] if found[1] is None else _gap(found[1], dates))
    pieces.append(text[begin:])
    return Template(tuple(_joined(pieces)))


def parse_delivery(text: str) -> Template:
    """A template of what is written. Raises `ValueError` where it names what no delivery has."""
    template = parse(text, dates=("decided_at",))
    for name in template.names:
        if name not in NAMES and not any(name.startswith(family) and name != family for family in FAMILIES):
            known = ", ".join([*NAMES, *(f"{family}NAME" for family in FAMILIES)])
            raise ValueError(f"has a gap {{{name}}} that nothing fills; there are {known}")
    return template


def json_text(value: Any) -> Any:
    """Lists and objects have no column of their own kind everywhere, so they are written as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping | list | tuple) else value


def _gap(inside: str, dates: Collection[str]) -> tuple[str, str]:
    name, colon, form = inside.partition(":")
    return (name, form) if colon and name in dates else (inside, "")


def _joined(pieces: list[str | tuple[str, str]]) -> list[str | tuple[str, str]]:
    joined: list[str | tuple[str, str]] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece:
            joined.append(piece)
    return joined


def _shown(value: Any, form: str) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime(form) if form else value.isoformat(timespec="seconds")
    return str(json_text(value))
