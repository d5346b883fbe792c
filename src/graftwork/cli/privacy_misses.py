"""`graftwork privacy misses`: what reviewers reported as not masked, for those who mend recognizers."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING
from uuid import UUID

import click

from graftwork.cli.session import open_store
from graftwork.cli.tables import print_table
from graftwork.core.errors import UseCaseError

if TYPE_CHECKING:
    from graftwork.core.privacy.detector import Detector


@click.group()
def misses() -> None:
    """List, export and take back what reviewers reported as missed."""


@misses.command("list")
def list_misses() -> None:
    """Show each report without its value: its kind, its form, and the use case it came from."""
    open_store()
    from graftwork.apps.actors import operator
    from graftwork.apps.work.missed import missed_values

    rows = [
        (str(one.id), one.kind, one.shape, one.use_case, "everywhere" if one.everywhere else "")
        for one in missed_values(operator())
    ]
    if not rows:
        click.echo("No reports.", err=True)
        return
    print_table(("id", "kind", "form", "use case", "masked"), rows)


@misses.command()
def export() -> None:
    """Write each report as a line of JSON to test a recognizer with: form, kind, and the text around it, masked.

    The value stands as {value}. What else is found around it by the use case's detector is masked too, whatever the
    profile.
    """
    open_store()
    from graftwork.apps.actors import operator
    from graftwork.apps.work.missed import missed_values
    from graftwork.core.privacy.book import Book
    from graftwork.core.privacy.mask import mask

    for one in missed_values(operator()):
        context = mask(one.context, _detector(one.use_case).find(one.context).findings, Book()).text
        click.echo(json.dumps({**asdict(one), "context": context}, default=str, ensure_ascii=False))


@misses.command()
@click.argument("missed_id", type=click.UUID)
def withdraw(missed_id: UUID) -> None:
    """Forget one report: a term that takes too much with it is no longer masked everywhere."""
    open_store()
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.work.actions.missed import withdraw_missed

    withdraw_missed(operator(), missed_id, timezone.now())
    click.echo("Withdrawn.")


def _detector(use_case: str) -> "Detector":
    """What searches the items of `use_case`, for every kind of value: an export is not for its engines."""
    from graftwork.apps.work.detectors import detector_of, workspace_readers
    from graftwork.apps.work.usecases import get_usecase
    from graftwork.core.privacy.assembly import detector_for

    try:
        found = get_usecase(use_case)
    except UseCaseError:  # gone, or broken, since the report
        return detector_for("gdpr", extra=workspace_readers())
    rules = found.privacy.model_copy(update={"profile": "gdpr"})
    return detector_of(found.model_copy(update={"privacy": rules}))
