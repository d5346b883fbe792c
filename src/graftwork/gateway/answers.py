"""Errors in the shapes that OpenAI's and Anthropic's clients read."""

import math
from typing import Any, Literal

from graftwork.core.errors import (
    GatewayBudgetSpent,
    GatewayRateLimited,
    GraftworkError,
)
from graftwork.gateway.http import HeaderList
from graftwork.gateway.wire import dumps, frame

Dialect = Literal["chat", "responses", "messages"]

# HTTP status -> the words that each maker's clients choose their exception by.
_OPENAI_TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
_ANTHROPIC_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def error_body(error: GraftworkError, dialect: Dialect) -> bytes:
    return dumps(_error(error, dialect))


def error_headers(error: GraftworkError) -> HeaderList:
    if isinstance(error, GatewayRateLimited | GatewayBudgetSpent):
        return [(b"retry-after", str(max(1, math.ceil(error.retry_after_seconds))).encode())]
    return []


def error_event(error: GraftworkError, dialect: Dialect, sequence_number: int = 0) -> bytes:
    """The last event of a stream that cannot go on."""
    if dialect == "messages":
        return frame(_error(error, dialect), event="error")
    if dialect == "responses":
        event = {"type": "error", "code": error.code, "message": str(error), "param": None}
        return frame({**event, "sequence_number": sequence_number}, event="error")
    return frame(_error(error, dialect))


def _error(error: GraftworkError, dialect: Dialect) -> dict[str, Any]:
    if dialect == "messages":
        kind = _ANTHROPIC_TYPES.get(error.status, "invalid_request_error" if error.status < 500 else "api_error")
        return {"type": "error", "error": {"type": kind, "message": str(error), "code": error.code}}
    kind = _OPENAI_TYPES.get(error.status, "invalid_request_error" if error.status < 500 else "server_error")
    return {"error": {"message": str(error), "type": kind, "param": None, "code": error.code}}
