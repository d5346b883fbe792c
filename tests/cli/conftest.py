"""Runs commands as a user would: through the whole command line, with its error handling."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graftwork.cli.main import cli
from graftwork.config.setup import create_workspace
from support.connectors import approve, old, process, write_connector

__all__ = ["approve", "old", "process", "write_connector"]


@pytest.fixture
def now() -> datetime:
    """Well before the real time, by which the commands go: what is decided now has taken effect."""
    return datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


@pytest.fixture
def graftwork() -> Callable[..., Result]:
    def run(*args: object, stdin: str | None = None) -> Result:
        words = [str(arg) for arg in args]
        return CliRunner().invoke(cli, words, input=stdin, prog_name="graftwork", terminal_width=100)

    return run


@pytest.fixture
def in_process_of_its_own() -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*args: str, folder: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GRAFTWORK_")}
        command = [sys.executable, "-m", "graftwork", *args]
        return subprocess.run(
            command, cwd=folder, env={**clean, **(env or {})}, capture_output=True, text=True, timeout=60, check=False
        )

    return run


@pytest.fixture
def fresh_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace without a database. Commands that only read files work in it; Django keeps the tests' own."""
    folder = tmp_path / "workspace"
    monkeypatch.delenv("GRAFTWORK_DATABASE_URL", raising=False)
    create_workspace(folder)
    monkeypatch.setenv("GRAFTWORK_WORKSPACE", str(folder))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def anchor(workspace_folder: Path) -> Iterator[Path]:
    file = workspace_folder / "data" / "audit-anchor.json"
    file.unlink(missing_ok=True)
    yield file
    file.unlink(missing_ok=True)
