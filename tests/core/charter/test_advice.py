"""Each piece of advice beside a charter that just needs none of it."""

import pytest

from graftwork.core.charter.advice import advice
from support.charters import WHOLE, charter

TEAM = WHOLE["team"]
BUDGET = WHOLE["budget"]


def budget(training, governance, rest=100):
    lines = (("training", training), ("governance", governance), ("build", rest - training - governance))
    return [{"title": kind, "kind": kind, "amount": amount} for kind, amount in lines]


def codes(**changes):
    return {one.code for one in advice(charter(**changes))}


def test_a_whole_charter_needs_none():
    assert advice(charter()) == []


@pytest.mark.parametrize(
    ("code", "missing", "near"),
    [
        ("owner.unnamed", {"owner": {"name": " "}}, {"owner": {"name": "x"}}),
        ("operations.unnamed", {"llm_operations": {"name": ""}}, {"llm_operations": {"name": "x"}}),
        ("team.it", {"team": [one for one in TEAM if one["part"] != "it"]}, {}),
        ("team.business", {"team": []}, {}),
        ("team.compliance", {"team": []}, {}),
        ("team.end_users", {"team": []}, {}),
        (
            "team.reviewers",
            {"population": {"reviewers_department": "claims"}},
            {"population": {"reviewers_department": " Support "}},
        ),
        ("team.reviewers_unknown", {"population": {"reviewers_department": ""}}, {}),
        ("arms.before_after", {"arms": {"design": "before_after"}}, {}),
        ("arms.unit", {"plan": {"items_per_unit": 1.5}}, {"plan": {"items_per_unit": 1.5}, "arms": {"unit": "thread"}}),
        (
            "plan.alike",
            {"arms": {"unit": "thread"}, "plan": {"items_per_unit": 2}},
            {"arms": {"unit": "thread"}, "plan": {"items_per_unit": 2, "intraclass_correlation": 0.05}},
        ),
        (
            "arms.few_reviewers",
            {"arms": {"unit": "reviewer"}, "plan": {"reviewers": 19}},
            {"arms": {"unit": "reviewer"}, "plan": {"reviewers": 20}},
        ),
        ("arms.daily_looking", {"arms": {"unit": "reviewer"}}, {"arms": {"unit": "thread"}}),
        ("primary.no_target", {"primary": {"target": None}}, {}),
        ("primary.target", {"primary": {"target": 29}}, {"primary": {"target": 30}}),
        (
            "primary.winsorise",
            {"primary": {"winsorise_above": None}},
            {"primary": {"winsorise_above": None, "metric": "csat"}},
        ),
        ("primary.winsorise_low", {"primary": {"winsorise_above": 599}}, {"primary": {"winsorise_above": 600}}),
        (
            "primary.covariate",
            {"primary": {"covariate": "baseline"}},
            {"primary": {"covariate": "baseline"}, "item_types": {"field": "text", "values": ["a"]}},
        ),
        ("guards.none", {"guards": []}, {}),
        (
            "guards.before_after",
            {"arms": {"design": "before_after"}},
            {"arms": {"design": "before_after"}, "guards": []},
        ),
        ("plan.short", {"plan": {"weeks": 1.9}}, {"plan": {"weeks": 2}}),
        ("seeds.told", {"seeds": {"share": 0.01, "statements": ["a"]}}, {"seeds": {"statements": ["a"]}}),
        (
            "seeds.many",
            {"seeds": {"share": 0.06, "statements": ["a"]}},
            {"seeds": {"share": 0.05, "statements": ["a"]}},
        ),
        ("return.unplanned", {"measurable_return_months": None}, {}),
        ("return.early", {"measurable_return_months": 5.9}, {"measurable_return_months": 6}),
        ("return.late", {"measurable_return_months": 12.1}, {"measurable_return_months": 12}),
        ("budget.none", {"budget": []}, {}),
        ("budget.training", {"budget": budget(19, 30)}, {"budget": budget(20, 30)}),
        ("budget.governance", {"budget": budget(20, 24)}, {"budget": budget(20, 25)}),
        ("budget.governance", {"budget": budget(20, 36)}, {"budget": budget(20, 35)}),
        ("risks.none", {"risks": []}, {}),
    ],
)
def test_a_miss_is_told_and_a_near_miss_is_not(code, missing, near):
    assert code in codes(**missing)
    assert code not in codes(**near)


def test_all_advice_says_where_what_and_why():
    bare = charter(team=[], guards=[], risks=[], budget=[], arms={"unit": "reviewer"}, measurable_return_months=None)
    for one in advice(bare):
        assert one.key.split(".")[0] in type(bare).model_fields
        assert one.sentence.endswith(".")
        assert one.reason.endswith(".")
