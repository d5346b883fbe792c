"""Adding sources, removing them, saying whose they are."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction

from graftwork.apps.accounts.actions import require_group_name
from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.knowledge.actions.storing import raise_revision
from graftwork.apps.knowledge.hooks import withdrawn
from graftwork.apps.knowledge.models import Source, SourceKind
from graftwork.apps.knowledge.queries import MANAGING_ROLES, source_by_name
from graftwork.apps.vault.actions import scope_keys
from graftwork.core.errors import InputNotFound, RequestInvalid
from graftwork.core.usecase_tables import NAME

MAX_GROUPS = 50


def require_manager(actor: Actor) -> None:
    actor.require_scope("knowledge:write")
    actor.require_role(*MANAGING_ROLES)


def add_source(
    actor: Actor, name: str, location: Path | None, now: datetime, *, groups: Sequence[str] = ()
) -> tuple[Source, bool]:
    """The source called `name`, and whether it is new; without a location it is a feed. Reads nothing yet.

    One that is there stays as it is. Raises `RequestInvalid` where it has another location, `InputNotFound` where there
    is nothing at `location`.
    """
    require_manager(actor)
    if re.fullmatch(NAME, name) is None:
        raise RequestInvalid("name", "must be lower-case letters, digits and _, and begin with a letter")
    kind, place = _kind(location), str(location.resolve()) if location else ""
    with transaction.atomic():
        known = Source.objects.filter(name=name).first()
        if known is not None:
            if (known.kind, known.location) != (kind, place):
                raise RequestInvalid("name", f"the source {name} is {known.get_kind_display()} of another place")
            return known, False
        scope = f"knowledge/{name}"  # no thread of a use case is called so: those have a colon
        source = Source.objects.create(
            name=name, kind=kind, location=place, groups=_checked(groups), created_at=now,
            scope_key=scope_keys([scope])[scope],
        )  # fmt: skip
        detail = {"name": name, "kind": kind, "groups": source.groups}
        record(actor.name, [Event("source.added", f"source:{source.pk}", detail)], now)
    return source, True


def set_groups(actor: Actor, name: str, groups: Sequence[str], now: datetime) -> Source:
    """Open `name` to these groups only; to everybody without any."""
    require_manager(actor)
    with transaction.atomic():
        source = source_by_name(name)
        before, source.groups = source.groups, _checked(groups)
        if before == source.groups:
            return source
        source.save(update_fields=["groups"])
        if source.groups and (not before or set(before) - set(source.groups)):
            withdrawn(name, now)
        detail = {"name": name, "before": before, "groups": source.groups}
        record(actor.name, [Event("source.groups_set", f"source:{source.pk}", detail)], now)
    return source


def remove_source(actor: Actor, name: str, now: datetime) -> int:
    """Delete a source with its documents and its key; returns how many documents. They are gone from answers at once.

    Files on the disk stay as they are.
    """
    require_manager(actor)
    with transaction.atomic():
        raise_revision()
        source = source_by_name(name)
        key, pk = source.scope_key, source.pk
        withdrawn(name, now)
        count = source.documents.count()
        source.documents.all().delete()
        source.delete()
        key.delete()  # what a backup still holds of the documents cannot be read without it
        record(actor.name, [Event("source.removed", f"source:{pk}", {"name": name, "documents": count})], now)
    return count


def _kind(location: Path | None) -> SourceKind:
    if location is None:
        return SourceKind.FEED
    if not location.exists():
        raise InputNotFound(str(location))
    return SourceKind.FILE if location.is_file() else SourceKind.FOLDER


def _checked(groups: Sequence[str]) -> list[str]:
    if len(groups) > MAX_GROUPS:
        raise RequestInvalid("groups", f"must be at most {MAX_GROUPS}")
    for group in groups:
        require_group_name(group)
    return sorted(set(groups))
