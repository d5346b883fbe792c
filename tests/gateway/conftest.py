"""A gateway on loopback between real clients and a provider that plays a script."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from graftwork.config.workspace import GatewaySettings
from support.gateway import Provider, Server, SimpleGuard, answer_by_path


@pytest.fixture(scope="session")
def the_provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture
def provider(the_provider: Provider) -> Provider:
    the_provider.received.clear()
    the_provider.handler = answer_by_path
    the_provider.disconnects = 0
    return the_provider


@pytest.fixture
def guard() -> SimpleGuard:
    return SimpleGuard()


@pytest.fixture
def engine(provider: Provider) -> Callable[..., Any]:
    """An engine at the provider; local, OpenAI's protocol and the model `m` unless told otherwise."""
    from graftwork.gateway.engines import Engine

    def make(name: str = "local", **changes: Any) -> Engine:
        settings = {
            "url": provider.url, "protocol": "openai", "zone": "local", "models": {"m": "m"},
            "api_key": "sk-upstream-secret", **changes,
        }  # fmt: skip
        return Engine(name=name, **settings)

    return make


@pytest.fixture
def gateway(transactional_db: Any, engine: Callable[..., Any], guard: SimpleGuard) -> Iterator[Callable[..., Server]]:
    """Starts a gateway with the engines and settings given; all end with the test."""
    from graftwork.gateway.app import Gateway

    servers: list[Server] = []

    def start(*engines: Any, masks: Any = guard, **settings: Any) -> Server:
        chosen = GatewaySettings(**{"key_cache_seconds": 0.2, "managed": "masked", **settings})
        server = Server(Gateway(chosen, list(engines) or [engine()], masks))
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def make_key(transactional_db: Any) -> Callable[..., str]:
    from graftwork.apps.actors import operator
    from graftwork.apps.traffic.actions import KeyLimits, create_key

    def make(name: str = "app", **changes: Any) -> str:
        limits = KeyLimits(**{key: changes.pop(key) for key in list(changes) if key in KeyLimits.__slots__})
        return create_key(operator(), name, changes.pop("now", datetime.now(UTC)), limits=limits, **changes)

    return make


@pytest.fixture
def calls() -> Callable[[], list[Any]]:
    """The stored calls in their order, once the gateway is closed or has had time to store them."""
    import time

    from django.db import OperationalError

    from graftwork.apps.traffic.models import CallRecord

    def read(count: int = 1) -> list[Any]:
        until = time.monotonic() + 5
        while True:
            try:
                found = list(CallRecord.objects.order_by("id"))
            except OperationalError:  # threads share one database in memory, in which a reader does not wait
                found = []
            if len(found) >= count or time.monotonic() > until:
                return found
            time.sleep(0.05)

    return read
