"""What was planned, and what was spent."""

from collections import defaultdict
from collections.abc import Mapping

from graftwork.core.appraisal.sentences import money
from graftwork.core.charter.schema import Charter


def planned(charter: Charter) -> dict[str, float]:
    """By kind, in the charter's currency."""
    found: defaultdict[str, float] = defaultdict(float)
    for line in charter.budget:
        found[line.kind] += line.amount
    return dict(found)


def spend_in_words(charter: Charter, spent: Mapping[str, float]) -> str:
    """`EUR 12,300 of 40,000`."""
    plan, total = sum(planned(charter).values()), sum(spent.values())
    currency = charter.money.currency
    return f"{money(total, currency)} of {money(plan, currency)}" if plan else f"{money(total, currency)}, no budget"
