"""What a delivery writes: by table, column and value, checked before anything is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import types
from sqlalchemy.dialects import mysql

from graftwork.systems.contract import Delivery
from graftwork.systems.errors import Rejected
from graftwork.systems.sql.file import ColumnRule, SqlConnector
from graftwork.systems.sql.push_file import Constant, Write, template_of
from graftwork.systems.sql.source import is_own_row
from graftwork.systems.sql.tables import Columns
from graftwork.systems.sql.template import json_text
from graftwork.systems.sql.values import from_json, garbled

# MySQL counts these in bytes, tells no length, and outside strict mode cuts what is longer.
_MOST_BYTES = ((mysql.TINYTEXT, 255), (mysql.MEDIUMTEXT, 16_777_215), (mysql.LONGTEXT, 4_294_967_295))
_MYSQL_TEXT_BYTES = 65_535


@dataclass(frozen=True, slots=True)
class Planned:
    """`where` is `None` for the row that was read. Columns and values are spelled as the database takes them."""

    write: Write
    table: str
    schema: str
    columns: Columns
    values: Mapping[str, Any]
    where: Mapping[str, Any] | None

    @property
    def guard(self) -> dict[str, Any]:
        names = self.columns.all_spelled(self.write.guard, "push.once_by")
        return {name: self.values[name] for name in names}


class Planner:
    def __init__(self, file: SqlConnector, family: str) -> None:
        assert file.push is not None
        self._file = file
        self._family = family
        self._zone = ZoneInfo(file.push.time_zone)

    def plan(self, write: Write, table: str, schema: str, columns: Columns, delivery: Delivery) -> Planned:
        """Raises `Rejected` where a column cannot hold its value, `TargetDenied` where there is no such column."""
        own = is_own_row(self._file, write)
        values = self._row(write.set, columns, delivery, "push.set")
        where = None if own or write.action == "insert" else self._row(write.where, columns, delivery, "push.where")
        return Planned(write, table, schema, columns, values, where)

    def _row(
        self, told: Mapping[str, str | Constant], columns: Columns, delivery: Delivery, told_by: str
    ) -> dict[str, Any]:
        row = {}
        for name, value in told.items():
            column = columns.spelled(name, f"{told_by}.{name}")
            filled = template_of(value).fill(self._gap(delivery)) if isinstance(value, str) else value
            row[column] = self._fitted(column, json_text(filled), columns.types.get(column))
        return row

    def _gap(self, delivery: Delivery) -> Any:
        def value_of(name: str) -> Any:
            family, dot, rest = name.partition(".")
            if dot and family == "values":
                return (delivery.values or {}).get(rest)
            if dot and family == "row":
                return self._key_column(rest, delivery)
            if name == "decided_at":
                return delivery.decided_at.astimezone(self._zone)
            return getattr(delivery, name)

        return value_of

    def _key_column(self, name: str, delivery: Delivery) -> Any:
        from_origin = key_of(delivery)
        names = self._file.pull.key if self._file.pull else ()
        if name not in names or from_origin is None or len(from_origin) != len(names):
            raise Rejected(f"{{row.{name}}} is no key column of a row that was read")
        return from_origin[names.index(name)]

    def _fitted(self, column: str, value: Any, kind: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, datetime):
            return self._time(value, kind)
        if isinstance(value, bool):
            return _truth(value, kind)
        if isinstance(kind, types.String) and isinstance(value, int | float):
            value = str(value)
        return self._text(column, value, kind) if isinstance(value, str) else value

    def _time(self, value: datetime, kind: Any) -> datetime | date | str:
        value = value.replace(microsecond=0)
        if isinstance(kind, types.Date) and not isinstance(kind, types.DateTime) and self._family != "sqlite":
            return value.date()
        if getattr(kind, "timezone", False) and self._family != "sqlite":
            return value
        naive = value.replace(tzinfo=None)
        return naive.isoformat(" ") if self._family == "sqlite" or isinstance(kind, types.String) else naive

    def _text(self, column: str, text: str, kind: Any) -> str | bytes:
        most = _most_characters(kind)
        if most is not None and self._length(text) > most:
            raise Rejected(f"`{column}` holds {most} characters, and the text is longer")
        rule = self._file.pull.columns.get(column, ColumnRule()) if self._file.pull else ColumnRule()
        encoding, misread_as = rule.encoding or self._file.encoding, rule.misread_as or self._file.misread_as
        try:
            if isinstance(kind, types.LargeBinary):
                return text.encode(encoding or "utf-8")
            text = garbled(text, misread_as, encoding) if misread_as else text
            size = len(text.encode())
        except UnicodeError:
            raise Rejected(f"`{column}` cannot hold a character of the text") from None
        if (limit := self._most_bytes(kind)) is not None and size > limit:
            raise Rejected(f"`{column}` holds {limit} bytes, and the text is longer")
        return text

    def _length(self, text: str) -> int:
        # NVARCHAR(n) counts pairs of bytes, so characters beyond the first 65,536 count twice.
        return len(text.encode("utf-16-le", "surrogatepass")) // 2 if self._family == "mssql" else len(text)

    def _most_bytes(self, kind: Any) -> int | None:
        if self._family not in ("mysql", "mariadb"):
            return None
        found = next((limit for cls, limit in _MOST_BYTES if isinstance(kind, cls)), None)
        return found or (_MYSQL_TEXT_BYTES if isinstance(kind, types.TEXT) else None)


def key_of(delivery: Delivery) -> list[Any] | None:
    """The key of the row that was read, as the database gave it; `None` where this connector did not bring the item."""
    key = delivery.origin.get("key")
    return None if not key else [from_json(part) for part in key]


def _most_characters(kind: Any) -> int | None:
    if not isinstance(kind, types.String) or isinstance(kind, types.Enum | mysql.TEXT):
        return None
    return kind.length


def _truth(value: bool, kind: Any) -> bool | int | str:
    if isinstance(kind, types.String):
        return "true" if value else "false"
    return int(value) if isinstance(kind, types.Integer | types.Numeric) else value
