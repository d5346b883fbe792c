"""What was typed into a form, as the values that an action takes. Raises `RequestInvalid`, and never quotes a text."""

from datetime import date

from django.http import HttpRequest

from graftwork.core.errors import RequestInvalid
from graftwork.core.typed_numbers import NotANumber, typed_number


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
    if not typed.strip():
        return None
    try:
        return typed_number(typed)
    except NotANumber as error:
        told = str(error) if "," in typed else "must be a number, such as 1.5"
        raise RequestInvalid(field, told) from None


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
