"""Pulling: a page of rows, and what each becomes. A row that cannot be understood is told, and stops nothing."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, update
from sqlalchemy.types import NullType

from graftwork.systems.contract import Cursor, Pulled, Record
from graftwork.systems.sql.conversation import CUSTOMER, Conversations, Turns, name_of
from graftwork.systems.sql.file import ColumnRule, SqlConnector, SqlPull
from graftwork.systems.sql.source import Source, gaps, open_source
from graftwork.systems.sql.template import Template, parse
from graftwork.systems.sql.values import BadValue, Reader, canonical, digests, from_json, key_text, to_json
from graftwork.systems.sql.window import Position, State, Sweep, after_page, begin, ceiling, is_believable

MAX_KEY_CHARACTERS = 200
_KEPT_OF_A_LONG_KEY = 120


class Reading:
    """Made once a connection is there, since it needs to know the columns."""

    def __init__(self, connection: Connection, file: SqlConnector) -> None:
        assert file.pull is not None
        self._file = file
        self._pull: SqlPull = file.pull
        self.source: Source = open_source(connection, file)
        self._places = {name: number for number, name in enumerate(self.source.read, len(self.source.marks))}
        self._fields = {field: self._made_of(field, text) for field, text in self._pull.fields.items()}
        self._checked = [(name, self._places[name]) for name in self.source.checked]
        told = self._pull.conversation
        self._conversations = Conversations(connection, file, told) if told else None

    def page(self, connection: Connection, cursor: Cursor | None, limit: int, now: datetime) -> Pulled:
        if self.source.watermark is None:
            return self._by_key(connection, cursor, limit)
        state = State.of(cursor)
        if state.sweep is None:
            state = self._begin(connection, state, now)
        assert state.sweep is not None
        rows = self._rows(connection, state.sweep, state.settled, limit)
        full = len(rows) >= limit
        state = after_page(state, self._pull, self._position(rows), full=full)
        return Pulled(self._records(connection, rows), state.cursor(), more=full)

    def _by_key(self, connection: Connection, cursor: Cursor | None, limit: int) -> Pulled:
        """Without a watermark every look goes through all rows that are to be read, in pages by key."""
        at = (cursor or {}).get("at")
        sweep = Sweep(at=tuple(from_json(part) for part in at) if at else None)
        rows = self._rows(connection, sweep, None, limit)
        full = len(rows) >= limit
        last = self._position(rows)
        following = [to_json(part) for part in last] if full and last else None
        return Pulled(self._records(connection, rows), {"at": following}, more=full)

    def _begin(self, connection: Connection, state: State, now: datetime) -> State:
        newest = connection.execute(self.source.newest()).scalar()
        open_ended = newest is not None and not is_believable(self._pull, newest, now)
        if open_ended:
            limit = ceiling(self._pull, newest, now)
            newest = None if limit is None else connection.execute(self.source.newest(limit)).scalar()
            newest = newest if is_believable(self._pull, newest, now) else None
        return begin(state, self._pull, newest, now, open_ended=open_ended)

    def _rows(
        self, connection: Connection, sweep: Sweep, settled: Position | None, limit: int
    ) -> Sequence[Sequence[Any]]:
        pages_by_database = connection.dialect.name != "graftwork_odbc"
        result = connection.execute(self.source.page(sweep, settled, limit if pages_by_database else None))
        rows = result.fetchmany(limit)
        result.close()
        return rows

    def _position(self, rows: Sequence[Sequence[Any]]) -> Position | None:
        return tuple(rows[-1][: len(self.source.marks)]) if rows else None

    # --- from rows to records -----------------------------------------------------------------------------------------

    def _records(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> list[Record]:
        turns: Mapping[str, Turns | BadValue] = {}
        if self._conversations is not None and rows:
            turns = self._conversations.read(connection, (self._parent(row) for row in rows))
        return [self._record(row, turns) for row in rows]

    def _record(self, row: Sequence[Any], turns: Mapping[str, Turns | BadValue]) -> Record:
        parts = row[len(self.source.marks) - len(self.source.key) : len(self.source.marks)]
        origin: dict[str, Any] = {"key": [to_json(part) for part in parts]}
        if self._checked:
            origin["columns"] = digests(parts, {name: row[place] for name, place in self._checked})
        values: dict[str, Any] = {}
        problem = ""
        try:
            key = _short(key_text(parts))
        except BadValue as found:
            key, problem = _substitute(row), str(found)
        for field, read in self._fields.items():
            try:
                values[field] = read(row)
            except BadValue as found:
                problem = problem or str(found)
        try:
            self._add_turns(values, row, turns)
            thread = self._thread(row)
        except BadValue as found:
            thread, problem = "", problem or str(found)
        return Record(key, values, thread, origin, problem)

    def _add_turns(self, values: dict[str, Any], row: Sequence[Any], turns: Mapping[str, Turns | BadValue]) -> None:
        told = self._pull.conversation
        if told is None:
            return
        found = turns.get(name_of(self._parent(row)), [])
        if isinstance(found, BadValue):
            raise found
        opening = values.get(told.field)
        values[told.field] = [*([{"from": CUSTOMER, "text": str(opening)}] if opening else []), *found]

    def _parent(self, row: Sequence[Any]) -> Any:
        told = self._pull.conversation
        if told is None or not told.of:
            return row[len(self.source.marks) - 1]
        return row[self._places[self.source.columns.spelled(told.of, "pull.conversation.of")]]

    def _thread(self, row: Sequence[Any]) -> str:
        if not self._pull.thread:
            return ""
        raw = row[self._places[self.source.columns.spelled(self._pull.thread, "pull.thread")]]
        return "" if raw is None else _short(key_text([raw]))

    def _made_of(self, field: str, text: str) -> "_FromColumn | _FromColumns":
        names = [self.source.columns.spelled(name, f"pull.fields.{field}") for name in gaps(text)]
        readers = [(self._places[name], self._reader(name)) for name in names]
        if "{" not in text:
            return _FromColumn(*readers[0])
        return _FromColumns(parse(text), dict(zip(gaps(text), readers, strict=True)))

    def _reader(self, column: str) -> Reader:
        rules = {self.source.columns.spelled(name, "pull.columns"): rule for name, rule in self._pull.columns.items()}
        rule = rules.get(column, ColumnRule())
        return Reader(
            column, rule, rule.encoding or self._file.encoding, rule.misread_as or self._file.misread_as,
            self._pull.strip, self._pull.empty_is_null,
        )  # fmt: skip

    # --- showing that they are here -----------------------------------------------------------------------------------

    def take(self, connection: Connection, records: Sequence[Record]) -> None:
        """Write `taken_value` into rows that still say they are new: somebody else's change stays."""
        pull, source = self._pull, self.source
        new = source.is_new()
        assert new is not None
        status = source.columns.spelled(pull.status, "pull.status")
        names = [bindparam(f"key_{number}", type_=NullType()) for number in range(len(source.key))]
        statement = (
            update(source.table)
            .where(*(part == name for part, name in zip(source.key, names, strict=True)), new)
            .values({status: bindparam("taken", pull.taken_value, type_=NullType())})
        )
        keys = sorted((record.origin["key"] for record in records if record.origin.get("key")), key=repr)
        if keys:
            connection.execute(statement, [self._named(key) for key in keys])

    def _named(self, key: Sequence[Any]) -> dict[str, Any]:
        parts = {f"key_{number}": from_json(part) for number, part in enumerate(key)}
        return {**parts, "taken": self._pull.taken_value}


class _FromColumn:
    def __init__(self, place: int, reader: Reader) -> None:
        self._place, self._read = place, reader.read

    def __call__(self, row: Sequence[Any]) -> Any:
        return self._read(row[self._place])


class _FromColumns:
    def __init__(self, template: Template, readers: Mapping[str, tuple[int, Reader]]) -> None:
        self._template, self._readers = template, readers

    def __call__(self, row: Sequence[Any]) -> Any:
        values = {name: reader.read(row[place]) for name, (place, reader) in self._readers.items()}
        filled = self._template.fill(values.__getitem__)
        return filled.strip() if isinstance(filled, str) else filled


def _short(key: str) -> str:
    """A key that is too long for a key is named by its beginning and its digest."""
    if len(key) <= MAX_KEY_CHARACTERS:
        return key
    return f"{key[:_KEPT_OF_A_LONG_KEY]}~{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _substitute(row: Sequence[Any]) -> str:
    content = "\n".join(canonical(value) for value in row)
    return f"row-{hashlib.sha256(content.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
