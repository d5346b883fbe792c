"""Which column of a file becomes which field of a use case: a first guess, and what a person made of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from graftwork.core.errors import RequestInvalid, RowRejected
from graftwork.core.intake.row import Row
from graftwork.core.items import NewItem, read_row
from graftwork.core.usecase import UseCase

NEAR = 0.8
_COMPARED_CHARACTERS = 200
_NOT_LETTERS = re.compile(r"[\W_]+")
_USUAL_IDS = (
    *("id", "ticketid", "caseid", "itemid", "key", "ticket", "ticketnumber", "casenumber", "number"),
    *("nummer", "ticketnummer", "vorgangsnummer", "nr", "numero", "no"),
)
_USUAL_THREADS = ("thread", "threadid", "conversation", "conversationid")


@dataclass(frozen=True, slots=True)
class Matching:
    """Names of columns; empty where there is none. `fields` has every field of the use case."""

    id: str = ""
    thread: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def used(self) -> frozenset[str]:
        return frozenset((self.id, self.thread, *self.fields.values())) - {""}


def matched(use_case: UseCase, columns: Sequence[str]) -> Matching:
    """By name, then by alias or label, then by the same letters, then by what is nearest. Each column once."""
    chosen: dict[str, str] = {}
    spoken_for = {use_case.input.id, use_case.input.thread}
    for step in (_by_name, _by_letters, _by_nearness):
        for name, spec in use_case.input.fields.items():
            if name in chosen:
                continue
            taken = spoken_for.union(chosen.values())
            left = [one for one in columns if one not in taken]
            if found := step(left, name, spec.aliases, spec.label):
                chosen[name] = found
    taken = set(chosen.values())
    left = [one for one in columns if one not in taken]
    own_id = _own(left, use_case.input.id, _USUAL_IDS)
    thread = _own([one for one in left if one != own_id], use_case.input.thread, _USUAL_THREADS)
    return Matching(own_id, thread, {name: chosen.get(name, "") for name in use_case.input.fields})


def chosen_columns(use_case: UseCase, columns: Sequence[str], posted: Mapping[str, str]) -> Matching:
    """What a person chose: `id`, `thread` and `field:NAME`. Raises `RequestInvalid` for a column that is not there."""

    def column(name: str) -> str:
        found = posted.get(name, "")
        if found and found not in columns:
            raise RequestInvalid(name.removeprefix("field:"), "names a column that the file does not have")
        return found

    return Matching(column("id"), column("thread"), {name: column(f"field:{name}") for name in use_case.input.fields})


def as_input(use_case: UseCase, matching: Matching, data: Mapping[str, Any]) -> dict[str, Any]:
    """One row under the names that `read_row` looks for. Columns that nobody chose are left out."""
    row: dict[str, Any] = {}
    for name, column in matching.fields.items():
        if column and column in data:
            row[name] = data[column]
            if f"{column}:pages" in data:
                row[f"{name}:pages"] = data[f"{column}:pages"]
    for name, column in ((use_case.input.id, matching.id), (use_case.input.thread, matching.thread)):
        if column in data and column:
            row[name] = data[column]
    return row


def read_mapped(use_case: UseCase, matching: Matching, row: Row, id_prefix: str) -> NewItem:
    """The item that a row of the file becomes. Raises `RowRejected`, also for a row that cannot be read."""
    if row.data is None:
        raise RowRejected(row.line, row.problem or "cannot be read")
    return read_row(use_case, as_input(use_case, matching, row.data), line=row.line, id_prefix=id_prefix)


def _by_name(columns: Sequence[str], name: str, aliases: Sequence[str], label: str) -> str:
    return next((wanted for wanted in (name, *aliases, label) if wanted in columns), "")


def _by_letters(columns: Sequence[str], name: str, aliases: Sequence[str], label: str) -> str:
    wanted = {_letters(one) for one in (name, *aliases, label)} - {""}
    return next((column for column in columns if _letters(column) in wanted), "")


def _by_nearness(columns: Sequence[str], name: str, aliases: Sequence[str], label: str) -> str:
    by_letters = {_letters(column): column for column in reversed(columns)}
    for wanted in (name, *aliases, label):
        near = get_close_matches(_letters(wanted), list(by_letters), n=1, cutoff=NEAR) if wanted else []
        if near:
            return by_letters[near[0]]
    return ""


def _own(columns: Sequence[str], wanted: str, usual: Sequence[str]) -> str:
    if wanted in columns:
        return wanted
    by_letters = {_letters(column): column for column in reversed(columns)}
    return next((by_letters[name] for name in (_letters(wanted), *usual) if name in by_letters), "")


def _letters(name: str) -> str:
    return _NOT_LETTERS.sub("", name[:_COMPARED_CHARACTERS]).casefold()
