"""Tables and columns by the names that people write, found as the database spells them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    TableClause,
    TextClause,
    bindparam,
    column,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.exc import DBAPIError, NoSuchTableError, SQLAlchemyError
from sqlalchemy.types import NullType, TypeEngine

from graftwork.core.errors import did_you_mean
from graftwork.systems.errors import TargetDenied

Key = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one table or query. `types` is empty where the database does not tell them."""

    place: str
    names: tuple[str, ...]
    types: dict[str, TypeEngine[Any]]

    def spelled(self, name: str, told_by: str) -> str:
        """As the database spells it, in upper or lower case. Raises `TargetDenied` with the nearest name."""
        if name in self.names:
            return name
        alike = [known for known in self.names if known.lower() == name.lower()]
        if len(alike) == 1:
            return alike[0]
        raise TargetDenied(f"`{told_by}`: {self.place} has no column `{name}`{did_you_mean(name, list(self.names))}")

    def all_spelled(self, names: Iterable[str], told_by: str) -> tuple[str, ...]:
        return tuple(self.spelled(name, told_by) for name in names)


def raw(sql: str) -> TextClause:
    """SQL of the file's author, as it stands: a colon in it is no parameter."""
    return text(sql.replace(":", "\\:"))


def bound(value: Any) -> ColumnElement[Any]:
    """A parameter without a type of ours: the database gives it that of the column it is compared with."""
    return bindparam(None, value, type_=NullType(), unique=True)


def equals(element: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    return element.is_(None) if value is None else element == bound(value)


def table_of(name: str, schema: str, columns: Iterable[str]) -> TableClause:
    return table(name, *(column(each) for each in columns), schema=schema or None)


def columns_that_come(connection: Connection, source: Any, place: str) -> Columns:
    """What a reading account can see, also of views and where it may not look into the catalogue."""
    result = connection.execute(select(text("*")).select_from(source).where(text("1 = 0")))
    return Columns(place, tuple(result.keys()), {})


def columns_seen(connection: Connection, name: str, schema: str) -> Columns:
    """The columns of a table or view as far as this account may see them, without types. Raises `TargetDenied`.

    Views of MySQL may be read by accounts that may not look at what they are made of; where single columns are granted,
    only the catalogue knows which.
    """
    try:
        return columns_that_come(connection, table(name, schema=schema or None), f"the table `{name}`")
    except DBAPIError as first:
        connection.rollback()
        try:
            return columns_of_table(connection, name, schema)
        except SQLAlchemyError:
            raise first from None


def columns_of_table(connection: Connection, name: str, schema: str) -> Columns:
    """With their types. Raises `TargetDenied` where there is no such table."""
    inspector = inspect(connection)
    place = f"the table `{name}`"
    try:
        found = inspector.get_columns(name, schema or None)
    except NoSuchTableError:
        known = [*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)]
        raise TargetDenied(f"there is no table `{name}` that we may see{did_you_mean(name, known)}") from None
    except NotImplementedError:  # behind ODBC nobody can say
        return columns_that_come(connection, table(name, schema=schema or None), place)
    types = {str(each["name"]): each["type"] for each in found}
    return Columns(place, tuple(types), types)
