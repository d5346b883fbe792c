"""The rows that a connector pulls, as statements. All in SQLAlchemy's core, so each database gets its own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    TableClause,
    and_,
    case,
    column,
    func,
    literal_column,
    or_,
    select,
)

from graftwork.systems.sql.file import SqlConnector, SqlPull
from graftwork.systems.sql.tables import Columns, bound, columns_seen, columns_that_come, equals, raw, table_of
from graftwork.systems.sql.template import parse
from graftwork.systems.sql.window import Position, Sweep

# Beside the columns of a row that is read again; no column of a table is called so.
MEETS_WHERE = "graftwork_meets_where"


@dataclass(frozen=True, slots=True)
class Source:
    """`rows` is what is read from; `key` and `watermark` are columns or expressions of it.

    `read` are the columns that make records, `checked` those whose values a push compares; spelled as there.
    """

    pull: SqlPull
    columns: Columns
    rows: FromClause
    key: tuple[ColumnElement[Any], ...]
    watermark: ColumnElement[Any] | None
    read: tuple[str, ...]
    checked: tuple[str, ...]

    @property
    def table(self) -> TableClause:
        """What can be written to. A statement must name this very object, or SQLAlchemy joins the table to itself."""
        assert isinstance(self.rows, TableClause)
        return self.rows

    @property
    def marks(self) -> tuple[ColumnElement[Any], ...]:
        """What rows are ordered by."""
        return self.key if self.watermark is None else (self.watermark, *self.key)

    def page(self, sweep: Sweep, settled: Position | None, limit: int | None) -> Select[Any]:
        """The next rows of a sweep: the marks first, then the columns that are read."""
        conditions = self.filters()
        if self.watermark is not None and sweep.lower is not None:
            conditions.append(self.watermark >= bound(sweep.lower))
        if self.watermark is not None and sweep.upper is not None:
            conditions.append(self.watermark <= bound(sweep.upper))
        if (after := sweep.at or settled) is not None:
            conditions.append(_beyond(self.marks, after))
        columns = [*self.marks, *(self.rows.c[name] for name in self.read)]
        statement = select(*(each.label(f"c{number}") for number, each in enumerate(columns)))
        statement = statement.select_from(self.rows).where(*conditions).order_by(*self.marks)
        return statement if limit is None else statement.limit(limit)

    def newest(self, ceiling: Any = None) -> Select[Any]:
        """The greatest watermark, of those up to `ceiling`."""
        assert self.watermark is not None
        within = [] if ceiling is None else [self.watermark <= bound(ceiling)]
        return select(func.max(self.watermark)).select_from(self.rows).where(*self.filters(), *within)

    def filters(self) -> list[Any]:
        found: list[Any] = [*self._chosen(), *(part.is_not(None) for part in self.key)]
        return [*found, self.watermark.is_not(None)] if self.watermark is not None else found

    def waiting(self) -> Select[Any]:
        conditions = self.filters()
        if self.watermark is not None and self.pull.since is not None:
            conditions.append(self.watermark >= bound(self.pull.since))
        return select(literal_column("1")).select_from(self.rows).where(*conditions)

    def passed_over(self) -> Select[Any]:
        """Rows that would be read if they had a key and a watermark."""
        missing = or_(*(mark.is_(None) for mark in self.marks))
        return select(literal_column("1")).select_from(self.rows).where(*self._chosen(), missing)

    def row(self, key: Sequence[Any], names: Sequence[str], *, lock: bool, with_where: bool) -> Select[Any]:
        """One row again, whether or not it would still be read; last, where asked, 1 if it still meets `where`."""
        columns: list[Any] = [self.rows.c[name].label(f"c{number}") for number, name in enumerate(names)]
        if with_where:
            columns.append(case((raw(f"({self.pull.where})"), 1), else_=0).label(MEETS_WHERE))
        statement = select(*columns or [literal_column("1")]).select_from(self.rows).where(self.names_row(key))
        return locked(statement, self.rows) if lock else statement

    def names_row(self, key: Sequence[Any]) -> ColumnElement[bool]:
        return and_(*(equals(part, value) for part, value in zip(self.key, key, strict=True)))

    def is_new(self) -> ColumnElement[bool] | None:
        if not self.pull.status:
            return None
        status = self.rows.c[self.columns.spelled(self.pull.status, "pull.status")]
        found = [status == bound(value) for value in self.pull.new_values]
        return or_(*found, *([status.is_(None)] if self.pull.new_is_null else []))

    def _chosen(self) -> list[Any]:
        chosen: list[Any] = [raw(f"({self.pull.where})")] if self.pull.where else []
        new = self.is_new()
        return chosen if new is None else [*chosen, new]


def open_source(connection: Connection, file: SqlConnector) -> Source:
    """Raises `TargetDenied` where the file names a table or column that is not there."""
    pull = file.pull
    assert pull is not None
    if pull.query:
        place, bare = "the query", raw(f"({pull.query.strip().rstrip(';')}) source_rows")
        columns = columns_that_come(connection, bare, place)
        rows: FromClause = (
            raw(pull.query.strip().rstrip(";")).columns(*map(column, columns.names)).subquery("source_rows")
        )
    else:
        columns = columns_seen(connection, pull.table, pull.schema_name)
        rows = table_of(pull.table, pull.schema_name, columns.names)
    key = (
        tuple(rows.c[name] for name in columns.all_spelled(pull.key, "pull.key"))
        if pull.key
        else (literal_column(f"({pull.key_expression})"),)
    )
    read = _read_columns(pull, columns)
    return Source(pull, columns, rows, key, _watermark(pull, columns, rows), *_with_checked(file, columns, read))


def locked(statement: Select[Any], rows: FromClause) -> Select[Any]:
    """Nobody else changes the row until we are done. SQL Server says so in a hint; SQLite locks all of it anyway."""
    return statement.with_for_update().with_hint(rows, "WITH (UPDLOCK, ROWLOCK)", "mssql")


def _watermark(pull: SqlPull, columns: Columns, rows: FromClause) -> ColumnElement[Any] | None:
    if pull.watermark:
        return rows.c[columns.spelled(pull.watermark, "pull.watermark")]
    return literal_column(f"({pull.watermark_expression})") if pull.watermark_expression else None


def _read_columns(pull: SqlPull, columns: Columns) -> tuple[str, ...]:
    found = [
        columns.spelled(name, f"pull.fields.{field}") for field, text in pull.fields.items() for name in gaps(text)
    ]
    single = {"pull.thread": pull.thread, "pull.status": pull.status}
    if pull.conversation and pull.conversation.of:
        single["pull.conversation.of"] = pull.conversation.of
    found += [columns.spelled(name, told_by) for told_by, name in single.items() if name]
    for name in pull.columns:
        columns.spelled(name, f"pull.columns.{name}")
    return tuple(dict.fromkeys(found))


def _with_checked(
    file: SqlConnector, columns: Columns, read: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is read, and which of it is checked: everything in use, or what `push.check` names."""
    pull, push = file.pull, file.push
    if pull is None or push is None:
        return read, ()
    if push.check is not None:
        checked = columns.all_spelled(push.check, "push.check")
    else:
        written = (name for write in push.all_writes if is_own_row(file, write) for name in write.set)
        checked = tuple(dict.fromkeys([*read, *columns.all_spelled(written, "push.set")]))
        if pull.watermark and not changes_it_before(file):
            checked = tuple(dict.fromkeys([*checked, columns.spelled(pull.watermark, "pull.watermark")]))
    return tuple(dict.fromkeys([*read, *checked])), checked


def is_own_row(file: SqlConnector, write: Any) -> bool:
    """Whether a write changes the very row that was read."""
    return write.action == "update" and not write.where and bool(file.pull and file.pull.table)


def changes_it_before(file: SqlConnector) -> bool:
    """Whether the row may have been changed by ourselves since it was read, which moves its time of change too."""
    taken = file.pull is not None and file.pull.taken_value is not None
    return taken or (file.push is not None and len(file.push.on) > 1)


def gaps(text: str) -> tuple[str, ...]:
    """The columns that a field is made of."""
    return parse(text).names if "{" in text else (text,)


def _beyond(marks: Sequence[ColumnElement[Any]], position: Position) -> ColumnElement[bool]:
    """Rows after `position`. Written out, since few databases compare rows; the first comparison is for the index."""
    first, value = marks[0], position[0]
    if len(marks) == 1:
        return first > bound(value)
    rest = _beyond(marks[1:], position[1:])
    return and_(first >= bound(value), or_(first > bound(value), and_(first == bound(value), rest)))
