"""Who may see an item: policy, class and zone, each denial beside its success."""

from typing import Any

import pytest

from graftwork.core.errors import ManagedUndeclared, NoEngineAllowed
from graftwork.core.privacy.policy import Ruling, ruling
from graftwork.core.privacy.routing import check_engines, route, to_keep
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_tables import PrivacyRules

LOCAL: Any = ("local",)
MANAGED: Any = ("managed",)
BOTH: Any = ("managed", "local")
HOUSE_FIRST: Any = ("local", "managed")
DENIED = None


@pytest.mark.parametrize("classes_found", [(), ("health",), ("health", "finance")])
@pytest.mark.parametrize(
    ("managed", "rule", "zones", "without_health", "with_health"),
    [
        # managed, rule for health, zones -> engines for an item without health data, and for one with it
        ("never", None, LOCAL, (0,), (0,)),
        ("never", None, MANAGED, DENIED, DENIED),
        ("never", None, BOTH, (1,), (1,)),
        ("never", "allowed", BOTH, (1,), (1,)),
        ("masked", None, LOCAL, (0,), (0,)),
        ("masked", None, MANAGED, (0,), (0,)),
        ("masked", None, BOTH, (0, 1), (0, 1)),
        ("masked", "local", LOCAL, (0,), (0,)),
        ("masked", "local", MANAGED, (0,), DENIED),
        ("masked", "local", BOTH, (0, 1), (1,)),
        ("masked", "local", HOUSE_FIRST, (0, 1), (0,)),
        ("masked", "masked", MANAGED, (0,), (0,)),
        ("allowed", None, MANAGED, (0,), (0,)),
        ("allowed", "masked", MANAGED, (0,), (0,)),
        ("allowed", "local", MANAGED, (0,), DENIED),
        ("allowed", "local", BOTH, (0, 1), (1,)),
    ],
)
def test_the_route_table(managed, rule, zones, without_health, with_health, classes_found):
    rules = PrivacyRules(managed=managed, classes={"health": rule} if rule else {})
    expected = with_health if "health" in classes_found else without_health
    if expected is DENIED:
        with pytest.raises(NoEngineAllowed) as denied:
            route("case", zones, ruling(rules, classes_found))
        assert "health" in denied.value.message or "never" in denied.value.message
        return
    assert route("case", zones, ruling(rules, classes_found)).engines == expected


def test_what_may_not_leave_never_falls_back_to_a_managed_engine():
    way = route("case", ("local", "managed", "managed"), Ruling("local", "health", ("health",)))
    assert way.engines == (0,)
    assert way.treatment == "local"


def test_a_thread_stays_where_its_sensitive_item_was_sent():
    rules = PrivacyRules(managed="masked", classes={"health": "local"})
    first, second = ruling(rules, ("health",)), ruling(rules, ())
    kept = to_keep(first, rules.managed)
    assert kept is not None
    later = route("case", BOTH, second, kept=kept)
    assert later.engines == (1,)
    assert "earlier item" in later.reason
    assert route("case", BOTH, second).engines == (0, 1)
    with pytest.raises(NoEngineAllowed):
        route("case", MANAGED, second, kept=kept)


@pytest.mark.parametrize(
    ("managed", "rule", "kept"),
    [
        ("masked", "local", "local"),
        ("allowed", "masked", "masked"),
        ("allowed", "allowed", None),
        ("never", "local", None),
    ],
)
def test_a_thread_keeps_only_what_its_classes_made_stricter(managed, rule, kept):
    ruled = ruling(PrivacyRules(managed=managed, classes={"health": rule}), ("health",))
    held = to_keep(ruled, managed)
    assert (held.treatment if held else None) == kept


def case(privacy: dict[str, Any] | None = None, fallbacks: Any = (), **engine: Any) -> UseCase:
    return UseCase.model_validate(
        {
            "name": "note_reply", "title": "Reply", "input": {"fields": {"text": {}}},
            "instructions": {"system": "Answer."}, "engine": engine, "fallbacks": fallbacks, "privacy": privacy or {},
        }
    )  # fmt: skip


CLOUD = {"url": "https://api.example.com/v1"}


@pytest.mark.parametrize(
    "good",
    [
        case(),
        case(url="http://gpu-box:8000/v1"),
        case(url="https://api.example.com/v1", zone="local"),
        case({"managed": "masked"}, **CLOUD),
        case({"managed": "allowed"}, **CLOUD),
        case(fallbacks=[{}], **CLOUD),
    ],
)
def test_a_use_case_with_an_engine_that_may_see_something_is_taken(good):
    check_engines(good)


@pytest.mark.parametrize(
    "bad", [case(**CLOUD), case({"managed": "never"}, [CLOUD], **CLOUD), case(echo=True, zone="managed")]
)
def test_a_managed_engine_that_nothing_was_written_about_is_refused(bad):
    with pytest.raises(ManagedUndeclared) as refused:
        check_engines(bad)
    assert 'managed = "masked"' in refused.value.hint


def test_the_release_names_the_masking_only_where_something_may_leave():
    assert "privacy" not in case({"managed": "masked"}).release_manifest
    one = case({"managed": "masked"}, **CLOUD)
    assert one.release != case({"managed": "allowed"}, **CLOUD).release
    assert one.release != case({"managed": "masked", "profile": "hipaa"}, **CLOUD).release
    assert one.release != case({"managed": "masked"}, [{}], **CLOUD).release
    assert one.release == case({"managed": "masked", "vault_days": 3}, **CLOUD).release


def test_another_server_for_one_run_does_not_inherit_what_was_written_about_the_first():
    ours = case(url="https://llm.example.com/v1", zone="local", region="eu")
    other = ours.with_engine(url="https://api.example.com/v1")
    assert other.engine.effective_zone == "managed"
    assert other.engine.region == ""
    assert ours.with_engine(model="m").engine.effective_zone == "local"
