"""The turns of a conversation that lie in another table: one query for all rows of a page."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.types import NullType

from graftwork.systems.sql.file import ColumnRule, Conversation, SqlConnector
from graftwork.systems.sql.source import gaps
from graftwork.systems.sql.tables import columns_seen, raw, table_of
from graftwork.systems.sql.template import parse
from graftwork.systems.sql.values import BadValue, Reader, plain

# Oracle takes 1,000 values in a list, SQL Server some 2,000 parameters.
MOST_IN_A_LIST = 500
CUSTOMER = "customer"

Turns = list[dict[str, str]]


class Conversations:
    """Reads turns by what their `parent` column holds. A turn that cannot be read spoils its conversation only."""

    def __init__(self, connection: Connection, file: SqlConnector, told: Conversation) -> None:
        columns = columns_seen(connection, told.table, told.schema_name)
        self._told = told
        self._file = file
        self._texts = columns.all_spelled(gaps(told.text), "pull.conversation.text")
        self._template = parse(told.text) if "{" in told.text else None
        speaker = columns.all_spelled([told.speaker] if told.speaker else [], "pull.conversation.speaker")
        self._readers = [self._reader(name) for name in (*self._texts, *speaker)]
        rows = table_of(told.table, told.schema_name, columns.names)
        parent = rows.c[columns.spelled(told.parent, "pull.conversation.parent")]
        order = [rows.c[name] for name in columns.all_spelled(told.order, "pull.conversation.order")]
        wanted = [parent, *(rows.c[reader.column] for reader in self._readers)]
        statement = select(*(each.label(f"c{number}") for number, each in enumerate(wanted))).select_from(rows)
        statement = statement.where(parent.in_(bindparam("parents", type_=NullType(), expanding=True)))
        if told.where:
            statement = statement.where(raw(f"({told.where})"))
        self._statement = statement.order_by(parent, *order)

    def read(self, connection: Connection, parents: Iterable[Any]) -> dict[str, Turns | BadValue]:
        """By the parent's text, see `name_of`."""
        found: dict[str, Turns | BadValue] = {}
        for some in _lists(sorted({name_of(each): each for each in parents if each is not None}.items())):
            for row in connection.execute(self._statement, {"parents": some}):
                self._add(found, row)
        return found

    def _add(self, found: dict[str, Turns | BadValue], row: Sequence[Any]) -> None:
        turns = found.setdefault(name_of(row[0]), [])
        if isinstance(turns, BadValue):
            return
        try:
            turn = self._turn(row[1:])
        except BadValue as problem:
            found[name_of(row[0])] = problem
            return
        if turn["text"].strip():
            turns.append(turn)

    def _turn(self, raws: Sequence[Any]) -> dict[str, str]:
        values = [reader.read(raw) for reader, raw in zip(self._readers, raws, strict=True)]
        texts = dict(zip(gaps(self._told.text), values, strict=False))
        text = self._template.fill(texts.__getitem__) if self._template else values[0]
        speaker = str(values[-1]).strip() if self._told.speaker and values[-1] is not None else CUSTOMER
        return {"from": self._told.speakers.get(speaker, speaker), "text": "" if text is None else str(text)}

    def _reader(self, column: str) -> Reader:
        return Reader(column, ColumnRule(), self._file.encoding, self._file.misread_as)


def name_of(parent: Any) -> str:
    """One name for a value of both tables: with and without the blanks of CHAR, 17 and 17.0."""
    return str(plain(parent)).rstrip(" ")


def _lists(parents: list[tuple[str, Any]]) -> Iterator[list[Any]]:
    for begin in range(0, len(parents), MOST_IN_A_LIST):
        yield [value for _, value in parents[begin : begin + MOST_IN_A_LIST]]
