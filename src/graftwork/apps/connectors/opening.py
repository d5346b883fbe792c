"""Systems that are open in this process: each keeps its connections until its file changes or the process ends."""

import threading
from contextlib import suppress

from django.conf import settings
from django.utils import timezone

from graftwork.apps.connectors.foreign import foreign
from graftwork.apps.jobs.process import current
from graftwork.apps.knowledge.reading import reader_of_settings
from graftwork.core.errors import GraftworkError
from graftwork.systems.contract import Surroundings, System
from graftwork.systems.file import ConnectorFile
from graftwork.systems.loading import open_system

_open: dict[str, tuple[ConnectorFile, System]] = {}
_lock = threading.Lock()


def system_of(file: ConnectorFile) -> System:
    """The system of `file`, opened where it is not. Raises a `ConnectorError`; of a bug in a class of
    the company's own only its place is told."""
    with _lock:
        known = _open.get(file.name)
        if known is not None and known[0] == file:
            return known[1]
        if known is not None:
            del _open[file.name]
            _close(known[1])
        with foreign():
            system = open_system(file, surroundings())
        _open[file.name] = (file, system)
        return system


def surroundings() -> Surroundings:
    folder = settings.GRAFTWORK_WORKSPACE.folder
    return Surroundings(folder, reader_of_settings().read_bytes, timezone.now, current().stopping.is_set)


def close_systems() -> None:
    with _lock:
        for _, system in _open.values():
            _close(system)
        _open.clear()


def _close(system: System) -> None:
    with suppress(GraftworkError), foreign():
        system.close()
