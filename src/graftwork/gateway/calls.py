"""One call, from its request to its record: admit, route, mask, ask, restore, count."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from graftwork.apps.traffic.queries import Grant
from graftwork.config.workspace import GatewaySettings
from graftwork.core.errors import (
    GatewayBodyInvalid,
    GatewayZoneRefused,
    GraftworkError,
    InternalError,
    UpstreamHungUp,
    UpstreamKeyRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from graftwork.gateway.accounting import Accounting
from graftwork.gateway.answers import error_body, error_event, error_headers
from graftwork.gateway.call import Call, where
from graftwork.gateway.engines import Directory, Route
from graftwork.gateway.http import JSON, ClientGoneError, Headers, Presence, Receive, Send, read_body, send_whole
from graftwork.gateway.keys import Keys
from graftwork.gateway.limits import Limits
from graftwork.gateway.preparing import Preparing
from graftwork.gateway.records import CallFacts, Recorder, new_call_id
from graftwork.gateway.routing import CHAT, Endpoint, crosses_zones, policy_of, routes_for, use_case_of
from graftwork.gateway.rules import Rulebook, Rules
from graftwork.gateway.sending import Sending
from graftwork.gateway.upstream import Reply, Upstreams, passed_on
from graftwork.gateway.usage import estimate
from graftwork.gateway.wire import loads_object

log = logging.getLogger(__name__)

MAX_NAME_CHARACTERS = 200
MAX_REQUEST_ID_CHARACTERS = 64
CLIENT_CLOSED = 499  # nginx's word for a caller that hung up
_PASSED_ON = {"openai": (b"openai-beta",), "anthropic": (b"anthropic-version", b"anthropic-beta")}
_UPSTREAM_DOWN = (UpstreamUnavailable, UpstreamTimeout, UpstreamHungUp, UpstreamKeyRefused)


@dataclass
class Calls:
    """Everything that a call needs; one for the process."""

    settings: GatewaySettings
    directory: Directory
    keys: Keys
    limits: Limits
    recorder: Recorder
    upstreams: Upstreams
    preparing: Preparing
    rulebook: Rulebook | None = None
    loop: asyncio.AbstractEventLoop = field(init=False)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        self._sending = Sending(self.settings, self.preparing)
        self._accounting = Accounting(self.settings, self.directory, self.limits, self.recorder)

    async def answer(self, endpoint: Endpoint, headers: Headers, receive: Receive, send: Send) -> None:
        call = self._begin(endpoint, headers)
        try:
            await self._admit(call, receive)
            async with Presence(receive, self.loop):
                await self._serve(call, send)
        except ClientGoneError:
            call.facts.status, call.facts.outcome = CLIENT_CLOSED, "client_gone"
        except GraftworkError as error:
            await self._refuse(call, error, send)
        except Exception as error:  # noqa: BLE001 - a bug: its text may quote the request, so only its kind is told
            log.error("request %s: unexpected %s", call.facts.id, where(error))
            await self._refuse(call, InternalError(call.facts.id), send)
        finally:
            self._accounting.settle(call)

    def _begin(self, endpoint: Endpoint, headers: Headers) -> Call:
        call_id, now = new_call_id(), self.clock()
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        usable = 0 < len(given) <= MAX_REQUEST_ID_CHARACTERS and given.replace("-", "").replace("_", "").isalnum()
        request_id = given if usable and given.isascii() else call_id
        facts = CallFacts(id=call_id, at=now, key_id=0, request_id=request_id, path=endpoint.path)
        return Call(endpoint, headers, facts, time.perf_counter(), now)

    async def _admit(self, call: Call, receive: Receive) -> None:
        grant = call.grant = await self.keys.grant(call.headers, call.now)
        call.facts.key_id = grant.key_id
        self.recorder.check()
        call.facts.use_case = use_case_of(grant, call.headers)
        rules = await self._rules(grant, call.facts.use_case)
        if rules is not None:
            call.guard = rules.guard
        call.policy = policy_of(self.settings, grant, call.headers, rules.privacy if rules is not None else None)
        call.thread = call.headers.get(b"x-graftwork-thread", b"").decode("latin-1").strip()
        if len(call.thread) > MAX_NAME_CHARACTERS:
            raise GatewayBodyInvalid("X-Graftwork-Thread", f"has at most {MAX_NAME_CHARACTERS} characters")
        call.raw = await read_body(receive, call.headers, self.settings.max_request_bytes)
        call.body = loads_object(call.raw)
        model = call.body.get("model")
        if not isinstance(model, str) or not 0 < len(model) <= MAX_NAME_CHARACTERS:
            raise GatewayBodyInvalid("model", "must be the name of a model")
        call.facts.streamed = call.endpoint.streams and call.body.get("stream") is True
        estimated = estimate(len(call.raw))
        self.limits.admit(grant, call.now, estimated)
        call.estimated_tokens = estimated

    async def _rules(self, grant: Grant, use_case: str) -> Rules | None:
        """Those of the use case that the key is for. What a caller merely names does not change what holds."""
        if self.rulebook is None:
            return None
        name = use_case if grant.use_cases else ""
        return self.rulebook.known(name) or await self.rulebook.read(name)

    async def _serve(self, call: Call, send: Send) -> None:
        assert call.grant is not None
        assert call.policy is not None
        model = call.body["model"]
        routes = routes_for(self.directory, model, call.grant, call.endpoint, call.policy)
        call.facts.model = model
        reply = await self._ask(call, routes)
        try:
            if reply.streamed:
                await self._sending.stream(call, reply, send)
            else:
                await self._sending.whole(call, reply, send)
        finally:
            if reply.streamed:
                reply.close()

    async def _ask(self, call: Call, routes: list[Route]) -> Reply:
        """The first good reply. A fallback is asked only where the policy lets the request go there."""
        failure: GraftworkError | None = None
        limited: Reply | None = None
        for route in routes:
            if crosses_zones(routes, route) and await self.preparing.is_sensitive(call):
                break
            try:
                payload = await self.preparing.payload(call, route)
            except GatewayZoneRefused as error:
                failure = failure or error
                continue
            try:
                reply = await self._ask_one(call, route, payload)
            except _UPSTREAM_DOWN as error:
                failure = error
                continue
            if reply.status != 429:
                return reply
            limited = reply
        if limited is not None:
            return limited
        assert failure is not None
        raise failure

    async def _ask_one(self, call: Call, route: Route, payload: bytes) -> Reply:
        engine, facts = route.engine, call.facts
        facts.engine, facts.zone, facts.currency = engine.name, engine.zone, engine.currency
        extra = passed_on(call.headers, _PASSED_ON[engine.protocol])
        extra["X-Request-Id"] = facts.id
        if self.settings.record_content:
            call.sent = payload
        path = call.endpoint.upstream_path if engine.protocol == call.endpoint.protocol else CHAT.upstream_path
        began = time.perf_counter()
        try:
            reply, attempts = await self.upstreams.ask(engine, path, payload, extra, stream=facts.streamed)
        except GraftworkError:
            facts.attempts += 1
            raise
        finally:
            call.upstream_seconds += time.perf_counter() - began
        facts.attempts += attempts
        return reply

    async def _refuse(self, call: Call, error: GraftworkError, send: Send) -> None:
        call.facts.status, call.facts.outcome = error.status, error.code
        if call.response_started:
            await send({"type": "http.response.body", "body": error_event(error, call.endpoint.dialect)})
            return
        head = [JSON, *call.head(), *error_headers(error)]
        await send_whole(send, error.status, error_body(error, call.endpoint.dialect), head)
