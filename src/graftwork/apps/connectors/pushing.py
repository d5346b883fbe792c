"""One turn of pushing: mark, send several at once, store what became of them, until nothing is due."""

import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from graftwork.apps.connectors.actions.lanes import LaneLost, keep_lane, leave_lane, take_lane
from graftwork.apps.connectors.actions.outbox import wants
from graftwork.apps.connectors.actions.sending import Sent, mark_sending, return_interrupted, store_sent
from graftwork.apps.connectors.files import get_connector
from graftwork.apps.connectors.foreign import foreign
from graftwork.apps.connectors.models import Delivery, Direction, Lane, Origin
from graftwork.apps.connectors.opening import system_of
from graftwork.apps.connectors.pulling import fail_lane
from graftwork.apps.connectors.sealing import opened_origin
from graftwork.apps.jobs.process import WorkerProcess
from graftwork.apps.work.queries import approved_text
from graftwork.apps.work.usecases import get_usecase
from graftwork.core.errors import GraftworkError
from graftwork.core.types import Decision
from graftwork.systems import contract
from graftwork.systems.contract import Receipt, System
from graftwork.systems.errors import TryFailed
from graftwork.systems.file import ConnectorFile, Push

TURN_SECONDS = 30.0


def push_turn(
    process: WorkerProcess, name: str, *, clock: Callable[[], datetime] = timezone.now, at_once: bool = False
) -> int:
    """Deliver what is due through the connector `name`; returns how many arrived. See `pull_turn` for failures."""
    file = get_connector(name)
    if file.push is None or not file.enabled:
        return 0
    seconds = settings.GRAFTWORK_WORKSPACE.settings.worker.lease_seconds
    lane = take_lane(name, Direction.OUT, process.owner, clock(), seconds, at_once=at_once)
    if lane is None:
        return 0
    try:
        return _Turn(process, file, file.push, lane, clock, seconds).run()
    except LaneLost:
        return 0
    except GraftworkError as error:
        fail_lane(lane, error, file, clock())
        if at_once:
            raise
        return 0
    finally:
        leave_lane(lane)


class _Turn:
    """Failures of single deliveries are stored with them; only what concerns all of them ends the turn."""

    def __init__(
        self,
        process: WorkerProcess,
        file: ConnectorFile,
        rules: Push,
        lane: Lane,
        clock: Callable[[], datetime],
        lease_seconds: float,
    ) -> None:
        self._process = process
        self._file = file
        self._rules = rules
        self._lane = lane
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._actor = f"worker:{process.name}"
        self._ends = time.monotonic() + TURN_SECONDS
        self._alive_at = time.monotonic()

    def run(self) -> int:
        return_interrupted(self._lane)
        system, delivered = system_of(self._file), 0
        with ThreadPoolExecutor(self._rules.parallel, thread_name_prefix=f"push-{self._file.name}") as threads:
            while not self._process.stopping.is_set() and time.monotonic() < self._ends:
                self._give_sign_of_life()
                due = mark_sending(self._lane, self._clock(), self._rules.parallel)
                if not due:
                    break
                sent = self._send(system, threads, due)
                delivered += sum(isinstance(one.outcome, Receipt) for one in sent)
                if not store_sent(self._lane, self._file, self._rules, sent, self._actor, self._clock()):
                    break
        return delivered

    def _send(self, system: System, threads: ThreadPoolExecutor, due: list[Delivery]) -> list[Sent]:
        running: dict[Future[Receipt], Delivery] = {}
        sent: list[Sent] = []
        for row in due:
            try:
                told = self._told(row)
            except GraftworkError as error:  # its content does not open, or its use case is gone
                sent.append(Sent(row, error))
                continue
            if told is None:
                sent.append(Sent(row, None))
            else:
                running[threads.submit(_push, system, told)] = row
        pending = set(running)
        while pending:
            done, pending = wait(pending, timeout=self._lease_seconds / 4, return_when=FIRST_COMPLETED)
            sent += [Sent(running[future], _outcome(future)) for future in done]
            self._give_sign_of_life()
        return sent

    def _give_sign_of_life(self) -> None:
        if time.monotonic() - self._alive_at > self._lease_seconds / 4:
            keep_lane(self._lane, self._clock(), self._lease_seconds)
            self._alive_at = time.monotonic()

    def _told(self, row: Delivery) -> contract.Delivery | None:
        """What the system is told; `None` where the file does not want it: it could not be read when it was decided."""
        origin: Origin | None = getattr(row.item, "origin", None)
        if not wants(self._file, row.item.use_case, row.event, origin.connector if origin else ""):
            return None
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
        )


def _push(system: System, told: contract.Delivery) -> Receipt:
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
    values = json.loads(final)
    return values if isinstance(values, dict) else None


def _event(stored: str) -> contract.Event:
    event: contract.Event = stored  # type: ignore[assignment]  # written by `outbox.EVENTS` only
    return event


def _decision(stored: str) -> Decision:
    decision: Decision = stored  # type: ignore[assignment]  # written by `reviewing.decide` only
    return decision
