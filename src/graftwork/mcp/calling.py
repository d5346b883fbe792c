"""One call of a tool: who calls, what they sent, the work, its trace in the audit log; and every error as an answer.

Runs in a thread of its own, which has the database. An answer leaves only after its trace is stored.
"""

import json
import logging
import traceback
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from pydantic import BaseModel, ValidationError

from graftwork.apps.accounts.queries import actor_for_token
from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.store_errors import as_store_error
from graftwork.core.errors import GraftworkError, InternalError, NotSignedIn, RequestInvalid
from graftwork.mcp.told import Tool

log = logging.getLogger(__name__)

MAX_NAME_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """`content` is `None` where the call failed; `text` is then what went wrong and what to do about it."""

    text: str
    content: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose arguments hold."""

    tool: Tool[Any]
    given: BaseModel

    @property
    def wait_seconds(self) -> float:
        return self.tool.wait_seconds(self.given)


def read(tool: Tool[Any], arguments: Mapping[str, Any]) -> Call | GraftworkError:
    """Checks what was sent. An error names the argument and never its value."""
    try:
        return Call(tool, tool.arguments.model_validate(arguments))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part)[:MAX_NAME_CHARACTERS] for part in first["loc"])
        return RequestInvalid(where.encode(errors="replace").decode() or "arguments", _reason(first))
    except RecursionError:
        return RequestInvalid("arguments", "are nested too deeply")


def settled(call: Call, secret: str, clock: Callable[[], datetime]) -> bool:
    """Whether waiting longer is of no use: there is a result, or the call will fail."""
    try:
        now = clock()
        return call.tool.is_settled(actor_for_token(secret, now), call.given, now)
    except Exception:  # noqa: BLE001 - the call itself meets it again, and tells
        return True


def answer(tool: Tool[Any], call: Call | GraftworkError, secret: str, clock: Callable[[], datetime]) -> Answer:
    """Never raises. A refusal is traced as well, where it is known who was refused."""
    actor: Actor | None = None
    try:
        now = clock()
        actor = actor_for_token(secret, now)
        if isinstance(call, GraftworkError):
            raise call
        told = tool.work(actor, call.given, now)
        content = told.answer.model_dump(mode="json")
        _trace(actor, tool, told.subject, now, {**told.trace, "outcome": "ok"})
        return Answer(json.dumps(content, ensure_ascii=False), content)
    except Exception as raised:  # noqa: BLE001 - a traceback would show an assistant our inside
        error = _as_ours(raised)
        if actor is not None:
            _trace_refusal(actor, tool, clock(), error)
        return refusal(error)


def refusal(error: GraftworkError) -> Answer:
    return Answer(f"{error.code}: {error.message}. {_next_step(error)}".strip(), None)


def _trace(actor: Actor, tool: Tool[Any], subject: str, now: datetime, detail: Mapping[str, Any]) -> None:
    with transaction.atomic():
        record(actor.name, [Event("tool.called", subject, {"tool": tool.name, **detail})], now)


def _trace_refusal(actor: Actor, tool: Tool[Any], now: datetime, error: GraftworkError) -> None:
    try:
        _trace(actor, tool, f"tool:{tool.name}", now, {"outcome": error.code})
    except Exception as raised:  # noqa: BLE001 - the store may be the very thing that failed
        log.error("a refused call of %s left no trace: %s", tool.name, type(raised).__name__)


def _as_ours(raised: Exception) -> GraftworkError:
    if isinstance(raised, GraftworkError):
        return raised
    if isinstance(raised, RecursionError):
        return RequestInvalid("arguments", "are nested too deeply")
    return as_store_error(raised) or _unforeseen(raised)


def _unforeseen(raised: Exception) -> InternalError:
    error = InternalError(uuid.uuid4().hex[:12])
    # The exception's own text stays out of the log: a database, for one, quotes the row that it refuses.
    frames = traceback.extract_tb(raised.__traceback__)
    path = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-8:])
    log.error("request %s: %s at %s", error.request_id, type(raised).__name__, path)
    return error


def _next_step(error: GraftworkError) -> str:
    """For who calls a tool; the errors' own words are for those who call REST or run a command."""
    match error:
        case RequestInvalid():
            return "The tool's input schema says what it takes."
        case NotSignedIn():
            return "The token was revoked or has expired; whoever runs this server makes one: `graftwork token add`."
        case InternalError():
            return f"Look for {error.request_id} in the log of `graftwork mcp`, and report what it says."
    return error.hint


# Pydantic's own words for these quote what was sent, or are no help.
_REASONS = {
    "missing": "is required",
    "extra_forbidden": "is not known here",
    "string_pattern_mismatch": "has a form that is not allowed here",
    "string_unicode": "holds half of a surrogate pair, which is not text",
    "model_type": "must be an object",
}


def _reason(error: Any) -> str:
    kind, message = str(error["type"]), str(error["msg"])
    if kind in _REASONS:
        return _REASONS[kind]
    if kind.startswith("uuid"):
        return "must be a UUID"
    if message.startswith("Input should"):
        return f"must{message.removeprefix('Input should')}"
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
