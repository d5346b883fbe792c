"""Figures for plotly as plain dicts: what is in them, and that nothing of others' text is read as markup."""

import json
from dataclasses import replace

import pytest

from graftwork.apps.pilots.charts import Bar, Line, Point, forest, is_cut_off, over_time, pairs
from graftwork.apps.pilots.pages.pilot_charts import (
    HOLLOW,
    history_chart,
    quantile_chart,
    sensitivity_chart,
    subgroup_chart,
)
from graftwork.apps.pilots.pages.wording import better, lift
from graftwork.core.appraisal.appraise import appraise
from graftwork.core.appraisal.sentences import scale_of
from graftwork.core.charter.metrics import BY_KEY
from support.appraisals import Drawn, charter, pilot_data
from support.findings import effect


@pytest.fixture(scope="module")
def appraised():
    return appraise(charter(), pilot_data())


def all_charts(found):
    named = [chart(charter(), found) for chart in (history_chart, subgroup_chart, sensitivity_chart, quantile_chart)]
    return [chart for chart in named if chart]


def test_each_chart_is_plain_json_with_a_finding_and_a_table_behind_it(appraised):
    charts = all_charts(appraised)
    assert [chart.id for chart in charts] == ["effect-over-time", "subgroups", "sensitivity", "quantiles"]
    for chart in charts:
        assert json.loads(json.dumps(chart.figure, allow_nan=False)) == chart.figure, chart.id
        assert chart.finding.endswith(".")
        assert chart.table.rows
        assert all(len(row) == len(chart.table.columns) for row in chart.table.rows), chart.id


def test_the_line_over_time_says_how_it_stands_now_and_what_would_be_worth_having(appraised):
    chart = history_chart(charter(), appraised)
    assert "better with drafts (" in chart.finding
    assert "95 % sure" in chart.finding
    assert "1 minute would be worth having" in chart.finding
    assert chart.figure["layout"]["shapes"][0]["y0"] == 60 / 60  # drawn in minutes
    assert "minutes" in chart.figure["layout"]["yaxis"]["title"]["text"]


def test_a_pilot_without_items_has_no_chart():
    nothing = appraise(charter(), pilot_data(Drawn(days=0)))
    assert all_charts(nothing) == []


def test_colours_are_names_that_follow_light_and_dark():
    text = json.dumps(forest([Bar("a", 1.0, 0.0, 2.0, marked=True)], [Line(0, "")], x_title="x"))
    assert "var(--warn)" in text
    assert "#" not in text


def test_the_names_of_groups_are_no_markup():
    """Plotly reads links and line breaks in labels; a kind of item is named by whoever sent it."""
    evil = '<a href="javascript:alert(1)">x</a>'
    figure = forest([Bar(evil, 1.0, 0.0, 2.0, hover=evil)], [Line(0, evil)], x_title=evil)
    assert "<a" not in json.dumps(figure)
    assert "&lt;a" in json.dumps(figure)
    drawn = over_time([Point("2026-11-01", 1.0, 0.0, 2.0, evil)], [Line(0, evil)], y_title=evil)
    assert "<a" not in json.dumps(drawn)
    assert "<a" not in json.dumps(pairs([evil], [1.0], [2.0], x_title=evil))


def test_what_is_not_known_has_a_row_and_no_mark():
    figure = forest([Bar("known", 1.0, 0.5, 2.0), Bar("unknown", None, None, None)], [], x_title="x")
    assert figure["layout"]["yaxis"]["ticktext"] == ["known", "unknown"]
    assert [len(trace["x"]) for trace in figure["data"]] == [1]


def test_a_value_without_an_interval_has_no_whiskers():
    (trace,) = forest([Bar("a", 1.0, None, None)], [], x_title="x")["data"]
    assert (trace["error_x"]["array"], trace["error_x"]["arrayminus"]) == ([0], [0])


