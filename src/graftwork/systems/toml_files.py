"""Reading the files of connectors and systems, and saying what is wrong with one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from graftwork.core.file_problems import FileUnreadable, first_problem, read_toml
from graftwork.systems.errors import ConnectorInvalid, ConnectorUnknownKey, ConnectorUnreadable

M = TypeVar("M", bound=BaseModel)


def read_table(path: Path) -> dict[str, Any]:
    """Raises `ConnectorUnreadable`."""
    try:
        return read_toml(path)
    except FileUnreadable as error:
        raise ConnectorUnreadable(str(path), str(error)) from None


def checked(path: Path, model: type[M], data: Mapping[str, Any]) -> M:
    """Raises `ConnectorUnknownKey` or `ConnectorInvalid`, which name the key."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = first_problem(error, model)
    if found.unknown:
        raise ConnectorUnknownKey(str(path), found.key, found.nearest)
    raise ConnectorInvalid(str(path), found.key, found.reason)
