"""How the error that a charter allows is split between looking every day and the planned ends."""

from graftwork.core.charter.schema import Charter

# Of the error that the charter allows: for looking every day. The rest is for the planned end and those of extensions.
EARLY_SHARE = 0.2


def counts_only_at_the_end(charter: Charter) -> bool:
    """Whether the interval holds at the planned end alone: reviewers were drawn, or there is no control arm.

    A confidence sequence needs many units that come one after the other; ten reviewers are there from the first day.
    """
    return charter.arms.unit == "reviewer" or charter.arms.design == "before_after"


def planned_looks(charter: Charter) -> int:
    """The planned end, and the end of each extension."""
    return 1 + charter.decide.extensions


def confidence_at_an_end(charter: Charter) -> float:
    """Of the interval at one planned end, so that all ends and all looks before them hold together (Bonferroni)."""
    error = 1 - charter.analysis.confidence
    share = 1.0 if counts_only_at_the_end(charter) else 1 - EARLY_SHARE
    return 1 - error * share / planned_looks(charter)


def confidence_of_looking(charter: Charter) -> float:
    """Of the sequence, which holds at every look."""
    return 1 - (1 - charter.analysis.confidence) * EARLY_SHARE
