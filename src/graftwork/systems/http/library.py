"""Systems that are described by a file alone: those that ship, and those of the workspace."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from graftwork.core.errors import did_you_mean
from graftwork.systems.errors import ConnectorInvalid, ConnectorUnknownKey
from graftwork.systems.http.file import HttpDescription
from graftwork.systems.toml_files import checked, read_table

# What says which of several shapes a table has: with another value, nothing of the described table still fits.
SHAPE_KEYS = ("kind", "grant")


def system_files(connectors_folder: Path) -> dict[str, Path]:
    """File by name; one of the workspace (connectors/systems/) stands before a packaged one of the same name."""
    folders = (Path(str(resources.files("graftwork.systems.http.files"))), connectors_folder / "systems")
    return {file.stem: file for folder in folders for file in sorted(folder.glob("*.toml"))}


@dataclass(frozen=True, slots=True)
class Described:
    """What a system's file offers, for lists and documentation. `default` is `None` where the setting must be given."""

    name: str
    title: str
    description: str
    docs_url: str
    pulls: bool
    pushes: bool
    settings: Mapping[str, "DescribedSetting"]


@dataclass(frozen=True, slots=True)
class DescribedSetting:
    description: str
    secret: bool
    required: bool
    default: str | int | float | bool | None
    choices: tuple[str, ...]


def describe(file: Path) -> Described:
    """Read and check a system's file. Raises `ConnectorUnreadable`, `ConnectorUnknownKey` or `ConnectorInvalid`."""
    described = checked(file, HttpDescription, read_table(file))
    settings = {
        name: DescribedSetting(one.description, one.secret, one.given is None, one.default, one.choices)
        for name, one in described.settings.items()
    }
    about = described.about
    return Described(
        file.stem,
        about.title,
        about.description,
        about.docs_url,
        described.pull is not None,
        described.push is not None,
        settings,
    )


def merged(described: dict[str, Any], own: dict[str, Any], path: Path) -> dict[str, Any]:
    """The description of a system with what the connector's file at `path` adds to it and what it overrides.

    Tables are merged key by key, everything else is replaced, lists as a whole. A table whose `kind` differs is
    replaced as a whole too, and `pull = false`, `push = false`, or `false` for any table, leaves it out. Raises
    `ConnectorUnknownKey` for a setting that the system does not ask for.
    """
    checked(Path(f"{own.get('system')}.toml"), HttpDescription, described)
    settings = own.get("settings", {})
    if not isinstance(settings, Mapping):
        raise ConnectorInvalid(str(path), "settings", "must be a table")
    known = described.get("settings", {})
    for name in settings:
        if name not in known:
            raise ConnectorUnknownKey(str(path), f"settings.{name}", did_you_mean(name, known))
    values = {name: value if isinstance(value, Mapping) else {"value": value} for name, value in settings.items()}
    return _merge(described, {**own, "settings": values})


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    together = dict(below)
    for key, value in above.items():
        under = below.get(key)
        if value is False and isinstance(under, Mapping | list):
            together.pop(key)
        elif isinstance(value, Mapping) and isinstance(under, Mapping) and not _other_shape(under, value):
            together[key] = _merge(under, value)
        elif value is False and key in ("pull", "push"):
            together.pop(key, None)
        else:
            together[key] = value
    return together


def _other_shape(below: Mapping[str, Any], above: Mapping[str, Any]) -> bool:
    return any(key in above and above[key] != below.get(key) for key in SHAPE_KEYS)
