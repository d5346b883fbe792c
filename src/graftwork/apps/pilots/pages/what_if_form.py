"""The what-if panel: every assumption behind the money as a field, and what was asked as a `WhatIf`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from graftwork.apps.pilots.pages.number_inputs import Filled, NumberForm, NumberInput, read_numbers
from graftwork.core.appraisal.draft_use import DraftUse
from graftwork.core.appraisal.what_if import Basis, WhatIf
from graftwork.core.charter.schema import Range
from graftwork.core.value.simulation import Spread

SavedBy = Literal["measured", "model", "own"]
_RANGES = ("items_per_month", "wage_per_hour", "realisation")
_ENDS = ("low", "likely", "high")
_MODEL = ("control_seconds", "review_seconds", "share_edited", "share_rewritten", "share_rejected")
_WHOLE = ("horizon_months",)
_NUMBERS = (
    "cost_per_draft", "machine_hours_per_month", "cost_per_machine_hour", "governance_share", "change_share",
    "build_cost", "months_to_full_use", "payback_within_months", "discount_rate", *_WHOLE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RangeShown:
    label: str
    unit: str
    ends: Sequence[Filled]


@dataclass(frozen=True, slots=True)
class WhatIfForm:
    """The panel as it is shown. `asked` is `None` where nothing was asked, or not yet in a way that can be reckoned."""

    saved_by: SavedBy
    own: Filled
    model: Sequence[Filled]
    ranges: Sequence[RangeShown]
    cost: Sequence[Filled]
    time: Sequence[Filled]
    problems: bool
    asked: WhatIf | None
    query: Mapping[str, str]


def what_if_form(
    query: Mapping[str, str], basis: Basis, building: float | None, measured: DraftUse | None, saved: float | None
) -> WhatIfForm:
    """What the address asks of a pilot whose own figures are `basis`, `measured` (the model's) and `saved` seconds."""
    chosen = query.get("saved_by", "")
    saved_by: SavedBy = "own" if chosen == "own" else "model" if chosen == "model" else "measured"
    # The page sends the fields of all three ways; what was written into another one waits there for nothing.
    unused = {"own": _MODEL, "model": ("seconds_saved",), "measured": ("seconds_saved", *_MODEL)}[saved_by]
    form = read_numbers(
        _inputs(basis, building, measured, saved), {name: text for name, text in query.items() if name not in unused}
    )
    if saved_by != "measured":
        _require(form, ("seconds_saved",) if saved_by == "own" else _MODEL)
    _check_together(form, saved_by)
    differs = bool(form.asked) or saved_by != "measured"
    return WhatIfForm(
        saved_by=saved_by,
        own=form.fields["seconds_saved"],
        model=[form.fields[name] for name in _MODEL],
        ranges=[_shown_range(form, name) for name in _RANGES],
        cost=[form.fields[name] for name in _NUMBERS[:6]],
        time=[form.fields[name] for name in _NUMBERS[6:]],
        problems=form.problems,
        asked=_asked(form, saved_by) if differs and not form.problems else None,
        query=_short_query(form, saved_by, query),
    )


def _inputs(basis: Basis, building: float | None, measured: DraftUse | None, saved: float | None) -> list[NumberInput]:
    money, unit = basis.currency, f"{basis.currency} an hour"
    return [
        NumberInput("seconds_saved", "Time saved per item", "s", saved, least=-86_400, most=86_400),
        *_model_inputs(measured),
        *_three("items_per_month", "Items a month", "items", basis.items_per_month),
        *_three("wage_per_hour", "Full cost of an hour of work", unit, basis.wage_per_hour),
        *_three("realisation", "Share of saved time that becomes money", "%", basis.realisation, is_percent=True),
        NumberInput(
            "cost_per_draft", "Tokens of one draft", money, basis.cost_per_draft,
            help="Measured on the pilot's drafts where their engine has a price.",
        ),
        NumberInput("machine_hours_per_month", "Hours of own machines a month", "h", basis.machine_hours_per_month),
        NumberInput("cost_per_machine_hour", "Cost of such an hour", money, basis.cost_per_machine_hour),
        NumberInput(
            "governance_share", "Governance and security, of all cost", "%", basis.governance_share, most=0.99,
            is_percent=True,
        ),
        NumberInput(
            "change_share", "Training and change, of one-off cost", "%", basis.change_share, most=0.99,
            is_percent=True,
        ),
        NumberInput(
            "build_cost", "Building it", money, building,
            help="A figure of your own stands in place of all budget lines; both shares come on top.",
        ),
        NumberInput("months_to_full_use", "Until all use it", "months", basis.months_to_full_use, most=60),
        NumberInput("payback_within_months", "To pay back within", "months", basis.payback_within_months, most=120),
        NumberInput("discount_rate", "Discount rate a year", "%", basis.discount_rate, most=1, is_percent=True),
        NumberInput(
            "horizon_months", "Horizon of the present value", "months", basis.horizon_months, least=1, most=120,
            is_whole=True,
        ),
    ]  # fmt: skip


def _model_inputs(measured: DraftUse | None) -> list[NumberInput]:
    seconds = {name: getattr(measured, name) if measured else None for name in _MODEL[:2]}
    shares = {name: getattr(measured, name) if measured else None for name in _MODEL[2:]}
    labels = dict(zip(
        _MODEL,
        (
            "Time of an item without a draft", "Time to review a draft", "Drafts edited",
            "Share of an edited draft that is rewritten", "Drafts rejected",
        ),
        strict=True,
    ))  # fmt: skip
    return [
        *(NumberInput(name, labels[name], "s", _round(value), most=86_400) for name, value in seconds.items()),
        *(
            NumberInput(name, labels[name], "%", _round(value, 3), most=1, is_percent=True)
            for name, value in shares.items()
        ),
    ]


def _round(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)


def _three(name: str, label: str, unit: str, spread: Spread, *, is_percent: bool = False) -> list[NumberInput]:
    most = 1.0 if is_percent else 1e9
    # Planned weeks make months of broken items.
    digits = 0 if name == "items_per_month" and spread.low >= 10 else 4
    values = (spread.low, spread.likely, spread.high)
    return [
        NumberInput(f"{name}.{end}", f"{label}, {end}", unit, _round(value, digits), most=most, is_percent=is_percent)
        for end, value in zip(_ENDS, values, strict=True)
    ]


def _require(form: NumberForm, names: Sequence[str]) -> None:
    for name in names:
        if form.value(name) is None and not form.fields[name].problem:
            form.fields[name].problem = "Write a number: nothing was measured yet."


def _check_together(form: NumberForm, saved_by: SavedBy) -> None:
    """What is wrong only beside another field; said at the later one."""
    for name in _RANGES:
        low, likely, high = (form.known(f"{name}.{end}") for end in _ENDS)
        if not low <= likely:
            form.fields[f"{name}.likely"].problem = "Must not be below the low figure."
        elif not likely <= high:
            form.fields[f"{name}.high"].problem = "Must not be below the likely figure."
    if form.known("governance_share") + form.known("change_share") >= 1:
        form.fields["change_share"].problem = "With governance, this leaves nothing to build with."
    if saved_by == "model" and (form.value("share_edited") or 0) + (form.value("share_rejected") or 0) > 1 + 1e-9:
        form.fields["share_rejected"].problem = "With the edited ones, these are more than all drafts."


def _asked(form: NumberForm, saved_by: SavedBy) -> WhatIf:
    changes: dict[str, Any] = {name: form.asked[name] for name in _NUMBERS if name in form.asked}
    changes |= {name: int(changes[name]) for name in _WHOLE if name in changes}
    for name in _RANGES:
        if any(f"{name}.{end}" in form.asked for end in _ENDS):
            low, likely, high = (form.known(f"{name}.{end}") for end in _ENDS)
            changes[name] = Range(low=low, likely=likely, high=high)
    if saved_by == "own":
        changes["seconds_saved"] = form.known("seconds_saved")
    elif saved_by == "model":
        changes["draft_use"] = DraftUse(*(form.known(name) for name in _MODEL))
    return WhatIf(**changes)


def _shown_range(form: NumberForm, name: str) -> RangeShown:
    ends = [form.fields[f"{name}.{end}"] for end in _ENDS]
    return RangeShown(ends[0].input.label.rpartition(",")[0], ends[0].input.unit, ends)


def _short_query(form: NumberForm, saved_by: SavedBy, query: Mapping[str, str]) -> dict[str, str]:
    """What differs from the defaults: an address to send to somebody. What is wrong stays in it, to be put right."""
    kept = {
        name: query[name].strip() for name, one in form.fields.items() if name in form.asked or one.problem
        if name in query
    }  # fmt: skip
    return kept | ({"saved_by": saved_by} if saved_by != "measured" else {})
