"""Finding the connectors of the workspace, and opening what they describe."""

from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from graftwork.core.errors import did_you_mean
from graftwork.systems.errors import ConnectorError, ConnectorNotFound
from graftwork.systems.file import ConnectorFile
from graftwork.systems.loading import load_connector


def connector_files() -> dict[str, Path]:
    """File by name, in the order of the names."""
    return {file.stem: file for file in sorted(settings.GRAFTWORK_WORKSPACE.connectors_folder.glob("*.toml"))}


def get_connector(name: str) -> ConnectorFile:
    """The connector called `name`, read again when its folder changes. Raises a `ConnectorError`."""
    files = connector_files()
    if name not in files:
        raise ConnectorNotFound(name, did_you_mean(name, list(files)))
    return _load(files[name], _stamp(files[name].parent))


def all_connectors() -> tuple[list[ConnectorFile], dict[str, ConnectorError]]:
    """Those that can be read, and by name what is wrong with the others: one broken file stops no other."""
    found: list[ConnectorFile] = []
    broken: dict[str, ConnectorError] = {}
    for name in connector_files():
        try:
            found.append(get_connector(name))
        except ConnectorError as error:
            broken[name] = error
    return found, broken


def _stamp(folder: Path) -> tuple[tuple[str, int], ...]:
    """Changes with every file that a connector may be described by."""
    return tuple(sorted(_stamps(folder)))


def _stamps(folder: Path) -> Iterator[tuple[str, int]]:
    for file in (*folder.glob("*.toml"), *folder.glob("systems/*.toml")):
        with suppress(FileNotFoundError):  # an editor's temporary file, gone since it was listed
            yield file.name, file.stat().st_mtime_ns


@lru_cache(maxsize=256)
def _load(file: Path, stamp: tuple[tuple[str, int], ...]) -> ConnectorFile:
    del stamp  # part of the cache key only
    return load_connector(file)
