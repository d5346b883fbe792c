"""Pushing: one delivery is one transaction, which changes exactly the rows it means or none.

In it the row that was read is locked, read again and compared; what is written is read back before the commit, since
some databases cut a text or put question marks into it and say nothing.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, TableClause, and_, insert, literal_column, select, update

from graftwork.systems.contract import Delivery, Receipt
from graftwork.systems.errors import Conflict, Rejected, Unsure
from graftwork.systems.sql.engine import reading, writing
from graftwork.systems.sql.failures import told, told_of_commit
from graftwork.systems.sql.file import SqlConnector
from graftwork.systems.sql.planning import Planned, Planner, key_of
from graftwork.systems.sql.push_file import SqlPush, Write
from graftwork.systems.sql.source import MEETS_WHERE, Source, changes_it_before, is_own_row, locked, open_source
from graftwork.systems.sql.tables import Columns, bound, columns_of_table, equals, table_of
from graftwork.systems.sql.values import digests, same

GONE = "the row is gone"
# A guard that finds more than this is none.
MOST_LOOKED_AT = 100

Row = dict[str, Any]


class Writing:
    """Used by several threads at once; what it learns of tables is kept."""

    def __init__(self, file: SqlConnector, engine: Engine) -> None:
        assert file.push is not None
        self._file = file
        self._push: SqlPush = file.push
        self._engine = engine
        self._family = engine.dialect.name
        self._planner = Planner(file, self._family)
        self._learning = threading.Lock()
        self._tables: dict[tuple[str, str], Columns] = {}
        self._source: Source | None = None

    def push(self, delivery: Delivery) -> Receipt:
        self.learn()
        plan = [self._planned(write, delivery) for write in self._push.writes_of(delivery.event)]
        if not plan:
            return Receipt()
        try:
            return Receipt(already=not self._write(plan, delivery))
        except Rejected:
            # Two tries at the same time: the other one was faster, and a unique index kept out ours.
            if any(planned.write.action == "insert" for planned in plan) and self._has_arrived(plan):
                return Receipt(already=True)
            raise

    def learn(self) -> None:
        """Which columns there are. Raises `TargetDenied` where one that the file names is not there."""
        with self._learning:
            if self._tables:
                return
            with told(self._family, one=False), reading(self._engine, self._file) as connection:
                if self._file.pull is not None:
                    self._source = open_source(connection, self._file)
                places = {self.place(write) for write in self._push.all_writes}
                self._tables = {place: columns_of_table(connection, *place) for place in places}

    def place(self, write: Write) -> tuple[str, str]:
        pull = self._file.pull
        if pull is None or (write.table and write.table != pull.table):
            return write.table, write.schema_name
        return pull.table, write.schema_name or pull.schema_name

    def _planned(self, write: Write, delivery: Delivery) -> Planned:
        place = self.place(write)
        return self._planner.plan(write, *place, self._tables[place], delivery)

    # --- the transaction ----------------------------------------------------------------------------------------------

    def _write(self, plan: Sequence[Planned], delivery: Delivery) -> bool:
        """Whether anything was written; not where it was there already."""
        with told(self._family, one=True), writing(self._engine, self._file) as connection:
            try:
                row = self._row_that_was_read(connection, plan, delivery)
            except (Conflict, Rejected):
                if self._left_its_mark(connection, plan):
                    return False
                raise
            done = [self._is_done(connection, planned, row, delivery) for planned in plan]
            if _is_there(plan, done):
                return False
            if not delivery.overwrite:
                self._compare(row, plan, delivery)
            for planned, there in zip(plan, done, strict=True):
                if not there:
                    self._apply(connection, planned, delivery)
            if self._push.read_back:
                for planned in plan:
                    self._read_back(connection, planned, delivery)
            with told_of_commit(self._family):
                connection.commit()
        return True

    def _has_arrived(self, plan: Sequence[Planned]) -> bool:
        with told(self._family, one=True), reading(self._engine, self._file) as connection:
            inserts = [planned for planned in plan if planned.write.action == "insert"]
            all_of_it = len(inserts) == len(plan) and all(self._is_inserted(connection, each) for each in inserts)
            return all_of_it or self._left_its_mark(connection, plan)

    def _left_its_mark(self, connection: Connection, plan: Sequence[Planned]) -> bool:
        return any(_is_keyed(planned) and self._is_inserted(connection, planned) for planned in plan)

    def _row_that_was_read(self, connection: Connection, plan: Sequence[Planned], delivery: Delivery) -> Row | None:
        """Its columns as they are now, locked where it will be written; `None` where no row belongs to the delivery."""
        writes_it = [planned for planned in plan if is_own_row(self._file, planned.write)]
        key = self._key(delivery, needed=bool(writes_it))
        if self._source is None or key is None or not (writes_it or self._checked(delivery)):
            return None
        written = [name for planned in writes_it for name in planned.values]
        names = list(dict.fromkeys([*written, *self._checked(delivery)]))
        with_where = self._checks_where(delivery)
        statement = self._source.row(key, names, lock=bool(writes_it), with_where=with_where)
        rows = connection.execute(statement).fetchmany(2)
        _require_one(len(rows), delivery)
        return dict(zip([*names, *([MEETS_WHERE] if with_where else [])], rows[0], strict=True))

    def _is_done(self, connection: Connection, planned: Planned, row: Row | None, delivery: Delivery) -> bool:
        if planned.write.action == "insert":
            return self._is_inserted(connection, planned)
        if planned.where is not None:
            rows = self._rows(connection, planned, planned.where, lock=True)
            _require_one(len(rows), delivery)
            row = rows[0]
        assert row is not None
        return not self._differing(planned.values, row)

    def _is_inserted(self, connection: Connection, planned: Planned) -> bool:
        guard = planned.guard
        return any(not self._differing(guard, row) for row in self._rows(connection, planned, guard))

    def _compare(self, row: Row | None, plan: Sequence[Planned], delivery: Delivery) -> None:
        """Raises `Conflict` where a checked column is not as it was read, unless we changed it ourselves."""
        read = delivery.origin.get("columns")
        key = key_of(delivery)
        if row is None or not read or key is None:
            return
        if row.get(MEETS_WHERE) == 0:
            raise Conflict("it no longer meets `pull.where`")
        now = digests(key, {name: row[name] for name in self._checked(delivery)})
        changed = [name for name in now if now[name] != read[name] and not self._is_our_mark(name, row[name], delivery)]
        if changed:
            written = {name for planned in plan if is_own_row(self._file, planned.write) for name in planned.values}
            ours = bool(written) and all(name in changed for name in written if name in now)
            raise _changed(delivery, ", ".join(f"`{name}`" for name in changed), may_be_ours=ours)

    def _apply(self, connection: Connection, planned: Planned, delivery: Delivery) -> None:
        table = self._table(planned)
        values = {name: bound(value) for name, value in planned.values.items()}
        if planned.write.action == "insert":
            connection.execute(insert(table).values(values))
            return
        result = connection.execute(update(table).where(self._condition(planned, table, delivery)).values(values))
        # Some ODBC drivers cannot count (-1); the row was locked and counted before.
        if result.rowcount not in (1, -1):
            raise Rejected(f"the update would change {result.rowcount} rows in place of one")

    def _read_back(self, connection: Connection, planned: Planned, delivery: Delivery) -> None:
        if planned.write.action == "insert":
            where = planned.guard
            rows = self._rows(connection, planned, where)
            if not rows:
                raise Rejected(f"{_listed(where)} would not hold what was written")
        elif planned.where is not None:
            rows = self._rows(connection, planned, {**planned.where, **_common(planned.values, planned.where)})
        else:
            assert self._source is not None
            key = self._key(delivery, needed=True)
            assert key is not None
            found = connection.execute(self._source.row(key, list(planned.values), lock=False, with_where=False))
            rows = [dict(zip(planned.values, each, strict=True)) for each in found]
        wrong = min((self._differing(planned.values, row) for row in rows), key=len, default=[])
        if wrong or not rows:
            raise Rejected(
                f"{_listed(wrong) or 'the row'} would not hold what was written: too long, or not in its set"
            )

    # --- parts --------------------------------------------------------------------------------------------------------

    def _rows(
        self, connection: Connection, planned: Planned, where: Mapping[str, Any], *, lock: bool = False
    ) -> list[Row]:
        table = table_of(planned.table, planned.schema, planned.columns.names)
        names = list(planned.values)
        statement = select(*(table.c[name].label(f"c{number}") for number, name in enumerate(names)))
        statement = statement.where(*(equals(table.c[name], value) for name, value in where.items()))
        statement = locked(statement, table) if lock else statement
        return [dict(zip(names, row, strict=True)) for row in connection.execute(statement).fetchmany(MOST_LOOKED_AT)]

    def _condition(self, planned: Planned, table: Any, delivery: Delivery) -> Any:
        if planned.where is not None:
            return and_(*(equals(table.c[name], value) for name, value in planned.where.items()))
        key = self._key(delivery, needed=True)
        assert self._source is not None
        assert key is not None
        return self._source.names_row(key)

    def _table(self, planned: Planned) -> TableClause:
        if self._source is not None and is_own_row(self._file, planned.write):
            return self._source.table
        return table_of(planned.table, planned.schema, planned.columns.names)

    def _key(self, delivery: Delivery, *, needed: bool) -> list[Any] | None:
        """That of the row that was read; for an item of elsewhere its id, where one column is the key."""
        key = key_of(delivery)
        parts = len(self._source.key) if self._source else 0
        if key is None and needed and parts == 1:
            return [delivery.external_id]
        if (key is None or len(key) != parts) and needed:
            raise Rejected("the item names no row of this table")
        return key if key is not None and len(key) == parts else None

    def _checked(self, delivery: Delivery) -> list[str]:
        read = delivery.origin.get("columns") or {}
        return [name for name in (self._source.checked if self._source else ()) if name in read]

    def _checks_where(self, delivery: Delivery) -> bool:
        pull = self._file.pull
        by_default = self._push.check is None and not changes_it_before(self._file)
        return by_default and bool(pull and pull.where and delivery.origin.get("columns"))

    def _is_our_mark(self, name: str, value: Any, delivery: Delivery) -> bool:
        """What `settle` wrote, or the constant that an earlier decision on the item did."""
        pull = self._file.pull
        marks: list[Any] = []
        if pull is not None and pull.taken_value is not None and name.lower() == pull.status.lower():
            marks.append(pull.taken_value)
        current = self._push.writes_of(delivery.event)
        for write in self._push.all_writes:
            if write not in current and is_own_row(self._file, write):
                marks += [constant for column, constant in write.set.items() if column.lower() == name.lower()]
        return any(same(mark, value) for mark in marks)

    def _differing(self, values: Mapping[str, Any], row: Row) -> list[str]:
        empty_is_null = self._family == "oracle"
        return [name for name, value in values.items() if not same(value, row[name], empty_is_null=empty_is_null)]

    def may_write(self, connection: Connection, write: Write) -> None:
        """Try the statements of a write on no row at all. The caller rolls back."""
        place = self.place(write)
        columns = self._tables[place]
        table = table_of(*place, columns.names)
        names = columns.all_spelled(write.set, "push.set")
        nothing = literal_column("1") == literal_column("0")
        if write.action == "insert":
            chosen = select(*(table.c[name] for name in names)).where(nothing)
            connection.execute(insert(table).from_select(list(names), chosen))
            return
        connection.execute(locked(select(table.c[names[0]]).where(nothing), table))
        connection.execute(update(table).where(nothing).values({name: table.c[name] for name in names}))


def _is_there(plan: Sequence[Planned], done: Sequence[bool]) -> bool:
    """All of it, or a row that only this delivery can have written: the transaction brought the rest with it."""
    return all(done) or any(there and _is_keyed(planned) for planned, there in zip(plan, done, strict=True))


def _is_keyed(planned: Planned) -> bool:
    return planned.write.action == "insert" and planned.write.is_guarded_by_key


def _require_one(count: int, delivery: Delivery) -> None:
    if count == 1:
        return
    if count > 1:
        raise Rejected("the key names more than one row")
    if delivery.overwrite:
        raise Rejected(GONE)
    raise Conflict(GONE)


def _changed(delivery: Delivery, what: str, *, may_be_ours: bool) -> Conflict | Unsure:
    if delivery.unsure and may_be_ours:
        return Unsure(f"since then {what} has changed")
    return Conflict(what)


def _common(values: Mapping[str, Any], where: Mapping[str, Any]) -> Row:
    """Columns that chose the row and were changed by it choose it by their new value now."""
    return {name: values[name] for name in where if name in values}


def _listed(names: Sequence[str] | Mapping[str, Any]) -> str:
    return ", ".join(f"`{name}`" for name in names)
