"""Fields for numbers whose state lives in the address: what is not asked otherwise keeps its default."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_MOST = 1e12


@dataclass(frozen=True, slots=True)
class NumberInput:
    """One field. `default` is `None` where nothing is known; a percentage is kept as a share, 0 to 1."""

    name: str
    label: str
    unit: str
    default: float | None
    least: float = 0.0
    most: float = _MOST
    is_whole: bool = False
    is_percent: bool = False
    help: str = ""

    @property
    def default_text(self) -> str:
        return "" if self.default is None else self.written(self.default)

    def written(self, value: float) -> str:
        shown = value * 100 if self.is_percent else value
        return f"{shown:.6f}".rstrip("0").rstrip(".") if abs(shown) < 1e6 else f"{shown:.0f}"


@dataclass(slots=True)
class Filled:
    """A field as it is shown: what was written, and what is wrong with it."""

    input: NumberInput
    text: str
    problem: str = ""


@dataclass(slots=True)
class NumberForm:
    """What was asked. `asked` holds the values that differ from their defaults; `values` all that are known."""

    fields: dict[str, Filled] = field(default_factory=dict)
    asked: dict[str, float] = field(default_factory=dict)

    @property
    def problems(self) -> bool:
        return any(one.problem for one in self.fields.values())

    def value(self, name: str) -> float | None:
        return self.asked.get(name, self.fields[name].input.default)

    def known(self, name: str) -> float:
        """The value of a field that has a default."""
        value = self.value(name)
        assert value is not None
        return value


def read_numbers(inputs: Iterable[NumberInput], query: Mapping[str, str]) -> NumberForm:
    form = NumberForm()
    for one in inputs:
        text = query.get(one.name, "").strip()
        filled = form.fields[one.name] = Filled(one, text or one.default_text)
        if text and text != one.default_text:
            value, filled.problem = _read(one, text)
            if value is not None:
                form.asked[one.name] = value
    return form


def _read(one: NumberInput, text: str) -> tuple[float | None, str]:
    """The value, or what is wrong in a sentence."""
    bare = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "").removesuffix("%")
    # Digits of other scripts match as well, and `float` reads them; a number of a thousand digits is none.
    if len(bare) > 30 or not _NUMBER.fullmatch(bare):
        return None, "Write a number, with a point before decimals: 1200 or 0.5."
    if one.is_whole and "." in bare:
        return None, "Write a whole number."
    value = float(bare)
    if one.is_percent:
        value = round(value / 100, 12)
    if value < one.least:
        return None, f"Must be {one.written(one.least)} or more."
    if value > one.most:
        return None, f"Must be {one.written(one.most)} or less."
    return value, ""