def test_the_wide_intervals_of_the_first_days_do_not_flatten_the_rest():
    points = [Point(f"2026-11-{day:02}", 10.0, 10 - 1000 / day**3, 10 + 1000 / day**3) for day in range(1, 29)]
    low, high = over_time(points, [], y_title="y")["layout"]["yaxis"]["range"]
    assert -5 < low < 0
    assert 10 < high < 15


def test_where_an_interval_goes_on_beyond_the_picture_a_triangle_says_so():
    points = [Point(f"2026-11-{day:02}", 10.0, 10 - 1000 / day**3, 10 + 1000 / day**3) for day in range(1, 29)]
    cut = [trace for trace in over_time(points, [], y_title="y")["data"] if "triangle" in str(trace.get("marker"))]
    assert [trace["marker"]["symbol"] for trace in cut] == ["triangle-up", "triangle-down"]
    assert "2026-11-01" in cut[0]["x"]
    assert "2026-11-28" not in cut[0]["x"]
    assert is_cut_off(points, [])
    assert not is_cut_off(points[-4:], [])


def test_a_single_day_is_no_development(appraised):
    one = replace(appraised, history=appraised.history[-1:])
    assert history_chart(charter(), one) is None
    assert history_chart(charter(), replace(appraised, history=appraised.history[-2:])) is not None


def test_a_mark_without_an_interval_is_hollow_and_the_words_say_so(appraised):
    (trace,) = forest([Bar("a", 1.0, 0.5, 2.0), Bar("b", 1.0, None, None)], [], x_title="x")["data"]
    assert trace["marker"]["symbol"] == ["circle", "circle-open"]
    assert HOLLOW not in sensitivity_chart(charter(), appraised).finding
    nothing = [(cap, replace(one, low=None, high=None, trouble="too_few")) for cap, one in appraised.sensitivity]
    told = sensitivity_chart(charter(), replace(appraised, sensitivity=nothing))
    assert told.finding.endswith(HOLLOW)
    assert told.table.rows[0][2] == "Too few for an interval."


def test_days_tell_what_is_worth_having_apart_from_the_target(appraised):
    held = charter(primary={**charter().primary.model_dump(), "target": 10_000.0})
    table = history_chart(held, appraise(held, pilot_data())).table
    assert table.columns[-2:] == ("Worth having, surely", "Target reached")
    assert table.rows[0][-2:] == ("yes", "no")
    plain = charter(primary={**charter().primary.model_dump(), "target": None})
    assert history_chart(plain, appraise(plain, pilot_data())).table.rows[0][-1] == "no target"


def test_all_days_stand_on_one_scale(appraised):
    shown = history_chart(charter(), appraised).table.rows
    assert {row[1].split()[1].rstrip("s") for row in shown if row[1] not in ("unknown", "no difference")} == {"minute"}


def test_relative_to_control_has_the_sign_of_everything_else():
    less = effect(-0.02, unit="share")
    assert lift(BY_KEY["reopen_rate"], less) == "43 % better (36 to 50 %)"
    assert lift(BY_KEY["csat"], less) == "43 % worse (-50 to -36 %)"


@pytest.mark.parametrize(
    ("value", "beside", "words"),
    [
        (48.0, 0.0, "48 seconds better"),
        (-48.0, 0.0, "48 seconds worse"),
        (48.0, 130.0, "0.8 minutes better"),
        (60.0, 120.0, "1 minute better"),
        (0.0, 0.0, "no difference"),
        (None, 0.0, "unknown"),
    ],
)
def test_an_improvement_in_words_is_on_the_scale_of_its_interval(value, beside, words):
    assert better(BY_KEY["handling_time"], value, scale_of(beside, "s")) == words


def test_shares_are_drawn_in_points():
    assert scale_of(0.03, "share") == (0.01, "percentage points")
    assert better(BY_KEY["reopen_rate"], 0.021) == "2.1 percentage points better"
