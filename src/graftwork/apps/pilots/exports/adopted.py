"""How a use case is taken up, in rows of a report: groups only, never a person."""

from graftwork.apps.adoption.queries import Adoption
from graftwork.apps.pilots.exports import words
from graftwork.apps.pilots.models import Pilot
from graftwork.apps.pilots.seeds import Seeds
from graftwork.core.adoption import Share
from graftwork.core.appraisal.labels import BUDGET_KINDS
from graftwork.core.appraisal.sentences import money
from graftwork.core.stats import Estimate

Row = tuple[str, str]


def adoption_rows(pilot: Pilot, found: Adoption) -> list[Row]:
    """What and how much; nothing at all where nobody was invited."""
    if not found.invited:
        return []
    rows = [
        ("People invited", words.count(found.invited)),
        ("Have tried it", _share(found.tried)),
        ("Use it each week", _share(found.weekly)),
        ("Use it by habit", _share(found.habitual)),
        ("Target for weekly use", words.quantity(pilot.as_charter.change.weekly_target, "share")),
        ("Hours of training", words.number(found.training_hours)),
    ]
    rows += [(f"Completed: {one.module.title}", _share(one.completed)) for one in found.modules]
    rows += [(f"Accepted unchanged by people with {one.label}", _accepted(one.acceptance, one.people))
             for one in found.bands if one.label]  # fmt: skip
    currency = pilot.as_charter.money.currency
    return rows + [
        (f"Spent: {BUDGET_KINDS.get(kind, kind)}", money(amount, currency)) for kind, amount in found.spend.items()
    ]


def seeds_rows(found: Seeds) -> list[Row]:
    """Nothing where no draft was planted."""
    if not found.planted:
        return []
    decided_on = f"{words.count(found.shown)} of {words.count(found.planted)}"
    noticed = words.estimate(found.noticed) if found.noticed else words.UNKNOWN
    return [("Planted drafts that were decided on", decided_on), ("Noticed of these", noticed)]


def _share(share: Share) -> str:
    return f"{words.count(share.count)} of {words.count(share.of)}" if share.of else words.UNKNOWN


def _accepted(found: Estimate | None, people: int) -> str:
    return f"{words.estimate(found)}, {words.count(people)} people"
