"""Reading a connector's file, and opening what it describes."""

from pathlib import Path
from typing import Any

from graftwork.core.errors import did_you_mean
from graftwork.systems.contract import Surroundings, System
from graftwork.systems.errors import ConnectorInvalid, SystemUnknown
from graftwork.systems.file import ConnectorFile
from graftwork.systems.http import library
from graftwork.systems.registry import KINDS, Kind
from graftwork.systems.toml_files import checked, read_table


def load_connector(path: Path) -> ConnectorFile:
    """Read and check one connector's file. Raises a `ConnectorError` that names the file, the key and the next step."""
    data = read_table(path)
    system = data.get("system")
    if not isinstance(system, str) or not system:
        raise ConnectorInvalid(str(path), "system", "is required")
    kind, data = _kind_and_data(path, system, data)
    file = checked(path, kind.file_model(), data)
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
