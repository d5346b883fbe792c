"""What a finished call is counted as: in its record, and against the budget of its key."""

import json
import time
from decimal import Decimal

from graftwork.apps.traffic.queries import Grant, Used
from graftwork.config.workspace import GatewaySettings
from graftwork.gateway.call import Call
from graftwork.gateway.engines import Directory
from graftwork.gateway.limits import Limits
from graftwork.gateway.records import Recorder
from graftwork.gateway.usage import estimate
from graftwork.gateway.wire import dumps

KEPT_CONTENT_BYTES = 1_000_000


class Accounting:
    def __init__(self, settings: GatewaySettings, directory: Directory, limits: Limits, recorder: Recorder) -> None:
        self._settings = settings
        self._directory = directory
        self._limits = limits
        self._recorder = recorder

    def settle(self, call: Call) -> None:
        """Count and record the call, however it ended."""
        facts, grant, usage = call.facts, call.grant, call.usage
        if grant is None:
            return  # no key, no call: nobody to record it for
        elapsed = time.perf_counter() - call.started
        facts.total_ms = elapsed * 1000
        facts.overhead_ms = max(0.0, (elapsed - call.upstream_seconds) * 1000) if not facts.streamed else _first(call)
        facts.prompt_tokens, facts.completion_tokens = usage.prompt_tokens, usage.completion_tokens
        facts.cached_tokens = usage.cached_tokens
        engine = self._directory.engines.get(facts.engine)
        if call.masked:
            facts.masked = json.dumps(dict(sorted(call.masked.items())))
        if engine is not None:
            facts.cost = engine.cost(usage.prompt_tokens, usage.completion_tokens)
        if self._settings.record_content and call.sent:
            facts.content = (_content_scope(grant, call.thread), _content(call))
        if call.estimated_tokens is not None:
            self._limits.settle(grant, call.now, call.estimated_tokens, self._used(call))
        self._recorder.add(facts)

    def _used(self, call: Call) -> Used:
        """What the budget is charged. An answer that was broken off without a count was paid for too: estimated."""
        facts = call.facts
        if not facts.attempts:
            return Used(1)
        prompt, completion = facts.prompt_tokens, facts.completion_tokens
        answered = facts.status < 400 or call.answered_bytes
        if prompt is None:
            prompt = (call.estimated_tokens or 0) if answered or facts.outcome == "client_gone" else 0
        if completion is None:
            completion = estimate(call.answered_bytes) if answered else 0
        engine = self._directory.engines.get(facts.engine)
        cost = facts.cost if facts.cost is not None else engine.cost(prompt, completion) if engine else None
        return Used(1, prompt + completion, cost or Decimal(0))


def _first(call: Call) -> float:
    """A stream's overhead: what was added before its first byte."""
    if call.facts.first_byte_ms is None:
        return 0.0
    return max(0.0, call.facts.first_byte_ms - call.upstream_seconds * 1000)


def _content_scope(grant: Grant, thread: str) -> str:
    return f"gateway:{grant.tenant}:{thread}" if thread else f"gateway:{grant.tenant}"


def _content(call: Call) -> str:
    sent, answered = call.sent[:KEPT_CONTENT_BYTES], b"".join(call.answered)[:KEPT_CONTENT_BYTES]
    return dumps({"sent": sent.decode("utf-8", "replace"), "answered": answered.decode("utf-8", "replace")}).decode()
