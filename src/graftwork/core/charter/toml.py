"""Writing a charter as TOML that a person goes on with: every key with what it means above it."""

import json
import textwrap
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from graftwork.core.charter.schema import Charter

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}


def to_toml(charter: Charter) -> str:
    """Read again, it is the same charter. What has no value stands there as a comment."""
    lines = [f"# Charter of the pilot {charter.name}. `graftwork pilot check {charter.name}` reads it."]
    tables: list[str] = []
    for key, field in Charter.model_fields.items():
        value = getattr(charter, key)
        if isinstance(value, BaseModel):
            tables += ["", *_comment(field.description or value.__doc__), f"[{key}]", *_keys(value)]
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            tables += ["", *_comment(field.description)]
            tables += [line for one in value for line in (f"[[{key}]]", *_keys(one, comments=False), "")][:-1]
        else:
            lines += _entry(key, field, value)
    return "\n".join([*lines, *tables]) + "\n"


def _keys(table: BaseModel, *, comments: bool = True) -> Iterator[str]:
    for key, field in type(table).model_fields.items():
        value = getattr(table, key)
        if comments:
            yield from _entry(key, field, value)
        elif value is not None:
            yield f"{key} = {_value(value)}"


def _entry(key: str, field: FieldInfo, value: Any) -> Iterator[str]:
    yield from _comment(field.description)
    yield f"# {key} =" if value is None else f"{key} = {_value(value)}"


def _comment(text: str | None) -> list[str]:
    return textwrap.wrap(text or "", 110, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case date():
            return value.isoformat()
        case str():
            return _text(value)
        case BaseModel():
            inner = ((key, getattr(value, key)) for key in type(value).model_fields)
            return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in inner if one is not None) + " }"
        case Mapping():
            raise TypeError("a charter has no free tables")
    items = [_value(one) for one in value]
    if sum(map(len, items)) < 90:
        return f"[{', '.join(items)}]"
    return "[\n" + "".join(f"  {item},\n" for item in items) + "]"


def _text(value: str) -> str:
    """A basic string of TOML 1.0; over several lines where it has several, as its author wrote it."""
    if "\n" in value:
        return '"""\n' + "".join("\n" if one == "\n" else _escaped(one) for one in value) + '"""'
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return json.dumps(character)[1:-1] if ord(character) < 0x20 else "\\u007F" if character == "\x7f" else character
