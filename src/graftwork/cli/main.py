"""The `graftwork` command. Each command lives in a module of its own and is imported only when it runs."""

import importlib
import os
import sys
from typing import IO, Any, NoReturn

import click

from graftwork import __version__
from graftwork.core.errors import DatabaseUnavailable, GraftworkError, RequestInvalid

# command -> (module:object, one line of help). The help stands here so that `--help` imports none of the modules.
COMMANDS = {
    "audit": ("graftwork.cli.audit:audit", "Verify the chain of audit entries."),
    "completion": ("graftwork.cli.completion:completion", "Print the shell's completion script."),
    "connectors": ("graftwork.cli.connectors:connectors", "Look at connected systems, and at what needs a person."),
    "demo": ("graftwork.cli.demo:demo", "Draft the bundled backlog, then open the desk."),
    "doctor": ("graftwork.cli.doctor:doctor", "Name what is missing, and the command that mends it."),
    "evaluate": ("graftwork.cli.evaluate:evaluate", "Score a use case on rows with expected answers."),
    "export": ("graftwork.cli.export:export", "Write reviews to a file."),
    "gateway": ("graftwork.cli.gateway:gateway", "Serve models to other applications: masked, routed, counted."),
    "keys": ("graftwork.cli.keys:keys", "List and rotate the encryption keys."),
    "knowledge": ("graftwork.cli.knowledge:knowledge", "Add documents that drafts draw on, search them, remove them."),
    "mcp": ("graftwork.cli.mcp:mcp", "Let an assistant search, submit items and read results."),
    "models": ("graftwork.cli.models:models", "List, pull and add models."),
    "new": ("graftwork.cli.new:new", "Start a use case, and a workspace where there is none."),
    "pilot": ("graftwork.cli.pilot:pilot", "Try a use case against a control arm, and see whether it pays."),
    "privacy": ("graftwork.cli.privacy:privacy", "Mask files, restore them, and report what is in them."),
    "run": ("graftwork.cli.run:run", "Draft the items of a file or folder."),
    "token": ("graftwork.cli.token:token", "Make, list and revoke API tokens."),
    "up": ("graftwork.cli.up:up", "Serve the desk and draft what comes in, until stopped."),
    "usecase": ("graftwork.cli.usecase:usecase", "Check and list use cases; print the schema."),
    "user": ("graftwork.cli.user:user", "Add people, give roles, make sign-in links."),
    "web": ("graftwork.cli.web:web", "Serve the desk and the REST interface, without drafting."),
    "worker": ("graftwork.cli.worker:worker", "Draft what comes in, without the web pages."),
}
STOPPED_EXIT_CODE = 130  # 128 + SIGINT, as shells report it


class Refusal(click.ClickException):
    """An error of ours on its way to the terminal: what is wrong, and below it the next step."""

    def __init__(self, error: GraftworkError) -> None:
        super().__init__(f"{error.code}: {error.message}")
        self.exit_code = error.exit_code  # type: ignore[misc]  # click reads it from the instance
        self.hint = error.hint
        if isinstance(error, RequestInvalid):  # its own hint is for those who call the REST interface
            self.hint = "Add --help to the command to see what it takes."

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 - click's signature
        click.secho(self.message, fg="red", err=True)
        if self.hint:
            click.echo(f"  {self.hint}", err=True)


class LazyGroup(click.Group):
    """A group whose commands are known by name and imported when one is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            from graftwork.core.errors import did_you_mean

            ctx.fail(f"there is no command `{args[0]}`{did_you_mean(args[0], list(COMMANDS))}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Names from the table above: the default would import every command that begins so, at each press of TAB."""
        from click.shell_completion import CompletionItem

        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        items = [CompletionItem(name, help=COMMANDS[name][1]) for name in names]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. What a person can act on is shown in two lines; a bug keeps its traceback."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            click.echo("\nStopped.", err=True)
            sys.exit(STOPPED_EXIT_CODE)
        except GraftworkError as error:
            raise Refusal(error) from None
        except Exception as error:  # noqa: BLE001 - what nobody can act on is raised again
            _show_foreign(error)


def _show_foreign(error: Exception) -> NoReturn:
    """Raise `error` as one of ours where it is the machine's or the database's doing, else as it is.

    A message of the database may quote a row, so of those that are not known only the kind is shown.
    """
    from django.db import Error as DatabaseError

    from graftwork.apps.store_errors import as_store_error

    if os.environ.get("GRAFTWORK_LOG_LEVEL", "").upper() == "DEBUG":
        raise error
    if (known := as_store_error(error)) is not None:
        raise Refusal(known) from None
    if isinstance(error, DatabaseError):
        raise Refusal(DatabaseUnavailable(f"it answered with an unexpected {type(error).__name__}")) from None
    if isinstance(error, OSError) and error.filename is not None:
        raise click.FileError(str(error.filename), hint=error.strerror) from None
    raise error


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="graftwork")
def cli() -> None:
    """LLM help inside the workflow you already have: drafts, human review, captured edits."""


def main() -> None:
    """Run the command line; a closed pipe ends it quietly (click sees to that)."""
    cli(prog_name="graftwork")
