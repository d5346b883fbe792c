"""What experience says about a charter. Each miss is a warning with its reason, and none keeps a pilot from starting.

What takes the planned sample to say stands in `core.appraisal.planning`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from graftwork.core.charter.metrics import HANDLING_TIME, HANDLING_TIME_30, HANDLING_TIME_120
from graftwork.core.charter.schema import Charter, Part

TIMES = (HANDLING_TIME, HANDLING_TIME_30, HANDLING_TIME_120)
EARLIEST_RETURN_MONTHS, LATEST_RETURN_MONTHS = 6, 12
LEAST_TRAINING_SHARE = 0.20
GOVERNANCE_SHARE = (0.25, 0.35)
# Each arm needs several people, so that one who is quick or slow does not make the difference.
FEW_REVIEWERS = 20
MANY_SEEDS = 0.05
SHORTEST_WEEKS = 2

_PARTS: dict[Part, tuple[str, str]] = {
    "business": ("the business", "Without it nobody says which problem is worth solving, or takes the result up."),
    "it": ("IT", "Connections, accounts and updates are theirs; asked late, they become the longest part of the plan."),
    "compliance": ("compliance", "What they find after the start stops a pilot that was doing well."),
    "end_users": ("the end users", "They know where the work differs from how it is drawn, and whether a draft helps."),
}


@dataclass(frozen=True, slots=True)
class Advice:
    """`code` is stable, `key` is where in the charter; `sentence` says what is missed, `reason` why it matters."""

    code: str
    key: str
    sentence: str
    reason: str


def advice(charter: Charter) -> list[Advice]:
    """What the charter misses of what experience says, in the order of its keys."""
    rules = (_people, _team, _arms, _metric, _guards, _length, _seeds, _return, _budget, _risks)
    return [one for rule in rules for one in rule(charter)]


def _people(charter: Charter) -> Iterator[Advice]:
    if not charter.owner.name.strip():
        yield Advice(
            "owner.unnamed", "owner.name", "Nobody is named who decides go, extend or stop.",
            "A pilot without an owner is neither taken up nor ended: it goes on.",
        )  # fmt: skip
    if not charter.llm_operations.name.strip():
        yield Advice(
            "operations.unnamed", "llm_operations.name", "Nobody is named who runs models and updates.",
            "Models and the work they help with change; where it is nobody's task, quality falls unseen.",
        )  # fmt: skip


def _team(charter: Charter) -> Iterator[Advice]:
    there = {member.part for member in charter.team}
    for part, (words, reason) in _PARTS.items():
        if part not in there:
            yield Advice(f"team.{part}", "team", f"Nobody on the team stands for {words}.", reason)
    department = charter.population.reviewers_department.strip()
    if not department:
        yield Advice(
            "team.reviewers_unknown", "population.reviewers_department",
            "It is not said where the people work who decide on the drafts.",
            "Then nobody can see whether they have a say in the pilot.",
        )  # fmt: skip
    elif department.casefold() not in {member.department.strip().casefold() for member in charter.team}:
        yield Advice(
            "team.reviewers", "team", f"Nobody on the team is from {department}, where the drafts are decided on.",
            "Help that is planned without those who are to use it tends to go unused.",
        )  # fmt: skip


def _arms(charter: Charter) -> Iterator[Advice]:
    arms, plan = charter.arms, charter.plan
    if arms.design == "before_after":
        yield Advice(
            "arms.before_after", "arms.design", "There is no control arm: times are compared with those from before.",
            "Whatever else changed meanwhile (season, people, kinds of items) looks like an effect, so it is weaker.",
        )  # fmt: skip
    if arms.unit == "item" and plan.items_per_unit > 1:
        yield Advice(
            "arms.unit", "arms.unit", "Items are drawn one by one, though a thread or customer has several of them.",
            "The same matter is then handled with and without drafts, and each arm learns from the other; draw threads "
            "or customers.",
        )  # fmt: skip
    if arms.unit in ("thread", "customer") and plan.items_per_unit > 1 and not plan.intraclass_correlation:
        yield Advice(
            "plan.alike", "plan.intraclass_correlation",
            f"Items of one {arms.unit} are planned as if nothing tied them.",
            "They are alike to some degree, so that fewer of them say something new and the sample has to be larger.",
        )  # fmt: skip
    if arms.unit == "reviewer":
        yield from _reviewers(charter)


def _reviewers(charter: Charter) -> Iterator[Advice]:
    people = charter.plan.reviewers
    if people < FEW_REVIEWERS:
        yield Advice(
            "arms.few_reviewers", "plan.reviewers",
            f"Reviewers are drawn, and there {'is' if people == 1 else 'are'} {people} of them.",
            f"One quick or slow person then makes the difference between the arms; below {FEW_REVIEWERS} draw items.",
        )  # fmt: skip
    yield Advice(
        "arms.daily_looking", "arms.unit", "Where reviewers are drawn, the interval holds at the planned end only.",
        "The interval for daily looking needs many units that come one after the other; decide at the end.",
    )  # fmt: skip
    if not charter.plan.intraclass_correlation:
        yield Advice(
            "plan.alike", "plan.intraclass_correlation", "Items of one reviewer are planned as if nothing tied them.",
            "People differ in speed, so the planned sample is too small; 0.05 is a common guess.",
        )  # fmt: skip


def _metric(charter: Charter) -> Iterator[Advice]:
    primary = charter.primary
    if primary.target is None:
        yield Advice(
            "primary.no_target", "primary.target", "It is not said what improvement is hoped for.",
            "Without a target people disagree afterwards on whether the result is a good one.",
        )  # fmt: skip
    elif primary.target < primary.minimum_effect:
        yield Advice(
            "primary.target", "primary.target", "The target is below the smallest improvement worth having.",
            "The pilot could then reach its target and still not be worth it.",
        )  # fmt: skip
    limit = primary.winsorise_above
    if primary.metric in TIMES and limit is None:
        yield Advice(
            "primary.winsorise", "primary.winsorise_above", "No limit is said above which a long time counts as less.",
            "A few items left open over lunch can decide the result; a limit counts only when it is said beforehand.",
        )  # fmt: skip
    if limit is not None and charter.plan.control_mean and limit < 2 * charter.plan.control_mean:
        yield Advice(
            "primary.winsorise_low", "primary.winsorise_above", "The limit is less than twice today's mean.",
            "It cuts off ordinary values, and with them a part of what drafts may save.",
        )  # fmt: skip
    if primary.covariate == "baseline" and charter.item_types is None:
        yield Advice(
            "primary.covariate", "primary.covariate", "The covariate is the baseline, and there are no item types.",
            "One mean for all items narrows nothing; name the types, or another covariate.",
        )  # fmt: skip


def _guards(charter: Charter) -> Iterator[Advice]:
    if not charter.guards:
        yield Advice(
            "guards.none", "guards", "Nothing is guarded against getting worse.",
            "Faster is easy where reopened items, escalations or satisfaction may suffer.",
        )  # fmt: skip
    elif charter.arms.design == "before_after":
        yield Advice(
            "guards.before_after", "guards", "Without a control arm no guard can hold, so the rule never says go.",
            "There is nothing from before to compare guards with: draw a control arm, or leave the go to the owner.",
        )  # fmt: skip


def _length(charter: Charter) -> Iterator[Advice]:
    if charter.plan.weeks < SHORTEST_WEEKS:
        yield Advice(
            "plan.short", "plan.weeks", f"It is planned for less than {SHORTEST_WEEKS} weeks.",
            "Weekdays differ, and people need some days to get used to drafts.",
        )  # fmt: skip


def _seeds(charter: Charter) -> Iterator[Advice]:
    if not charter.seeds.share:
        return
    yield Advice(
        "seeds.told", "seeds", "Drafts with a wrong statement will be put among the others.",
        "Tell people beforehand that there are some: a trap that nobody knew of costs their trust.",
    )  # fmt: skip
    if charter.seeds.share > MANY_SEEDS:
        yield Advice(
            "seeds.many", "seeds.share", f"More than {MANY_SEEDS:.0%} of the drafts are to be wrong on purpose.",
            "Each costs a second reading, which the times leave out, and they teach people to expect wrong drafts.",
        )  # fmt: skip


def _return(charter: Charter) -> Iterator[Advice]:
    months = charter.measurable_return_months
    if months is None:
        yield Advice(
            "return.unplanned", "measurable_return_months", "It is not said when a return is to be measured.",
            "A return that nobody planned to measure is not measured; 6 to 12 months is what experience says.",
        )  # fmt: skip
    elif months < EARLIEST_RETURN_MONTHS:
        yield Advice(
            "return.early", "measurable_return_months", f"A return is planned before {EARLIEST_RETURN_MONTHS} months.",
            "Connecting, training and getting used to it take that long; judged earlier, a good start may look bad.",
        )  # fmt: skip
    elif months > LATEST_RETURN_MONTHS:
        yield Advice(
            "return.late", "measurable_return_months", f"A return is planned after {LATEST_RETURN_MONTHS} months.",
            "By then priorities, people and models have changed; take a smaller part that pays sooner.",
        )  # fmt: skip


def _budget(charter: Charter) -> Iterator[Advice]:
    total = sum(line.amount for line in charter.budget)
    if not total:
        yield Advice(
            "budget.none", "budget", "There is no budget.",
            "What it costs is then found out afterwards, and nobody can say whether it pays.",
        )  # fmt: skip
        return
    training = sum(line.amount for line in charter.budget if line.kind == "training") / total
    governance = sum(line.amount for line in charter.budget if line.kind == "governance") / total
    if training < LEAST_TRAINING_SHARE:
        yield Advice(
            "budget.training", "budget", f"Training and change management have {training:.0%} of the budget.",
            f"At least {LEAST_TRAINING_SHARE:.0%} is what experience says: people who are not shown how do not use it.",
        )  # fmt: skip
    low, high = GOVERNANCE_SHARE
    if not low <= governance <= high:
        yield Advice(
            "budget.governance", "budget", f"Governance and security have {governance:.0%} of the budget.",
            "Around 30 % is what experience says: less tends to be paid later, more may mean that the case is risky.",
        )  # fmt: skip


def _risks(charter: Charter) -> Iterator[Advice]:
    if not charter.risks:
        yield Advice(
            "risks.none", "risks", "No risks are listed.",
            "What nobody thought of beforehand is argued about when it happens.",
        )  # fmt: skip
