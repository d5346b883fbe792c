"""Values of databases: as JSON and back, as digests, as what a use case reads, and whether two of them are the same.

Drivers hand out what the column's type says; twenty-year-old tables say it by habit instead. Nothing here ever quotes a
value: a `BadValue` names the column and what is wrong.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from graftwork.systems.sql.file import ColumnRule

DIGEST_BYTES = 8
# MySQL's way of writing that there is no date.
ZERO_DATE = "0000-00-00"


class BadValue(Exception):
    """Internal: what is wrong with a value, without the value."""


# --- JSON -------------------------------------------------------------------------------------------------------------


def to_json(value: Any) -> Any:
    """`value` as JSON from which `from_json` makes the same one, of the same type."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return {"datetime": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case Decimal():
            return {"decimal": str(value)}
        case bytes() | bytearray() | memoryview():
            return {"bytes": bytes(value).hex()}
        case UUID():
            return {"uuid": str(value)}
    return str(value)


_FROM_JSON: dict[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "decimal": Decimal,
    "bytes": bytes.fromhex,
    "uuid": UUID,
}


def from_json(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    ((kind, text),) = value.items()
    return _FROM_JSON[kind](text)


# --- digests ----------------------------------------------------------------------------------------------------------


def digests(key: Sequence[Any], columns: Mapping[str, Any]) -> dict[str, str]:
    """By column, what tells whether its value has changed. Bound to the row: equal values of two rows look unlike."""
    salt = hashlib.sha256(repr([canonical(part) for part in key]).encode()).digest()
    return {
        name: hashlib.blake2b(
            f"{name}={canonical(value)}".encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES, key=salt
        ).hexdigest()
        for name, value in columns.items()
    }


def canonical(value: Any) -> str:
    """One text for one value, whatever the session's time zone and the driver's type (2 or 2.0) are."""
    match value:
        case None:
            return "null"
        case str():
            return f"text:{value}"
        case bool() | int() | float() | Decimal():
            return f"number:{_plain_number(value)}"
        case datetime():
            return f"date:{(value.astimezone(UTC) if value.tzinfo else value).isoformat()}"
        case bytes() | bytearray() | memoryview():
            return f"bytes:{hashlib.sha256(bytes(value)).hexdigest()}"
        case dict() | list():
            return f"json:{json.dumps(value, sort_keys=True, default=str)}"
    return f"{type(value).__name__}:{value}"


def key_text(parts: Sequence[Any]) -> str:
    """The key of a row as one text that no other key has. Raises `BadValue` where a part is missing."""
    texts = [_key_part(part) for part in parts]
    if len(texts) == 1:
        return texts[0]
    return "/".join(text.replace("%", "%25").replace("/", "%2F") for text in texts)


def _key_part(part: Any) -> str:
    match part:
        case bytes() | bytearray() | memoryview():
            return bytes(part).hex()
        case float() | Decimal():
            return _plain_number(part)
        case datetime():
            return part.isoformat()
    text = str(part).rstrip(" ")
    if part is None or not text:
        raise BadValue("the key is empty")
    return text


def _plain_number(value: Any) -> str:
    """2, 2.0 and Decimal("2.00") alike: which of them a driver gives depends on its version."""
    number = value if isinstance(value, Decimal) else Decimal(repr(value) if isinstance(value, float) else int(value))
    if not number.is_finite():
        return str(number)
    return f"{number.normalize():f}" if number else "0"


# --- what a use case reads --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reader:
    """How the values of one column become those of a field."""

    column: str
    rule: ColumnRule
    encoding: str = ""
    misread_as: str = ""
    strip: bool = True
    empty_is_null: bool = False

    def read(self, raw: Any) -> str | int | float | bool | None:
        """Raises `BadValue`."""
        value = _number_of_bits(raw) if self.rule.kind in ("boolean", "number") else raw
        if isinstance(value, bytes | bytearray | memoryview):
            value = self._decoded(bytes(value))
        if isinstance(value, str):
            value = self._text(value)
        if value is None:
            return None
        match self.rule.kind:
            case "boolean":
                return self._boolean(value)
            case "number":
                return self._number(value)
            case "date":
                return self._date(value)
        return plain(value)

    def _text(self, text: str) -> str | None:
        if self.misread_as:
            text = repaired(text, self.misread_as, self.encoding)
        if self.strip:
            text = text.rstrip(" ")
        if (not text and self.empty_is_null) or text in self.rule.nulls:
            return None
        return text

    def _decoded(self, content: bytes) -> str:
        try:
            return content.decode(self.encoding or "utf-8")
        except UnicodeDecodeError:
            name = self.encoding or "UTF-8"
            raise BadValue(f"`{self.column}` holds bytes that are not {name}; see `encoding`") from None

    def _boolean(self, value: Any) -> bool:
        text = _plain_number(value) if isinstance(value, bool | int | float | Decimal) else str(value).strip()
        for meaning, texts in ((True, self.rule.true), (False, self.rule.false)):
            if text.lower() in (one.lower() for one in texts):
                return meaning
        raise BadValue(f"`{self.column}` holds neither a yes nor a no")

    def _number(self, value: Any) -> int | float:
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            raise BadValue(f"`{self.column}` holds no number") from None
        if not number.is_finite():
            raise BadValue(f"`{self.column}` holds no finite number")
        return int(number) if number == number.to_integral_value() else float(number)

    def _date(self, value: Any) -> str | None:
        if not isinstance(value, str | int):
            return str(plain(value))
        text = str(value).strip()
        if not text or text.startswith(ZERO_DATE):
            return None
        try:
            found = parsed_time(text, self.rule.format)
        except ValueError:
            form = f" of the form {self.rule.format}" if self.rule.format else ""
            raise BadValue(f"`{self.column}` holds no date{form}") from None
        # A form without hours says nothing of midnight.
        timeless = self.rule.format and not any(unit in self.rule.format for unit in ("%H", "%I", "%c", "%X", "%T"))
        return found.date().isoformat() if timeless else found.isoformat()


def parsed_time(text: str, form: str) -> datetime:
    """As the table means it: in the zone that it never names. Raises `ValueError`."""
    return datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007 - see above


def plain(value: Any) -> str | int | float | bool | None:
    """What JSON and the fields of a use case can hold."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value
        case Decimal():
            return _plain_number(value)
        case datetime() | date() | time():
            return value.isoformat()
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def repaired(text: str, misread_as: str, encoding: str) -> str:
    """A text that was decoded as `misread_as` although it is `encoding`, decoded again; one that was not, as it is."""
    try:
        return _misread_bytes(text, misread_as).decode(encoding)
    except UnicodeError:
        return text


def garbled(text: str, misread_as: str, encoding: str) -> str:
    """The opposite: how a text must be handed to such a database. Raises `UnicodeError`."""
    content = text.encode(encoding)
    return "".join(_misread_character(byte, misread_as) for byte in content) if misread_as else text


def _misread_bytes(text: str, misread_as: str) -> bytes:
    if _is_latin1(misread_as):
        return b"".join(_latin1_byte(character) for character in text)
    return text.encode(misread_as)


def _is_latin1(name: str) -> bool:
    return name in ("iso8859-1", "cp1252")


def _latin1_byte(character: str) -> bytes:
    """MySQL's latin1 is Windows-1252, with the five bytes that it does not use taken from ISO 8859-1."""
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")


def _misread_character(byte: int, misread_as: str) -> str:
    content = bytes((byte,))
    if not _is_latin1(misread_as):
        return content.decode(misread_as)
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _number_of_bits(raw: Any) -> Any:
    """MySQL's BIT and SQL Server's BINARY flags come as bytes."""
    if isinstance(raw, bytes) and 0 < len(raw) <= 8 and not raw.isdigit() and not raw.isalpha():
        return int.from_bytes(raw)
    return raw


# --- sameness ---------------------------------------------------------------------------------------------------------


def same(wrote: Any, holds: Any, *, empty_is_null: bool = False) -> bool:
    """Whether a column that was given `wrote` and now `holds` that has kept it: whole, and readable as it was.

    The blanks of CHAR, the column's own way of writing numbers and its precision in dates are no difference.
    """
    if empty_is_null:
        wrote, holds = (None if value == "" else value for value in (wrote, holds))
    if wrote is None or holds is None:
        return wrote is holds
    if isinstance(holds, bytes | bytearray | memoryview):
        return _bytes_of(wrote) == bytes(holds) or (isinstance(wrote, int) and wrote == _number_of_bits(bytes(holds)))
    if isinstance(wrote, str) and isinstance(holds, str):
        return wrote.rstrip(" ") == holds.rstrip(" ")
    if isinstance(holds, date | timedelta | time) or isinstance(wrote, date):
        return _same_time(wrote, holds)
    if isinstance(holds, dict | list):
        return _same_json(wrote, holds)
    return _same_number(wrote, holds)


def _bytes_of(wrote: Any) -> bytes:
    return wrote if isinstance(wrote, bytes) else str(wrote).encode("utf-8", "surrogatepass")


def _same_time(wrote: Any, holds: Any) -> bool:
    one, other = _as_time(wrote), _as_time(holds)
    if one is None or other is None:
        # A text in a form that only the database reads: it is enough that it made a date of it.
        return isinstance(wrote, str) and not isinstance(holds, str)
    # Seconds may be rounded, and the day of a DATE column is that of the session's time zone.
    return abs(one - other) <= (timedelta(days=1) if _is_a_day(holds) else timedelta(hours=26))


def _is_a_day(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _as_time(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime.combine(value, time())
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        return None


def _same_json(wrote: Any, holds: Any) -> bool:
    try:
        return bool(json.loads(wrote) == holds)
    except (TypeError, ValueError):
        return False


def _same_number(wrote: Any, holds: Any) -> bool:
    try:
        one, other = (Decimal(_plain_number(v) if not isinstance(v, str) else v.strip()) for v in (wrote, holds))
    except (InvalidOperation, TypeError, ValueError):
        return str(wrote).strip().lower() == str(holds).strip().lower()
    # Single precision keeps seven digits.
    return one == other or (isinstance(holds, float) and abs(one - other) <= abs(one) * Decimal("1e-6"))
