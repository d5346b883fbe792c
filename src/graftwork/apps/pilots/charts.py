"""Charts of a pilot as plain dicts for plotly.js, each with its finding in words and the table behind it.

Colours are names of CSS variables, which the page's script looks up, so that they follow light and dark. Text of ours
and of others is escaped: plotly reads a subset of HTML in labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Any

Figure = dict[str, Any]

_LABEL_CHARACTERS = 18
_ROW_PX = 44


@dataclass(frozen=True, slots=True)
class Table:
    """What a chart shows, row by row. The first column names the row."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """`finding` says in a sentence what is to be seen: the accessible name of the picture."""

    id: str
    title: str
    finding: str
    figure: Figure
    table: Table

    @property
    def figure_id(self) -> str:
        return f"{self.id}-figure"


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its interval at one day; `None` where it was not known."""

    day: str
    value: float | None
    low: float | None
    high: float | None
    hover: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A value with its interval for one part; `marked` is drawn in the colour that asks for a look."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    hover: str = ""
    marked: bool = False

    @property
    def has_interval(self) -> bool:
        return self.low is not None and self.high is not None


@dataclass(frozen=True, slots=True)
class Line:
    """A level that matters: nothing, worth having, hoped for."""

    value: float
    label: str
    dash: str = "dot"


