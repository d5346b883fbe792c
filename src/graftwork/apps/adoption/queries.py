"""Reading how a use case is taken up. Figures are of groups; who did what is asked for by nobody."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, Q, Sum

from graftwork.apps.accounts.models import User
from graftwork.apps.adoption.models import Feedback, Invitation, Spend, Streak, UseDay
from graftwork.apps.adoption.pulses import Pulse, pulses
from graftwork.apps.adoption.training import ModuleFigure, module_figures
from graftwork.core.adoption import (
    UNKNOWN,
    WEEK_DAYS,
    Share,
    acceptance,
    is_habitual,
    is_user,
    merged,
)
from graftwork.core.stats import Estimate

WEEKS = 12


@dataclass(frozen=True, slots=True)
class Week:
    """How it stood at the end of the day `last`, of those who were invited by then."""

    last: date
    invited: int
    tried: Share
    weekly: Share
    habitual: Share


@dataclass(frozen=True, slots=True)
class BandFigure:
    """Drafts accepted unchanged by people of one tenure; `people` is at least six. `label` is for reading."""

    label: str
    people: int
    drafts: int
    acceptance: Estimate | None


@dataclass(frozen=True, slots=True)
class Adoption:
    """How a use case is taken up at one moment. `weeks` are oldest first, the last is now; `spend` is by kind.

    `until` is the last of the days looked at: today, or the last day of what is simulated.
    `others` counts people who decided on drafts without an invitation: in none of the shares, but in the bands.
    `bands` cover the weeks that end with `bands_until`, a Sunday; empty where too few people are behind them.
    """

    use_case: str
    as_of: datetime
    until: date
    invited: int
    tried: Share
    weekly: Share
    habitual: Share
    others: int
    weeks: Sequence[Week]
    bands: Sequence[BandFigure]
    bands_until: date
    modules: Sequence[ModuleFigure]
    training_hours: float
    surveys: Sequence[Pulse]
    feedback: int
    feedback_unseen: int
    unused: int
    simulated: bool = False
    pilot_name: str = ""
    spend: Mapping[str, float] = field(default_factory=dict)


def adoption(
    use_case: str, now: datetime, *, pilot_name: str = "", weeks: int = WEEKS, simulated: bool = False
) -> Adoption:
    """Everything about `use_case`; with what was spent on the pilot where one is named. Internal: asks nobody's role.

    Reads what was counted as it happened (`UseDay`), so its cost grows with people and weeks, not with reviews.
    """
    today = (_last_day(use_case) if simulated else None) or now.date()
    use = _Use(use_case, simulated, first=today - timedelta(days=WEEK_DAYS * (weeks + 1)), last=today)
    people = use.people if simulated else _invited(use_case, now)
    series = [_week(use, people, today - timedelta(days=WEEK_DAYS * ago)) for ago in reversed(range(weeks))]
    current = series[-1] if series else _week(use, people, today)
    sunday = today - timedelta(days=today.isoweekday() % WEEK_DAYS or WEEK_DAYS)
    modules = module_figures(use_case, people)
    given = Feedback.objects.filter(use_case=use_case)
    told = given.aggregate(count=Count("pk"), unseen=Count("pk", filter=Q(seen_at=None)))
    return Adoption(
        use_case=use_case,
        as_of=now,
        until=today,
        invited=len(people),
        tried=current.tried,
        weekly=current.weekly,
        habitual=current.habitual,
        others=len(use.first_day.keys() - people.keys()),
        weeks=[week for week in series if week.invited],
        bands=_bands(use, sunday, weeks),
        bands_until=sunday,
        modules=modules,
        training_hours=sum(one.hours for one in modules),
        surveys=pulses(use_case, now),
        feedback=told["count"],
        feedback_unseen=told["unseen"],
        unused=unused_in_a_row(use_case, simulated=simulated),
        simulated=simulated,
        pilot_name=pilot_name,
        spend=spend(pilot_name) if pilot_name else {},
    )


def spend(pilot_name: str) -> dict[str, float]:
    """What was spent on a pilot by kind of budget, in its charter's currency; a kind without any is not named."""
    rows = Spend.objects.filter(pilot=pilot_name).order_by("kind").values_list("kind").annotate(Sum("amount"))
    return dict(rows)


