"""The `graftwork` command. Each command lives in a module of its own and is imported only when it runs."""

import importlib
import sys

import click

from graftwork import __version__
from graftwork.core.errors import GraftworkError

# command -> (module:object, one line of help). The help stands here so that `--help` imports none of the modules.
COMMANDS = {
    "audit": ("graftwork.cli.audit:audit", "Verify the chain of audit entries."),
    "completion": ("graftwork.cli.completion:completion", "Print the shell's completion script."),
    "demo": ("graftwork.cli.demo:demo", "Draft the bundled backlog, then open the desk."),
    "doctor": ("graftwork.cli.doctor:doctor", "Name what is missing, and the command that mends it."),
    "export": ("graftwork.cli.export:export", "Write reviews to a file."),
    "keys": ("graftwork.cli.keys:keys", "Rotate the encryption keys."),
    "models": ("graftwork.cli.models:models", "List, pull and add models."),
    "new": ("graftwork.cli.new:new", "Start a use case, and a workspace where there is none."),
    "run": ("graftwork.cli.run:run", "Draft the items of a file or folder."),
    "token": ("graftwork.cli.token:token", "Make, list and revoke API tokens."),
    "up": ("graftwork.cli.up:up", "Serve the desk and draft what comes in, until stopped."),
    "usecase": ("graftwork.cli.usecase:usecase", "Check a use case; print the schema."),
    "user": ("graftwork.cli.user:user", "Add people, give roles, make sign-in links."),
    "worker": ("graftwork.cli.worker:worker", "Draft what comes in, without the web pages."),
}


class LazyGroup(click.Group):
    """A group whose commands are known by name and imported when one is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="graftwork")
def cli() -> None:
    """LLM help inside the workflow you already have: drafts, human review, captured edits."""


def main() -> None:
    """Run the command line; errors of ours are printed in two lines, never as a traceback."""
    try:
        sys.exit(cli.main(standalone_mode=False))
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except GraftworkError as error:
        click.secho(f"{error.code}: {error.message}", fg="red", err=True)
        if error.hint:
            click.echo(f"  {error.hint}", err=True)
        sys.exit(error.exit_code)
