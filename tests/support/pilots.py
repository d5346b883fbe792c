"""Pilots, items that take part in them, decisions and outcomes, stored without the desk and without an engine."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from support.pilot_draws import moments  # noqa: F401 - for tests that ask for it here

NOW = datetime.fromisoformat("2026-11-22T09:00:00+00:00")

_numbers = count(1)

CHARTER: Mapping[str, Any] = {
    "name": "note_pilot",
    "title": "Notes with drafts",
    "use_case": "note_reply",
    "problem": "Answers to notes take long.",
    "owner": {"name": "Head of service", "department": "Service"},
    "primary": {"metric": "handling_time", "minimum_effect": 30.0, "target": 60.0},
    "plan": {"units_per_week": 200.0, "control_mean": 300.0, "standard_deviation": 150.0},
}


def make_charter(**overrides: Any) -> Any:
    """The charter above; a table given as a dict is merged into the one that stands there."""
    from graftwork.core.charter.schema import Charter

    tables = {
        key: {**CHARTER[key], **value} if isinstance(value, dict) and isinstance(CHARTER.get(key), Mapping) else value
        for key, value in overrides.items()
    }
    return Charter.model_validate({**CHARTER, **tables})


def make_pilot(*, started: datetime | None = NOW, simulated: bool = False, **overrides: Any) -> Any:
    """A running pilot (or, with `started=None`, a draft) under a charter with `overrides`."""
    from graftwork.apps.pilots.models import Pilot, PilotState

    charter = make_charter(**overrides)
    return Pilot.objects.create(
        name=charter.name,
        use_case=charter.use_case,
        state=PilotState.DRAFT if started is None else PilotState.RUNNING,
        charter=charter.model_dump(mode="json"),
        charter_sha256=charter.sha256 if started else "",
        salt="5" * 64,
        simulated=simulated,
        created_at=started or NOW,
        started_at=started,
        ends_at=started and started + timedelta(weeks=charter.plan.weeks),
    )


def enrol(
    pilot: Any,
    arms: Sequence[str] = ("assisted", "control"),
    *,
    at: datetime = NOW,
    units: Sequence[str] = (),
    threads: Sequence[str] = (),
    item_type: str = "",
    covariate: float | None = None,
) -> list[Any]:
    """An item for each of `arms`, enrolled and due; `units` name what was drawn (an item of its own otherwise)."""
    from graftwork.apps.pilots.models import Due, Enrolment
    from graftwork.apps.vault.actions import scope_keys
    from graftwork.apps.work.models import Item, ItemState
    from graftwork.core.charter.arms import bucket, unit_digest

    names = [f"pilot-item-{next(_numbers)}" for _ in arms]
    in_threads = [f"{pilot.use_case}:{thread}" for thread in (threads or names)]
    keys = scope_keys(in_threads)
    items = [
        Item(
            use_case=pilot.use_case,
            external_id=name,
            thread=thread.partition(":")[2],
            scope_key=keys[thread],
            content_sealed=b"",
            state=ItemState.READY,
            created_at=at,
            arm=arm,
        )
        for name, thread, arm in zip(names, in_threads, arms, strict=True)
    ]
    Item.objects.bulk_create(items)
    Enrolment.objects.bulk_create(
        Enrolment(
            pilot=pilot,
            item=item,
            unit=unit_digest(pilot.salt, unit),
            bucket=bucket(pilot.salt, unit),
            arm=item.arm,
            item_type=item_type,
            covariate=covariate,
            enrolled_at=at,
        )
        for item, unit in zip(items, units or names, strict=True)
    )
    Due.objects.bulk_create(Due(pilot=pilot, item=item, due_at=at) for item in items)
    return items


def review(
    item: Any,
    seconds: float | None = 100.0,
    decision: str = "accepted",
    *,
    at: datetime = NOW,
    reviewer: Any = None,
    drafted: bool | None = None,
    share_rewritten: float | None = None,
    simulated: bool = False,
    undo_seconds: float = 0.0,
    **times: float | None,
) -> Any:
    """A stored decision on `item`, due when it takes effect. An assisted item gets a draft with it, unless told not."""
    from graftwork.apps.pilots.models import Due, Enrolment
    from graftwork.apps.work.models import ItemState, Review

    draft = item.drafts.first()
    if draft is None and (item.arm == "assisted" if drafted is None else drafted):
        draft = make_draft(item, at=at)
    stored = Review.objects.create(
        item=item,
        draft=draft,
        release=draft.release if draft else None,
        reviewer=reviewer,
        simulated=simulated,
        decision=decision,
        share_rewritten=share_rewritten,
        active_seconds=seconds,
        active_seconds_30=times.get("seconds_30", seconds),
        active_seconds_120=times.get("seconds_120", seconds),
        previous_state=ItemState.READY,
        decided_at=at,
        effective_at=at + timedelta(seconds=undo_seconds),
    )
    item.state = ItemState.ESCALATED if decision == "escalated" else ItemState.DECIDED
    item.save(update_fields=["state"])
    enrolment = Enrolment.objects.filter(item=item).first()
    if enrolment is not None:
        Due.objects.create(pilot_id=enrolment.pilot_id, item=item, due_at=stored.effective_at)
    return stored


def make_draft(item: Any, *, at: datetime = NOW, cost: str | None = None, currency: str = "EUR", **values: Any) -> Any:
    """A stored draft: 100 tokens in, 50 out, two seconds, without a price unless `cost` says one."""
    from graftwork.apps.work.models import Draft, Release

    release, _ = Release.objects.get_or_create(
        digest="d" * 64, defaults={"use_case": item.use_case, "manifest": {}, "first_used_at": at}
    )
    given = {"prompt_tokens": 100, "completion_tokens": 50, "total_ms": 2_000.0, **values}
    return Draft.objects.create(
        item=item,
        number=item.drafts.count() + 1,
        release=release,
        text_sealed=b"",
        engine="echo",
        model="echo",
        zone="local",
        finish_reason="stop",
        cost=cost,
        currency=currency if cost is not None else "",
        created_at=at,
        **given,
    )


def outcome(item: Any, kind: str, value: float, *, at: datetime = NOW) -> Any:
    """A stored outcome of `item`, due at once."""
    from graftwork.apps.pilots.models import Due, Enrolment
    from graftwork.apps.work.models import Outcome

    stored = Outcome.objects.create(item=item, kind=kind, value=value, occurred_at=at, recorded_at=at)
    enrolment = Enrolment.objects.filter(item=item).first()
    if enrolment is not None:
        Due.objects.create(pilot_id=enrolment.pilot_id, item=item, due_at=at)
    return stored


def fold_all(pilot: Any, now: datetime = NOW) -> int:
    """Fold until nothing is due; returns how many due rows were looked at."""
    from graftwork.apps.pilots.folding.actions import fold

    total = 0
    while folded := fold(pilot, now):
        total += folded
    return total


def arm_sums(data: Any, metric: str, arm: str) -> Any:
    """The Moments of one arm over all days."""
    from graftwork.core.value.moments import Moments

    return Moments.total(by_arm[arm] for _, by_arm in data.metrics[metric].days if arm in by_arm)
