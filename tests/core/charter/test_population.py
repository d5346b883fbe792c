"""What a charter asks of an item before anybody touches it."""

import pytest

from graftwork.core.charter.population import OTHER, covariate_of, is_eligible, item_type_of, unit_of
from graftwork.core.charter.schema import Charter
from graftwork.core.items import NewItem
from graftwork.core.types import ItemContent, Turn

BASE = {
    "name": "notes",
    "title": "Notes",
    "use_case": "note_reply",
    "problem": "Answers take long.",
    "owner": {"name": "Owner"},
    "primary": {"minimum_effect": 30},
    "plan": {"units_per_week": 100, "control_mean": 300},
}


def charter(**changes):
    return Charter.model_validate(BASE | changes)


def new_item(**fields):
    return NewItem("7", "thread-3", ItemContent(fields, {}))


@pytest.mark.parametrize(
    ("value", "takes_part"), [("Returns", True), ("  returns ", True), ("Return", False), ("", False), (None, False)]
)
def test_only_items_with_the_named_values_take_part(value, takes_part):
    of_returns = charter(population={"only": {"field": "kind", "values": ["returns"]}})
    assert is_eligible(of_returns, new_item(kind=value)) is takes_part
    assert is_eligible(charter(), new_item(kind=value))


@pytest.mark.parametrize(
    ("arms", "unit"),
    [
        ({"unit": "item"}, "7"),
        ({"unit": "thread"}, "thread-3"),
        ({"unit": "customer", "customer_field": "customer"}, "c 9"),
        ({"unit": "customer", "customer_field": "absent"}, "thread:thread-3"),
    ],
)
def test_the_unit_is_what_the_charter_draws(arms, unit):
    assert unit_of(charter(arms=arms), new_item(customer=" C  9 ")) == unit


def test_a_type_that_the_charter_does_not_name_is_other_and_its_word_is_not_kept():
    typed = charter(item_types={"field": "kind", "values": ["Returns", "Invoices"]})
    assert item_type_of(typed, new_item(kind="invoices")) == "Invoices"
    assert item_type_of(typed, new_item(kind="a customer's name")) == OTHER
    assert item_type_of(charter(), new_item(kind="invoices")) == ""


@pytest.mark.parametrize(
    ("covariate", "value"),
    [("none", None), ("characters", 9.0), ("field:score", 4.5), ("field:text", None), ("field:flag", None)],
)
def test_the_covariate_is_known_before_anybody_touches_the_item(covariate, value):
    known = charter(primary={"minimum_effect": 30, "covariate": covariate})
    item = new_item(text="1234", thread=(Turn("customer", "123"), Turn("agent", "45")), score=4.5, flag=True)
    assert covariate_of(known, item, {}) == value


def test_a_baseline_covariate_is_the_mean_of_the_items_type_else_of_all():
    by_type = charter(
        primary={"minimum_effect": 30, "covariate": "baseline"}, item_types={"field": "kind", "values": ["Returns"]}
    )
    means = {"Returns": 240.0, "": 180.0}
    assert covariate_of(by_type, new_item(kind="Returns"), means) == 240
    assert covariate_of(by_type, new_item(kind="x"), means) == 180
    assert covariate_of(by_type, new_item(kind="x"), {}) is None
