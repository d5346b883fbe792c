"""One turn of pulling: read, store with the cursor, settle, until the system has no more or the turn is over."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.utils import timezone

from graftwork.apps.actors import worker as worker_actor
from graftwork.apps.connectors.actions.storing import Stored, pulled_well, store_pulled
from graftwork.apps.connectors.files import get_connector
from graftwork.apps.connectors.foreign import foreign
from graftwork.apps.connectors.models import Direction
from graftwork.apps.connectors.opening import system_of
from graftwork.apps.connectors.turns import Turn, take_turn
from graftwork.apps.jobs.process import WorkerProcess
from graftwork.systems.contract import Cursor, Pulled, Record, System
from graftwork.systems.file import Pull


def pull_turn(
    process: WorkerProcess, name: str, *, clock: Callable[[], datetime] = timezone.now, at_once: bool = False
) -> Stored:
    """Bring in what is new in the system of the connector `name`. See `take_turn` for what fails."""
    file = get_connector(name)
    rules = file.pull
    if rules is None or not file.enabled:
        return Stored()
    return take_turn(
        process, file, Direction.IN, lambda turn: _pull_all(turn, rules), Stored(), clock=clock, at_once=at_once
    )


def _pull_all(turn: Turn, rules: Pull) -> Stored:
    """Reading and settling in a thread of their own, so that signs of life go on while a system is slow.

    The lane is left only when that thread has ended.
    """
    system, total = system_of(turn.file), Stored()
    actor = worker_actor(turn.process.name)
    with ThreadPoolExecutor(1, thread_name_prefix=f"pull-{turn.file.name}") as thread:
        while True:
            pulled = turn.await_result(thread.submit(_pull, system, turn.lane.cursor, rules.batch_items))
            again = turn.clock() + timedelta(seconds=0 if pulled.more else rules.every_seconds)
            total += store_pulled(actor, turn.file, turn.lane, pulled, again, turn.clock())
            if pulled.records:
                turn.await_result(thread.submit(_settle, system, pulled.records))
            pulled_well(turn.lane, again, turn.clock())
            if not pulled.more or turn.is_over or turn.is_stopped:
                return total


def _pull(system: System, cursor: Cursor | None, limit: int) -> Pulled:
    with foreign():
        return system.pull(cursor, limit)


def _settle(system: System, records: Sequence[Record]) -> None:
    with foreign():
        system.settle(records)
