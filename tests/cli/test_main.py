"""The command line as a whole: quick help, and errors that a person can act on."""

import errno
import subprocess
import sys
import time

import click
import pytest
from django.db import IntegrityError, OperationalError

from graftwork.cli import main
from graftwork.core.errors import ModelNotPulled, RequestInvalid

HELP_SECONDS = 0.4


def test_help_takes_less_than_four_tenths_of_a_second():
    def once() -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "graftwork", "--help"], check=True, capture_output=True)
        return time.perf_counter() - started

    assert min(once() for _ in range(3)) < HELP_SECONDS


def test_help_imports_neither_django_nor_pydantic():
    code = "import sys; from graftwork.cli.main import cli; cli(['--help'], standalone_mode=False); "
    code += "sys.exit(','.join({'django', 'pydantic', 'rich', 'aiohttp'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == "\n"


def test_a_misspelt_command_names_the_nearest(graftwork):
    result = graftwork("uzer")
    assert result.exit_code == 2
    assert "there is no command `uzer`; did you mean `user`?" in result.stderr


@pytest.fixture
def failing(monkeypatch):
    """A command that raises what it is told to."""

    def prepare(error: BaseException) -> None:
        @click.command()
        def command() -> None:
            raise error

        monkeypatch.setattr(main, "command", command, raising=False)
        monkeypatch.setitem(main.COMMANDS, "fail", ("graftwork.cli.main:command", "Fail."))

    return prepare


@pytest.mark.parametrize(
    ("error", "exit_code", "shown"),
    [
        (ModelNotPulled("m"), 2, ["model.not_pulled: model m is not on this machine", "graftwork models pull m"]),
        (RequestInvalid("role", "no such"), 2, ["`role`: no such", "Add --help to the command"]),
        (OperationalError("database is locked"), 1, ["store.busy", "Try again"]),
        (OperationalError("could not connect to server"), 1, ["store.unavailable", "graftwork doctor"]),
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), 1, ["store.disk_full: /data/x"]),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/nowhere/x"), 1, ["/nowhere/x", "No such file"]),
    ],
)
def test_what_a_person_can_act_on_is_shown_with_its_next_step(graftwork, failing, error, exit_code, shown):
    failing(error)
    result = graftwork("fail")
    assert result.exit_code == exit_code
    assert all(text in result.stderr for text in shown), result.stderr
    assert "Traceback" not in result.output


def test_an_unexpected_database_error_does_not_quote_the_row(graftwork, failing):
    failing(IntegrityError("Key (thread)=(Maren Tolvik) already exists"))
    result = graftwork("fail")
    assert result.exit_code == 1
    assert "unexpected IntegrityError" in result.stderr
    assert "Maren" not in result.output


def test_a_bug_keeps_its_traceback(graftwork, failing):
    failing(ZeroDivisionError())
    assert isinstance(graftwork("fail").exception, ZeroDivisionError)


def test_ctrl_c_ends_with_130(graftwork, failing):
    failing(KeyboardInterrupt())
    result = graftwork("fail")
    assert (result.exit_code, result.stderr) == (130, "\nStopped.\n")


def test_a_closed_pipe_ends_quietly(tmp_path):
    code = f"{sys.executable} -m graftwork usecase schema | head -c 1"
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.stdout, done.stderr) == ("{", "")
