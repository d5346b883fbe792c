"""What is wrong with a charter, in a sentence beside the field that it is about."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from graftwork.apps.pilots.pages.charter_fields import Field
from graftwork.apps.pilots.pages.charter_sections import all_rows, single_fields

_NAMED = re.compile(r"^`([a-z_]+)`")


def problems_of(error: ValidationError, places: Mapping[str, list[int]]) -> dict[str, str]:
    """Sentences by path, the first of each. `places` are the rows of the form that the charter's lists hold."""
    found: dict[str, str] = {}
    for one in error.errors():
        path = _place(one["loc"], str(one.get("ctx", {}).get("error", "")), places)
        found.setdefault(path, _sentence(one, _fields_by_path().get(_bare(path))))
    return found


def plain(value: float) -> str:
    """12 and not 12.0; nothing of what a float adds: 30 and not 30.000000000000004."""
    return format(round(value, 9), "f").rstrip("0").rstrip(".") if value else "0"


def _place(loc: tuple[int | str, ...], message: str, places: Mapping[str, list[int]]) -> str:
    """The path in the form: rows that said nothing were left out of the lists, so their numbers differ."""
    named = _NAMED.match(message)
    parts = list(loc) or ([named[1]] if named else [])
    if len(parts) > 1 and str(parts[0]) in places and isinstance(parts[1], int):
        parts[1] = places[str(parts[0])][parts[1]]
    path = ".".join(str(part) for part in parts)
    fields = _fields_by_path()
    if _bare(path) in fields or any(rows.path == path for rows in all_rows()):
        return path
    shorter = re.sub(r"\.[0-9]+$", "", path)
    if shorter in fields:  # a value of a list that is written line by line
        return shorter
    return next((known for known in fields if known.startswith(f"{path}.")), path.split(".")[0]) if path else ""


def _bare(path: str) -> str:
    """The path without the numbers of rows."""
    return re.sub(r"\.[0-9]+(?=\.|$)", "", path)


def _fields_by_path() -> dict[str, Field]:
    of_rows = {f"{rows.path}.{one.path}".removesuffix("."): one for rows in all_rows() for one in rows.fields}
    return {one.path: one for one in single_fields()} | of_rows


def _sentence(error: Any, one: Field | None) -> str:
    limit = next((error["ctx"][name] for name in ("ge", "gt", "le", "lt") if name in error.get("ctx", {})), None)
    if isinstance(limit, int | float):
        limit = plain(float(limit) * (100 if one is not None and one.kind == "percent" else 1))
    said = _SENTENCES.get(error["type"])
    if said:
        return said.format(limit=limit, **{"max_length": "", **error.get("ctx", {})})
    if error["type"] == "value_error":
        message = str(error["ctx"]["error"])
        return f"{message[:1].upper()}{message[1:]}."
    if error["type"] == "string_pattern_mismatch":
        return _PATTERNS.get(_bare(".".join(str(part) for part in error["loc"])), "This is not in the form asked for.")
    message = str(error["msg"])
    return f"{message[:1].upper()}{message[1:]}."


_SENTENCES = {
    "missing": "This is needed.",
    "string_too_short": "This is needed.",
    "too_short": "This is needed.",
    "string_too_long": "This is too long: at most {max_length} characters.",
    "too_long": "These are too many: at most {max_length}.",
    "greater_than": "This must be more than {limit}.",
    "greater_than_equal": "This must be at least {limit}.",
    "less_than": "This must be less than {limit}.",
    "less_than_equal": "This must be at most {limit}.",
    "literal_error": "Choose one of the list.",
}
_PATTERNS = {
    "name": "Use small letters, digits and underscores, with a letter first.",
    "use_case": "Choose a use case.",
    "money.currency": "Write three capital letters, such as EUR.",
    "primary.covariate": "Write none, characters, baseline, or field:NAME.",
    "outcomes.kind": "Use small letters, digits and underscores, with a letter first.",
}
