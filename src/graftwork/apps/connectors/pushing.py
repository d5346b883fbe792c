"""One turn of pushing: mark, send several at once, store what became of them, until nothing is due."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from typing import Any

from django.utils import timezone

from graftwork.apps.connectors.actions.sending import Sent, mark_sending, return_interrupted, store_sent
from graftwork.apps.connectors.files import get_connector
from graftwork.apps.connectors.foreign import as_bug, foreign
from graftwork.apps.connectors.models import Delivery, Direction, Origin
from graftwork.apps.connectors.opening import system_of
from graftwork.apps.connectors.sealing import opened_origin
from graftwork.apps.connectors.turns import Turn, take_turn
from graftwork.apps.connectors.wanting import wants
from graftwork.apps.jobs.process import WorkerProcess
from graftwork.apps.work.queries import approved_text
from graftwork.apps.work.usecases import get_usecase
from graftwork.core.errors import GraftworkError, UseCaseError
from graftwork.core.types import Decision
from graftwork.systems import contract
from graftwork.systems.contract import Receipt, System
from graftwork.systems.errors import LATE, NotWanted, TargetDown, TryFailed
from graftwork.systems.file import Push


def push_turn(
    process: WorkerProcess, name: str, *, clock: Callable[[], datetime] = timezone.now, at_once: bool = False
) -> int:
    """Deliver what is due through the connector `name`; returns how many arrived. See `take_turn` for what fails.

    Failures of single deliveries are stored with them; only what concerns all of them ends the turn.
    """
    file = get_connector(name)
    rules = file.push
    if rules is None or not file.enabled:
        return 0
    return take_turn(process, file, Direction.OUT, lambda turn: _push_all(turn, rules), 0, clock=clock, at_once=at_once)


def _push_all(turn: Turn, rules: Push) -> int:
    """The lane is left only when every thread has ended: nobody else may send meanwhile what one of them sends."""
    with ThreadPoolExecutor(rules.parallel, thread_name_prefix=f"push-{turn.file.name}") as threads:
        return _Pushing(turn, rules, threads).run()


class _Pushing:
    def __init__(self, turn: Turn, rules: Push, threads: ThreadPoolExecutor) -> None:
        self._turn = turn
        self._file = turn.file
        self._rules = rules
        self._threads = threads
        self._actor = f"worker:{turn.process.name}"

    def run(self) -> int:
        turn = self._turn
        return_interrupted(turn.lane, self._rules)
        system, delivered = system_of(self._file), 0
        while not turn.is_over:
            turn.give_sign_of_life()
            due = mark_sending(turn.lane, turn.clock(), self._rules.parallel)
            if not due:
                break
            sent = self._send(system, due)
            delivered += sum(one.arrived for one in sent)
            if not store_sent(turn.lane, self._file, self._rules, sent, self._actor, turn.clock()):
                break
        return delivered

    def _send(self, system: System, due: list[Delivery]) -> list[Sent]:
        running: dict[Future[Receipt], Delivery] = {}
        sent: list[Sent] = []
        for row in due:
            try:
                told = self._told(row)
            except UseCaseError as error:  # somebody is at its file: nothing is wrong with the decision
                sent.append(Sent(row, TargetDown(f"the use case cannot be read ({error.code})")))
            except GraftworkError as error:  # not wanted any more, or its content does not open
                sent.append(Sent(row, error))
            except Exception as error:  # noqa: BLE001 - one that cannot be told must not hold up the others
                sent.append(Sent(row, as_bug(error)))
            else:
                running[self._threads.submit(_push, system, told)] = row
        pending = set(running)
        while pending:
            done, pending = wait(pending, timeout=self._turn.between_signs_seconds, return_when=FIRST_COMPLETED)
            sent += [Sent(running[future], _outcome(future)) for future in done]
            self._turn.give_sign_of_life()
        return sent

    def _told(self, row: Delivery) -> contract.Delivery:
        """What the system is told. Raises `NotWanted` where the file does not ask for it, now that it can be read."""
        origin: Origin | None = getattr(row.item, "origin", None)
        if not wants(self._file, row.item.use_case, row.event, origin.connector if origin else ""):
            raise NotWanted(self._file.name)
        final, note = approved_text(row.review, row.item)
        own = origin if origin and origin.connector == self._file.name else None
        return contract.Delivery(
            key=f"gw-{row.pk}",
            event=_event(row.event),
            use_case=row.item.use_case,
            external_id=row.item.external_id,
            thread=row.item.thread,
            decision=_decision(row.review.decision),
            decided_at=row.review.decided_at,
            text=final,
            values=_values(row.item.use_case, final),
            origin=opened_origin(row.item, own),
            reason=row.review.reason,
            note=note,
            reviewer=row.review.reviewer.get_username() if row.review.reviewer else "",
            tries=row.tries,
            unsure=row.unsure,
            overwrite=row.overwrite,
            late_after=self._turn.alive_at + 0.8 * self._turn.lease_seconds,
        )


def _push(system: System, told: contract.Delivery) -> Receipt:
    if told.is_late:
        raise TryFailed(LATE)
    with foreign(unsure=True):
        return system.push(told)


def _outcome(future: "Future[Receipt]") -> Receipt | GraftworkError:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, GraftworkError):
        return error
    return TryFailed(type(error).__name__, unsure=True)


def _values(use_case: str, final: str) -> Mapping[str, Any] | None:
    """The approved JSON of a use case that gives JSON; it was checked against its schema when it was approved."""
    if not final or get_usecase(use_case).output.type != "json":
        return None
    try:
        values = json.loads(final)
    except ValueError:  # approved while the use case still gave a text
        return None
    return values if isinstance(values, dict) else None


def _event(stored: str) -> contract.Event:
    event: contract.Event = stored  # type: ignore[assignment]  # written by `outbox.EVENTS` only
    return event


def _decision(stored: str) -> Decision:
    decision: Decision = stored  # type: ignore[assignment]  # written by `reviewing.decide` only
    return decision
