"""Which engines one request may go to, and in which form."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from graftwork.apps.traffic.queries import Grant
from graftwork.config.workspace import GatewaySettings
from graftwork.core.errors import (
    GatewayBodyInvalid,
    GatewayModelUnknown,
    GatewayProtocolMissing,
    GatewayUseCaseRefused,
    GatewayZoneRefused,
)
from graftwork.core.privacy.policy import Ruling, needs_search, ruling, stricter
from graftwork.core.types import Sensitivity, Treatment
from graftwork.core.usecase_tables import PrivacyRules
from graftwork.gateway.answers import Dialect
from graftwork.gateway.engines import Directory, Engine, Protocol, Route
from graftwork.gateway.http import Headers

Managed = Literal["never", "masked", "allowed"]
_USE_CASE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_STRICTEST: tuple[Managed, ...] = ("never", "masked", "allowed")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path of the gateway, and the path below an engine's address that it stands for."""

    path: str
    upstream_path: str
    dialect: Dialect
    protocol: Protocol = "openai"
    streams: bool = True


ENDPOINTS = {
    endpoint.path: endpoint
    for endpoint in (
        Endpoint("/v1/chat/completions", "/chat/completions", "chat"),
        Endpoint("/v1/responses", "/responses", "responses"),
        Endpoint("/v1/embeddings", "/embeddings", "chat", streams=False),
        Endpoint("/v1/messages", "/messages", "messages", "anthropic"),
        Endpoint("/v1/messages/count_tokens", "/messages/count_tokens", "messages", "anthropic", streams=False),
    )
}
CHAT, MESSAGES = ENDPOINTS["/v1/chat/completions"], ENDPOINTS["/v1/messages"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for one request: `[gateway]`, then the key, then what the request itself asks for on top."""

    managed: Managed
    local_masked: bool
    fallback_to_managed: bool
    pass_opaque: bool
    rules: PrivacyRules | None = None

    def searches(self, engine: Engine) -> bool:
        """Whether what a request holds makes a difference to what this engine may see of it."""
        if engine.zone == "local":
            return self.local_masked
        return self.managed == "masked" or (self.rules is not None and needs_search(self.rules))

    def treatment(self, engine: Engine, classes: Collection[Sensitivity], kept: Ruling | None) -> Treatment:
        """What becomes of a request with data of these `classes` on its way to `engine`."""
        if engine.zone == "local":
            return "masked" if self.local_masked else "allowed"
        return self.ruling(classes, kept).treatment

    def ruling(self, classes: Collection[Sensitivity], kept: Ruling | None) -> Ruling:
        whole = Ruling("local" if self.managed == "never" else self.managed, f'`managed` is "{self.managed}"')
        by_class = ruling(self.rules, classes) if self.rules is not None else whole
        return stricter(stricter(by_class, whole), kept)


def policy_of(settings: GatewaySettings, grant: Grant, headers: Headers, rules: PrivacyRules | None = None) -> Policy:
    """What the key says, stands in place of `[gateway]`; beside `rules`, those of its use case, the stricter holds.

    The header `X-Graftwork-Managed` can only make it stricter.
    """
    managed: Managed = rules.managed if rules is not None else settings.managed
    if grant.managed:
        own: Managed = next((one for one in _STRICTEST if one == grant.managed), "never")
        managed = own if rules is None else min(managed, own, key=_STRICTEST.index)
    if asked := headers.get(b"x-graftwork-managed"):
        wish = asked.decode("latin-1").strip().lower()
        if wish not in _STRICTEST:
            raise GatewayBodyInvalid("X-Graftwork-Managed", f"takes {', '.join(_STRICTEST)}")
        managed = min(managed, wish, key=_STRICTEST.index)
    return Policy(
        managed, settings.local == "masked", settings.fallback_to_managed, settings.unmaskable == "pass", rules
    )


def use_case_of(grant: Grant, headers: Headers) -> str:
    """The use case that the call is counted for. Raises `GatewayBodyInvalid` or `GatewayUseCaseRefused`."""
    named = headers.get(b"x-graftwork-use-case", b"").decode("latin-1").strip()
    if named and not _USE_CASE.fullmatch(named):  # it is stored with the call, so it is a name and nothing else
        raise GatewayBodyInvalid("X-Graftwork-Use-Case", "takes a-z, 0-9 and _, a letter first, at most 63")
    if not grant.use_cases:
        return named
    if not named and len(grant.use_cases) == 1:
        return grant.use_cases[0]
    if named not in grant.use_cases:
        raise GatewayUseCaseRefused
    return named


def routes_for(directory: Directory, model: str, grant: Grant, endpoint: Endpoint, policy: Policy) -> list[Route]:
    """The engines to ask, in order. Raises an error that says why there is none.

    Whoever begins in the local zone stays there, unless `fallback_to_managed` lets what is not sensitive out.
    """
    found = directory.routes(model, grant.engines)
    if not found:
        raise GatewayModelUnknown
    spoken = [route for route in found if _speaks(route.engine, endpoint)]
    if not spoken:
        raise GatewayProtocolMissing(found[0].engine.name, endpoint.path)
    # A translation loses something, so an engine that speaks the protocol itself comes first.
    spoken.sort(key=lambda route: route.engine.protocol != endpoint.protocol)
    allowed = [route for route in spoken if route.engine.zone == "local" or policy.managed != "never"]
    if not allowed:
        raise GatewayZoneRefused
    if allowed[0].engine.zone == "local" and not policy.fallback_to_managed:
        allowed = [route for route in allowed if route.engine.zone == "local"]
    return allowed


def crosses_zones(routes: Sequence[Route], route: Route) -> bool:
    """Whether `route` would lead out of the local zone, in which the request began."""
    return routes[0].engine.zone == "local" and route.engine.zone == "managed"


def _speaks(engine: Engine, endpoint: Endpoint) -> bool:
    return engine.protocol == endpoint.protocol or (endpoint is MESSAGES and engine.protocol == "openai")
