"""From what a form holds to a charter and back, with each problem beside the field that it is about.

Values are text by dotted path, as the browser sends them: `primary.target`, `team.0.name`. What is empty is left out,
so that the schema's default holds.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError

from graftwork.apps.pilots.pages.charter_fields import Field, Rows
from graftwork.apps.pilots.pages.charter_problems import plain, problems_of
from graftwork.apps.pilots.pages.charter_sections import all_rows, single_fields
from graftwork.core.charter.schema import NAME, Charter

Values = dict[str, str]
MOST_ROWS = 60
# As `core.charter.template` begins, so that a charter does not depend on where it was begun.
FIRST_GUARDS = ({"metric": "reopen_rate", "margin": 0.02}, {"metric": "escalations", "margin": 0.03})
# No pilot can be called so: `/pilots/new` is where charters are written.
ADDRESS_OF_FORM = "new"

_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?|[-+]?\.[0-9]+")


@dataclass(frozen=True, slots=True)
class Read:
    """`charter` is there where nothing is wrong; `problems` are sentences by path, those of the whole under ""."""

    charter: Charter | None
    problems: Mapping[str, str] = field(default_factory=dict)


# --- a charter as text ------------------------------------------------------------------------------------------------


def values_of(charter: Charter) -> Values:
    data = charter.model_dump(mode="json")
    values = {one.path: _written(one, _dig(data, one.path)) for one in single_fields()}
    for rows in all_rows():
        for number, row in enumerate(_dig(data, rows.path) or ()):
            for one in rows.fields:
                values[row_path(rows, number, one)] = _written(one, row if not one.path else row.get(one.path))
    return values


def starting_values(use_case: str = "") -> Values:
    """What an empty form says: the defaults of the schema, the guards of the template, nothing that only the writer
    can know.
    """
    values = values_of(
        Charter.model_validate(
            {
                "name": "x", "title": "x", "use_case": "x", "problem": "x", "owner": {},
                "primary": {"minimum_effect": 1}, "plan": {"units_per_week": 1, "control_mean": 0},
                "guards": FIRST_GUARDS,
            }
        )
    )  # fmt: skip
    for path in ("name", "title", "problem", "primary.minimum_effect", "plan.units_per_week", "plan.control_mean"):
        values[path] = ""
    parts = ("business", "it", "compliance", "end_users")
    return values | {"use_case": use_case} | {f"team.{number}.part": part for number, part in enumerate(parts)}


def row_path(rows: Rows, number: int, one: Field) -> str:
    return f"{rows.path}.{number}.{one.path}".removesuffix(".")


def _written(one: Field, value: Any) -> str:
    if value is None:
        return ""
    if one.kind == "lines":
        return "\n".join(value)
    if one.kind == "percent":
        return plain(float(value) * 100)
    return plain(value) if isinstance(value, float) else str(value)


def _dig(data: Any, path: str) -> Any:
    for key in path.split("."):
        data = data.get(key) if isinstance(data, Mapping) else None
    return data


# --- text from a form -------------------------------------------------------------------------------------------------


def posted(post: Mapping[str, str]) -> Values:
    """What the form knows of what was sent, line ends as ours; anything else is left out."""
    known = {one.path for one in single_fields()}
    kept = {key: value for key, value in post.items() if key in known or _of_row(key)}
    return {key: value.replace("\r\n", "\n").replace("\x00", "") for key, value in kept.items()}


def _of_row(key: str) -> bool:
    return any(
        re.fullmatch(rf"{rows.path}\.[0-9]{{1,2}}" + (rf"\.{one.path}" if one.path else ""), key)
        for rows in all_rows()
        for one in rows.fields
    )


def row_numbers(values: Mapping[str, str], rows: Rows) -> list[int]:
    found = {int(key.split(".")[1]) for key in values if key.startswith(f"{rows.path}.")}
    return sorted(number for number in found if number < MOST_ROWS)


def with_row(values: Values, path: str) -> Values:
    """One more row, empty."""
    rows = next((one for one in all_rows() if one.path == path), None)
    numbers = row_numbers(values, rows) if rows else []
    if rows is None or len(numbers) >= MOST_ROWS:
        return values
    packed = _packed(values, rows, numbers)
    return packed | {row_path(rows, len(numbers), one): _first(one) for one in rows.fields}


def without_row(values: Values, path: str, number: int) -> Values:
    rows = next((one for one in all_rows() if one.path == path), None)
    return _packed(values, rows, [one for one in row_numbers(values, rows) if one != number]) if rows else values


def _first(one: Field) -> str:
    return one.choices[0][0] if one.choices else ""


def _packed(values: Values, rows: Rows, numbers: list[int]) -> Values:
    """Only these rows, numbered from 0."""
    kept = {key: value for key, value in values.items() if not key.startswith(f"{rows.path}.")}
    for new, old in enumerate(numbers):
        for one in rows.fields:
            kept[row_path(rows, new, one)] = values.get(row_path(rows, old, one), "")
    return kept


# --- text to a charter ------------------------------------------------------------------------------------------------


def read(values: Mapping[str, str]) -> Read:
    """The charter that the form describes, or what is wrong with it."""
    data, problems, places = _data_of(values)
    if data.get("name") == ADDRESS_OF_FORM:
        problems["name"] = "Choose another: this is the address of this form."
    try:
        charter = Charter.model_validate(data)
    except ValidationError as error:
        return Read(None, problems_of(error, places) | problems)
    return Read(None if problems else charter, problems)


def read_plan(values: Mapping[str, str]) -> Charter | None:
    """A charter with what the plan needs; what only people read may still be missing."""
    blank = {name: values.get(name, "").strip() or "x" for name in ("title", "problem")}
    known = {
        name: values.get(name, "") if re.match(NAME, values.get(name, "")) else "x" for name in ("name", "use_case")
    }
    return read({**values, **blank, **known}).charter


def name_from(title: str) -> str:
    """`Faster replies (EU)` makes `faster_replies_eu`."""
    made = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:63].strip("_")
    return made if re.match(NAME, made) and made != ADDRESS_OF_FORM else f"pilot_{made}"[:63].strip("_")


def _data_of(values: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str], dict[str, list[int]]]:
    """Nested as the schema is; what is no number or no date; and which rows the lists hold, by their path."""
    data: dict[str, Any] = {"owner": {}, "primary": {}, "plan": {}}
    problems: dict[str, str] = {}
    places: dict[str, list[int]] = {}
    for one in single_fields():
        _put(data, one.path, _parsed(one, one.path, values, problems))
    for rows in all_rows():
        places[rows.path] = [number for number in row_numbers(values, rows) if _says_something(values, rows, number)]
        found = [_row(values, rows, number, problems) for number in places[rows.path]]
        if found:
            data[rows.path] = found
    return data, problems, places


def _row(values: Mapping[str, str], rows: Rows, number: int, problems: dict[str, str]) -> Any:
    parsed = {one.path: _parsed(one, row_path(rows, number, one), values, problems) for one in rows.fields}
    return parsed[""] if "" in parsed else {key: value for key, value in parsed.items() if value is not None}


def _says_something(values: Mapping[str, str], rows: Rows, number: int) -> bool:
    return any(values.get(row_path(rows, number, one), "").strip() for one in rows.fields if one.tells)


def _put(data: dict[str, Any], path: str, value: Any) -> None:
    if value is None:
        return
    *parents, last = path.split(".")
    for key in parents:
        data = data.setdefault(key, {})
    data[last] = value


def _parsed(one: Field, path: str, values: Mapping[str, str], problems: dict[str, str]) -> Any:
    text = values.get(path, "").strip()
    if not text:
        return None
    if one.kind == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if one.kind == "date":
        return _date(text, path, problems)
    if one.kind in ("number", "whole", "percent"):
        return _number(one, text, path, problems)
    return text


def _date(text: str, path: str, problems: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems[path] = "Write a day as 2027-01-31."
        return None


def _number(one: Field, text: str, path: str, problems: dict[str, str]) -> float | int | None:
    bare = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "").removesuffix("%")
    if not _NUMBER.fullmatch(bare) or len(bare) > 30:
        problems[path] = "Write a number, with a point before decimals: 1200 or 0.5."
        return None
    if one.kind == "whole":
        if "." in bare:
            problems[path] = "Write a whole number."
            return None
        return int(bare)
    return round(float(bare) / 100, 12) if one.kind == "percent" else float(bare)
