"""What each figure of a pilot is called: the same on its page, on the command line and in its report. Loads nothing."""

from graftwork.core.appraisal.data import Ruling

RULINGS: dict[str, str] = {
    "go": "Go",
    "extend": "Extend",
    "stop": "Stop",
    "early": "Too early to say",
    "watch": "On the way",
    "invalid": "Does not count",
}
# How a pilot ended, or what was decided of it.
DECISIONS = {"go": "Go", "extend": "Extended", "stop": "Stopped", "pause": "Paused", "resume": "Resumed"}
METHODS = {
    "welch": "means of independent units (Welch)",
    "delta": "ratios of sums (delta method)",
    "cuped": "adjusted for what was known beforehand (CUPED)",
    "sequence": "confidence sequence, holds at every look",
    "reviewer_means": "means by reviewer (reviewers were drawn)",
    "within_reviewers": "within reviewers (each in both arms)",
    "before_after": "before and after (weaker: no control arm)",
}
DIMENSIONS = {"tenure": "Tenure", "item_type": "Kind of item"}
BUDGET_KINDS = {
    "build": "Build",
    "running": "Running",
    "governance": "Governance and security",
    "training": "Training and change",
    "licences": "Licences",
    "other": "Other",
}

IMPROVEMENT = "Improvement"
WORTH_HAVING = "Worth having"
TARGET = "Target"
WORTH_SURELY = "Worth having, surely"
TARGET_REACHED = "Target reached"
RELATIVE = "Relative to control"
GROUPS = "Groups"
OTHER_METRICS = "Other metrics, which decide nothing"
SENSITIVITY = "Handling time with other caps on idle gaps"
QUANTILES = "Short and long ones"

MINUTES_SAVED = "Time saved per item"
ITEMS_A_MONTH = "Items a month"
BENEFIT = "Benefit a month, once all use it"
RUNNING_COST = "Running cost a month"
ONE_OFF_COST = "One-off cost"
PAYBACK = "Payback"
NET_PRESENT_VALUE = "Net present value"
BREAK_EVEN = "Share of an edited draft that may be rewritten before nothing is saved"
COST_PER_ACCEPTED = "Cost of a draft that is sent unchanged"
NET_SAVING = "Net saving per draft, if all saved time counted"
UPLIFT = "More revenue a month, as claimed; in no sum above"


def payback_chance(within_months: float) -> str:
    return f"Chance to pay back within {within_months:g} month{'' if within_months == 1 else 's'}"


def quantile(share: float) -> str:
    """`Median`, `9 of 10 take at most`."""
    known = {0.5: "Median", 0.75: "3 of 4 take at most", 0.9: "9 of 10 take at most", 0.95: "19 of 20 take at most"}
    return known.get(share, f"{share * 100:g} % take at most")


def bare(sentence: str, ruling: Ruling | str) -> str:
    """A verdict's sentence beside its label and its mark: without what stands there already."""
    sentence = sentence.removeprefix("Simulated: ")
    label = f"{RULINGS['early']}: "
    if ruling != "early" or not sentence.startswith(label):
        return sentence
    rest = sentence.removeprefix(label)
    return f"{rest[:1].upper()}{rest[1:]}"
