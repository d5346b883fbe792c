"""What the form of a charter asks, section by section, and what of it may be amended."""

from graftwork.apps.pilots.pages.charter_fields import Choices, Field, Rows, Section, Three

PARTS: Choices = (
    ("business", "Business"), ("it", "IT"), ("compliance", "Compliance"), ("end_users", "End users"),
    ("other", "Other"),
)  # fmt: skip
BUDGETS: Choices = (
    ("build", "Build"), ("running", "Running"), ("governance", "Governance and security"),
    ("training", "Training and change"), ("licences", "Licences"), ("other", "Other"),
)  # fmt: skip
UNITS: Choices = (
    ("item", "Item: each one by itself"), ("thread", "Thread: all items of one conversation together"),
    ("customer", "Customer: all items of one customer together"),
    ("reviewer", "Reviewer: a person gets drafts for all items, or for none"),
)  # fmt: skip
DESIGNS: Choices = (
    ("randomised", "Control arm, drawn at random"), ("before_after", "Before and after (weaker)"),
)  # fmt: skip
_IN_ITS_UNIT = "In the metric's unit: seconds for times; a share as a part of 1, so that 0.02 are 2 percentage points."
BETTER: Choices = (("higher", "Higher is better"), ("lower", "Lower is better"))

SECTIONS: tuple[Section, ...] = (
    Section(
        "problem",
        "Problem",
        "What is to become better, and for whom.",
        (
            Field("title", "Title", help="What people call the pilot."),
            Field(
                "name",
                "Name",
                help="For files and addresses: small letters, digits, underscores. Empty: made of the title.",
            ),
            Field("use_case", "Use case", "use_case", "What is tried out."),
            Field("problem", "Business problem", "text"),
            Field("pain_point", "Pain point", "text", "Whose pain it is, and what it costs them today."),
        ),
    ),
    Section(
        "people",
        "People",
        "Who decides, who runs it, and whom it concerns.",
        (
            Field("owner.name", "Owner", help="Decides go, extend or stop. A name or a role."),
            Field("owner.department", "Owner's department"),
            Field("llm_operations.name", "LLM operations", help="Runs models and updates."),
            Field("llm_operations.department", "Department of LLM operations"),
            Rows(
                "team",
                "Team",
                "member",
                (
                    Field("part", "Stands for", "choice", choices=PARTS),
                    Field("name", "Name or role"),
                    Field("department", "Department"),
                ),
            ),
        ),
    ),
    Section(
        "population",
        "Population and arms",
        "Which items take part, and who gets drafts for them.",
        (
            Field("population.description", "Items that take part", "text", "In words."),
            Field("population.share", "Share that takes part", "percent", unit="%"),
            Field(
                "population.reviewers_department",
                "Reviewers' department",
                help="Where the people work who decide on the items.",
            ),
            Field(
                "population.only.field",
                "Only items with certain values of this field",
                "input",
                "Left empty, all items take part.",
            ),
            Field("population.only.values", "Those values", "lines", "One a line."),
            Field(
                "arms.design",
                "Compared with",
                "choice",
                choices=DESIGNS,
                help="Before and after: all get drafts, and times are compared with an imported baseline.",
            ),
            Field("arms.unit", "Drawn by", "choice", choices=UNITS),
            Field("arms.customer_field", "Field that names the customer", "input", "Only where customers are drawn."),
            Field("arms.assisted", "Share that gets drafts", "percent", unit="%"),
            Field(
                "item_types.field",
                "Field with the kind of item",
                "input",
                "To see for which kinds help pays. Left empty, all are one kind.",
            ),
            Field("item_types.values", "Its kinds", "lines", "One a line; others count as other."),
        ),
    ),
    Section(
        "success",
        "Success",
        "The one metric that decides, said before the figures are seen.",
        (
            Field("primary.metric", "Primary metric", "metric"),
            Field(
                "primary.minimum_effect",
                "Smallest improvement worth having",
                "number",
                _IN_ITS_UNIT,
            ),
            Field("primary.target", "Target", "number", "The improvement hoped for, in the same unit."),
            Field(
                "primary.winsorise_above",
                "Count larger values as",
                "number",
                "Said beforehand or not done at all. In the metric's unit, a share as a part of 1.",
            ),
            Field(
                "primary.covariate",
                "What is known of an item beforehand (covariate)",
                help="Narrows the interval: none, characters, baseline, or field:NAME of a field with a number.",
            ),
            Rows(
                "outcomes",
                "Outcomes of your own",
                "outcome",
                (
                    Field("kind", "Kind", help="As it is told over REST or imported."),
                    Field("title", "Title"),
                    Field("unit", "Unit"),
                    Field("better", "Better", "choice", choices=BETTER),
                ),
                "Told over REST or imported; a metric each.",
            ),
            Field(
                "rules.first_contact_days",
                "Solved at first contact after",
                "number",
                "Days without another contact.",
                "days",
            ),
            Field("rules.reopen_days", "A reopening counts within", "number", unit="days"),
        ),
    ),
    Section(
        "guards",
        "Guards",
        "What must not get worse by more than a margin.",
        (
            Rows(
                "guards",
                "Guard metrics",
                "guard",
                (
                    Field("metric", "Metric", "metric"),
                    Field(
                        "margin",
                        "Margin",
                        "number",
                        f"How much worse would still be borne. {_IN_ITS_UNIT}",
                    ),
                ),
            ),
        ),
    ),
    Section(
        "plan",
        "Plan",
        "How long it takes to see the smallest improvement worth having.",
        (
            Field("plan.starts_on", "First day", "date"),
            Field("plan.weeks", "Length", "number", unit="weeks"),
            Field(
                "plan.units_per_week",
                "Units a week",
                "number",
                "What comes in and takes part: items, or whatever is drawn.",
            ),
            Field("plan.reviewers", "Reviewers", "whole", "People who decide on the items."),
            Field(
                "plan.control_mean",
                "Primary metric today",
                "number",
                "In its unit: 240 for four minutes, 0.05 for five of a hundred.",
            ),
            Field(
                "plan.standard_deviation",
                "Its spread between items",
                "number",
                "Standard deviation, in its unit. A share needs none.",
            ),
            Field("plan.items_per_unit", "Items of one unit", "number", "On average; 1 where items are drawn."),
            Field(
                "plan.intraclass_correlation",
                "Similarity of items within one unit",
                "number",
                "Intraclass correlation, 0 to 1.",
            ),
            Field("plan.units", "Planned units", "whole", "Left empty, they are computed."),
            Field("analysis.confidence", "Confidence of intervals", "percent", unit="%"),
            Field(
                "analysis.power",
                "Power",
                "percent",
                "Chance of finding the smallest improvement worth having, if it is there.",
                "%",
            ),
            Field("analysis.tightest_at_units", "Units at which daily intervals are tightest", "whole", unit="units"),
        ),
    ),
    Section(
        "money",
        "Money",
        "What minutes are worth, and what help costs. Every figure is shown as an assumption.",
        (
            Field("money.currency", "Currency", help="Three letters: EUR, USD."),
            Three("money.wage_per_hour", "Full cost of an hour of work", unit="per hour"),
            Three("money.realisation", "Share of saved time that becomes money", "percent", unit="%"),
            Three(
                "money.items_per_month", "Items a month after the pilot", help="Left empty, the plan's figure is used."
            ),
            Field("money.months_to_full_use", "Until all use it", "number", unit="months"),
            Field(
                "money.machine_hours_per_month", "Machine hours a month", "number", "Of machines of your own.", "hours"
            ),
            Field("money.cost_per_machine_hour", "Cost of a machine hour", "number"),
            Field("money.governance_share", "Governance and security", "percent", "Of all cost.", "%"),
            Field("money.change_share", "Training and change", "percent", "Of one-off cost.", "%"),
            Field("money.discount_rate", "Discount rate a year", "percent", unit="%"),
            Field("money.horizon_months", "Value is counted for", "whole", unit="months"),
            Field(
                "money.revenue_uplift_per_month",
                "More revenue a month",
                "number",
                "A claim of its own: shown apart, never added in.",
            ),
            Field("measurable_return_months", "A return is to be measured after", "number", unit="months"),
            Rows(
                "budget",
                "Budget lines",
                "budget line",
                (
                    Field("title", "What for"),
                    Field("kind", "Kind", "choice", choices=BUDGETS),
                    Field("amount", "Amount", "number"),
                ),
            ),
        ),
    ),
    Section(
        "rule",
        "Rule",
        "When to go on for good, when to extend the pilot, when to stop.",
        (
            Field("decide.payback_months", "Go only where it pays back within", "number", unit="months"),
            Field("decide.payback_probability", "With a chance of at least", "percent", unit="%"),
            Field("decide.extend_weeks", "One extension is", "number", unit="weeks"),
            Field("decide.extensions", "Extensions at most", "whole"),
        ),
    ),
    Section(
        "change",
        "Training and risks",
        "What people need for it, and what may go wrong.",
        (
            Field(
                "change.required_modules",
                "Training required before reviewing",
                "lines",
                "Codes of training modules, one a line.",
            ),
            Field("change.weekly_target", "Of those invited, use it each week", "percent", unit="%"),
            Field(
                "change.unused_drafts",
                "Suggest a pause after",
                "whole",
                "So many drafts in a row that nobody used.",
                "drafts",
            ),
            Field(
                "seeds.share",
                "Drafts with a statement known to be wrong",
                "percent",
                "0 to 10 %, to see whether they are noticed. Never delivered.",
                "%",
            ),
            Field("seeds.statements", "Wrong statements", "lines", "One a line."),
            Rows("risks", "Risks", "risk", (Field("", "Risk, and what is done about it", "text"),)),
        ),
    ),
)

# What an amendment may touch, by path or its beginning; `core.charter.amending` has the last word.
AMENDABLE = (
    "title", "problem", "pain_point", "owner.", "llm_operations.", "team", "budget", "money.", "risks", "change.",
    "measurable_return_months", "population.description", "population.reviewers_department", "population.share",
    "plan.units_per_week", "plan.reviewers", "plan.weeks", "plan.units", "seeds.", "guards", "outcomes",
)  # fmt: skip
FIXED = ("money.currency",)


def may_be_amended(path: str) -> bool:
    return path not in FIXED and any(path == one or (one.endswith(".") and path.startswith(one)) for one in AMENDABLE)


def single_fields() -> list[Field]:
    """All but those in rows."""
    found: list[Field] = []
    for section in SECTIONS:
        for part in section.parts:
            if isinstance(part, Field):
                found.append(part)
            elif isinstance(part, Three):
                found += part.fields
    return found


def all_rows() -> list[Rows]:
    return [part for section in SECTIONS for part in section.parts if isinstance(part, Rows)]
