"""Reading a connector's file, and opening what it describes."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from graftwork.core.errors import did_you_mean
from graftwork.core.file_problems import FileUnreadable, first_problem, read_toml
from graftwork.systems.contract import Surroundings, System
from graftwork.systems.errors import (
    ConnectorError,
    ConnectorInvalid,
    ConnectorUnknownKey,
    ConnectorUnreadable,
    SystemUnknown,
)
from graftwork.systems.file import ConnectorFile
from graftwork.systems.http import library
from graftwork.systems.registry import KINDS, Kind


def load_connector(path: Path) -> ConnectorFile:
    """Read and check one connector's file. Raises a `ConnectorError` that names the file, the key and the next step."""
    data = read_table(path)
    system = data.get("system")
    if not isinstance(system, str) or not system:
        raise ConnectorInvalid(str(path), "system", "is required")
    kind, data = _kind_and_data(path, system, data)
    file = check(path, kind.file_model(), data)
    if file.name != path.stem:
        raise ConnectorInvalid(str(path), "name", f'is "{file.name}", but the file is called {path.name}')
    return file


def open_system(file: ConnectorFile, around: Surroundings) -> System:
    """Raises `DriverMissing` or `SecretMissing`. Nothing is reached before the first call."""
    return (KINDS.get(file.system) or KINDS["http"]).open(file, around)


def _kind_and_data(path: Path, system: str, data: dict[str, Any]) -> tuple[Kind, dict[str, Any]]:
    """A system of the library is an HTTP interface that is described already: its file and this one become one."""
    if system in KINDS:
        return KINDS[system], data
    described = library.system_files(path.parent)
    if system not in described:
        raise SystemUnknown(str(path), system, did_you_mean(system, [*KINDS, *described]))
    return KINDS["http"], library.merged(read_table(described[system]), data, path)


def check(path: Path, model: type[ConnectorFile], data: dict[str, Any]) -> ConnectorFile:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _explain(path, model, error) from None


def _explain(path: Path, model: type[ConnectorFile], error: ValidationError) -> ConnectorError:
    found = first_problem(error, model)
    if found.unknown:
        return ConnectorUnknownKey(str(path), found.key, found.nearest)
    return ConnectorInvalid(str(path), found.key, found.reason)


def read_table(path: Path) -> dict[str, Any]:
    """Raises `ConnectorUnreadable`."""
    try:
        return read_toml(path)
    except FileUnreadable as error:
        raise ConnectorUnreadable(str(path), str(error)) from None
