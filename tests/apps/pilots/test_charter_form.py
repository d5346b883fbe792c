"""From a form to a charter and back; what is wrong stands beside its field, and nothing that was typed is lost."""

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.apps.pilots.pages.charter_form import (
    FIRST_GUARDS,
    name_from,
    posted,
    read,
    read_plan,
    row_numbers,
    starting_values,
    values_of,
    with_row,
    without_row,
)
from graftwork.apps.pilots.pages.charter_page import Offered, section_views
from graftwork.apps.pilots.pages.charter_sections import SECTIONS, all_rows, may_be_amended, single_fields
from graftwork.core.charter.schema import NAME, Charter
from graftwork.core.charter.template import template
from support.charters import charter

FULL = charter(
    population={"share": 0.333, "only": {"field": "topic", "values": ["refund", "other, odd"]}},
    arms={"unit": "customer", "customer_field": "customer"},
    outcomes=[{"kind": "nps", "title": "Promoters", "unit": "points", "better": "higher"}],
    item_types={"field": "topic", "values": ["refund", "delivery"]},
    seeds={"share": 0.015, "statements": ["It is free.", "It takes a year."]},
    money={
        "items_per_month": {"low": 1000, "likely": 1200.5, "high": 1500},
        "realisation": {"low": 0.1, "likely": 0.29, "high": 0.57},
    },
    change={"required_modules": ["basics", "checking"]},
    plan={"starts_on": "2027-01-11", "units": 900, "intraclass_correlation": 0.06},
)  # fmt: skip


def least(**values):
    needed = {
        "title": "Faster replies", "name": "faster", "use_case": "note_reply", "problem": "Slow.",
        "primary.minimum_effect": "20", "plan.units_per_week": "400", "plan.control_mean": "200",
    }  # fmt: skip
    start = {path: value for path, value in starting_values().items() if not path.startswith("guards.")}
    return start | needed | values


@pytest.mark.parametrize("one", [charter(), FULL], ids=["plain", "everything said"])
def test_a_charter_comes_back_from_the_form_as_it_was(one):
    assert read(values_of(one)).charter == one


def test_the_form_asks_for_every_key_of_the_schema():
    """A key that is added there has to get a field here, or the form would silently drop it."""

    def leaves(model, path=""):
        for name, field in model.model_fields.items():
            nested = [
                kind
                for kind in (field.annotation, *getattr(field.annotation, "__args__", ()))
                if hasattr(kind, "model_fields")
            ]
            if nested:
                yield from leaves(nested[0], f"{path}{name}.")
            else:
                yield f"{path}{name}"

    rows = {rows.path for rows in all_rows()}
    asked = {one.path for one in single_fields()} | rows
    assert {path for path in leaves(Charter) if path not in asked and path.split(".")[0] not in rows} == set()


def test_an_empty_form_says_what_is_needed_and_nothing_else():
    problems = read(starting_values()).problems
    assert set(problems) == {
        "title", "name", "use_case", "problem", "primary.minimum_effect", "plan.units_per_week", "plan.control_mean",
    }  # fmt: skip
    assert set(problems.values()) == {"This is needed."}
    assert read(least()).problems == {}


@pytest.mark.parametrize(
    ("path", "typed", "sentence"),
    [
        ("plan.weeks", "1,5", "Write a number, with a point before decimals: 1200 or 0.5."),
        ("plan.weeks", "0", "This must be more than 0."),
        ("plan.weeks", "nan", "Write a number, with a point before decimals: 1200 or 0.5."),
        ("plan.weeks", "9" * 400, "Write a number, with a point before decimals: 1200 or 0.5."),
        ("population.share", "120", "This must be at most 100."),
        ("plan.reviewers", "2.5", "Write a whole number."),
        ("plan.starts_on", "tomorrow", "Write a day as 2027-01-31."),
        ("money.currency", "Euro", "Write three capital letters, such as EUR."),
        ("arms.unit", "planet", "Choose one of the list."),
        ("name", "Faster Replies", "Use small letters, digits and underscores, with a letter first."),
        ("name", "new", "Choose another: this is the address of this form."),
        ("title", "x" * 121, "This is too long: at most 120 characters."),
        ("money.wage_per_hour.low", "50", "Must be low <= likely <= high."),
        ("seeds.share", "5", "`share` needs `statements`."),
        ("population.only.field", "topic", "This is needed."),
    ],
)  # fmt: skip
def test_each_problem_stands_beside_its_field_and_what_was_typed_stays(path, typed, sentence):
    values = least(**{path: typed})
    found = read(values)
    assert found.charter is None
    assert sentence in found.problems.values()
    place = next(key for key, said in found.problems.items() if said == sentence)
    assert place.split(".")[0] == path.split(".")[0]
    views = section_views(values, found.problems, [], Offered())
    fields = {one.path: one for view in views for part in view.parts for one in part.shown}
    assert fields[place].problem == sentence
    assert fields[path].value == typed


