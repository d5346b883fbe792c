"""Calling the REST interface as a program does: over HTTP, with a token."""

import json
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from graftwork.apps.accounts.actions import make_token
from graftwork.apps.actors import SCOPES, operator


class Api:
    """`api.post("/items", {...})` gives the answer; `body` may be bytes, for what no JSON library would write."""

    def __init__(self, token: str | None) -> None:
        self._client = Client(raise_request_exception=False)
        self._token = token

    def get(self, path: str, **query: Any) -> Any:
        return self._client.get(f"/api/v1{path}", query, headers=self._headers())

    def post(self, path: str, body: Any = None, *, content_type: str = "application/json", **headers: str) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        return self._client.post(
            f"/api/v1{path}", data, content_type=content_type, headers=self._headers() | _dashed(headers)
        )

    def put(self, path: str, body: Any) -> Any:
        """Bytes go as they are, anything else as JSON."""
        is_raw = isinstance(body, bytes)
        data, kind = (body, "application/octet-stream") if is_raw else (json.dumps(body).encode(), "application/json")
        return self._client.put(f"/api/v1{path}", data, content_type=kind, headers=self._headers())

    def call(self, method: str, path: str) -> Any:
        return self._client.generic(method, f"/api/v1{path}", headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def api_of(db: Any) -> Callable[..., Api]:
    """The interface as `user` reaches it, by a token with `scopes` (all of them unless told otherwise)."""
    numbers = count(1)

    def make(user: Any, *scopes: str) -> Api:
        secret = make_token(operator(), user, f"token {next(numbers)}", list(scopes or SCOPES), timezone.now())
        return Api(secret)

    return make


@pytest.fixture
def api(api_of: Callable[..., Api], make_user: Callable[..., Any]) -> Api:
    """As a reviewer with every scope."""
    return api_of(make_user("rita", "reviewer"))


@pytest.fixture
def anonymous() -> Api:
    return Api(None)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, now: Any) -> Callable[[Any], None]:
    """Sets what time the interface believes it is; at first that of the other fixtures."""

    def set_to(time: Any) -> None:
        monkeypatch.setattr(timezone, "now", lambda: time)

    set_to(now)
    return set_to


def code_of(answer: Any) -> str:
    return str(answer.json()["error"]["code"])


@pytest.fixture
def error_code() -> Callable[[Any], str]:
    return code_of


@pytest.fixture
def for_threads(transactional_db: Any, tmp_path: Path) -> Iterator[None]:
    """Connections that threads open see the same database as a server's threads do.

    The test database of SQLite lives in memory, where a lock is refused at once instead of waited for. Threads get a
    copy of it in a file, as it is at this moment: ask for this fixture last.
    """
    settings = connections.settings["default"]
    if connection.vendor != "sqlite" or "memory" not in str(settings["NAME"]):
        yield
        return
    name, file = settings["NAME"], tmp_path / "threads.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])
    settings["NAME"] = str(file)
    yield
    settings["NAME"] = name
