"""Reading a charter from TOML, and saying what is wrong with it."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from graftwork.core.charter.schema import Charter
from graftwork.core.charter.template import OPEN, template
from graftwork.core.charter.toml import to_toml
from graftwork.core.errors import CharterInvalid, CharterUnknownKey, CharterUnreadable, PilotError
from graftwork.core.file_problems import FileUnreadable, first_problem, read_toml

__all__ = ["charter_from", "parse_toml", "read_charter", "template", "to_toml"]

MAX_CHARACTERS = 1_000_000
# What holds for the charter as a whole names its key in its text.
_NAMED = re.compile(r"`([a-z_.]+)`: (.*)", re.DOTALL)


def read_charter(path: Path) -> Charter:
    """Raises a `PilotError` that names the file, the key and the next step."""
    try:
        data = read_toml(path)
    except FileUnreadable as error:
        raise CharterUnreadable(str(path), str(error)) from None
    charter = charter_from(data, str(path))
    if charter.name != path.stem:
        raise CharterInvalid(str(path), "name", f'is "{charter.name}", but the file is called {path.name}')
    return charter


def parse_toml(text: str, source: str) -> Charter:
    """The charter in `text`; errors call it `source`."""
    if len(text) > MAX_CHARACTERS:
        raise CharterUnreadable(source, f"longer than {MAX_CHARACTERS:,} characters")
    try:
        data = tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except ValueError as error:  # TOMLDecodeError, or a number with more digits than Python reads
        raise CharterUnreadable(source, f"not TOML: {error}") from None
    except RecursionError:
        raise CharterUnreadable(source, "not TOML that can be read: nested too deeply") from None
    return charter_from(data, source)


def charter_from(data: Mapping[str, Any], source: str) -> Charter:
    """The charter that `data` describes; errors call it `source`."""
    try:
        charter = Charter.model_validate(dict(data))
    except ValidationError as error:
        raise _explain(source, data, error) from None
    if still_open := list(_open("", data)):
        raise CharterInvalid(source, still_open[0], "is still to be written" + _and_others(still_open))
    return charter


def _explain(source: str, data: Mapping[str, Any], error: ValidationError) -> PilotError:
    found = first_problem(error, Charter)
    if found.unknown:
        return CharterUnknownKey(source, found.key, found.nearest)
    if found.reason == "is required":
        # Whoever fills in a template wants to know all that is left, not one key at each try.
        missing = [".".join(map(str, one["loc"])) for one in error.errors() if one["type"] == "missing"]
        return CharterInvalid(source, missing[0], "is required" + _and_others([*missing, *_open("", data)]))
    if named := _NAMED.match(found.reason) if found.key == "(whole file)" else None:
        return CharterInvalid(source, named[1], named[2])
    return CharterInvalid(source, found.key, found.reason)


def _and_others(keys: list[str]) -> str:
    return f"; to be filled in too: {', '.join(keys[1:])}" if keys[1:] else ""


def _open(path: str, part: Any) -> Iterator[str]:
    """Dotted paths of texts that the template left open; positions of a list count from 0."""
    if isinstance(part, str) and part.startswith(OPEN):
        yield path.lstrip(".")
    children = part.items() if isinstance(part, Mapping) else enumerate(part) if isinstance(part, list | tuple) else ()
    for key, child in children:
        yield from _open(f"{path}.{key}", child)
