"""Systems that can say at once that there is something new are listened to, one thread each, beside the schedule."""

import logging
import threading
from collections.abc import Callable

from django.db import connection

from graftwork.apps.connectors.files import all_connectors
from graftwork.apps.connectors.foreign import foreign
from graftwork.apps.connectors.opening import surroundings
from graftwork.apps.connectors.tasks import wake_pulling
from graftwork.apps.jobs.process import CONNECTORS, WorkerProcess
from graftwork.core.errors import GraftworkError
from graftwork.systems.contract import Watcher
from graftwork.systems.file import ConnectorFile
from graftwork.systems.loading import open_system

logger = logging.getLogger(__name__)

# The schedule goes on meanwhile, so nothing is lost while nobody listens.
AGAIN_SECONDS = 60.0

_listening: dict[str, tuple[ConnectorFile, threading.Event]] = {}


def keep_watching(process: WorkerProcess) -> None:
    """Listen where the file asks for it; stop where the file changed or is gone. Called with every sweep."""
    if CONNECTORS not in process.queues:
        return
    wanted = {
        file.name: file
        for file in all_connectors()[0]
        if file.enabled and file.pull and getattr(file.pull, "watch", False)
    }
    for name, (file, stopped) in list(_listening.items()):
        if wanted.get(name) != file:
            stopped.set()
            del _listening[name]
    for name, file in wanted.items():
        if name not in _listening:
            stopped = threading.Event()
            _listening[name] = (file, stopped)
            threading.Thread(target=_listen, args=(file, process, stopped), name=f"watch-{name}", daemon=True).start()


def stop_watching() -> None:
    for _, stopped in _listening.values():
        stopped.set()
    _listening.clear()


def _listen(file: ConnectorFile, process: WorkerProcess, stopped: threading.Event) -> None:
    """With connections of its own: those of the turns are busy with pulling."""

    def over() -> bool:
        return stopped.is_set() or process.stopping.is_set()

    while not over():
        try:
            with foreign():
                system = open_system(file, surroundings())
                listening: object = system
                try:
                    if not isinstance(listening, Watcher):
                        return
                    listening.watch(over, _wake(file.name))
                finally:
                    system.close()
        except GraftworkError as error:
            logger.warning("connector %s is not listened to: %s", file.name, error.code)
        stopped.wait(AGAIN_SECONDS)


def _wake(name: str) -> Callable[[], None]:
    def wake() -> None:
        try:
            wake_pulling(name)
        finally:
            connection.close()

    return wake
