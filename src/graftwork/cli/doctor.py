"""`graftwork doctor`: what is missing, and the command that mends it. Needs no workspace, and changes nothing."""

import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from graftwork.cli.doctor_connectors import check_connectors
from graftwork.cli.doctor_engines import check_engines
from graftwork.cli.doctor_gateway import check_gateway
from graftwork.cli.doctor_knowledge import check_knowledge
from graftwork.cli.doctor_store import check_store
from graftwork.cli.findings import Finding, State, guarded, missing, ok, warning
from graftwork.cli.ports import look_at_port
from graftwork.cli.tables import counted
from graftwork.config.workspace import open_workspace
from graftwork.core.errors import SettingInvalid, WorkspaceNotFound

OLDEST_PYTHON = (3, 11)
LITTLE_SPACE_BYTES = 1_000_000_000
COLOURS: dict[State, str] = {"ok": "green", "warning": "yellow", "missing": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Name what is missing, and the command that mends it; exit 1 where something is.

    Looks at Python, the workspace, its settings, keys, database, disk and port, at the gateway where it is enabled, at
    the sources of knowledge, the connectors, every use case and its engine. Shows no secret.
    """
    findings = []
    for finding in _checks():
        findings.append(finding)
        if not as_json:
            _show(finding)
    lacking = sum(finding.state == "missing" for finding in findings)
    if as_json:
        click.echo(json.dumps({"ok": lacking == 0, "checks": [asdict(finding) for finding in findings]}, indent=2))
    else:
        warnings = sum(finding.state == "warning" for finding in findings)
        click.echo(f"{counted(len(findings), 'check')}: {lacking} missing, {counted(warnings, 'warning')}")
    ctx.exit(1 if lacking else 0)


def _checks() -> Iterator[Finding]:
    yield _python()
    try:
        workspace = open_workspace()
    except WorkspaceNotFound as error:
        yield missing("workspace", error.message, "graftwork new NAME")
        yield from check_engines(None)
        return
    except SettingInvalid as error:
        yield missing("settings", error.message, f"edit {error.file}; {error.hint}")
        return
    yield ok("workspace", str(workspace.folder))
    yield ok("settings", "valid")
    yield from _disk(workspace.data_folder)
    store = list(check_store(workspace))
    yield from store
    web = workspace.settings.web
    yield from guarded("port", lambda: look_at_port("port", web.host, web.port, "web"))
    yield from check_gateway(workspace)
    if any(finding.check == "tables" and finding.state == "ok" for finding in store):
        yield from check_knowledge(workspace)
        yield from check_connectors(workspace)
    yield from check_engines(workspace)


def _python() -> Finding:
    if sys.version_info < OLDEST_PYTHON:
        return missing("python", platform.python_version(), "install Python 3.11 or newer, and Graftwork with it")
    return ok("python", platform.python_version())


def _disk(folder: Path) -> Iterator[Finding]:
    if not folder.is_dir():
        yield missing("data folder", f"{folder} is not there", f"mkdir -m 700 {folder}")
        return
    try:
        with tempfile.TemporaryFile(dir=folder):
            yield ok("data folder", "writable")
    except OSError as error:
        yield missing("data folder", f"{folder}: {error.strerror}", f"chown -R $USER {folder}")
    free = shutil.disk_usage(folder).free
    if free < LITTLE_SPACE_BYTES:
        yield warning("disk", f"{free / 1e9:.1f} GB free", "free some space: a full disk stops all drafting")
    else:
        yield ok("disk", f"{free / 1e9:,.0f} GB free")


def _show(finding: Finding) -> None:
    click.secho(f"{finding.state:<8}", fg=COLOURS[finding.state], nl=False)
    click.echo(f" {finding.check}: {finding.found}")
    if finding.mend:
        click.echo(f"{'':8}   -> {finding.mend}")
