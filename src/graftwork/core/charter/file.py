"""Reading a charter from TOML, and saying what is wrong with it."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from graftwork.core.charter.schema import Charter
from graftwork.core.errors import CharterInvalid, CharterUnknownKey, CharterUnreadable, PilotError
from graftwork.core.file_problems import FileUnreadable, first_problem, read_toml

MAX_CHARACTERS = 1_000_000


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
        return Charter.model_validate(dict(data))
    except ValidationError as error:
        raise _explain(source, error) from None


def _explain(source: str, error: ValidationError) -> PilotError:
    found = first_problem(error, Charter)
    if found.unknown:
        return CharterUnknownKey(source, found.key, found.nearest)
    return CharterInvalid(source, found.key, found.reason)
