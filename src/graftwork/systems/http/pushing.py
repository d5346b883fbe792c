"""Writing back: all requests of one decision, in order, each once.

What keeps a request from coming twice is, in this order: a `find` that sees what has arrived; that it may be repeated;
and else that nobody sends it again without looking. A request that others follow is looked for on every try, since an
earlier try may have failed behind it, or been rejected there and be replayed now.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from graftwork.systems.contract import Delivery, Receipt
from graftwork.systems.errors import LATE, Conflict, Rejected, TargetDenied, TargetDown, TryFailed, Unsure
from graftwork.systems.expressions import ExpressionFailed, evaluate, holds
from graftwork.systems.http.answers import NotJson
from graftwork.systems.http.client import Answer, Client
from graftwork.systems.http.file import Check, Find, HttpPush, Write
from graftwork.systems.http.paging import BEGINNING, all_entries, entries, fill_page
from graftwork.systems.http.templates import as_text


class Pusher:
    def __init__(self, push: HttpPush, client: Client) -> None:
        self._push, self._client = push, client

    def push(self, delivery: Delivery) -> Receipt:
        values = _values(delivery)
        writes = [write for write in self._push.requests if self._applies(write, delivery, values)]
        if not writes:  # nothing was sent, so nothing may count as delivered
            raise Rejected("no request of the file is for this decision")
        with self._client.together(self._count(writes, delivery)):
            return self._delivered(writes, delivery, values)

    def _count(self, writes: Sequence[Write], delivery: Delivery) -> int:
        """How many requests it takes, where each listing has one page."""
        finds = [write.find for place, write in enumerate(writes) if write.find and _is_sought(writes, place, delivery)]
        checks = self._push.check is not None and _can_be_checked(delivery)
        return len(writes) + len(finds) + sum(find.then is not None for find in finds) + checks

    def _delivered(self, writes: Sequence[Write], delivery: Delivery, values: Mapping[str, Any]) -> Receipt:
        arrived = self._arrived(writes, delivery, values)
        if self._push.check and not arrived and _can_be_checked(delivery):
            self._check(self._push.check, delivery, values)
        # All are filled before one is sent: a value that is missing must not show halfway.
        ready = [self._client.fill(write, values, _guard(write, delivery)) for write in writes]
        unsure, references, sent = delivery.unsure, [found for found in arrived.values() if found], False
        for place in range(max(arrived, default=-1) + 1, len(writes)):
            write = writes[place]
            unsure = unsure and not write.find  # looked for and not found: nothing behind it has arrived either
            if unsure and not write.may_repeat:
                raise Unsure(f"request {place + 1} of {len(writes)} may have arrived, and has no `find` in the file")
            try:
                if delivery.is_late and not write.may_repeat:
                    raise TryFailed(LATE)
                answer = self._client.send(write, ready[place], unsure=not write.may_repeat)
                reference = self._reference(write, answer)
            except (TargetDown, TargetDenied, TryFailed) as error:
                raise _halfway(error, writes[:place]) from None
            references += [reference] if reference else []
            sent = sent or not answer.already
        return Receipt(references[0] if references else "", already=not sent)

    def _applies(self, write: Write, delivery: Delivery, values: Mapping[str, Any]) -> bool:
        if write.only_on and delivery.event not in write.only_on:
            return False
        try:
            return not write.only_if or holds(write.only_if, {**values, "setting": self._client.settings})
        except ExpressionFailed:
            raise Rejected("it does not fit the expression `push.requests.only_if`") from None

    def _arrived(self, writes: Sequence[Write], delivery: Delivery, values: Mapping[str, Any]) -> dict[int, str]:
        """The requests that were done on an earlier try, by place, with what the system calls their results."""
        arrived = {}
        for place, write in enumerate(writes):
            if write.find and _is_sought(writes, place, delivery):
                found = self._find(write.find, values)
                if found is None:
                    break  # they go in order: what is behind has not been sent
                arrived[place] = found
        return arrived

    def _find(self, find: Find, values: Mapping[str, Any]) -> str | None:
        """The reference of the entry that holds it, perhaps empty; `None` where there is none."""
        found, complete = all_entries(self._client, find, find.pages, find.items, find.page_items, values)
        if find.then and found:
            data, _ = self._client.get_json(find.then, self._client.fill(find.then, {**values, "found": found}))
            found = entries(find.then.items, data)
        what = self._client.text(find.what, values)
        for entry in found:
            if what and what in _text_of(find.mark, entry):
                return _text_of(find.reference, entry) if find.reference else ""
        if not complete:
            raise Unsure("it may be among more entries than are looked through")
        return None

    def _check(self, check: Check, delivery: Delivery, values: Mapping[str, Any]) -> None:
        """Raises `Conflict`."""
        data = self._listed(check, values) if check.items else self._read_once(check, values)
        try:
            changed = evaluate(check.changed, data)
        except ExpressionFailed:
            raise TryFailed("the answer does not fit the expression `push.check.changed`") from None
        if as_text(changed) != as_text(delivery.origin["changed"]):
            raise Conflict("what `push.check` compares")

    def _read_once(self, check: Check, values: Mapping[str, Any]) -> Any:
        filled = fill_page(self._client, check, check.pages, BEGINNING, values, check.page_items)
        return self._client.get_json(check, filled)[0]

    def _listed(self, check: Check, values: Mapping[str, Any]) -> list[Any]:
        found, complete = all_entries(self._client, check, check.pages, check.items, check.page_items, values)
        if not complete:
            raise Conflict("more than `push.check` reads")
        return found

    def _reference(self, write: Write, answer: Answer) -> str:
        """What the answer calls the result. One that cannot be read is of a system that may have acted."""
        if answer.already or not (write.reference or write.rejected_if):
            return ""
        try:
            data = answer.json()
        except NotJson as error:
            raise TryFailed(f"HTTP {answer.exchange.status} with {error.reason}", unsure=not write.may_repeat) from None
        try:
            refused = bool(write.rejected_if) and holds(write.rejected_if, data)
        except ExpressionFailed:
            refused = False
        if refused:
            raise Rejected(f"HTTP {answer.exchange.status}, and `rejected_if` is true of it")
        return _text_of(write.reference, data) if write.reference else ""


def _halfway(
    error: TargetDown | TargetDenied | TryFailed, done: Sequence[Write]
) -> TargetDown | TargetDenied | TryFailed:
    """Where the next try could not see what this one has done already, it must be told that something was."""
    if all(write.find or write.may_repeat for write in done):
        return error
    return TryFailed(error.reason, unsure=True, retry_after_seconds=getattr(error, "retry_after_seconds", None))


def _is_sought(writes: Sequence[Write], place: int, delivery: Delivery) -> bool:
    """Whether it is looked for what an earlier try may have done."""
    is_last = place == len(writes) - 1
    return delivery.unsure or not (is_last or writes[place].may_repeat)


def _can_be_checked(delivery: Delivery) -> bool:
    """What was not read with a mark of its state cannot be compared, and is written."""
    return not delivery.overwrite and "changed" in delivery.origin


def _guard(write: Write, delivery: Delivery) -> Mapping[str, str]:
    return write.headers_if_overwriting if delivery.overwrite else write.headers_if_unchanged


def _values(delivery: Delivery) -> Mapping[str, Any]:
    told = {name: getattr(delivery, name) for name in delivery.__slots__}
    return {**told, "values": dict(delivery.values or {}), "origin": dict(delivery.origin)}


def _text_of(expression: str, data: Any) -> str:
    try:
        found = evaluate(expression, data)
    except ExpressionFailed:
        return ""
    return "" if found is None else as_text(found)