def unused_in_a_row(use_case: str, n: int | None = None, *, simulated: bool = False) -> int:
    """How many of the newest drafts that were decided on went unused, up to the last used one; at most `n`.

    Unused: rejected, escalated, or at least 80 % of the words replaced (`core.adoption.is_unused`).
    """
    found = Streak.objects.filter(use_case=use_case, simulated=simulated).values_list("unused", flat=True).first() or 0
    return found if n is None else min(found, n)


def working_since(use_case: str, user_ids: Collection[int | None]) -> dict[int, date]:
    """Since when people do this work: as their invitation says, else since they have an account here."""
    wanted = [number for number in user_ids if number]
    joined = User.objects.filter(pk__in=wanted).values_list("pk", "date_joined")
    told = Invitation.objects.filter(use_case=use_case, user__in=wanted, works_since__isnull=False)
    since = {pk: moment.date() for pk, moment in joined}
    return since | {user_id: day for user_id, day in told.values_list("user_id", "works_since") if day}


# --- use --------------------------------------------------------------------------------------------------------------


class _Use:
    """The days of use of one use case within a span, and everybody's first day of all."""

    def __init__(self, use_case: str, simulated: bool, *, first: date, last: date) -> None:
        used = UseDay.objects.filter(use_case=use_case, simulated=simulated, reviews__gt=0, day__lte=last)
        self.first_day: dict[int, date] = dict(used.order_by().values_list("user_id").annotate(Min("day")))
        self.rows = list(used.filter(day__gte=first).values_list("user_id", "day", "drafts", "accepted", "tenure"))
        # Nobody is invited to what is simulated: whoever takes part counts as invited from their first day.
        self.people = self.first_day
        self.days: dict[int, set[date]] = {}
        for user_id, day, *_ in self.rows:
            self.days.setdefault(user_id, set()).add(day)


def _last_day(use_case: str) -> date | None:
    """Of what is simulated: it ended some time ago."""
    used = UseDay.objects.filter(use_case=use_case, simulated=True, reviews__gt=0)
    return used.order_by("-day").values_list("day", flat=True).first()


def _invited(use_case: str, now: datetime) -> dict[int, date]:
    """Everybody who is invited, and since which day."""
    rows = Invitation.objects.filter(use_case=use_case, invited_at__lte=now).values_list("user_id", "invited_at")
    return {user_id: moment.date() for user_id, moment in rows}


def _week(use: _Use, people: Mapping[int, date], last: date) -> Week:
    invited = [user_id for user_id, since in people.items() if since <= last]

    def share(users: Collection[int]) -> Share:
        return Share(len(users), len(invited))

    return Week(
        last=last,
        invited=len(invited),
        tried=share([one for one in invited if one in use.first_day and use.first_day[one] <= last]),
        weekly=share([one for one in invited if is_user(use.days.get(one, ()), last)]),
        habitual=share([one for one in invited if is_habitual(use.days.get(one, ()), last)]),
    )


def _bands(use: _Use, sunday: date, weeks: int) -> list[BandFigure]:
    """Of whole weeks only, and by the tenure as it was noted on the day: else one difference would be one person's."""
    first = sunday - timedelta(days=WEEK_DAYS * weeks - 1)
    by_band: dict[str, dict[int, tuple[int, int]]] = {}
    for user_id, day, drafts, accepted, tenure in use.rows:
        if not first <= day <= sunday or not drafts:
            continue
        held = by_band.setdefault(tenure, {})
        before = held.get(user_id, (0, 0))
        held[user_id] = (before[0] + accepted, before[1] + drafts)
    return [_band_figure(by_band, part) for part in merged(by_band)]


def _band_figure(by_band: Mapping[str, Mapping[int, tuple[int, int]]], part: Sequence[str]) -> BandFigure:
    together: dict[int, tuple[int, int]] = {}
    for band in part:
        for user_id, (accepted, drafts) in by_band[band].items():
            before = together.get(user_id, (0, 0))
            together[user_id] = (before[0] + accepted, before[1] + drafts)
    return BandFigure(
        label=" or ".join(band if band != UNKNOWN else "not known" for band in part),
        people=len(together),
        drafts=sum(drafts for _, drafts in together.values()),
        acceptance=acceptance(list(together.values())),
    )
