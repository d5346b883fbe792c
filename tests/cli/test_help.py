"""The help of every command, kept as snapshots. After a change of words that is meant, write them anew with

GRAFTWORK_UPDATE_SNAPSHOTS=1 python -m pytest tests/cli/test_help.py

and read the difference before committing it.
"""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from graftwork.cli.main import COMMANDS, cli

SNAPSHOTS = Path(__file__).parent / "snapshots"


def _paths() -> Iterator[tuple[str, ...]]:
    """Every command and subcommand whose module is there."""
    yield ()
    context = click.Context(cli)
    for name, (target, _) in sorted(COMMANDS.items()):
        if find_spec(target.partition(":")[0]) is None:
            continue
        yield (name,)
        command = cli.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((name, verb) for verb in sorted(command.commands))


@pytest.mark.parametrize("path", list(_paths()), ids=" ".join)
def test_the_help_is_the_one_in_the_snapshot(graftwork, path):
    result = graftwork(*path, "--help")
    assert result.exit_code == 0
    file = SNAPSHOTS / f"{'-'.join(('graftwork', *path))}.txt"
    if os.environ.get("GRAFTWORK_UPDATE_SNAPSHOTS"):
        file.write_text(result.stdout, encoding="utf-8")
    assert file.is_file(), f"no snapshot of {' '.join(path)}; see the top of {__file__}"
    assert result.stdout == file.read_text(encoding="utf-8")


def test_every_line_of_the_list_is_the_first_line_of_the_commands_own_help():
    context = click.Context(cli)
    for name, (target, line) in COMMANDS.items():
        if find_spec(target.partition(":")[0]) is not None:
            command = cli.get_command(context, name)
            if isinstance(command, click.Group):
                assert (command.help or "").splitlines()[0] == line, name
