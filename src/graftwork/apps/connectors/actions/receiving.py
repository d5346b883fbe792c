"""Calls of systems that tell us themselves: checked by the system's rules, stored before they are answered."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.connectors.actions.storing import Stored, store_records
from graftwork.apps.connectors.files import get_connector
from graftwork.apps.connectors.models import Direction, Lane
from graftwork.apps.connectors.opening import system_of
from graftwork.systems.contract import Receiver
from graftwork.systems.errors import ConnectorNotFound, TargetDown
from graftwork.systems.file import ConnectorFile


def receive_call(name: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Stored:
    """What one call brings, as items. Whoever knows the secret may call, so nothing else is asked.

    Raises `ConnectorNotFound` where nobody may call under that name, `CallRefused` for a call that does not hold, and
    `TargetDown` while a person has stopped the connector.
    """
    file = get_connector(name)
    records = _receiver(file).receive(headers, body)
    with transaction.atomic():
        lane, _ = Lane.objects.select_for_update().get_or_create(connector=name, direction=Direction.IN)
        if lane.stopped_at is not None:
            raise TargetDown("a person has stopped it")
        stored = store_records(Actor(f"connector:{name}", None, frozenset(("ops",))), file, records, now)
        lane.tried_at = lane.succeeded_at = now
        lane.done += stored.created
        lane.save(update_fields=["tried_at", "succeeded_at", "done"])
    return stored


def _receiver(file: ConnectorFile) -> Receiver:
    system: object = system_of(file) if file.enabled and file.takes_calls else None
    if not isinstance(system, Receiver):
        raise ConnectorNotFound(file.name)
    return system
