"""The figures of a pilot as rows, for a spreadsheet or a notebook: one number a row, with all that belongs to it."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from graftwork.apps.work.export_formats import write

COLUMNS = (
    "metric", "comparison", "value", "low", "high", "unit", "n", "method", "confidence", "day", "simulated",
    "charter_sha256",
)  # fmt: skip
_MONEY = (
    "minutes_saved_per_item", "monthly_benefit", "monthly_cost", "one_off_cost", "payback_months",
    "payback_probability", "net_present_value", "items_per_month", "break_even_share_rewritten",
    "cost_per_accepted_draft", "net_saving_per_item", "revenue_uplift_per_month",
)  # fmt: skip
Row = dict[str, Any]


def figures_csv(figures: Mapping[str, Any]) -> bytes:
    """The rows of `exports.json.figures_json` as CSV in UTF-8; a text that a spreadsheet would run is disarmed."""
    stream = BytesIO()
    write("csv", rows(figures), COLUMNS, stream)
    return stream.getvalue()


def rows(figures: Mapping[str, Any]) -> Iterator[Row]:
    """A number that is not known has no row with a 0, but one without a value."""
    held = {"simulated": figures["simulated"], "charter_sha256": figures["charter_sha256"]}
    for row in _all(figures):
        yield {name: row.get(name) for name in COLUMNS} | held


def _all(figures: Mapping[str, Any]) -> Iterator[Row]:
    primary = figures["primary"]
    yield from _of_metric(primary, planned=True)
    for look in figures["history"]:
        yield _row(primary["metric"]["key"], "improvement", look["improvement"], day=look["day"])
    for guard in figures["guards"]:
        yield _row(guard["metric"]["key"], "difference", guard["effect"])
        yield _row(guard["metric"]["key"], "worse by at most", guard["worse_by"])
        yield _row(guard["metric"]["key"], "margin", guard["margin"])
    for other in figures["others"]:
        yield from _of_metric(other, planned=False)
    yield from _details(figures)
    yield from _of_balance(figures["balance"])
    yield from _of_seeds(figures["seeds"])
    for name in _MONEY:
        yield _row(f"money.{name}", "assisted", figures["money"][name])


def _of_metric(found: Mapping[str, Any], *, planned: bool) -> Iterator[Row]:
    key = found["metric"]["key"]
    for arm, estimate in found["arms"].items():
        yield _row(key, arm, estimate or {"unit": found["metric"]["unit"]})
    yield _row(key, "difference", found["now"])
    if found["now"]["relative"]:
        yield _row(key, "relative difference", found["now"]["relative"])
    if planned:
        yield _row(key, "difference, planned end only", found["planned"])
    for other in found["others"]:
        yield _row(key, "difference", other)


def _details(figures: Mapping[str, Any]) -> Iterator[Row]:
    key = figures["primary"]["metric"]["key"]
    for one in figures["sensitivity"]:
        yield _row(key, f"difference, {one['what']}", one["effect"])
    for one in figures["quantiles"]:
        name = f"quantile {one['quantile']:g}"
        for arm in ("assisted", "control"):
            yield _row(key, f"{arm}, {name}", {"value": one[arm], "unit": one["unit"]})
        yield _row(key, f"difference, {name}", one["difference"] or {"unit": one["unit"]})
    for one in figures["subgroups"]:
        yield _row(key, f"difference, {one['dimension']}: {one['value']}", one["effect"])


def _of_balance(balance: Mapping[str, Any]) -> Iterator[Row]:
    for arm in ("assisted", "control"):
        yield _row("balance", arm, {"value": balance[f"n_{arm}"], "unit": "units", "n": balance[f"n_{arm}"]})
    method = {"value": balance["p_value"], "unit": "p-value", "method": balance["method"],
              "n": balance["n_assisted"] + balance["n_control"]}  # fmt: skip
    yield _row("balance", "sample ratio mismatch", method)


def _of_seeds(seeds: Mapping[str, Any]) -> Iterator[Row]:
    for name in ("planted", "shown"):
        yield _row("seeds", name, {"value": seeds[name], "unit": "drafts", "n": seeds[name]})
    yield _row("seeds", "noticed", seeds["noticed"] or {"unit": "share"})


def _row(metric: str, comparison: str, figure: Mapping[str, Any] | None, *, day: str | None = None) -> Row:
    return {"metric": metric, "comparison": comparison, "day": day, **(figure or {})}
