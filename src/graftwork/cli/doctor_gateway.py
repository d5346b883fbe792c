"""The doctor's look at the gateway, where `graftwork up` starts it."""

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from graftwork.cli.findings import Finding, guarded, missing, ok, warning
from graftwork.cli.ports import look_at_port
from graftwork.cli.tables import counted
from graftwork.config.workspace import Workspace
from graftwork.core.errors import SettingInvalid


def check_gateway(workspace: Workspace) -> Iterator[Finding]:
    """Its port, its engines with the keys that they need, and what it masks with. Sends nothing."""
    settings = workspace.settings.gateway
    if not settings.enabled:
        return
    check = "gateway port"
    yield from guarded(check, lambda: look_at_port(check, settings.host, settings.port, "gateway"))
    yield from _engines(workspace.folder)
    yield from guarded("gateway masking", lambda: _masking(workspace))


def _engines(folder: Path) -> Iterator[Finding]:
    # By name: nothing here stands above the gateway.
    engines = import_module("graftwork.gateway.engines")
    check, file = "gateway engines", folder / engines.FILE_NAME
    try:
        tables = engines.read_tables(file)
    except SettingInvalid as error:
        yield missing(check, error.message, f"edit {file}")
        return
    if not tables:
        yield warning(check, f"none in {file}", "name one there, unless embedded models are all that it shall serve")
        return
    yield ok(check, f"{counted(len(tables), 'engine')}: {', '.join(tables)}")
    for name, table in tables.items():
        variable = table.api_key_env
        if variable and not os.environ.get(variable, "").strip():
            found = f"{variable} is not set in the environment"
            yield missing(f"gateway engine {name}", found, f"export {variable}=... (the engine's key)")


def _masking(workspace: Workspace) -> Iterator[Finding]:
    import_module("graftwork.gateway.searching").detector_of(workspace.folder, workspace.settings.gateway)
    yield ok("gateway masking", f"profile {workspace.settings.gateway.profile}")
