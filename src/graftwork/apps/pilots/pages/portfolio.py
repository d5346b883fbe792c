"""All pilots at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass

from graftwork.apps.pilots.models import Pilot
from graftwork.apps.pilots.pages.budget import spend_in_words
from graftwork.apps.pilots.pages.heading import Heading, heading
from graftwork.apps.pilots.pages.pilot import leading
from graftwork.apps.pilots.pages.wording import effect_cells, page_scale
from graftwork.core.appraisal import labels
from graftwork.core.appraisal.data import Appraisal
from graftwork.core.appraisal.sentences import UNKNOWN, count, number, probability
from graftwork.core.charter.schema import Charter


@dataclass(frozen=True, slots=True)
class Row:
    """A pilot that has started. `leading` is what was decided, else what the rule says; `rule_said` stands beside it
    where there is a decision.
    """

    pilot: Heading
    leading: str
    leading_in_words: str
    rule_said: str
    sentence: str
    metric: str
    effect: str
    interval: str
    spend: str
    payback: str
    reviews: str


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A pilot whose figures cannot be computed."""

    pilot: Heading


@dataclass(frozen=True, slots=True)
class DraftRow:
    pilot: Heading
    problem: str


def row(pilot: Pilot, appraisal: Appraisal, spent: dict[str, float]) -> Row:
    charter: Charter = pilot.as_charter
    primary, money = appraisal.primary, appraisal.money
    effect, interval = effect_cells(primary.metric, primary.now, page_scale(charter, primary))
    first, in_words = leading(appraisal)
    ruling = appraisal.verdict.ruling
    chance = probability(money.payback_probability)
    return Row(
        pilot=heading(pilot),
        leading=first,
        leading_in_words=in_words,
        rule_said=labels.RULINGS[ruling] if appraisal.decided is not None else "",
        sentence=labels.bare(appraisal.verdict.sentence, ruling),
        metric=primary.metric.title,
        effect=effect,
        interval="" if interval == UNKNOWN else interval,
        spend=spend_in_words(charter, spent),
        payback=chance if chance == UNKNOWN else f"{chance} within {number(money.payback_within_months)} months",
        reviews=count(primary.now.units_assisted + primary.now.units_control),
    )


def draft_row(pilot: Pilot) -> DraftRow:
    return DraftRow(heading(pilot), str(pilot.charter.get("problem", "")))


def parted(pilots: Sequence[Pilot]) -> tuple[list[Pilot], list[Pilot]]:
    """Those that have started, and drafts."""
    return [one for one in pilots if one.started_at], [one for one in pilots if not one.started_at]
