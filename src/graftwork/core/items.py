"""From a raw row (a line of a file, a request) to the content of an item, as its use case declares it."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graftwork.core.errors import RowRejected
from graftwork.core.types import FieldValue, ItemContent, Turn
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_tables import InputField

MAX_ID_CHARACTERS = 200

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class NewItem:
    """A checked row: `external_id` names it in the system it came from, `thread` says what it belongs to."""

    external_id: str
    thread: str
    content: ItemContent


def read_row(use_case: UseCase, row: Mapping[str, Any], *, line: int, id_prefix: str = "") -> NewItem:
    """Check one row against the use case's input. Columns that it does not declare are left out.

    A row without an id is named by its line; `id_prefix` keeps lines of different inputs apart. Raises `RowRejected`
    with the field and the reason, never with the value.
    """
    external_id = _identifier(row.get(use_case.input.id), use_case.input.id, line) or f"{id_prefix}row-{line}"
    thread = _identifier(row.get(use_case.input.thread), use_case.input.thread, line) or external_id
    fields = {name: _read_field(name, spec, row, line) for name, spec in use_case.input.fields.items()}
    pages = {
        name: starts
        for name, spec in use_case.input.fields.items()
        if isinstance(value := fields[name], str) and (starts := _read_pages(spec, name, row, len(value)))
    }
    return NewItem(external_id, thread, ItemContent(fields, pages))


def _identifier(value: Any, column: str, line: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RowRejected(line, f"`{column}` must be a text or a whole number")
    text = str(value).strip()
    if len(text) > MAX_ID_CHARACTERS or "\x00" in text or _SURROGATE.search(text):
        raise RowRejected(line, f"`{column}` is over {MAX_ID_CHARACTERS} characters, or holds what is not text")
    return text


def _read_field(name: str, spec: InputField, row: Mapping[str, Any], line: int) -> FieldValue:
    column = _column(name, spec, row)
    raw = None if column is None else row[column]
    if raw is None or raw == [] or (isinstance(raw, str) and not raw.strip()):
        if spec.required:
            raise RowRejected(line, f"the field `{name}` is missing or empty")
        return None
    value = _coerce(name, spec, raw, line)
    if spec.required and isinstance(value, tuple) and not any(turn.text.strip() for turn in value):
        raise RowRejected(line, f"the field `{name}` is missing or empty")
    _check_text(name, spec, value, line)
    return value


def _column(name: str, spec: InputField, row: Mapping[str, Any]) -> str | None:
    return next((column for column in (name, *spec.aliases) if row.get(column) not in (None, "")), None)


def _read_pages(spec: InputField, name: str, row: Mapping[str, Any], length: int) -> tuple[int, ...]:
    """Where the pages of a field begin, as the column beside it (`text:pages`) says; nothing where it says nonsense."""
    starts = row.get(f"{_column(name, spec, row)}:pages")
    if not isinstance(starts, list) or not all(type(start) is int and 0 <= start <= length for start in starts):
        return ()
    return tuple(starts) if starts == sorted(starts) else ()


def _coerce(name: str, spec: InputField, raw: Any, line: int) -> FieldValue:
    match spec.type:
        case "text":
            if isinstance(raw, str | int | float) and not isinstance(raw, bool):
                return str(raw)
        case "thread":
            return _read_thread(name, raw, line)
        case "number":
            return _read_number(name, raw, line)
        case "boolean":
            if isinstance(raw, bool):
                return raw
            if str(raw).strip().lower() in ("true", "false"):
                return str(raw).strip().lower() == "true"
    raise RowRejected(line, f"the field `{name}` must be a {spec.type}")


def _read_thread(name: str, raw: Any, line: int) -> tuple[Turn, ...]:
    if isinstance(raw, str):
        return (Turn("customer", raw),)
    if not isinstance(raw, list):
        raise RowRejected(line, f"the field `{name}` must be a text or a list of turns")
    turns = []
    for number, turn in enumerate(raw, 1):
        if not isinstance(turn, Mapping) or not isinstance(turn.get("text"), str):
            raise RowRejected(line, f"turn {number} of `{name}` must be an object with `from` and `text`")
        speaker = turn.get("from", "customer")
        if not isinstance(speaker, str) or len(speaker) > MAX_ID_CHARACTERS:
            raise RowRejected(line, f"`from` in turn {number} of `{name}` must be a short text")
        turns.append(Turn(speaker, turn["text"]))
    return tuple(turns)


def _read_number(name: str, raw: Any, line: int) -> int | float:
    if isinstance(raw, bool):
        raise RowRejected(line, f"the field `{name}` must be a number")
    if isinstance(raw, int | float):
        number: int | float = raw
    else:
        try:
            number = float(raw)
        except (TypeError, ValueError, OverflowError):
            raise RowRejected(line, f"the field `{name}` must be a number") from None
    # Whole numbers of any length are read from JSON; a float cannot hold them, and neither can other systems.
    if abs(number) > 1e300 or not math.isfinite(number):
        raise RowRejected(line, f"the field `{name}` must be a finite number")
    return number


def _texts(value: FieldValue) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for turn in value for text in (turn.speaker, turn.text)]
    return []


def _check_text(name: str, spec: InputField, value: FieldValue, line: int) -> None:
    texts = _texts(value)
    if any("\x00" in text for text in texts):
        raise RowRejected(line, f"the field `{name}` holds a NUL character")
    if any(_SURROGATE.search(text) for text in texts):
        raise RowRejected(line, f"the field `{name}` holds half of a surrogate pair, which is not text")
    if sum(map(len, texts)) > spec.max_characters:
        raise RowRejected(line, f"the field `{name}` has over {spec.max_characters} characters")
