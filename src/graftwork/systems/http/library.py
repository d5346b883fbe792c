"""Systems that are described by a file alone: those that ship, and those of the workspace."""

from importlib import resources
from pathlib import Path
from typing import Any


def system_files(connectors_folder: Path) -> dict[str, Path]:
    """File by name; one of the workspace (connectors/systems/) stands before a packaged one of the same name."""
    folders = (Path(str(resources.files("graftwork.systems.http.files"))), connectors_folder / "systems")
    return {file.stem: file for folder in folders for file in sorted(folder.glob("*.toml"))}


def merged(described: dict[str, Any], own: dict[str, Any], path: Path) -> dict[str, Any]:
    """The description of a system with what the connector's file adds to it: its settings, and what it overrides."""
    del path
    return {**described, **own}
