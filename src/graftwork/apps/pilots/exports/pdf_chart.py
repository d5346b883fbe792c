"""The effect over time as a drawing: the improvement with its interval, day by day, against what was hoped for."""

import math
from collections.abc import Sequence
from datetime import date

from reportlab.graphics.shapes import STATE_DEFAULTS, Drawing, Line, Polygon, PolyLine, String
from reportlab.lib.units import mm

from graftwork.apps.pilots.charts import in_sight
from graftwork.apps.pilots.exports.pdf_layout import ACCENT, BAND, GOOD, INK, LINE, MUTED, REGULAR, WIDTH
from graftwork.apps.pilots.exports.words import number
from graftwork.core.appraisal import labels
from graftwork.core.appraisal.data import Look
from graftwork.core.charter.schema import Charter

HEIGHT: float = 58 * mm
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 8.0, 10.0, 30.0
_MOST_LABELS = 7
LEAST_DAYS = 2
_TARGET = labels.TARGET.lower()
# A drawing begins with a font that it may not use; the library's own is not in the file.
STATE_DEFAULTS["fontName"] = REGULAR
_STEPS = (1, 2, 2.5, 5, 10)


def effect_chart(looks: Sequence[Look], unit: str, minimum: float, target: float | None) -> Drawing | None:
    """`None` below two days with an interval: a point is no development."""
    known = _known(looks)
    if len(known) < LEAST_DAYS:
        return None
    factor = 100.0 if unit == "share" else 1.0
    return _Chart(known, factor, "percentage points" if unit == "share" else unit).drawn(minimum, target)


class _Chart:
    def __init__(self, looks: Sequence[Look], factor: float, unit: str) -> None:
        self._looks, self._factor, self._unit = looks, factor, unit
        self._first, self._last = looks[0].day, looks[-1].day
        self._drawing = Drawing(WIDTH, HEIGHT)

    def drawn(self, minimum: float, target: float | None) -> Drawing:
        lines = [(labels.WORTH_HAVING.lower(), minimum * self._factor)]
        lines += [(_TARGET, target * self._factor)] if target else []
        self._low, self._high, self._step = _scale(*self._seen([value for _, value in lines]))
        self._axes()
        self._band()
        self._cut_off()
        for name, value in lines:
            self._held_against(name, value)
        self._drawing.add(PolyLine(self._path("improvement"), strokeColor=ACCENT, strokeWidth=1.6))
        return self._drawing

    def _seen(self, levels: Sequence[float]) -> tuple[float, float]:
        return _seen(self._looks, self._factor, levels)

    def _cut_off(self) -> None:
        """A triangle at the edge where an interval goes on beyond it."""
        for look in self._looks:
            x = self._x(look.day)
            if look.high is not None and look.high * self._factor > self._high:
                self._triangle(x, self._y(self._high), -4)
            if look.low is not None and look.low * self._factor < self._low:
                self._triangle(x, self._y(self._low), 4)

    def _triangle(self, x: float, y: float, height: float) -> None:
        points = [x - 2.5, y + height, x + 2.5, y + height, x, y]
        self._drawing.add(Polygon(points, fillColor=MUTED, strokeColor=None))

    def _x(self, day: date) -> float:
        span = max(1, (self._last - self._first).days)
        return _LEFT + (day - self._first).days / span * (WIDTH - _LEFT - _RIGHT)

    def _y(self, value: float) -> float:
        held = min(max(value, self._low), self._high)
        return _BOTTOM + (held - self._low) / (self._high - self._low) * (HEIGHT - _BOTTOM - _TOP)

    def _path(self, bound: str) -> list[float]:
        return [
            place
            for look in self._looks
            for place in (self._x(look.day), self._y(float(getattr(look, bound)) * self._factor))
        ]

    def _band(self) -> None:
        low, high = self._path("low"), self._path("high")
        back = [place for at in range(len(low) - 2, -1, -2) for place in low[at : at + 2]]
        self._drawing.add(Polygon(high + back, fillColor=BAND, strokeColor=None, fillOpacity=0.75))

    def _axes(self) -> None:
        for value in _ticks(self._low, self._high, self._step):
            zero = abs(value) < self._step / 1000
            self._drawing.add(
                Line(_LEFT, self._y(value), WIDTH - _RIGHT, self._y(value), strokeColor=INK if zero else LINE,
                     strokeWidth=0.9 if zero else 0.4)
            )  # fmt: skip
            self._write(_LEFT - 5, self._y(value) - 2.5, number(value) if not zero else "0", "end")
        days = sorted({self._looks[at].day for at in _spread(len(self._looks), _MOST_LABELS)})
        for at, day in enumerate(days):
            anchor = "start" if at == 0 else "end" if at == len(days) - 1 else "middle"
            self._write(self._x(day), _BOTTOM - 12, f"{day:%-d %b}", anchor)
        self._write(_LEFT, 4, f"Improvement in {self._unit}, with the interval that holds at every look", "start")

    def _held_against(self, name: str, value: float) -> None:
        y = self._y(value)
        self._drawing.add(
            Line(_LEFT, y, WIDTH - _RIGHT, y, strokeColor=GOOD, strokeWidth=0.9, strokeDashArray=[4, 2.5])
        )
        # At the two ends, since the two lines may lie close to each other.
        x, anchor = (_LEFT + 2, "start") if name == _TARGET else (WIDTH - _RIGHT - 2, "end")
        self._drawing.add(String(x, y + 2.5, name, fontName=REGULAR, fontSize=6.8, fillColor=GOOD, textAnchor=anchor))

    def _write(self, x: float, y: float, words: str, anchor: str) -> None:
        self._drawing.add(String(x, y, words, fontName=REGULAR, fontSize=7, fillColor=MUTED, textAnchor=anchor))


def chart_cuts_off(looks: Sequence[Look], charter: Charter) -> bool:
    """Whether the chart of these days shows less than a whole interval somewhere."""
    known = _known(looks)
    if len(known) < LEAST_DAYS:
        return False
    levels = [charter.primary.minimum_effect, charter.primary.target or 0.0]
    low, high, _ = _scale(*_seen(known, 1.0, levels))
    return any((one.low or 0.0) < low or (one.high or 0.0) > high for one in known)


def _known(looks: Sequence[Look]) -> list[Look]:
    return [look for look in looks if look.improvement is not None and look.low is not None and look.high is not None]


def _seen(looks: Sequence[Look], factor: float, levels: Sequence[float]) -> tuple[float, float]:
    """In the chart's unit, by the rule of the page's chart."""
    values = [look.improvement * factor for look in looks if look.improvement is not None]
    ends = [(look.low * factor, look.high * factor) for look in looks if look.low is not None and look.high is not None]
    return in_sight(values, ends, levels)


def _scale(low: float, high: float) -> tuple[float, float, float]:
    """Round bounds around all that is shown, and the step between two lines of the grid."""
    step = _round_step((high - low) / 5 or 1.0)
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def _round_step(wanted: float) -> float:
    power: float = 10.0 ** math.floor(math.log10(wanted))
    return next(size * power for size in _STEPS if size * power >= wanted * 0.999)


def _ticks(low: float, high: float, step: float) -> list[float]:
    return [low + at * step for at in range(int((high - low) / step + 1e-9) + 1)]


def _spread(count: int, most: int) -> list[int]:
    """Up to `most` places from first to last."""
    if count <= most:
        return list(range(count))
    return [round(at * (count - 1) / (most - 1)) for at in range(most)]
