"""Writing what the desk remembers of a person. Decisions on items are written by `work.actions.reviewing`."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.desk.models import DeskPreferences
from graftwork.apps.desk.shortcuts import ShortcutName, key_problems
from graftwork.core.errors import NotAllowed, RequestInvalid


def save_shortcuts(actor: Actor, keys: Mapping[ShortcutName, str], now: datetime, *, enabled: bool) -> None:
    """Store the person's own keys. Raises `RequestInvalid` where two are the same or one is no single character."""
    if actor.user_id is None:
        raise NotAllowed("a person's account")
    for name, problem in key_problems(keys).items():
        raise RequestInvalid(name, problem.rstrip("."))
    with transaction.atomic():
        DeskPreferences.objects.update_or_create(
            user_id=actor.user_id, defaults={"shortcuts_enabled": enabled, "shortcut_keys": dict(keys)}
        )
        record(actor.name, [Event("shortcuts.saved", f"user:{actor.user_id}", {"enabled": enabled})], now)
