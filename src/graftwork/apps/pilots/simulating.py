"""A pilot that nobody took part in, to show what one looks like: its items, drafts, reviews and times are made up.

All of it goes through the real tables, is drawn into its arms as a real one is, and is added up by the same code. Every
row that a person would have made says `simulated`, so nothing of it is delivered, counted as work, or mixed with real
figures. Items are decided on before anybody could see them wait.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction

from graftwork.apps.accounts.actions import add_user, set_active
from graftwork.apps.accounts.models import User
from graftwork.apps.actors import Actor
from graftwork.apps.adoption.actions.counting import rebuild as count_use_again
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.pilots.actions.charters import start
from graftwork.apps.pilots.folding.actions import fold
from graftwork.apps.pilots.models import Due, Enrolment, Pilot
from graftwork.apps.pilots.simulated_rows import Made, Rows
from graftwork.apps.pilots.simulated_texts import TOPICS, Message, draft, edited, message, new_item, written
from graftwork.apps.work.usecases import get_usecase
from graftwork.core.charter.arms import ASSISTED, allocate, unit_digest
from graftwork.core.charter.population import covariate_of, is_eligible, item_type_of, unit_of
from graftwork.core.charter.schema import Charter
from graftwork.core.errors import RequestInvalid
from graftwork.core.items import NewItem
from graftwork.core.usecase import UseCase

REVIEWER = "simulated-{number}"
SEED = 20_261_122
# Some had worked there for years when it began, some for days.
_JOINED_DAYS = (900, 20, 400, 120, 1_500, 60, 250, 10)
_FIRST_HOUR, _WORKING_HOURS = 8, 9
_MORE_A_SENTENCE = 0.16
_MEAN_SENTENCES = 4.5
_MOST_MISSES = 10_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """What chance draws from. Times are log-normal, as handling times are (skewed, never negative); seconds are means.

    Shares are 0 to 1. `reopened` is (assisted, control), as are the points of customer satisfaction.
    """

    control_seconds: float
    effect_seconds: float
    spread: float = 0.6
    reviewers: int = 8
    accepted: float = 0.56
    rejected: float = 0.07
    escalated: float = 0.03
    reopened: tuple[float, float] = (0.018, 0.026)
    satisfaction: tuple[float, float] = (4.2, 4.15)
    answered: float = 0.5
    outliers: float = 0.01


@dataclass(frozen=True, slots=True)
class _Scene:
    """All that one item is drawn from."""

    pilot: Pilot
    charter: Charter
    use_case: UseCase
    recipe: Recipe
    reviewers: list[User]
    paces: list[float]
    chance: np.random.Generator = field(repr=False)


def simulate(
    actor: Actor, pilot: Pilot, *, items: int, now: datetime, effect_seconds: float, seed: int = SEED,
    recipe: Recipe | None = None,
) -> Pilot:  # fmt: skip
    """Start `pilot`, which is being written and marked simulated, and fill it with `items` in both arms.

    All of it lies in the past, far enough for later events to have happened; real items never come into it.
    `effect_seconds` are saved an item; the control arm takes what the charter says of today. Needs the role admin,
    since it adds reviewers, who can never sign in.
    """
    actor.require_role("admin")
    if not pilot.simulated:
        raise RequestInvalid("pilot", "is a real one: only a pilot that was made as simulated can be filled")
    charter = pilot.as_charter
    recipe = recipe or Recipe(charter.plan.control_mean, effect_seconds)
    with transaction.atomic():
        pilot = start(actor, pilot.name, now)
        _date_back(pilot, charter, now, seed)
        _fill(_scene(actor, pilot, charter, recipe, seed, now), items)
        count_use_again(pilot.use_case, simulated=True)
        detail = {"name": pilot.name, "items": items, "seed": seed}
        record(actor.name, [Event("pilot.simulated", f"pilot:{pilot.pk}", detail)], now)
    while fold(pilot, now):
        pass
    pilot.refresh_from_db()
    return pilot


def _date_back(pilot: Pilot, charter: Charter, now: datetime, seed: int) -> None:
    """Its planned end is past by as long as the charter waits for later events: what is left is to decide."""
    waits = timedelta(days=max(charter.rules.first_contact_days, charter.rules.reopen_days) + 1)
    length = timedelta(weeks=charter.plan.weeks)
    began = (now - waits - length).replace(hour=_FIRST_HOUR, minute=0, second=0, microsecond=0)
    pilot.started_at, pilot.ends_at = began, began + length
    # A draw that can be repeated, which a real pilot's must not be.
    pilot.salt = hashlib.sha256(f"simulated:{seed}".encode()).hexdigest()
    pilot.save(update_fields=["started_at", "ends_at", "salt"])


def _scene(actor: Actor, pilot: Pilot, charter: Charter, recipe: Recipe, seed: int, now: datetime) -> _Scene:
    chance = np.random.default_rng(seed)
    paces = [float(pace) for pace in np.exp(chance.normal(0.0, 0.12, recipe.reviewers))]
    people = _reviewers(actor, recipe.reviewers, pilot, now)
    return _Scene(pilot, charter, get_usecase(pilot.use_case), recipe, people, paces, chance)


def _reviewers(actor: Actor, count: int, pilot: Pilot, now: datetime) -> list[User]:
    """People who are none: shut out from the beginning, without a password and without a role."""
    found: list[User] = []
    number = 0
    while len(found) < count:
        number += 1
        name = REVIEWER.format(number=number)
        user = User.objects.filter(username=name).first()
        if user is None:
            user = add_user(actor, name, [], now)
            set_active(actor, user, now, active=False)
            user.date_joined = (pilot.started_at or now) - timedelta(days=_JOINED_DAYS[number % len(_JOINED_DAYS)])
            user.save(update_fields=["date_joined"])
        if not user.is_active:
            found.append(user)
    return found


def _fill(scene: _Scene, items: int) -> None:
    rows = Rows(scene.use_case, scene.pilot)
    enrolments, due = [], []
    arrivals = _arrivals(scene, items)
    by_reviewer = scene.charter.arms.unit == "reviewer"
    for number, (new, said) in zip(range(items), _takes_part(scene), strict=False):
        reviewer = int(scene.chance.integers(len(scene.reviewers)))
        bucket, arm, unit = _place(scene, new, reviewer)
        made = _made(scene, said, arm, reviewer)
        item = rows.add(new, made, arrivals[number])
        enrolments.append(
            Enrolment(
                pilot=scene.pilot, item=item,
                unit=unit_digest(scene.pilot.salt, new.external_id if by_reviewer else unit),
                bucket=0 if by_reviewer else bucket, arm="" if by_reviewer else arm,
                item_type=item_type_of(scene.charter, new), covariate=covariate_of(scene.charter, new, {}),
                enrolled_at=arrivals[number],
            )
        )  # fmt: skip
        due.append(Due(pilot=scene.pilot, item=item, due_at=arrivals[number]))
    rows.store()
    Enrolment.objects.bulk_create(enrolments)
    Due.objects.bulk_create(due)


def _takes_part(scene: _Scene) -> Iterator[tuple[NewItem, Message]]:
    """Items that are in the population and in its share, one after the other."""
    charter, drawn, misses = scene.charter, 0, 0
    typed_by = charter.item_types.field if charter.item_types else ""
    topics = charter.item_types.values if charter.item_types else TOPICS
    while misses < _MOST_MISSES:
        drawn += 1
        said = message(scene.chance, 100_000 + drawn, topics)
        new = new_item(scene.use_case, f"simulated-{scene.pilot.name}-{drawn:05d}", said, typed_by)
        if is_eligible(charter, new) and _place(scene, new, 0)[1]:
            misses = 0
            yield new, said
        else:
            misses += 1
    raise RequestInvalid("population", "takes in none of the items that can be made up")


def _place(scene: _Scene, new: NewItem, reviewer: int) -> tuple[int, str, str]:
    """Bucket, arm and unit, as a real item gets them; where reviewers are drawn, those of who decides."""
    charter = scene.charter
    unit = str(scene.reviewers[reviewer].pk) if charter.arms.unit == "reviewer" else unit_of(charter, new)
    return *allocate(charter, scene.pilot.salt, unit), unit


def _arrivals(scene: _Scene, items: int) -> list[datetime]:
    """On workdays, within working hours, in the order in which they come in."""
    began, ends = scene.pilot.started_at, scene.pilot.ends_at
    assert began is not None
    assert ends is not None
    days = [began + timedelta(days=at) for at in range(max(1, (ends - began).days - 1))]
    workdays = [day for day in days if day.isoweekday() <= 5] or days
    picked = np.sort(scene.chance.integers(len(workdays), size=items))
    seconds = scene.chance.random(items) * _WORKING_HOURS * 3600
    return sorted(workdays[at] + timedelta(seconds=float(second)) for at, second in zip(picked, seconds, strict=True))


def _made(scene: _Scene, said: Message, arm: str, reviewer: int) -> Made:
    """What somebody would have decided on this message, and how long it would have taken them."""
    recipe, chance = scene.recipe, scene.chance
    assisted = arm == ASSISTED
    decision = _decision(recipe, chance) if assisted else "edited"
    seconds = _seconds(scene, said, decision, assisted=assisted) * scene.paces[reviewer]
    text = draft(chance, said.topic) if assisted else None
    at = 0 if assisted else 1
    settled_by = scene.reviewers[(reviewer + 1) % len(scene.reviewers)]
    return Made(
        decision=decision,
        reviewer=scene.reviewers[reviewer],
        draft=text,
        final=_final(chance, said.topic, decision, text),
        seconds=round(seconds, 1),
        waited=timedelta(minutes=float(chance.exponential(45.0))),
        settled_by=settled_by if chance.random() < recipe.escalated else None,
        reopened=bool(chance.random() < recipe.reopened[at]),
        satisfaction=_points(chance, recipe.satisfaction[at]) if chance.random() < recipe.answered else None,
        tokens=(700 + 6 * len(said.text.split()), 40 + 10 * int(chance.integers(8))),
        draft_ms=float(chance.lognormal(8.6, 0.25)),
    )


def _final(chance: np.random.Generator, topic: str, decision: str, text: str | None) -> str | None:
    if text is None:
        return written(chance, topic)
    return {"accepted": text, "edited": edited(chance, text)}.get(decision)


def _decision(recipe: Recipe, chance: np.random.Generator) -> str:
    drawn = float(chance.random())
    if drawn < recipe.accepted:
        return "accepted"
    return "edited" if drawn < 1 - recipe.rejected else "rejected"


def _seconds(scene: _Scene, said: Message, decision: str, *, assisted: bool) -> float:
    """Longer messages take longer; a draft that stands takes less time than one that is written anew."""
    recipe, chance = scene.recipe, scene.chance
    mean = recipe.control_seconds
    if assisted:
        effort = {"accepted": 0.7, "edited": 1.3, "rejected": 1.9}
        shares = {"accepted": recipe.accepted, "rejected": recipe.rejected}
        shares["edited"] = 1 - sum(shares.values())
        mean -= recipe.effect_seconds
        mean *= effort[decision] / sum(shares[one] * effort[one] for one in effort)
    mean *= 1 + _MORE_A_SENTENCE * (said.sentences - _MEAN_SENTENCES)
    shape = float(np.sqrt(np.log1p(recipe.spread**2)))
    drawn = mean * float(np.exp(shape * chance.normal() - shape**2 / 2))
    return drawn * (5.0 if chance.random() < recipe.outliers else 1.0)


def _points(chance: np.random.Generator, mean: float) -> int:
    """1 to 5, as customers give them."""
    return int(np.clip(round(chance.normal(mean, 0.7)), 1, 5))
