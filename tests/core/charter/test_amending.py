"""What may change after the start, each beside what may not."""

from dataclasses import asdict
from typing import Any

import pytest

from graftwork.core.charter.amending import changes, check_amendment, undone
from graftwork.core.charter.schema import Charter
from graftwork.core.errors import AmendmentRefused
from support.charters import WHOLE, charter

GUARD = WHOLE["guards"][0]
OUTCOME = {"kind": "nps", "title": "Recommends us", "unit": "points", "better": "higher"}
SEEDS = {"share": 0.05, "statements": ["a"]}
BEFORE = {"population": {"share": 0.5}, "outcomes": [OUTCOME], "seeds": SEEDS, "plan": {"units": 1_000}}


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other"},
        {"team": []},
        {"risks": []},
        {"budget": []},
        {"owner": {"name": "somebody else"}},
        {"money": {"wage_per_hour": {"low": 1, "likely": 2, "high": 3}}},
        {"change": {"weekly_target": 0.5}},
        {"population": {"share": 0.6}},
        {"population": {"share": 0.5, "reviewers_department": "sales"}},
        {"plan": {"units": 1_000, "weeks": 9}},
        {"plan": {"units": 1_100}},
        {"plan": {"units": 1_000, "units_per_week": 20}},
        {"guards": [{**GUARD, "margin": 0.01}]},
        {"guards": [GUARD, {"metric": "csat", "margin": 0.2}]},
        {"outcomes": [OUTCOME, {**OUTCOME, "kind": "effort"}]},
        {"seeds": {**SEEDS, "share": 0.01}},
        {"seeds": {**SEEDS, "statements": ["b"]}},
    ],
)
def test_circumstances_may_change(change: dict[str, Any]):
    assert check_amendment(charter(**BEFORE), charter(**{**BEFORE, **change}))


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"name": "other"}, "name"),
        ({"use_case": "other"}, "use_case"),
        ({"population": {"share": 0.4}}, "population.share"),
        ({"population": {"share": 0.5, "only": {"field": "text", "values": ["a"]}}}, "population.only"),
        ({"arms": {"assisted": 0.6}}, "arms.assisted"),
        ({"arms": {"unit": "thread"}}, "arms.unit"),
        ({"arms": {"design": "before_after"}}, "arms.design"),
        ({"primary": {"metric": "throughput"}}, "primary.metric"),
        ({"primary": {"minimum_effect": 5}}, "primary.minimum_effect"),
        ({"primary": {"target": 5}}, "primary.target"),
        ({"primary": {"winsorise_above": 600}}, "primary.winsorise_above"),
        ({"primary": {"covariate": "characters"}}, "primary.covariate"),
        ({"plan": {"units": 1_000, "weeks": 7}}, "plan.weeks"),
        ({"plan": {"units": 900}}, "plan.units"),
        ({"plan": {"units": 1_000, "control_mean": 500}}, "plan.control_mean"),
        ({"guards": []}, "guards"),
        ({"guards": [{**GUARD, "margin": 0.03}]}, "guards"),
        ({"outcomes": []}, "outcomes"),
        ({"outcomes": [{**OUTCOME, "better": "lower"}]}, "outcomes"),
        ({"seeds": {**SEEDS, "share": 0.06}}, "seeds.share"),
        ({"analysis": {"confidence": 0.9}}, "analysis.confidence"),
        ({"rules": {"reopen_days": 3}}, "rules.reopen_days"),
        ({"money": {"currency": "USD"}}, "money.currency"),
        ({"item_types": {"field": "text", "values": ["a"]}}, "item_types"),
        ({"decide": {"extensions": 5}}, "decide.extensions"),
    ],
)
def test_what_the_comparison_rests_on_may_not_change(change: dict[str, Any], key: str):
    with pytest.raises(AmendmentRefused) as raised:
        check_amendment(charter(**BEFORE), charter(**{**BEFORE, **change}))
    assert raised.value.key == key
    assert raised.value.reason
    assert "start another one" in raised.value.hint


def test_every_key_of_a_charter_has_an_answer():
    """A key that nobody thought of is refused, so none changes by accident."""
    known = {"name", "use_case", "arms", "primary", "analysis", "rules", "item_types", "decide", "plan", "guards"}
    free = {"title", "problem", "pain_point", "owner", "llm_operations", "team", "budget", "money", "risks", "change"}
    split = {"population", "outcomes", "seeds", "measurable_return_months"}
    assert known | free | split == set(Charter.model_fields)


@pytest.mark.parametrize(
    "change",
    [{"money": {"wage_per_hour": {"low": 1, "likely": 2, "high": 3}}, "team": []}, {"plan": {"weeks": 9}, "risks": []}],
)
def test_what_was_changed_can_be_undone(change):
    later = charter(**change)
    made = [asdict(one) for one in changes(charter(), later)]
    assert undone(later, made) == charter()


def test_a_change_has_its_path_and_both_values():
    [one] = changes(charter(), charter(money={"wage_per_hour": {"low": 30, "likely": 40, "high": 46}}))
    assert (one.key, one.before, one.after) == ("money.wage_per_hour.likely", 38.0, 40.0)
    [other] = changes(charter(item_types={"field": "text", "values": ["a"]}), charter())
    assert (other.key, other.before, other.after) == ("item_types", {"field": "text", "values": ["a"]}, None)
    assert changes(charter(), charter()) == []
