"""Text with placeholders, as a system's file writes it: `/tickets/{origin.id}`, `{text|html}`, `{note?}`.

A placeholder is a dotted name. `?` says that what it stands in is left out where there is no value, `|` names filters.
`{{` and `}}` are braces. Values are put in once and never read again, so a value that looks like a placeholder stays
what it is.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from typing import Any

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_PLACEHOLDER = re.compile(r"([A-Za-z_]\w*(?:\.[\w-]+)*)(\?)?((?:\|[^|]+)*)")

# Whatever a value becomes on its way into the text around it: percent-encoding in a path, for one.
Encode = Callable[[str], str]


class TemplateInvalid(ValueError):
    """The file's author wrote something that is no template."""


class ValueMissing(Exception):
    """`name` has no value here, and nothing said that it may be left out."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class _LeftOut(Exception):
    """Internal: a placeholder with `?` has no value."""


@dataclass(frozen=True, slots=True)
class Placeholder:
    name: str
    optional: bool = False
    filters: tuple[tuple[str, str], ...] = ()

    @property
    def root(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Template:
    parts: tuple[str | Placeholder, ...]

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        return tuple(part for part in self.parts if isinstance(part, Placeholder))


@lru_cache(maxsize=4096)
def parse(source: str) -> Template:
    """Raises `TemplateInvalid` with the column, counted from 1."""
    parts: list[str | Placeholder] = []
    end = 0
    for token in _TOKEN.finditer(source):
        parts.append(source[end : token.start()])
        parts.append(_part(token))
        end = token.end()
    parts.append(source[end:])
    return Template(tuple(part for part in parts if part != ""))


def _part(token: re.Match[str]) -> str | Placeholder:
    if token[0] in ("{{", "}}"):
        return token[0][0]
    column = token.start() + 1
    found = None if token[1] is None else _PLACEHOLDER.fullmatch(token[1].strip())
    if found is None:
        raise TemplateInvalid(f"has a brace at column {column} that is no {{placeholder}}; write {{{{ for a brace")
    filters = tuple(_filter(source, column) for source in found[3].split("|")[1:])
    return Placeholder(found[1], bool(found[2]), filters)


def _filter(source: str, column: int) -> tuple[str, str]:
    name, _, argument = source.strip().partition(":")
    if name not in FILTERS:
        raise TemplateInvalid(f"names a filter at column {column} that there is not; there are {', '.join(FILTERS)}")
    return name, argument


def render(template: Template, values: Mapping[str, Any], encode: Encode = str) -> str | None:
    """The text; `None` where it is to be left out. Raises `ValueMissing`."""
    try:
        return "".join(
            part if isinstance(part, str) else encode(as_text(_filtered(part, values))) for part in template.parts
        )
    except _LeftOut:
        return None


def render_json(source: Any, values: Mapping[str, Any]) -> Any:
    """A JSON value of templates, filled. A string that is one placeholder becomes its value, whatever its type.

    Keys and list entries whose template is to be left out are. Raises `ValueMissing`.
    """
    try:
        return _json(source, values)
    except _LeftOut:
        return None


def _json(source: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(source, Mapping):
        return {key: made[0] for key, value in source.items() if (made := _kept(value, values))}
    if isinstance(source, list | tuple):
        return [made[0] for value in source if (made := _kept(value, values))]
    if not isinstance(source, str):
        return source
    template = parse(source)
    if len(template.parts) == 1 and isinstance(template.parts[0], Placeholder):
        return _plain(_filtered(template.parts[0], values))
    return "".join(part if isinstance(part, str) else as_text(_filtered(part, values)) for part in template.parts)


def _kept(source: Any, values: Mapping[str, Any]) -> list[Any]:
    try:
        return [_json(source, values)]
    except _LeftOut:
        return []


def templates_in(source: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Each string of a JSON value of templates, with the dotted place where it stands."""
    if isinstance(source, str):
        yield place, source
    elif isinstance(source, Mapping):
        for key, value in source.items():
            yield from templates_in(value, f"{place}.{key}".lstrip("."))
    elif isinstance(source, list | tuple):
        for number, value in enumerate(source):
            yield from templates_in(value, f"{place}.{number}".lstrip("."))


def as_text(value: Any) -> str:
    value = _plain(value)
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    return _iso(value) if isinstance(value, datetime) else value


def _filtered(placeholder: Placeholder, values: Mapping[str, Any]) -> Any:
    value = _looked_up(placeholder.name, values)
    if value is None or (placeholder.optional and value == ""):
        if placeholder.optional:
            raise _LeftOut
        raise ValueMissing(placeholder.name)
    for name, argument in placeholder.filters:
        value = FILTERS[name](value, argument)
    return value


def _looked_up(name: str, values: Mapping[str, Any]) -> Any:
    found: Any = values
    for step in name.split("."):
        if isinstance(found, list) and step.isdecimal():
            found = found[int(step)] if int(step) < len(found) else None
        else:
            found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _html(value: Any, _: str) -> str:
    """Paragraphs where there is an empty line, line breaks elsewhere; everything else is shown as it stands."""
    text = escape(as_text(value).replace("\r\n", "\n").strip())
    return "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in re.split(r"\n[ \t]*\n\s*", text))


def _iso(value: Any, _: str = "") -> str:
    return _moment(value).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moment(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise ValueMissing("a date for a filter that needs one")
    return value


FILTERS: Mapping[str, Callable[[Any, str], Any]] = {
    "html": _html,
    "json": lambda value, _: json.dumps(_plain(value), ensure_ascii=False, allow_nan=False),
    "text": lambda value, _: as_text(value),
    # A text between single quotes: OData doubles them, SOQL and JQL put a backslash before.
    "odata": lambda value, _: as_text(value).replace("'", "''"),
    "quoted": lambda value, _: re.sub(r"([\\'\"])", r"\\\1", as_text(value)),
    "iso": _iso,
    "epoch": lambda value, _: int(_moment(value).timestamp()),
    "epoch_ms": lambda value, _: int(_moment(value).timestamp() * 1000),
    "date": lambda value, argument: _moment(value).strftime(argument),
}
