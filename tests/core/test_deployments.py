from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.deployments.comparing import TITLES, compare
from graftwork.core.deployments.history import DayUse, UseHistory, ZoneUse
from graftwork.core.deployments.judgement import ASPECTS
from graftwork.core.deployments.spend import Prices, hybrid_spend, in_house_spend, managed_spend

PRICES = Prices("EUR", 2.0, 10.0, 720, 0.5, 0.25)


def days(*drafts, counted=True):
    """Days on which so many drafts took 1,000 prompt tokens and 200 answer tokens each."""
    return [
        DayUse(date(2026, 10, 1) + timedelta(days=n), one, one if counted else 0, one * 1_000, one * 200)
        for n, one in enumerate(drafts)
    ]


def history(**changes):
    zones = {
        "local": ZoneUse(60, 0, 60 * 3_000.0, 60 * 3_000.0**2, ("small",)),
        "managed": ZoneUse(40, 10, 40 * 1_500.0, 40 * (1_500.0**2 + 400), ("large", "larger")),
    }
    return UseHistory(**{"days": days(*[10] * 10), "zones": zones, "grounded": 80, "versions": 3, **changes})


def texts(row, name, basis):
    return [one for one in row.cells[name] if one.basis == basis]


def rows(**changes):
    found = compare(history(**changes), PRICES, {"local": ("small (embedded)",), "managed": ()})
    return {aspect.key: row for aspect, row in zip(ASPECTS, found, strict=True)}


# --- a month's spend


def test_a_managed_month_by_hand_where_all_days_are_alike():
    # 100 drafts a day: 100,000 prompt tokens at 2 and 20,000 answer tokens at 10 a million, for 30 days
    month = managed_spend(days(*[100] * 10), PRICES).month
    assert (month.low, month.value, month.high) == pytest.approx((12, 12, 12))
    assert month.n == 10


def test_a_hybrid_is_the_machine_and_a_part_of_the_tokens():
    assert hybrid_spend(days(*[100] * 10), PRICES).month.value == pytest.approx(360 + 0.25 * 12)


def test_an_own_machine_costs_the_same_every_month():
    spend = in_house_spend(PRICES)
    assert (spend.month.low, spend.month.value, spend.month.high) == (360, 360, 360)
    assert spend.swing == 0


def test_uneven_days_make_a_band():
    spend = managed_spend(days(*[0, 200] * 10), PRICES)
    assert spend.month.low < 12 < spend.month.high
    # The standard deviation of 30 such days is sqrt(30) * 0.4 = 2.19; 1.645 of them on either side, in
    # steps of 0.8.
    assert spend.swing == pytest.approx(1.645 * 2.19 / 12, abs=0.8 / 12)


def test_a_hybrid_swings_less_than_a_managed_service():
    uneven = days(*[0, 200] * 10)
    assert hybrid_spend(uneven, PRICES).swing < managed_spend(uneven, PRICES).swing


def test_the_same_history_gives_the_same_band():
    uneven = days(*[0, 200] * 10)
    assert managed_spend(uneven, PRICES) == managed_spend(uneven, PRICES)


@given(st.floats(0.1, 100))
def test_spend_grows_with_the_volume(volume):
    uneven = days(*[0, 200] * 10)
    more = managed_spend(uneven, Prices("EUR", 2.0, 10.0, 0, 0, 0, volume))
    assert more.month.value == pytest.approx(managed_spend(uneven, PRICES).month.value * volume)


def test_drafts_without_counts_are_taken_to_be_like_the_others():
    mixed = [*days(*[100] * 5), *[DayUse(date(2026, 11, n + 1), 100) for n in range(5)]]
    assert managed_spend(mixed, PRICES).month.value == pytest.approx(12)


@pytest.mark.parametrize(
    ("seen", "prices"),
    [
        (days(*[100] * 6), PRICES),
        (days(*[100] * 10, counted=False), PRICES),
        (days(*[100] * 10), Prices("EUR", None, 10.0, 0, 0, 0.5)),
        (days(*[100] * 10), Prices("EUR", 2.0, None, 0, 0, 0.5)),
        ([], PRICES),
    ],
)
def test_what_cannot_be_known_is_none(seen, prices):
    assert managed_spend(seen, prices) is None
    assert hybrid_spend(seen, prices) is None


def test_a_machine_of_unknown_cost_is_none_and_not_free():
    free = Prices("EUR", 2.0, 10.0, 720, 0, 0.5)
    assert in_house_spend(free) is None
    assert hybrid_spend(days(*[100] * 10), free) is None


