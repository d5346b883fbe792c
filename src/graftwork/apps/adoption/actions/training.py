"""Writing training modules, and completing them."""

import math
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.adoption.access import LEADS
from graftwork.apps.adoption.models import Completion, Module, Requirement
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.core.errors import NotAllowed, NotFound, RequestInvalid
from graftwork.core.usecase_tables import NAME

MAX_TITLE_CHARACTERS = 200
MAX_TEXT_CHARACTERS = 50_000
MAX_URL_CHARACTERS = 500
MAX_HOURS = 1_000


@dataclass(frozen=True, slots=True)
class ModuleText:
    """What a module says: a text in Markdown, or the address of a page, or both; and the hours that it should take."""

    title: str
    text: str = ""
    url: str = ""
    hours: float = 0.0


def save_module(actor: Actor, code: str, written: ModuleText, now: datetime, *, new: bool) -> Module:
    """Store a module. Raises `RequestInvalid` for what it cannot be, `NotFound` where it is not new and not there."""
    actor.require_role(*LEADS)
    if re.fullmatch(NAME, code) is None:
        raise RequestInvalid("code", "must be lower-case letters, digits and _, and begin with a letter")
    _check(written)
    with transaction.atomic():
        there = Module.objects.filter(code=code).first()
        if new and there is not None:
            raise RequestInvalid("code", f"there is a module {code} already")
        if not new and there is None:
            raise NotFound("training module", code)
        module = there or Module(code=code)
        module.title, module.text = written.title.strip(), written.text
        module.url, module.hours = written.url.strip(), written.hours
        module.save()
        detail = {"code": code, "hours": written.hours}
        record(actor.name, [Event("training.added" if new else "training.changed", f"module:{module.pk}", detail)], now)
    return module


def set_retired(actor: Actor, code: str, now: datetime, *, retired: bool) -> Module:
    """Take a module out of use, or back into it. One that a running pilot asks for stays."""
    actor.require_role(*LEADS)
    with transaction.atomic():
        module = Module.objects.select_for_update().filter(code=code).first()
        if module is None:
            raise NotFound("training module", code)
        if retired and (names := list(Requirement.objects.filter(module=module).values_list("use_case", flat=True))):
            raise RequestInvalid("code", f"{code} is asked for by the pilot of {', '.join(sorted(names))}")
        module.retired_at = now if retired else None
        module.save(update_fields=["retired_at"])
        event = Event("training.retired" if retired else "training.restored", f"module:{module.pk}", {"code": code})
        record(actor.name, [event], now)
    return module


def complete(actor: Actor, code: str, hours: float | None, now: datetime) -> Completion:
    """Note that this person completed a module. Without `hours` it took what was planned; told again, they are set."""
    if actor.user_id is None:
        raise NotAllowed("a person's account")
    if hours is not None:
        _check_hours(hours)
    with transaction.atomic():
        module = Module.objects.filter(code=code, retired_at=None).first()
        if module is None:
            raise NotFound("training module", code)
        took = module.hours if hours is None else hours
        completion, _ = Completion.objects.update_or_create(
            module=module, user_id=actor.user_id,
            defaults={"hours": took}, create_defaults={"hours": took, "completed_at": now},
        )  # fmt: skip
        record(actor.name, [Event("training.completed", f"module:{module.pk}", {"hours": took})], now)
    return completion


def _check(written: ModuleText) -> None:
    if not 1 <= len(written.title.strip()) <= MAX_TITLE_CHARACTERS:
        raise RequestInvalid("title", f"must have 1 to {MAX_TITLE_CHARACTERS} characters")
    if len(written.text) > MAX_TEXT_CHARACTERS:
        raise RequestInvalid("text", f"has over {MAX_TEXT_CHARACTERS} characters; put the rest behind a link")
    if written.url.strip():
        _check_url(written.url.strip())
    elif not written.text.strip():
        raise RequestInvalid("text", "is empty, and there is no link either")
    _check_hours(written.hours)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > MAX_URL_CHARACTERS:
        raise RequestInvalid("url", "must be an address that begins with https:// or http://")


def _check_hours(hours: float) -> None:
    if not math.isfinite(hours) or not 0 <= hours <= MAX_HOURS:
        raise RequestInvalid("hours", f"must be 0 to {MAX_HOURS}")
