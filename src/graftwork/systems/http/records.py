"""From what a system lists to records: what else is asked for each, and how its fields are filled."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from graftwork.core.errors import GraftworkError
from graftwork.systems.contract import Record, Surroundings
from graftwork.systems.errors import Rejected
from graftwork.systems.expressions import ExpressionFailed, evaluate, holds
from graftwork.systems.http.client import Client
from graftwork.systems.http.file import Each, HttpPull
from graftwork.systems.http.paging import all_entries
from graftwork.systems.http.tables import FieldMap

MAX_NAME_CHARACTERS = 200
MAX_DEPTH = 40
MAX_ENTRIES = 10_000
DIGEST_CHARACTERS = 12


class Unmappable(Exception):
    """Internal: this record cannot become an item. `problem` names what is wrong with it, without quoting it."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def digest(entry: Any) -> str:
    """Tells a record that has not changed since it was listed last. Long enough for some hundred of them."""
    try:
        written = json.dumps(entry, sort_keys=True)
    except RecursionError:
        return ""
    return hashlib.sha256(written.encode()).hexdigest()[:DIGEST_CHARACTERS]


class Mapper:
    def __init__(self, pull: HttpPull, client: Client, around: Surroundings) -> None:
        self._pull, self._client, self._around = pull, client, around

    def record(self, entry: Any) -> Record | None:
        """`None` where the file skips it. Raises what the further requests raise, but for what is this record's own."""
        try:
            return self._record(entry)
        except Unmappable as error:
            return self.refused(entry, error.problem)

    def _record(self, entry: Any) -> Record | None:
        if not isinstance(entry, Mapping):
            raise Unmappable("it is no JSON object")
        if self._pull.skip_if and _true(self._pull.skip_if, entry, "skip_if"):
            return None
        whole = dict(entry)
        for name, each in self._pull.each.items():
            if not each.only_if or _true(each.only_if, whole, f"each.{name}.only_if"):
                whole[name] = self._further(name, each, whole)
        if self._pull.skip_later_if and _true(self._pull.skip_later_if, whole, "skip_later_if"):
            return None
        key = _name(self._pull.key, whole, "key")
        thread = _name(self._pull.thread, whole, "thread") if self._pull.thread else key
        row = {name: self._field(name, rule, whole) for name, rule in self._pull.fields.items()}
        return Record(key, row, thread, self._origin(key, whole))

    def _further(self, name: str, each: Each, whole: Mapping[str, Any]) -> list[Any]:
        try:
            found, complete = all_entries(self._client, each, each.pages, each.items, each.page_items, {"item": whole})
        except Rejected as error:
            raise Unmappable(f"its {name} cannot be read: {error.reason}") from None
        if not complete or len(found) > MAX_ENTRIES:
            raise Unmappable(f"it has more {name} than are read")
        return found

    def _origin(self, key: str, whole: Mapping[str, Any]) -> dict[str, Any]:
        origin = {name: _value(expression, whole, f"origin.{name}") for name, expression in self._pull.origin.items()}
        if self._pull.changed:
            origin["changed"] = _value(self._pull.changed, whole, "changed")
        return {"key": key, **origin}

    def _field(self, name: str, rule: FieldMap, whole: Mapping[str, Any]) -> Any:
        place = f"fields.{name}"
        if not rule.turns:
            value = _value(rule.value, whole, place)
            return self._text(value, place) if value is not None and _is_html(rule, whole, place) else value
        turns = _value(rule.turns, whole, place)
        if turns is None:
            return []
        if not isinstance(turns, list):
            raise Unmappable(f"`{place}.turns` is no list")
        return [turn for one in turns if (turn := self._turn(one, rule, whole, place)) is not None]

    def _turn(self, turn: Any, rule: FieldMap, whole: Mapping[str, Any], place: str) -> dict[str, str] | None:
        seen = {**(turn if isinstance(turn, Mapping) else {"value": turn}), "record": whole}
        if rule.leave_out_if and _true(rule.leave_out_if, seen, f"{place}.leave_out_if"):
            return None
        text = _value(rule.text, seen, f"{place}.text")
        if text is None or text == "":
            return None
        said = self._text(text, place) if _is_html(rule, seen, place) else _as_text(text, f"{place}.text")
        return {"from": self._speaker(rule, seen, place), "text": said}

    def _speaker(self, rule: FieldMap, seen: Mapping[str, Any], place: str) -> str:
        if rule.customer_if:
            return "customer" if _true(rule.customer_if, seen, f"{place}.customer_if") else "agent"
        found = _value(rule.speaker, seen, f"{place}.from") if rule.speaker else None
        return "customer" if found in (None, "") else _as_text(found, f"{place}.from")[:MAX_NAME_CHARACTERS]

    def _text(self, value: Any, place: str) -> str:
        """HTML is read where every foreign document is: by a process of its own."""
        html = _as_text(value, place)
        if not html.strip():
            return ""
        content = f'<!doctype html><meta charset="utf-8">{html}'.encode(errors="replace")
        try:
            return self._around.read_document(content, "message.html").text
        except GraftworkError as error:
            raise Unmappable(f"`{place}` cannot be read as HTML ({error.code})") from None

    def refused(self, entry: Any, problem: str) -> Record:
        try:
            key = _name(self._pull.key, entry, "key")
        except Unmappable:
            key = f"unreadable-{digest(entry)}"
        return Record(key, {}, problem=problem)


def _is_html(rule: FieldMap, seen: Mapping[str, Any], place: str) -> bool:
    return _true(rule.html_if, seen, f"{place}.html_if") if rule.html_if else rule.html


def _name(expression: str, data: Any, place: str) -> str:
    found = _value(expression, data, place)
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise Unmappable(f"`{place}` is neither a text nor a whole number")
    name = str(found).strip()
    if not name or len(name) > MAX_NAME_CHARACTERS or not name.isprintable():
        raise Unmappable(f"`{place}` is empty, longer than {MAX_NAME_CHARACTERS} characters or no plain text")
    return name


def _as_text(value: Any, place: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise Unmappable(f"`{place}` is no text")


def _value(expression: str, data: Any, place: str) -> Any:
    try:
        found = evaluate(expression, data)
    except ExpressionFailed:
        raise Unmappable(f"`{place}` does not fit it") from None
    if _deeper_than(found, MAX_DEPTH):
        raise Unmappable(f"`{place}` is nested too deeply")
    return found


def _true(expression: str, data: Any, place: str) -> bool:
    try:
        return holds(expression, data)
    except ExpressionFailed:
        raise Unmappable(f"`{place}` does not fit it") from None


def _deeper_than(value: Any, levels: int) -> bool:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels <= 0 or any(_deeper_than(child, levels - 1) for child in children)
