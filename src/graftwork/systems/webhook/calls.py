"""From the body of a call to records: strict JSON, then the expressions of the file."""

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

from graftwork.core.intake.row import clean, short_id
from graftwork.systems.contract import Record
from graftwork.systems.errors import CallRefused
from graftwork.systems.expressions import ExpressionFailed, evaluate
from graftwork.systems.webhook.file import Receive


class _NotOurs(ValueError):
    """Internal: JSON as RFC 8259 allows it, of a kind that two readers would understand differently."""


def parse_body(body: bytes, max_depth: int) -> Any:
    """The JSON in `body`. Raises `CallRefused` with 400, and says where without quoting."""
    try:
        data = json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite
        )
    except UnicodeDecodeError as error:
        raise CallRefused(f"the body is not UTF-8 at byte {error.start + 1}") from None
    except _NotOurs as error:
        raise CallRefused(str(error)) from None
    except RecursionError:
        raise CallRefused(f"the JSON is nested deeper than {max_depth}") from None
    except ValueError as error:
        place = f" at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
        raise CallRefused(f"the body is no JSON{place}") from None
    if _is_deeper(data, max_depth):
        raise CallRefused(f"the JSON is nested deeper than {max_depth}")
    return data


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotOurs("an object of the JSON has a key twice")
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise _NotOurs("the JSON holds NaN or Infinity, which are no numbers")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _NotOurs("the JSON holds a number that is too large")
    return number


def _is_deeper(data: Any, limit: int) -> bool:
    """By levels, not by calls: the data may be deeper than Python's stack."""
    level = [data]
    for _ in range(limit + 1):
        level = [child for part in level for child in _children(part)]
        if not level:
            return False
    return True


def _children(part: Any) -> list[Any]:
    found = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return list(found)


class Mapper:
    """What the expressions of a file make of a call."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive

    def records(self, data: Any, call: str) -> list[Record]:
        """What `data` brings; `call` names the call. Raises `CallRefused` where the call as a whole does not fit."""
        wholes = self._wholes(data)
        return [
            self._record(whole, f"{call}#{number}" if self._receive.each else call)
            for number, whole in enumerate(wholes, 1)
            if self._is_wanted(whole)
        ]

    def _wholes(self, data: Any) -> list[Any]:
        if not self._receive.each:
            return [data]
        try:
            found = evaluate(self._receive.each, data)
        except ExpressionFailed:
            raise CallRefused("`each` does not fit the JSON") from None
        if found is None:
            return []
        if not isinstance(found, list):
            raise CallRefused("`each` finds no list in the JSON")
        if len(found) > self._receive.max_records:
            raise CallRefused(f"the call brings more than {self._receive.max_records:,} records", 413)
        return found

    def _is_wanted(self, whole: Any) -> bool:
        try:
            return not self._receive.when or bool(evaluate(self._receive.when, whole))
        except ExpressionFailed:
            return False

    def _record(self, whole: Any, name: str) -> Record:
        key, problem = _mark(self._receive.key, whole, name, "key")
        thread, thread_problem = _mark(self._receive.thread, whole, key, "thread")
        row, row_problem = self._row(whole)
        problem = problem or thread_problem or row_problem
        return Record(key, row, thread, {"key": key}, problem)

    def _row(self, whole: Any) -> tuple[Mapping[str, Any], str]:
        if not self._receive.fields:
            return (whole, "") if isinstance(whole, dict) else ({}, "it is no JSON object")
        row: dict[str, Any] = {}
        for name, expression in self._receive.fields.items():
            try:
                row[name] = evaluate(expression, whole)
            except ExpressionFailed:
                return row, f"the expression of the field `{name}` does not fit it"
        return row, ""


def _mark(expression: str, whole: Any, otherwise: str, what: str) -> tuple[str, str]:
    """The key or thread, and what is wrong with it. A record without its key is still shown, under another name."""
    if not expression:
        return short_id(otherwise), ""
    try:
        found = evaluate(expression, whole)
    except ExpressionFailed:
        found = None
    if isinstance(found, bool) or not isinstance(found, str | int) or not str(found).strip():
        return short_id(otherwise), f"`{what}` finds no text and no whole number in it"
    return short_id(clean(str(found).strip())), ""
