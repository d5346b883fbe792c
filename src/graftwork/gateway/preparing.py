"""From what a caller sent to what an engine gets: masked where the policy says so, in the engine's own protocol."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import Executor
from typing import Any

from graftwork.config.workspace import GatewaySettings
from graftwork.core.errors import (
    GatewayBodyInvalid,
    GatewayMaskingFailed,
    GatewayThreadUnknown,
    GatewayZoneRefused,
    GraftworkError,
    PlaceholdersChanged,
)
from graftwork.core.privacy.routing import to_keep
from graftwork.core.types import Treatment
from graftwork.gateway.call import Call, where
from graftwork.gateway.engines import Route
from graftwork.gateway.masking import Masker, text_size
from graftwork.gateway.noting import with_note
from graftwork.gateway.privacy import Guard, RequestScope, Session
from graftwork.gateway.routing import CHAT
from graftwork.gateway.translation.requests import chat_from_messages
from graftwork.gateway.wire import dumps

log = logging.getLogger(__name__)

# A longer request is searched in a thread, so that streams of others go on meanwhile.
LOOP_CHARACTERS = 20_000
MAX_FOLLOWED = 1_000
# A session holds values in the clear. Whoever goes on later sends a thread's name.
FOLLOWED_SECONDS = 3_600.0
ATTEMPTS = 8


class Preparing:
    """`guard` is `None` where masking cannot run: what has to be masked is refused then."""

    def __init__(self, settings: GatewaySettings, guard: Guard | None, threads: Executor) -> None:
        self._settings = settings
        self._guard = guard
        self._threads = threads
        self._followed: OrderedDict[str, dict[tuple[str, str], Session | None]] = OrderedDict()

    async def payload(self, call: Call, route: Route) -> bytes:
        """What goes to this engine, in the form that the policy allows there."""
        assert call.policy is not None
        self._refuse_foreign(call)
        call.restores = await self._treatment(call, route) == "masked"
        body = await self._masked(call) if call.restores else call.body
        if call.restores and not call.thread and body == call.body and call.endpoint.dialect != "responses":
            call.restores = False  # nothing was masked, so there is nothing to restore; nor can it be continued
        if call.restores and call.session is not None and call.session.counts:
            body = with_note(body, call.endpoint.dialect)
        changes: dict[str, Any] = {}
        if route.model != body["model"]:
            changes["model"] = route.model
        if route.engine.protocol != call.endpoint.protocol:
            return dumps(with_usage({**chat_from_messages(body), **changes}))
        if call.facts.streamed and call.endpoint is CHAT and not wants_usage(body):
            body = with_usage(body)
        if body is call.body and not changes:
            return call.raw
        return dumps({**body, **changes})

    async def is_sensitive(self, call: Call) -> bool:
        await self._masked(call)
        return bool(call.masked or (call.session is not None and call.session.classes))

    async def _treatment(self, call: Call, route: Route) -> Treatment:
        """Raises `GatewayZoneRefused` where what was found in the request keeps it in the local zone."""
        assert call.policy is not None
        if call.policy.searches(route.engine):
            await self._masked(call)
        session = call.session
        classes, kept = (session.classes, session.held_by) if session is not None else ((), None)
        treatment = call.policy.treatment(route.engine, classes, kept)
        if treatment == "local":
            raise GatewayZoneRefused
        return treatment

    async def _masked(self, call: Call) -> dict[str, Any]:
        """The masked body, made once. Raises `GatewayMaskingFailed`: where masking fails, nothing is sent."""
        if call.masked_body is None:
            call.masked_body = await self._mask(call)
        return call.masked_body

    async def _mask(self, call: Call) -> dict[str, Any]:
        assert call.grant is not None
        scope = RequestScope(call.grant.tenant, call.thread, call.facts.use_case)
        followed = self._followed_session(call)
        guard = call.guard or self._guard
        quick = guard is not None and guard.quick
        try:
            short = quick and not call.thread and text_size(call.body) <= LOOP_CHARACTERS
            if short:
                session, body, counts = self._mask_now(call, scope, followed)
            else:
                loop = asyncio.get_running_loop()
                work = loop.run_in_executor(self._threads, self._mask_now, call, scope, followed)
                session, body, counts = await asyncio.wait_for(work, self._settings.detect_seconds)
        except GraftworkError as error:
            if error.code.startswith("gateway."):
                raise
            raise GatewayMaskingFailed(error.code) from None
        except RecursionError:
            raise GatewayBodyInvalid("(body)", "is nested too deeply") from None
        except TimeoutError:
            raise GatewayMaskingFailed("time-out") from None
        except Exception as error:  # noqa: BLE001 - fails closed whatever went wrong; its text may quote the request
            log.error("request %s: masking failed with %s", call.facts.id, where(error))
            raise GatewayMaskingFailed(type(error).__name__) from None
        call.session, call.masked = session, counts
        return body

    def _mask_now(
        self, call: Call, scope: RequestScope, followed: Session | None
    ) -> tuple[Session, dict[str, Any], Mapping[str, int]]:
        """Masked, and kept in the vault. Done again where another request of the same thread was first."""
        guard = call.guard or self._guard
        if guard is None:
            raise GatewayMaskingFailed("no detector")
        for attempt in range(1, ATTEMPTS + 1):
            session = followed or guard.open(scope)
            before = dict(session.counts)
            body = self._walked(call, session)
            try:
                session.keep()
            except PlaceholdersChanged:
                if attempt == ATTEMPTS:
                    raise
            else:
                _hold(call, session)
                counts = {kind: count - before.get(kind, 0) for kind, count in session.counts.items()}
                return session, body, {kind: count for kind, count in counts.items() if count}
        raise AssertionError("the last attempt returns or raises")

    def _walked(self, call: Call, session: Session) -> dict[str, Any]:
        assert call.policy is not None
        masker = Masker(session, pass_opaque=call.policy.pass_opaque)
        return masker.embeddings(call.body) if call.endpoint.path == "/v1/embeddings" else masker.request(call.body)

    def _followed_session(self, call: Call) -> Session | None:
        """The session of the response that this one continues: its placeholders are in the engine's memory."""
        previous = _previous(call)
        if not previous or call.thread:
            return None
        session = self._followed.get(previous, {}).get(_owner(call))
        if session is None:
            raise GatewayThreadUnknown
        return session

    def _refuse_foreign(self, call: Call) -> None:
        """The engine knows one key, ours, and would go on with the response of any caller or thread."""
        owners = self._followed.get(_previous(call))
        if owners is not None and _owner(call) not in owners:
            raise GatewayThreadUnknown

    def follow(self, call: Call, response_id: Any) -> None:
        if call.endpoint.dialect != "responses" or call.session is None or not response_id:
            return
        owners = self._followed.setdefault(str(response_id), {})
        owners[_owner(call)] = call.session
        asyncio.get_running_loop().call_later(FOLLOWED_SECONDS, _forget, owners, _owner(call), call.session)
        if len(self._followed) > MAX_FOLLOWED:
            self._followed.popitem(last=False)


def _forget(owners: dict[tuple[str, str], Session | None], owner: tuple[str, str], session: Session) -> None:
    """The values go; whose response it is stays known, so that nobody else goes on with it."""
    if owners.get(owner) is session:
        owners[owner] = None


def _hold(call: Call, session: Session) -> None:
    """The thread keeps what its classes made stricter than the policy alone."""
    policy = call.policy
    if policy is None or policy.rules is None or not session.classes:
        return
    if (rule := to_keep(policy.ruling(session.classes, None), policy.managed)) is not None:
        session.hold(rule)


def _previous(call: Call) -> str:
    return str(call.body.get("previous_response_id") or call.body.get("conversation") or "")


def _owner(call: Call) -> tuple[str, str]:
    assert call.grant is not None
    return call.grant.tenant, call.thread


def wants_usage(body: Mapping[str, Any]) -> bool:
    options = body.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def with_usage(body: dict[str, Any]) -> dict[str, Any]:
    if body.get("stream") is not True:
        return body
    options = body.get("stream_options")
    return {**body, "stream_options": {**(options if isinstance(options, dict) else {}), "include_usage": True}}
