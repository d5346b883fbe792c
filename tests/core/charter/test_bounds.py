"""Values that a store would not keep as they are, that run over, or that two people hash differently."""

from typing import Any

import pytest
from pydantic import ValidationError

from graftwork.core.charter.file import charter_from
from graftwork.core.errors import CharterInvalid
from support.charters import WHOLE, charter


@pytest.mark.parametrize(
    ("allowed", "refused", "key"),
    [
        ({"title": "Grüße, 日本 🙂"}, {"title": "A\x00B"}, "title"),
        ({"problem": "One.\n\tTwo.\r\n"}, {"problem": "One.\x00"}, "problem"),
        ({"risks": ["a"]}, {"risks": ["a", "b\x1b"]}, "risks"),
        ({"owner": {"name": "A"}}, {"owner": {"name": "A\x85"}}, "owner.name"),
        ({"title": "A"}, {"title": "A\ud800"}, "title"),
        ({"plan": {"units": 1_000_000_000}}, {"plan": {"units": 1_000_000_001}}, "plan.units"),
        ({"analysis": {"tightest_at_units": 5_000}}, {"analysis": {"tightest_at_units": 2**60}}, "analysis"),
        ({"plan": {"control_mean": 1e12}}, {"plan": {"control_mean": 1e308}}, "plan.control_mean"),
        ({"plan": {"control_mean": 0}}, {"plan": {"control_mean": 5e-324}}, "plan.control_mean"),
        ({"primary": {"minimum_effect": 1e-6}}, {"primary": {"minimum_effect": 1e-300}}, "primary.minimum_effect"),
        ({"name": "newer"}, {"name": "new"}, "name"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_key(allowed: Any, refused: Any, key: str) -> None:
    assert charter(**allowed)
    data = WHOLE | {
        name: {**WHOLE.get(name, {}), **value} if isinstance(value, dict) else value for name, value in refused.items()
    }
    with pytest.raises(CharterInvalid) as raised:
        charter_from(data, "here")
    assert raised.value.key.startswith(key)
    assert "\x00" not in raised.value.message


def test_a_minus_before_nothing_is_none() -> None:
    assert charter(plan={"control_mean": -0.0}).sha256 == charter(plan={"control_mean": 0.0}).sha256
    with pytest.raises(ValidationError):
        charter(plan={"control_mean": -1.0})
