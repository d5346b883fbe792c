"""What a charter asks of one item before anybody touches it: whether it takes part, as which unit and type."""

from collections.abc import Mapping

from graftwork.core.charter.schema import Charter
from graftwork.core.items import NewItem
from graftwork.core.types import FieldValue

OTHER = "other"


def is_eligible(charter: Charter, item: NewItem) -> bool:
    only = charter.population.only
    return only is None or _word(item.content.fields.get(only.field)) in {_word(value) for value in only.values}


def unit_of(charter: Charter, item: NewItem) -> str:
    """What is drawn. An item without a customer counts as its thread: nobody else's fate hangs on it."""
    match charter.arms.unit:
        case "customer":
            return _word(item.content.fields.get(charter.arms.customer_field)) or f"thread:{item.thread}"
        case "thread":
            return item.thread
    return item.external_id


def item_type_of(charter: Charter, item: NewItem) -> str:
    """One of the charter's types, or "other"; empty where the charter names none. Nothing else is kept of the field."""
    if charter.item_types is None:
        return ""
    named = {_word(value): value for value in charter.item_types.values}
    return named.get(_word(item.content.fields.get(charter.item_types.field)), OTHER)


def covariate_of(charter: Charter, item: NewItem, baseline_means: Mapping[str, float]) -> float | None:
    """What is known of the item beforehand, for CUPED; `None` where the charter asks for nothing, or it is unknown.

    `baseline_means` has the mean time before the pilot of each item type, "" for all.
    """
    wanted = charter.primary.covariate
    if wanted == "characters":
        return float(sum(_characters(value) for value in item.content.fields.values()))
    if wanted == "baseline":
        return baseline_means.get(item_type_of(charter, item), baseline_means.get(""))
    value = item.content.fields.get(wanted.removeprefix("field:"))
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _characters(value: FieldValue) -> int:
    if isinstance(value, tuple):
        return sum(len(turn.text) for turn in value)
    return len(value) if isinstance(value, str) else 0


def _word(value: FieldValue) -> str:
    """As people compare: without case and outer spaces. A conversation is no value."""
    return "" if value is None or isinstance(value, tuple) else " ".join(str(value).split()).casefold()
