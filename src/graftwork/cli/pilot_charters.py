"""`graftwork pilot new`, `check`, `start`, `amend`: the charter."""

from typing import TYPE_CHECKING, Literal

import click

from graftwork.cli.pilot_files import charter_file, not_there, path_of, read_file, shown, stored, warn
from graftwork.cli.session import open_store
from graftwork.config.workspace import Workspace, open_workspace
from graftwork.core.errors import CharterDiffers, CharterExists

if TYPE_CHECKING:
    from graftwork.core.charter.schema import Charter


def _checked_name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    from graftwork.cli.new import _checked_name as checked

    return checked(ctx, param, value)


@click.command()
@click.argument("name", callback=_checked_name)
@click.option("--use-case", required=True, help="The use case that is tried out.")
@click.option("--title", help="What people call the pilot; made of the name where absent.")
def new(name: str, use_case: str, title: str | None) -> None:
    """Write a charter to fill in.

    It becomes pilots/NAME.toml of the workspace, with every key explained.
    """
    from graftwork.cli.usecase import usecase_files
    from graftwork.core.charter.file import template
    from graftwork.core.errors import UseCaseNotFound, did_you_mean

    workspace = open_workspace()
    if use_case not in (known := usecase_files()):
        raise UseCaseNotFound(use_case, did_you_mean(use_case, list(known)))
    file = charter_file(workspace, name)
    text = template(name, title or name.replace("_", " ").capitalize(), use_case)
    file.parent.mkdir(exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError:
        raise CharterExists(shown(file)) from None
    click.echo(f"{shown(file)} is written. Fill in every TODO, then: graftwork pilot check {name}")


@click.command()
@click.argument("file_or_name")
@click.option("--strict", is_flag=True, help="Exit 1 where there are warnings.")
@click.pass_context
def check(ctx: click.Context, file_or_name: str, strict: bool) -> None:
    """Check a charter, and size its sample.

    Says what experience says about it, as warnings, and what differs from a charter that is fixed already. Exit 2 where
    something is wrong.
    """
    workspace = open_store()
    from graftwork.apps.pilots.actions.charters import as_started
    from graftwork.apps.pilots.checking import check_modules, check_surroundings
    from graftwork.core.appraisal.planning import planned_advice, planned_sample

    charter, source = _charter_of(workspace, file_or_name)
    check_surroundings(charter, source)
    check_modules(charter, source)
    click.echo(f"ok: {source}")
    lines = {
        "title": charter.title,
        "metric": charter.metrics[charter.primary.metric].title,
        "arms": _arms(charter),
        "sample": planned_sample(charter).sentence,
        "sha256": f"{as_started(charter).sha256[:12]}, as a start would fix it",
    }
    row = stored(charter.name)
    if row is not None and row.started_at is not None:
        lines["sha256"] = f"{row.charter_sha256[:12]}, fixed on {row.started_at:%Y-%m-%d}"
    for key, text in lines.items():
        click.echo(f"  {key:<8} {text}")
    warnings = [f"{one.sentence} {one.reason} ({one.key})" for one in planned_advice(charter)]
    warnings += _differences(charter)
    for text in warnings:
        warn(text)
    ctx.exit(1 if strict and warnings else 0)


@click.command()
@click.argument("name")
@click.option(
    "--from", "origin", type=click.Choice(("file", "console")),
    help="Which charter holds, where the file and the draft in the console differ.",
)  # fmt: skip
def start(name: str, origin: Literal["file", "console"] | None) -> None:
    """Fix the charter of NAME, and begin.

    From now on new items go to one of its arms. The charter is pilots/NAME.toml, or the draft written in the console.
    """
    workspace = open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.pilots.actions import charters
    from graftwork.core.appraisal.planning import planned_advice, planned_sample

    file, row = charter_file(workspace, name), stored(name)
    if origin == "console" or not file.is_file():
        if row is None:
            raise not_there(workspace, name)
        pilot = charters.start(operator(), name, timezone.now())
    else:
        charter = read_file(file)
        if row is not None and row.state == "draft" and origin is None:
            _refuse_two_charters(row.as_charter, charter)
        pilot = charters.start_with(operator(), charter, timezone.now())
    held = pilot.as_charter
    click.echo(f"{name} runs until {pilot.ends_at:%Y-%m-%d}; its charter is fixed: {pilot.charter_sha256}")
    click.echo(f"  {planned_sample(held).sentence}")
    if held.arms.design == "before_after" and not pilot.baseline.exists():
        click.echo(f"  Import the times of before: graftwork pilot baseline {name} FILE.csv --reason WHY")
    if count := len(planned_advice(held)):
        click.echo(f"  `graftwork pilot check {name}` has {count} warning{'s' if count > 1 else ''} about it")


@click.command()
@click.argument("name")
@click.option("--reason", required=True, help="Why it changes: everybody who reads the pilot sees it.")
def amend(name: str, reason: str) -> None:
    """Change the charter of NAME openly.

    The changed file takes the place of the charter in force, with today's date and the reason. What is measured, and by
    which rule it is judged, cannot change.
    """
    workspace = open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.pilots.actions import charters

    file = charter_file(workspace, name)
    if stored(name) is None:
        raise not_there(workspace, name)
    amendment = charters.amend(operator(), name, read_file(file), reason, timezone.now())
    click.echo(f"amendment {amendment.number} of {name}: {amendment.charter_sha256}")
    for change in amendment.changes:
        click.echo(f"  {change['key']}: {_short(change['before'])} -> {_short(change['after'])}")


def _charter_of(workspace: Workspace, file_or_name: str) -> "tuple[Charter, str]":
    """The charter meant, and what to call it: a file, or else what the store has of that name."""
    path = path_of(workspace, file_or_name)
    if path is not None:
        return read_file(path), shown(path)
    row = stored(file_or_name)
    if row is None:
        raise not_there(workspace, file_or_name)
    return row.as_charter, f"{file_or_name} (in the console)"


def _refuse_two_charters(draft: "Charter", file: "Charter") -> None:
    from graftwork.core.charter.amending import changes

    if keys := [change.key for change in changes(draft, file)]:
        raise CharterDiffers(file.name, ", ".join(keys))


def _differences(charter: "Charter") -> list[str]:
    """What to know of a charter that is not the one in force."""
    from graftwork.core.charter.amending import as_fixed, changes, check_amendment
    from graftwork.core.errors import AmendmentRefused

    row = stored(charter.name)
    if row is None or row.started_at is None:
        return []
    held = row.as_charter
    charter = as_fixed(held, charter)
    keys = ", ".join(change.key for change in changes(held, charter))
    if not keys:
        return []
    told = f"It differs from the charter that was fixed on {row.started_at:%Y-%m-%d} in: {keys}."
    if row.state == "ended":
        return [f"{told} That pilot has ended."]
    try:
        check_amendment(held, charter)
    except AmendmentRefused as refusal:
        return [f"{told} {refusal.message[0].upper()}{refusal.message[1:]}. {refusal.hint}"]
    return [f"{told} `graftwork pilot amend {charter.name} --reason WHY` puts it in force."]


def _arms(charter: "Charter") -> str:
    arms, share = charter.arms, charter.population.share
    of = "all" if share == 1 else f"{_percent(share)} of the"
    if arms.design == "before_after":
        return f"{of} {arms.unit}s get drafts, and are compared with an imported baseline"
    return f"{of} {arms.unit}s take part; {_percent(arms.assisted)} of them get drafts"


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _short(value: object) -> str:
    text = "nothing" if value in (None, "", []) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
