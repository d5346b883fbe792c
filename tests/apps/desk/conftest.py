"""People at the desk: signed-in clients, and a clock that a test can set."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Callable[[datetime], None]:
    """Sets what the desk takes for now; it starts at `now`."""
    from graftwork.apps.desk import http

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(http.timezone, "now", lambda: moment)

    set_to(now)
    return set_to


@pytest.fixture
def sign_in(make_user: Callable[..., Any]) -> Callable[..., Any]:
    """A client of a new user with these roles; `client.user` is that user."""
    from django.test import Client

    def sign(username: str = "rita", *roles: str) -> Client:
        client = Client()
        client.user = make_user(username, *roles)  # type: ignore[attr-defined] # the tests' own handle
        client.force_login(client.user)  # type: ignore[attr-defined] # the same
        return client

    return sign


SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def script() -> dict[str, str]:
    """The header that the page's own script sends."""
    return SCRIPT
