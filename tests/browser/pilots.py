"""Orders of the house about pilots: those that a program filled, and charters."""

from datetime import UTC, datetime, timedelta
from typing import Any

CHARTER = {
    "title": "Faster notes",
    "use_case": "note_reply",
    "problem": "An answer to a note takes five minutes.",
    "owner": {"name": "Head of notes", "department": "Service"},
    "team": [{"part": "business", "name": "Head of notes", "department": "Service"}],
    "primary": {"metric": "handling_time", "minimum_effect": 30.0, "target": 60.0},
    "guards": [{"metric": "reopen_rate", "margin": 0.05}, {"metric": "csat", "margin": 0.5}],
    "plan": {"weeks": 6, "units_per_week": 100, "control_mean": 300, "standard_deviation": 150, "reviewers": 8},
    "budget": [
        {"title": "Set-up", "kind": "build", "amount": 9000},
        {"title": "Courses", "kind": "training", "amount": 3000},
    ],
    "risks": ["Drafts are sent unread; seeded ones show it."],
}  # fmt: skip


def add_pilot(
    name: str,
    items: int = 400,
    effect_seconds: float = 80.0,
    state: str = "ended",
    simulated: bool = True,
    **changes: Any,
) -> None:
    """A pilot with reviews in both arms; not `simulated`, it says what a real one would."""
    from graftwork.apps.actors import operator
    from graftwork.apps.pilots.actions.charters import create
    from graftwork.apps.pilots.models import Pilot
    from graftwork.apps.pilots.simulating import simulate
    from graftwork.core.charter.schema import Charter

    charter = Charter.model_validate({"name": name, **CHARTER, **changes})
    pilot = create(operator(), charter, _now(), simulated=True)
    simulate(operator(), pilot, items=items, now=_now(), effect_seconds=effect_seconds)
    values: dict[str, Any] = {"state": state, "simulated": simulated}
    if state != "ended":
        values |= {"ended_at": None, "ends_at": _now() + timedelta(days=9)}
    Pilot.objects.filter(name=name).update(**values)


def add_charter(name: str, **changes: Any) -> None:
    from graftwork.apps.actors import operator
    from graftwork.apps.pilots.actions.charters import create
    from graftwork.core.charter.schema import Charter

    create(operator(), Charter.model_validate({"name": name, **CHARTER, **changes}), _now())


def pilot_states() -> dict[str, str]:
    from graftwork.apps.pilots.models import Pilot

    return dict(Pilot.objects.values_list("name", "state"))


def item_arms() -> dict[str, str]:
    from graftwork.apps.work.models import Item

    return dict(Item.objects.values_list("external_id", "arm"))


def forget_pilots() -> None:
    from graftwork.apps.pilots.models import Pilot

    Pilot.objects.all().delete()


def _now() -> datetime:
    return datetime.now(UTC)


ORDERS = (add_pilot, add_charter, pilot_states, item_arms, forget_pilots)
