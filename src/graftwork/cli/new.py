"""`graftwork new`: a use case of one's own to start from, and a workspace around it."""

import re
from importlib import resources
from pathlib import Path

import click

from graftwork.config.setup import create_workspace
from graftwork.config.workspace import find_workspace
from graftwork.core.errors import UseCaseExists

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
TEMPLATES = "templates"


def _checked_name(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if NAME.fullmatch(value):
        return value
    nearest = re.sub(r"[^a-z0-9]+", "_", value.lower()).strip("_0123456789")[:63].rstrip("_")
    proposal = f"; `{nearest}` would do" if NAME.fullmatch(nearest) else ""
    raise click.BadParameter(
        f"a name begins with a lower-case letter and goes on with letters, digits and _, up to 63{proposal}"
    )


@click.command()
@click.argument("name", callback=_checked_name)
def new(name: str) -> None:
    """Write a use case called NAME, commented, with a few rows to try it on.

    Goes into the workspace found from here upwards (or GRAFTWORK_WORKSPACE); where there is none, this folder becomes
    one, with settings, a key file and a place for the database. Nothing that is there is changed.
    """
    folder = find_workspace() or Path.cwd()
    file = folder / "usecases" / f"{name}.toml"
    sample = folder / "usecases" / f"{name}.sample.jsonl"
    for one in (file, sample):
        if one.exists():
            raise UseCaseExists(str(_shown(one)))
    is_new = find_workspace() is None or not (folder / "graftwork.toml").exists()
    create_workspace(folder)
    title = name.replace("_", " ").capitalize()
    _write(sample, _template("sample.jsonl"))
    _write(file, _template("usecase.toml").replace("@NAME@", name).replace("@TITLE@", title))
    if is_new:
        click.echo(f"Made a workspace in {folder}; keep a copy of its data/keys.json outside this machine")
    click.echo(f"Wrote {_shown(file)} and {_shown(sample)}. Edit the first, then:")
    click.echo(f"  graftwork usecase check {name}")
    click.echo(f"  graftwork run {name} --input {_shown(sample)} --output {name}.drafts.jsonl")
    click.echo("  graftwork up")


def _template(name: str) -> str:
    return (resources.files("graftwork.cli") / TEMPLATES / name).read_text(encoding="utf-8")


def _write(file: Path, text: str) -> None:
    """Only where there is no such file: `x` refuses what another process wrote a moment ago."""
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise UseCaseExists(str(_shown(file))) from None


def _shown(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