@pytest.mark.parametrize("typed", ["1200", "1 200", "1\u202f200", "1200.0"])
def test_numbers_are_read_as_people_type_them(typed):
    assert read(least(**{"plan.units_per_week": typed})).charter.plan.units_per_week == 1200


def test_a_share_is_typed_in_percent():
    assert read(least(**{"arms.assisted": "29 %"})).charter.arms.assisted == 0.29


def test_rows_are_added_and_removed_and_their_problems_find_them():
    values = with_row(with_row(least(), "guards"), "guards")
    assert row_numbers(values, next(rows for rows in all_rows() if rows.path == "guards")) == [0, 1]
    assert read(values).charter.guards == ()  # rows that say nothing are left out
    values |= {"guards.1.metric": "csat", "guards.1.margin": "-1"}
    assert read(values).problems == {"guards.1.margin": "This must be more than 0."}
    values = without_row(values, "guards", 0)
    assert read(values).problems == {"guards.0.margin": "This must be more than 0."}
    assert read(without_row(values, "guards", 0)).problems == {}
    assert with_row(values, "nothing") == values
    assert without_row(values, "nothing", 0) == values


def test_a_metric_that_is_named_twice_is_said_at_the_guards():
    values = least(**{"guards.0.metric": "handling_time", "guards.0.margin": "1"})
    assert list(read(values).problems) == ["guards"]


def test_what_the_form_does_not_ask_is_not_taken():
    taken = posted(
        {"title": "A\r\nB\x00", "csrfmiddlewaretoken": "x", "team.0.name": "y", "team.x.name": "z", "risks.0": "r"}
    )
    assert taken == {"title": "A\nB", "team.0.name": "y", "risks.0": "r"}


def test_the_plan_is_reckoned_before_people_have_said_what_only_people_read():
    values = starting_values() | {
        "primary.minimum_effect": "20",
        "plan.units_per_week": "400",
        "plan.control_mean": "200",
    }
    assert read(values).charter is None
    assert read_plan(values).plan.units_per_week == 400
    assert read_plan(starting_values()) is None


@given(st.text(max_size=80))
def test_a_name_made_from_any_title_is_one_and_never_the_address_of_the_form(title):
    made = name_from(title)
    assert read(least(name=made)).problems == {}
    assert made != "new"
    assert re.match(NAME, made)


def test_an_amendment_offers_circumstances_and_not_what_is_measured():
    for path in (
        "use_case",
        "arms.unit",
        "primary.metric",
        "primary.minimum_effect",
        "decide.payback_months",
        "rules.reopen_days",
    ):
        assert not may_be_amended(path), path
    for path in ("title", "money.months_to_full_use", "team", "plan.weeks", "guards"):
        assert may_be_amended(path), path
    views = section_views(values_of(FULL), {}, [], Offered(), amending=True)
    fixed = {one.path for view in views for part in view.parts for one in part.shown if one.fixed}
    assert "primary.metric" in fixed
    assert "money.months_to_full_use" not in fixed
    assert "money.currency" in fixed


def test_every_section_has_its_own_key_and_fields():
    keys = [section.key for section in SECTIONS]
    assert len(set(keys)) == len(keys)
    paths = [part.path for section in SECTIONS for part in section.parts]
    assert len(set(paths)) == len(paths)


def test_a_form_begins_with_the_guards_of_the_template():
    begun = tomllib.loads(template("x", "X", "note_reply"))
    assert [{"metric": one["metric"], "margin": one["margin"]} for one in begun["guards"]] == list(FIRST_GUARDS)
    assert (starting_values()["guards.1.metric"], starting_values()["guards.1.margin"]) == ("escalations", "0.03")