# --- side by side


def test_every_aspect_has_a_judgement_for_each_deployment():
    for row in rows().values():
        assert list(row.cells) == list(TITLES)
        for name in TITLES:
            assert len(texts(row, name, "judgement")) == 1


def test_shares_have_counts_and_intervals():
    control = rows()["data_control"]
    stayed = texts(control, "in_house", "measured")[0].estimate
    left, masked = (one.estimate for one in texts(control, "managed", "measured"))
    assert (stayed.value, stayed.n) == (0.6, 100)
    assert stayed.low < 0.6 < stayed.high
    assert (left.value, masked.value, masked.n) == (0.4, 0.25, 40)


def test_times_are_of_each_zone():
    integration = rows()["integration"]
    assert texts(integration, "in_house", "measured")[0].estimate.value == 3
    slow = texts(integration, "managed", "measured")[0].estimate
    # A standard deviation of 20 ms over 40 drafts: 1.96 * 20.25 / sqrt(40)
    assert (slow.value - slow.low) * 1_000 == pytest.approx(6.28, abs=0.05)


def test_few_times_have_no_interval():
    few = rows(zones={"local": ZoneUse(5, 0, 5_000.0, 5e6, ("small",))}, grounded=0)["integration"]
    assert texts(few, "in_house", "measured")[0].estimate.low is None


def test_what_is_declared_is_told_apart_from_what_is_missing():
    set_up = rows()["set_up"]
    assert texts(set_up, "in_house", "configured")[0].text == "ready: the use case declares small (embedded)"
    assert "no such engine" in texts(set_up, "managed", "configured")[0].text
    assert "missing" in texts(set_up, "hybrid", "configured")[0].text


def test_without_any_draft_only_judgement_and_prices_are_left():
    for key, row in rows(days=(), zones={}, grounded=0, versions=0).items():
        bases = {one.basis for cell in row.cells.values() for one in cell}
        assert "measured" not in bases
        assert not row.shared
        if key == "cost_predictability":
            assert "missing: 7 whole days with drafts (there are 0)" in texts(row, "managed", "unknown")[0].text


def test_machine_hours_are_measured_on_own_machines():
    cost = rows()["cost_predictability"]
    # 10 drafts a day of 3 s each: 900 s a month
    assert texts(cost, "in_house", "measured")[0].text.startswith("0.2 machine hours a month at most")


@pytest.mark.parametrize(
    ("seen", "changes", "managed", "hybrid"),
    [
        (days(*[10] * 10), {"prompt_per_million": None}, "what a million prompt tokens cost", None),
        (days(*[10] * 6), {}, "7 whole days with drafts (there are 6)", None),
        (days(*[10] * 10, counted=False), {}, "counts of tokens", None),
        (days(*[10] * 10), {"cost_per_machine_hour": 0}, "", "what a machine hour costs"),
        (
            days(*[10] * 10), {"answer_per_million": None, "machine_hours_per_month": 0},
            "what a million answer tokens cost",
            "what a million answer tokens cost, the machine hours a month",
        ),
    ],
)  # fmt: skip
def test_only_what_is_missing_is_named(seen, changes, managed, hybrid):
    found = compare(history(days=seen), replace(PRICES, **changes), {"local": (), "managed": ()})
    cost = next(row for row in found if row.title == "Cost predictability")
    for name, missing in (("managed", managed), ("hybrid", managed if hybrid is None else hybrid)):
        said = [one.text for one in texts(cost, name, "unknown")]
        assert said == ([f"a month's spend; missing: {missing}"] if missing else [])


def test_a_band_too_narrow_to_be_written_is_left_out():
    nearly = [*days(*[100_000] * 29), *days(100_400)]
    cost = rows(days=nearly)["cost_predictability"]
    month, same = texts(cost, "managed", "resampled")
    assert (month.estimate.low, same.text) == (None, "nearly the same every month")


def test_drafts_of_a_simulated_pilot_measure_nothing():
    real = {one.basis for row in rows().values() for cell in row.cells.values() for one in cell}
    assert {"measured", "resampled"} <= real
    for row in rows(is_made_up=True).values():
        bases = {one.basis for cell in (*row.cells.values(), row.shared) for one in cell}
        assert not bases & {"measured", "resampled"}
    assert "made up" in {one.basis for one in rows(is_made_up=True)["data_control"].cells["managed"]}
