"""What waits for a person, on the command line."""

import json
from collections.abc import Sequence
from uuid import UUID

import click
from django.db import transaction
from django.utils import timezone

from graftwork.apps.actors import operator
from graftwork.apps.connectors.actions.letters import drop, drop_refusals, mark_delivered, replay, replay_refusals
from graftwork.apps.connectors.models import Delivery, DeliveryState, Refusal
from graftwork.apps.connectors.queries import letters, visible_refusals
from graftwork.apps.connectors.sealing import record_key
from graftwork.cli.tables import counted
from graftwork.core.errors import NotFound


def list_letters(name: str | None, *, as_json: bool) -> None:
    found: list[Delivery | Refusal] = [*letters(operator(), name)]
    refusals = visible_refusals(operator())
    found += [*(refusals if name is None else refusals.filter(connector=name))]
    for one in found:
        row = _row(one)
        if as_json:
            click.echo(json.dumps(row))
            continue
        click.secho(row["id"], bold=True, nl=False)
        click.echo(f"  {row['connector']}: {row['state']}" + (f", {row['item']}" if row["item"] else ""))
        if row["code"]:
            click.echo(f"  {row['code']}: {row['message']}")
    if not found and not as_json:
        click.echo("Nothing waits for a person.", err=True)


def replay_letters(ids: Sequence[UUID], *, overwrite: bool, not_arrived: bool) -> None:
    refusals = _refusals(ids)
    unsure = Delivery.objects.filter(pk__in=ids, state=DeliveryState.UNSURE).count()
    if unsure and not not_arrived:
        raise click.UsageError(
            f"{counted(unsure, 'delivery', 'deliveries')} of these may have arrived. Look there first, then say "
            "--not-arrived to send again what has not, or use `graftwork connectors arrived`."
        )
    with transaction.atomic():  # all of them or none
        for one in ids:
            if one not in refusals:
                replay(operator(), one, timezone.now(), overwrite=overwrite, confirmed=not_arrived)
    sent = len(ids) - len(refusals)
    if sent:
        click.echo(f"{counted(sent, 'delivery', 'deliveries')} will be sent again")
    for name in sorted(set(refusals.values())):
        mine = [pk for pk, connector in refusals.items() if connector == name]
        stored = replay_refusals(operator(), name, mine, timezone.now())
        click.echo(f"{name}: {counted(stored.created, 'record')} came in, {stored.refused} still cannot")


def mark_as_arrived(ids: Sequence[UUID]) -> None:
    with transaction.atomic():  # all of them or none
        for one in ids:
            mark_delivered(operator(), one, timezone.now())
    click.echo(f"{counted(len(ids), 'delivery', 'deliveries')} marked as arrived")


def drop_letters(ids: Sequence[UUID]) -> None:
    refusals = _refusals(ids)
    with transaction.atomic():  # all of them or none
        for one in ids:
            if one not in refusals:
                drop(operator(), one, timezone.now())
    for name in sorted(set(refusals.values())):
        drop_refusals(operator(), name, [pk for pk, connector in refusals.items() if connector == name], timezone.now())
    click.echo(f"{counted(len(ids), 'letter')} dropped")


def _refusals(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Of the ids those of records, with their connector. Raises `NotFound` where an id names nothing."""
    refusals = dict(Refusal.objects.filter(pk__in=ids).values_list("pk", "connector"))
    known = set(Delivery.objects.filter(pk__in=ids).values_list("pk", flat=True)) | refusals.keys()
    for one in ids:
        if one not in known:
            raise NotFound("letter", str(one))
    return refusals


def _row(one: Delivery | Refusal) -> dict[str, str]:
    if isinstance(one, Refusal):
        state, item = "could not come in", record_key(one)
    else:
        state, item = _state(one), one.item.external_id
    return {
        "id": str(one.pk),
        "connector": one.connector,
        "state": state,
        "item": item,
        "code": one.error_code,
        "message": one.error_message,
    }


def _state(row: Delivery) -> str:
    return DeliveryState(row.state).label
