"""One turn of pulling: read, store with the cursor, settle, until the system has no more or the turn is over."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from django.utils import timezone

from graftwork.apps.actors import worker as worker_actor
from graftwork.apps.connectors.actions.storing import Stored, store_pulled
from graftwork.apps.connectors.files import get_connector
from graftwork.apps.connectors.foreign import foreign
from graftwork.apps.connectors.models import Direction
from graftwork.apps.connectors.opening import system_of
from graftwork.apps.connectors.turns import Turn, take_turn
from graftwork.apps.jobs.process import WorkerProcess
from graftwork.systems.contract import Cursor, Pulled, System
from graftwork.systems.file import Pull


def pull_turn(
    process: WorkerProcess, name: str, *, clock: Callable[[], datetime] = timezone.now, at_once: bool = False
) -> Stored:
    """Bring in what is new in the system of the connector `name`. See `take_turn` for what fails."""
    file = get_connector(name)
    rules = file.pull
    if rules is None or not file.enabled:
        return Stored()
    with ThreadPoolExecutor(1, thread_name_prefix=f"pull-{name}") as thread:
        return take_turn(
            process, file, Direction.IN, lambda turn: _pull_all(turn, rules, thread), Stored(), clock=clock,
            at_once=at_once,
        )  # fmt: skip


def _pull_all(turn: Turn, rules: Pull, thread: ThreadPoolExecutor) -> Stored:
    system, total = system_of(turn.file), Stored()
    actor = worker_actor(turn.process.name)
    while True:
        pulled = _pull(turn, system, rules, thread)
        now = turn.clock()
        again = now if pulled.more else now + timedelta(seconds=rules.every_seconds)
        total += store_pulled(actor, turn.file, turn.lane, pulled, again, now)
        if pulled.records:
            with foreign():
                system.settle(pulled.records)
        if not pulled.more or turn.is_over:
            return total


def _pull(turn: Turn, system: System, rules: Pull, thread: ThreadPoolExecutor) -> Pulled:
    """In a thread of its own, so that signs of life go on while a slow system is read."""
    running = thread.submit(_pull_once, system, turn.lane.cursor, rules.batch_items)
    while not wait([running], timeout=turn.between_signs_seconds).done:
        turn.give_sign_of_life()
    return running.result()


def _pull_once(system: System, cursor: Cursor | None, limit: int) -> Pulled:
    with foreign():
        return system.pull(cursor, limit)
