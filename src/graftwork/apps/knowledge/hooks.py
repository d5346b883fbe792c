"""What apps above do when something is withdrawn from knowledge. They register here; nothing here calls up."""

from collections.abc import Callable
from datetime import datetime

Withdrawn = Callable[[str, datetime], None]
_withdrawn: list[Withdrawn] = []


def on_withdrawal(react: Withdrawn) -> None:
    """Have `react(source, now)` called in the transaction in which fewer people may read `source`, or in which it or
    documents of it are removed or replaced by other text: drafts that draw on it are then to be made again.
    """
    _withdrawn.append(react)


def withdrawn(source: str, now: datetime) -> None:
    for react in _withdrawn:
        react(source, now)
