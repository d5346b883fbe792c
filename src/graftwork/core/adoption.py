"""Whether people take up help: who counts as a user of it, tenure in bands, and how small a group may be told of.

Everything here counts groups. Nothing ranks people, and no figure is told of a group of five or fewer.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from graftwork.core.stats import Estimate, wilson

if TYPE_CHECKING:
    from graftwork.core.bootstrap import Floats

# "Anonymous above a group size of five": of a survey's answers, and of the people behind every breakdown.
LEAST_GROUP = 6
WEEK_DAYS = 7
HABIT_DAYS = 3
HABIT_WEEKS = 2
# An approved text that shares so little with its draft was written anew.
REWRITTEN = 0.8


def is_anonymous(people: int) -> bool:
    """Whether a figure about so many people may be told."""
    return people >= LEAST_GROUP


# --- use --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many. `estimate` is the share with its interval (Wilson); `None` of nobody."""

    count: int
    of: int

    @property
    def estimate(self) -> Estimate | None:
        return wilson(self.count, self.of) if self.of else None


def is_user(days: Collection[date], today: date) -> bool:
    """Whether there was a day of use among the seven that end with `today`."""
    return _days_within(days, today, weeks_ago=0) > 0


def is_habitual(days: Collection[date], today: date) -> bool:
    """Whether there were at least three different days of use in each of the last two weeks that end with `today`."""
    return all(_days_within(days, today, weeks_ago=week) >= HABIT_DAYS for week in range(HABIT_WEEKS))


def _days_within(days: Collection[date], today: date, *, weeks_ago: int) -> int:
    return len(_week_to(today - timedelta(days=WEEK_DAYS * weeks_ago)).intersection(days))


@lru_cache(maxsize=256)
def _week_to(last: date) -> frozenset[date]:
    """The seven days that end with `last`; asked for once for every person."""
    return frozenset(last - timedelta(days=ago) for ago in range(WEEK_DAYS))


def is_unused(decision: str, share_rewritten: float | None) -> bool:
    """Whether a draft came to nothing: rejected, escalated, or at least 80 % of its words were replaced."""
    return decision in ("rejected", "escalated") or (share_rewritten is not None and share_rewritten >= REWRITTEN)


# --- tenure -----------------------------------------------------------------------------------------------------------

UNKNOWN = ""
_BANDS: tuple[tuple[str, float], ...] = (
    ("first month", 30),
    ("1 to 6 months", 183),
    ("over 6 months", float("inf")),
)
BANDS: tuple[str, ...] = (*(label for label, _ in _BANDS), UNKNOWN)


def tenure_band(works_since: date | None, on: date) -> str:
    """How long somebody had done this work on a day, in a band; empty where it is not known, or lies in the future."""
    if works_since is None or works_since > on:
        return UNKNOWN
    days = (on - works_since).days
    return next(label for label, under in _BANDS if days < under)


def merged(people: Mapping[str, Collection[Hashable]]) -> list[tuple[str, ...]]:
    """The bands of `people`, neighbours put together until each part has enough of them; empty where all are too few.

    No band is left out: the whole is told elsewhere, and what is missing from it would be the figure of the few.
    """
    parts: list[tuple[tuple[str, ...], set[Hashable]]] = []
    bands: tuple[str, ...] = ()
    held: set[Hashable] = set()
    for band in BANDS:
        if not people.get(band):
            continue
        bands, held = (*bands, band), held | set(people[band])
        if is_anonymous(len(held)):
            parts.append((bands, held))
            bands, held = (), set()
    if bands and parts:
        parts[-1] = (parts[-1][0] + bands, parts[-1][1] | held)
    return [part for part, _ in parts]


def acceptance(by_person: Sequence[tuple[int, int]]) -> Estimate | None:
    """Share of drafts accepted unchanged, from (accepted, decided) of each person.

    Drafts of one person are alike, so the interval draws people again, not drafts (`core.stats.cluster_bootstrap`).
    """
    # The web process imports this module, and starts without numpy.
    import numpy as np  # noqa: PLC0415 - as above

    from graftwork.core.bootstrap import cluster_bootstrap  # noqa: PLC0415 - as above

    sums = np.array(by_person, dtype=float).reshape(-1, 2)
    return cluster_bootstrap(sums, _ratio, unit="share", bounds=(0, 1))


# --- pulse survey -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Statement:
    """One of the five that a pulse asks about; `code` names the stage of change that it stands for."""

    code: str
    title: str
    text: str


# The five stages are those of ADKAR (J. Hiatt, ADKAR: a model for change, 2006); the statements are ours.
STATEMENTS: tuple[Statement, ...] = (
    Statement("awareness", "Awareness", "I know why we try out help with drafts here."),
    Statement("desire", "Desire", "I want to work with this help."),
    Statement("knowledge", "Knowledge", "I know how to use it well."),
    Statement("ability", "Ability", "In my daily work I get on with it."),
    Statement("reinforcement", "Reinforcement", "Problems with it that we report get solved."),
)
VALUES: tuple[tuple[int, str], ...] = (
    (1, "not at all"),
    (2, "hardly"),
    (3, "partly"),
    (4, "mostly"),
    (5, "fully"),
)


@dataclass(frozen=True, slots=True)
class PulseFigure:
    """What people said to one statement: how many gave each value from 1 to 5, and the mean with its interval."""

    statement: Statement
    counts: Sequence[int]
    mean: Estimate


def pulse_figures(counts: Mapping[str, Mapping[int, int]]) -> list[PulseFigure] | None:
    """Per statement, from how many gave which value; `None` where any has too few answers to be told anonymously."""
    import numpy as np  # noqa: PLC0415 - as above

    from graftwork.core.bootstrap import cluster_bootstrap  # noqa: PLC0415 - as above

    found = []
    for statement in STATEMENTS:
        given = [counts.get(statement.code, {}).get(value, 0) for value, _ in VALUES]
        if not is_anonymous(sum(given)):
            return None
        answers = [value for (value, _), count in zip(VALUES, given, strict=True) for _ in range(count)]
        sums = np.array([(value, 1) for value in answers], dtype=float)
        mean = cluster_bootstrap(sums, _ratio, unit="points", bounds=(1, 5))
        assert mean is not None, "there are answers"
        found.append(PulseFigure(statement, given, mean))
    return found


def _ratio(sums: "Floats") -> "Floats":
    import numpy as np  # noqa: PLC0415 - as above

    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = sums[:, 0] / sums[:, 1]
    return found
