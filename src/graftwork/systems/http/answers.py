"""What an answer says: its JSON, and what its status means."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from graftwork.systems.errors import Conflict, Rejected, TargetDenied, TargetDown, TargetError, TryFailed
from graftwork.systems.expressions import ExpressionFailed, holds
from graftwork.systems.http.tables import Meaning, Statuses, StatusMeanings
from graftwork.systems.http.transport import Exchange


class NotJson(Exception):
    """Internal: the answer is not JSON. `reason` never quotes it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_json(content: bytes) -> Any:
    """Raises `NotJson`."""
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except RecursionError:
        raise NotJson("JSON that is nested too deeply") from None
    except ValueError:  # not JSON, not UTF-8, or a number with more digits than Python reads
        raise NotJson("no JSON") from None


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def meaning(status: int, meanings: StatusMeanings, own: Mapping[Meaning, Statuses]) -> str:
    """`ok`, or the name of the list in which the status stands; a request's own lists come first."""
    for listed, statuses in own.items():
        if status in statuses:
            return listed
    for name in StatusMeanings.model_fields:
        if status in getattr(meanings, name):
            return name
    if 200 <= status < 300:
        return "ok"
    return "denied" if 300 <= status < 400 else "rejected" if status < 500 else "failed"


def said_of_error(content: bytes, rules: Mapping[Meaning, str]) -> Meaning | None:
    """What the body of an error says it is; `None` where no rule is true of it, or it is no JSON."""
    try:
        data = read_json(content)
        return next((name for name, expression in rules.items() if holds(expression, data)), None)
    except (NotJson, ExpressionFailed):
        return None


def failure(exchange: Exchange, what: str, *, unsure: bool, retry_after: float | None) -> TargetError:
    """The error of a `meaning`. `unsure`: the request may have been acted on although it failed."""
    said = f"HTTP {exchange.status}"
    made: dict[str, Callable[[], TargetError]] = {
        "denied": lambda: TargetDenied(said if exchange.status >= 400 else f"{said}, a redirect to another place"),
        "down": lambda: TargetDown(said, retry_after),
        "conflict": lambda: Conflict(said),
        "failed": lambda: TryFailed(said, unsure, retry_after),
        "rejected": lambda: Rejected(said),
    }
    return made[what]()
