"""From what an engine answered to what the caller gets: restored, translated back, whole or as it comes."""

import asyncio
import time
from typing import Any

from graftwork.config.workspace import GatewaySettings
from graftwork.core.errors import GraftworkError, UpstreamHungUp, UpstreamTimeout, UpstreamUnavailable
from graftwork.gateway.answers import error_body, error_event
from graftwork.gateway.call import Call
from graftwork.gateway.http import EVENTS, JSON, Send, send_whole
from graftwork.gateway.preparing import Preparing, wants_usage
from graftwork.gateway.restoring import Whole, asks_for_json, stream_restorer
from graftwork.gateway.routing import CHAT
from graftwork.gateway.streams import Relay
from graftwork.gateway.translation.answers import message_from_chat
from graftwork.gateway.translation.streams import MessagesFromChat
from graftwork.gateway.upstream import Reply
from graftwork.gateway.wire import FrameTooLongError, dumps, loads_or_none


class Sending:
    def __init__(self, settings: GatewaySettings, preparing: Preparing) -> None:
        self._settings = settings
        self._preparing = preparing

    async def whole(self, call: Call, reply: Reply, send: Send) -> None:
        facts, body = call.facts, reply.body
        facts.status, facts.outcome = reply.status, "done" if reply.status < 400 else "gateway.refused_by_engine"
        found = loads_or_none(body)
        if isinstance(found, dict):
            call.usage.read(found.get("usage"))
        if self._settings.record_content:
            call.answered.append(body)
        if reply.status < 400:
            if not isinstance(found, dict):
                raise UpstreamHungUp(reply.engine.name)
            body = self._restored(call, reply, found, body)
        elif reply.engine.protocol != call.endpoint.protocol or not isinstance(found, dict):
            reason = f"it refuses the request with HTTP {reply.status}"
            body = error_body(UpstreamUnavailable(reply.engine.name, reason), call.endpoint.dialect)
        call.answered_bytes = len(body)
        head = [JSON, *call.head()]
        if reply.retry_after and reply.status == 429:
            head.append((b"retry-after", reply.retry_after.encode("latin-1", "replace")))
        facts.first_byte_ms = (time.perf_counter() - call.started) * 1000
        call.response_started = True
        await send_whole(send, reply.status, body, head)

    def _restored(self, call: Call, reply: Reply, found: dict[str, Any], body: bytes) -> bytes:
        translated = reply.engine.protocol != call.endpoint.protocol
        if translated:
            found = message_from_chat(found, call.facts.model)
        if call.restores:
            assert call.session is not None
            self._preparing.follow(call, found.get("id"))
            found = Whole(call.session, json_answer=asks_for_json(call.body)).answer(found)
        return dumps(found) if translated or call.restores else body

    async def stream(self, call: Call, reply: Reply, send: Send) -> None:
        relay = self._relay(call, reply)
        call.usage = relay.usage
        facts = call.facts
        facts.status, facts.outcome = reply.status, "done"
        dialect = call.endpoint.dialect
        try:
            async with asyncio.timeout(reply.engine.total_seconds):
                await self._pass_pieces(call, reply, relay, send)
            if not relay.complete:
                raise UpstreamHungUp(reply.engine.name)
            if relay.failed:
                facts.outcome = "gateway.refused_by_engine"
            last = relay.close()
        except TimeoutError:
            error: GraftworkError = UpstreamTimeout(reply.engine.name, "the whole answer", reply.engine.total_seconds)
            facts.outcome, last = error.code, error_event(error, dialect)
        except FrameTooLongError:
            error = UpstreamHungUp(reply.engine.name)
            facts.outcome, last = error.code, error_event(error, dialect)
        except GraftworkError as known:
            facts.outcome, last = known.code, error_event(known, dialect)
        call.answered_bytes = relay.sent_bytes
        await self._start_stream(call, send)
        await send({"type": "http.response.body", "body": last})

    async def _pass_pieces(self, call: Call, reply: Reply, relay: Any, send: Send) -> None:
        async for piece in reply.pieces():
            out = relay.feed(piece)
            if self._settings.record_content:
                call.answered.append(piece)
            if out:
                await self._start_stream(call, send)
                await send({"type": "http.response.body", "body": out, "more_body": True})

    async def _start_stream(self, call: Call, send: Send) -> None:
        if call.response_started:
            return
        call.response_started = True
        call.facts.first_byte_ms = (time.perf_counter() - call.started) * 1000
        await send({"type": "http.response.start", "status": 200, "headers": [*EVENTS, *call.head()]})

    def _relay(self, call: Call, reply: Reply) -> Any:
        dialect = call.endpoint.dialect
        restorer = None
        if call.restores:
            assert call.session is not None
            restorer = stream_restorer(dialect, call.session, json_answer=asks_for_json(call.body))
        if reply.engine.protocol != call.endpoint.protocol:
            return MessagesFromChat(call.facts.model, restorer)
        follow = (lambda response_id: self._preparing.follow(call, response_id)) if call.restores else None
        hide = call.endpoint is CHAT and not wants_usage(call.body)
        return Relay(dialect, restorer, hide_usage=hide, on_response_id=follow)
