"""The one shape of every error, and how each kind of exception becomes it."""

import logging
import traceback
import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, ConfigDict, Field

from graftwork.apps.store_errors import as_store_error
from graftwork.core.errors import (
    GraftworkError,
    InternalError,
    NotSignedIn,
    PathUnknown,
    RequestInvalid,
    RequestTooLarge,
    did_you_mean,
)

log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 2
MAX_DETAILS = 20
MAX_NAME_CHARACTERS = 80


class ErrorDetail(BaseModel):
    """One thing that is wrong with the request."""

    field: str = Field(description="where it is, as a path: `item.text`", examples=["final_text"])
    reason: str = Field(description="what is wrong; never the value itself", examples=["is required"])


class ErrorInfo(BaseModel):
    """What went wrong, and what to do about it."""

    code: str = Field(description="stable name; see the reference of error codes", examples=["input.request"])
    message: str = Field(description="for people; the wording may change", examples=["`final_text`: is required"])
    next_step: str = Field(examples=["The reference at /api/v1/docs says what it takes."])
    details: list[ErrorDetail] = Field(description="each field that is wrong; empty where it is not about a field")


class ErrorAnswer(BaseModel):
    """The body of every answer whose status is 400 or above."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "error": {
                    "code": "input.request",
                    "message": "`final_text`: is required",
                    "next_step": "The reference at /api/v1/docs says what it takes.",
                    "details": [{"field": "final_text", "reason": "is required"}],
                }
            }
        }
    )

    error: ErrorInfo


def answers(*statuses: int) -> dict[int, type[ErrorAnswer]]:
    """The errors that an operation documents; every one of them may also answer 500 and 503."""
    return dict.fromkeys((*statuses, 500, 503), ErrorAnswer)


def error_response(error: GraftworkError, details: Iterable[ErrorDetail] = ()) -> HttpResponse:
    found = list(details)
    if isinstance(error, RequestInvalid) and not found:
        found = [ErrorDetail(field=error.field, reason=error.reason)]
    info = ErrorInfo(code=error.code, message=error.message, next_step=error.hint, details=found)
    response = JsonResponse(ErrorAnswer(error=info).model_dump(), status=error.status)
    if isinstance(error, NotSignedIn):
        response.headers["WWW-Authenticate"] = "Bearer"  # RFC 6750, section 3
    if error.status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(error, InternalError):
        response.headers["X-Request-Id"] = error.request_id
    return response


def as_response(exception: BaseException) -> HttpResponse:
    """Any exception as an answer. Of one that nobody foresaw only a request id is told, here and in the log."""
    if isinstance(exception, ValidationError):
        return _of_validation(exception)
    if isinstance(exception, HttpError) and exception.__cause__ is not None:
        return as_response(exception.__cause__)  # the framework wraps what our parser raised
    return error_response(_as_ours(exception) or _unforeseen(exception))


def _as_ours(exception: BaseException) -> GraftworkError | None:
    if isinstance(exception, GraftworkError):
        return exception
    if isinstance(exception, AuthenticationError):
        return NotSignedIn()
    if isinstance(exception, Http404):
        return PathUnknown()
    if isinstance(exception, RequestDataTooBig):
        return RequestTooLarge(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    if isinstance(exception, TooManyFieldsSent):
        return RequestInvalid("query", "has too many parameters")
    if isinstance(exception, RecursionError):
        return RequestInvalid("body", "is nested too deeply")
    return as_store_error(exception)


def _unforeseen(exception: BaseException) -> InternalError:
    error = InternalError(uuid.uuid4().hex[:12])
    # The exception's own text stays out of the log: a database, for one, quotes the row that it refuses.
    frames = traceback.extract_tb(exception.__traceback__)
    path = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-8:])
    log.error("request %s: %s at %s", error.request_id, type(exception).__name__, path)
    return error


# Pydantic's own words for these quote what was sent, or are no help.
_REASONS = {
    "missing": "is required",
    "uuid_parsing": "must be a UUID",
    "uuid_type": "must be a UUID",
    "string_unicode": "holds half of a surrogate pair, which is not text",
    "string_pattern_mismatch": "has a form that is not allowed here",
    "finite_number": "must be a finite number",
    "timezone_aware": "needs its time zone, such as a Z at its end",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
}


def _of_validation(exception: ValidationError) -> HttpResponse:
    details = [_detail(error) for error in exception.errors[:MAX_DETAILS]]
    first = details[0] if details else ErrorDetail(field="body", reason="is not what this path takes")
    return error_response(RequestInvalid(first.field, first.reason), details)


def _detail(error: dict[str, Any]) -> ErrorDetail:
    location = [str(part)[:MAX_NAME_CHARACTERS] for part in error["loc"]]
    # ("body", "body", "item", ...): where it was sent, then the name of the view's argument.
    path = location[2:] if location[:1] == ["body"] or location[1:2] == ["filters"] else location[1:]
    field = ".".join(path).encode(errors="replace").decode() or "body"
    return ErrorDetail(field=field, reason=_reason(error))


def _reason(error: dict[str, Any]) -> str:
    kind = error["type"]
    if kind in _REASONS:
        return _REASONS[kind]
    if kind == "extra_forbidden":
        return "is not known here"
    if kind.startswith(("datetime", "date_")):
        return "must be a time in ISO 8601 with its zone, such as 2026-11-22T09:00:00Z"
    message: str = error["msg"]
    message = message.removeprefix("Value error, ").removeprefix("Input ").removeprefix("should")
    return f"must{message}" if error["msg"].startswith("Input should") else message[:1].lower() + message[1:]


def refuse_unknown(sent: Iterable[str], known: list[str]) -> None:
    """A filter that is not known must not be left out in silence: more would be shown than was asked for."""
    for name in sent:
        if name not in known:
            shown = name[:MAX_NAME_CHARACTERS]
            raise RequestInvalid(shown, f"is not known here{did_you_mean(shown, known)}")


def install(api: NinjaAPI) -> None:
    def handle(request: HttpRequest, exception: Exception | type[Exception]) -> HttpResponse:
        del request
        assert isinstance(exception, Exception)
        return as_response(exception)

    for kind in (Exception, Http404, HttpError, ValidationError):
        api.add_exception_handler(kind, handle)
