"""Charters for the tests: one that is whole and gives no advice, and changes of it."""

from typing import Any

from graftwork.core.charter.schema import Charter

WHOLE: dict[str, Any] = {
    "name": "faster_replies",
    "title": "Faster replies",
    "use_case": "note_reply",
    "problem": "Answers take two days.",
    "pain_point": "Support agents type the same answer many times a day.",
    "owner": {"name": "head of support", "department": "support"},
    "llm_operations": {"name": "platform team", "department": "it"},
    "team": [
        {"name": "head of support", "department": "support", "part": "business"},
        {"name": "platform lead", "department": "it", "part": "it"},
        {"name": "privacy officer", "department": "legal", "part": "compliance"},
        {"name": "two agents", "department": "support", "part": "end_users"},
    ],
    "population": {"description": "all notes", "reviewers_department": "support"},
    "primary": {"metric": "handling_time", "target": 60, "minimum_effect": 30, "winsorise_above": 1800},
    "guards": [{"metric": "reopen_rate", "margin": 0.02}],
    "plan": {
        "weeks": 8,
        "units_per_week": 300,
        "reviewers": 12,
        "control_mean": 300,
        "standard_deviation": 180,
    },
    "measurable_return_months": 9,
    "budget": [
        {"title": "set-up", "kind": "build", "amount": 20_000},
        {"title": "engine", "kind": "running", "amount": 5_000},
        {"title": "security and governance", "kind": "governance", "amount": 15_000},
        {"title": "training", "kind": "training", "amount": 12_500},
    ],
    "risks": ["wrong answers: agents read every draft"],
}


def charter(**changes: Any) -> Charter:
    """`WHOLE` with `changes`; a table is changed key by key (`plan={"weeks": 4}`), all else is put in its place."""
    data = dict(WHOLE)
    for key, value in changes.items():
        old = data.get(key)
        data[key] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    return Charter.model_validate({key: value for key, value in data.items() if value is not None})