def in_sight(
    values: Sequence[float | None], ends: Sequence[tuple[float | None, float | None]], levels: Sequence[float]
) -> tuple[float, float]:
    """What a picture of a development shows of its scale: all values and levels, nothing, and the intervals of the
    later half, since those of the first days are so wide that they would flatten what follows. Where that cuts an
    interval off, a picture marks it. One rule for pages and reports.
    """
    known = [end for end in ends if end[0] is not None and end[1] is not None]
    late = [value for end in known[len(known) // 2 :] for value in end]
    held = [*(value for value in (*values, *late) if value is not None), *levels, 0.0]
    room = 0.08 * ((max(held) - min(held)) or 1.0)
    return min(held) - room, max(held) + room


CUT_OFF = "A triangle marks an interval that goes on beyond the picture."


def is_cut_off(points: Sequence[Point], lines: Sequence[Line]) -> bool:
    """Whether an interval goes on beyond what `over_time` shows."""
    low, high = _seen(points, lines)
    return any((one.low is not None and one.low < low) or (one.high is not None and one.high > high) for one in points)


def _seen(points: Sequence[Point], lines: Sequence[Line]) -> tuple[float, float]:
    return in_sight(
        [one.value for one in points], [(one.low, one.high) for one in points], [line.value for line in lines]
    )


def over_time(points: Sequence[Point], lines: Sequence[Line], *, y_title: str) -> Figure:
    """A line with its band over the days."""
    known = [point for point in points if point.low is not None and point.high is not None]
    days = [point.day for point in known]
    band = {"type": "scatter", "mode": "lines", "x": days, "line": {"width": 0}, "hoverinfo": "skip"}
    drawn = [point for point in points if point.value is not None]
    traces = [
        {**band, "y": [point.high for point in known]},
        {**band, "y": [point.low for point in known], "fill": "tonexty", "fillcolor": "var(--band)"},
        {
            "type": "scatter", "mode": "lines+markers" if len(drawn) < 40 else "lines", "x": [p.day for p in drawn],
            "y": [p.value for p in drawn], "text": [_text(p.hover) for p in drawn], "hoverinfo": "text",
            "line": {"color": "var(--accent)", "width": 2.5}, "marker": {"size": 6, "color": "var(--accent)"},
        },
    ]  # fmt: skip
    layout = _layout(y_title=y_title)
    layout["xaxis"]["type"] = "date"
    low, high = _seen(points, lines)
    layout["yaxis"]["range"] = [low, high]
    traces += _cut_off(known, low, high)
    layout["shapes"] = [_across(line, "y") for line in lines]
    lowest = min((line.value for line in lines), default=0.0)
    layout["annotations"] = [
        {"xref": "paper", "x": 0, "xanchor": "left", "y": line.value, "showarrow": False,
         "yanchor": "top" if line.value == lowest and len(lines) > 1 else "bottom",
         "text": _text(line.label), "font": {"color": "var(--quiet)", "size": 12}}
        for line in lines
    ]  # fmt: skip
    return {"data": traces, "layout": layout}


def _cut_off(known: Sequence[Point], low: float, high: float) -> list[Figure]:
    """A triangle at the edge where an interval goes on beyond it."""
    room = 0.02 * (high - low)
    edges = (
        ("triangle-up", high - room, [p.day for p in known if p.high is not None and p.high > high]),
        ("triangle-down", low + room, [p.day for p in known if p.low is not None and p.low < low]),
    )
    return [
        {"type": "scatter", "mode": "markers", "x": days, "y": [at] * len(days), "hoverinfo": "skip",
         "marker": {"size": 7, "color": "var(--quiet)", "symbol": symbol}}
        for symbol, at, days in edges if days
    ]  # fmt: skip


def forest(bars: Sequence[Bar], lines: Sequence[Line], *, x_title: str) -> Figure:
    """Values with their intervals, one below the other; what is not known has a row without a mark."""
    places = list(range(len(bars)))[::-1]
    traces = [_marks(bars, places, marked) for marked in (False, True)]
    layout = _layout(x_title=x_title)
    layout["height"] = 90 + _ROW_PX * len(bars)
    layout["yaxis"] |= {
        "tickvals": places, "ticktext": [_label(bar.label) for bar in bars], "range": [-0.6, len(bars) - 0.4],
        "showgrid": False, "zeroline": False, "automargin": True,
    }  # fmt: skip
    layout["xaxis"]["range"] = _range([v for bar in bars for v in (bar.value, bar.low, bar.high)], lines)
    layout["shapes"] = [_across(line, "x") for line in lines]
    return {"data": [trace for trace in traces if trace["y"]], "layout": layout}


def _marks(bars: Sequence[Bar], places: Sequence[int], marked: bool) -> Figure:
    shown = [(bar, at) for bar, at in zip(bars, places, strict=True) if bar.marked == marked and bar.value is not None]
    colour = "var(--warn)" if marked else "var(--accent)"
    above = [(bar.high - bar.value) if bar.high is not None and bar.value is not None else 0 for bar, _ in shown]
    below = [(bar.value - bar.low) if bar.low is not None and bar.value is not None else 0 for bar, _ in shown]
    return {
        "type": "scatter", "mode": "markers", "x": [bar.value for bar, _ in shown], "y": [at for _, at in shown],
        "text": [_text(bar.hover) for bar, _ in shown], "hoverinfo": "text",
        "marker": {"size": 10, "color": colour, "symbol": [_symbol(bar) for bar, _ in shown]},
        "error_x": {"type": "data", "array": above, "arrayminus": below, "color": colour, "thickness": 2, "width": 5},
    }  # fmt: skip


def _symbol(bar: Bar) -> str:
    """Hollow where nothing is known of how sure it is."""
    return f"{'diamond' if bar.marked else 'circle'}{'' if bar.has_interval else '-open'}"


def pairs(
    labels: Sequence[str], assisted: Sequence[float | None], control: Sequence[float | None], *, x_title: str
) -> Figure:
    """Two values a row, for two arms."""
    places = list(range(len(labels)))[::-1]
    arms = (("Assisted", assisted, "var(--accent)", "circle"), ("Control", control, "var(--quiet)", "square"))
    layout = _layout(x_title=x_title)
    layout |= {"height": 110 + _ROW_PX * len(labels), "showlegend": True}
    layout["legend"] = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    layout["yaxis"] |= {
        "tickvals": places, "ticktext": [_label(label) for label in labels], "range": [-0.6, len(labels) - 0.4],
        "zeroline": False, "automargin": True,
    }  # fmt: skip
    layout["xaxis"]["rangemode"] = "tozero"
    return {
        "data": [
            {"type": "scatter", "mode": "markers", "name": name, "x": list(values), "y": places, "hoverinfo": "x+name",
             "marker": {"size": 11, "color": colour, "symbol": symbol}}
            for name, values, colour, symbol in arms
        ],
        "layout": layout,
    }  # fmt: skip


def _layout(*, x_title: str = "", y_title: str = "") -> Figure:
    axis: Figure = {
        "fixedrange": True, "gridcolor": "var(--line)", "zerolinecolor": "var(--edge)", "linecolor": "var(--line)",
        "automargin": True,
    }  # fmt: skip
    small = {"font": {"size": 13}}
    return {
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "showlegend": False, "dragmode": False,
        "font": {"color": "var(--ink)", "size": 13}, "margin": {"l": 10, "r": 14, "t": 14, "b": 10},
        "hoverlabel": {"bgcolor": "var(--ink)", "font": {"color": "var(--page)"}, "align": "left"},
        "xaxis": {**axis, "title": {"text": _text(x_title), **small}},
        "yaxis": {**axis, "title": {"text": _text(y_title), **small}},
    }  # fmt: skip


def _across(line: Line, axis: str) -> Figure:
    other = "x" if axis == "y" else "y"
    return {
        "type": "line", f"{other}ref": "paper", f"{other}0": 0, f"{other}1": 1, f"{axis}0": line.value,
        f"{axis}1": line.value, "layer": "below",
        "line": {"color": "var(--quiet)", "width": 1.5, "dash": line.dash},
    }  # fmt: skip


def _range(values: Sequence[float | None], lines: Sequence[Line]) -> list[float]:
    """All of these, and nothing, with a little room."""
    ends = [*(value for value in values if value is not None), *(line.value for line in lines), 0.0]
    room = 0.08 * ((max(ends) - min(ends)) or 1.0)
    return [min(ends) - room, max(ends) + room]


def _label(text: str) -> str:
    return "<br>".join(_text(part) for part in wrap(text, _LABEL_CHARACTERS)[:3])


def _text(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")
