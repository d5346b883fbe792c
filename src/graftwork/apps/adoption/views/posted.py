"""What was typed into a form, as the values that an action takes. Raises `RequestInvalid`, and never quotes a text."""

import math
from datetime import date

from django.http import HttpRequest

from graftwork.core.errors import RequestInvalid

MAX_NUMBER_CHARACTERS = 40


def text(request: HttpRequest, field: str) -> str:
    """A text as it will be stored."""
    found = request.POST.get(field, "").replace("\r\n", "\n")
    if "\x00" in found or any("\ud800" <= character <= "\udfff" for character in found):
        raise RequestInvalid(field, "holds a character that is no text; remove it and send again")
    return found


def number(request: HttpRequest, field: str) -> float | None:
    """A number, with a point or a comma before its decimals; `None` where nothing was typed."""
    return as_number(request.POST.get(field, ""), field)


def as_number(typed: str, field: str) -> float | None:
    typed = typed.strip()
    if not typed:
        return None
    try:
        found = float(typed.replace(",", ".")) if len(typed) <= MAX_NUMBER_CHARACTERS else math.nan
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise RequestInvalid(field, "must be a number, such as 1.5")
    return found


def whole(request: HttpRequest, field: str) -> int | None:
    """A whole number; `None` where nothing was typed."""
    found = number(request, field)
    if found is not None and not found.is_integer():
        raise RequestInvalid(field, "must be a whole number")
    return None if found is None else int(found)


def day(request: HttpRequest, field: str) -> date | None:
    """A day as YYYY-MM-DD; `None` where nothing was typed."""
    return as_day(request.POST.get(field, ""), field)


def as_day(typed: str, field: str) -> date | None:
    if not typed.strip():
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise RequestInvalid(field, "must be a day, as 2026-11-30") from None
