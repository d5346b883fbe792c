"""What apps above do when a person decides. They register here; nothing here calls up."""

from collections.abc import Callable
from datetime import datetime

from graftwork.apps.work.models import Review

Decided = Callable[[Review, datetime], None]
_decided: list[Decided] = []
_undone: list[Decided] = []


def on_decision(react: Decided, *, undone: Decided) -> None:
    """Have `react(review, now)` called in the transaction that stores a decision, `undone` where it is taken back."""
    _decided.append(react)
    _undone.append(undone)


def decided(review: Review, now: datetime) -> None:
    for react in _decided:
        react(review, now)


def taken_back(review: Review, now: datetime) -> None:
    for react in _undone:
        react(review, now)
