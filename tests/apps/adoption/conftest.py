"""People who lead and people who review, their decisions on drafts, and a clock for the pages."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest


@pytest.fixture
def actor(make_user: Callable[..., Any]) -> Callable[..., Any]:
    """The actor of a person with these roles, made when first asked for."""
    from graftwork.apps.accounts.models import User
    from graftwork.apps.accounts.queries import actor_for_user

    def find(username: str = "olga", *roles: str) -> Any:
        user = User.objects.filter(username=username).first() or make_user(username, *(roles or ("owner",)))
        return actor_for_user(user)

    return find


@pytest.fixture
def review(make_items: Callable[..., Any], make_user: Callable[..., Any], now: datetime) -> Callable[..., Any]:
    """A person decides on a new item: as it stands, edited, rejected or escalated."""
    from graftwork.apps.accounts.models import User
    from graftwork.apps.accounts.queries import actor_for_user
    from graftwork.apps.work.actions.reviewing import Verdict, claim, decide
    from graftwork.apps.work.queries import draft_text, latest_draft

    def make(username: str = "rita", how: str = "accept", at: datetime = now, *, drafted: bool = True, simulated=False):
        user = User.objects.filter(username=username).first() or make_user(username)
        person = actor_for_user(user)
        [item] = make_items(1, drafted=drafted, draft="We sent it on Monday.")
        if not drafted:
            type(item).objects.filter(pk=item.pk).update(state="ready")
        draft = latest_draft(item)
        text = draft_text(item, draft) if draft and how == "accept" else "Nothing of that is left over here."
        kind = {"reject": "reject", "escalate": "escalate"}.get(how, "approve")
        verdict = Verdict(kind, text if kind == "approve" else "", "wrong" if kind == "reject" else "", "Help.")
        claim(person, item.pk, at)
        return decide(person, item.pk, verdict, at, simulated=simulated)

    return make


@pytest.fixture
def client_of(make_user: Callable[..., Any], now: datetime, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A signed-in client of a person with these roles; the pages take `now` for now."""
    from django.test import Client

    from graftwork.apps.accounts import door
    from graftwork.apps.accounts.models import User

    monkeypatch.setattr(door.timezone, "now", lambda: now)

    def sign(username: str = "olga", *roles: str) -> Client:
        client = Client()
        user = User.objects.filter(username=username).first() or make_user(username, *(roles or ("owner",)))
        client.force_login(user)
        return client

    return sign
