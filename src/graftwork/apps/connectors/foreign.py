"""The border to a connected system: whatever it raises that is not ours becomes one of ours, without its text."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from graftwork.core.errors import GraftworkError
from graftwork.systems.errors import TryFailed

logger = logging.getLogger(__name__)


@contextmanager
def foreign(*, unsure: bool = False) -> Iterator[None]:
    """Raises `TryFailed` for a bug in a system, or in a class of the company's own. Its message may quote a record."""
    try:
        yield
    except GraftworkError:
        raise
    except Exception as error:  # noqa: BLE001 - one broken system must not end the worker
        raise as_bug(error, unsure=unsure) from None


def as_bug(error: Exception, *, unsure: bool = False) -> TryFailed:
    """What nobody foresaw, as it is shown and logged: its kind and its place."""
    place = _place(error)
    logger.error("a connector failed with %s at %s", type(error).__name__, place)
    return TryFailed(f"{type(error).__name__} at {place}; this is a bug", unsure=unsure)


def _place(error: Exception) -> str:
    """File and line that raised it: enough to find the bug, and no content."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
