"""Pages by cursor: what was there when a listing began is shown once, whatever is added meanwhile."""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from pydantic import BaseModel, ConfigDict, Field

from graftwork.core.errors import RequestInvalid

M = TypeVar("M", bound=Model)

MAX_LIMIT = 200
_Key = UUID | datetime | int
_LARGEST_NUMBER = 2**63 - 1


class PageQuery(BaseModel):
    """Which page to show."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=MAX_LIMIT, description="most rows of one page")
    cursor: str | None = Field(
        None, max_length=200, description="`next_cursor` of the page before; the filters must stay the same"
    )


def page(
    rows: "QuerySet[M]", order: Sequence[str], wanted: PageQuery, *, last: Callable[[str], _Key] = UUID
) -> tuple[list[M], str | None]:
    """One page of `rows` in the given `order` (last a unique column), and the cursor of the next; `None` at the end.

    `last` reads a value of that last column; the columns before it are times.
    """
    rows = rows.order_by(*order)
    if wanted.cursor is not None:
        rows = rows.filter(_after(order, _read(wanted.cursor, len(order), last)))
    found = list(rows[: wanted.limit + 1])
    if len(found) <= wanted.limit:
        return found, None
    shown_last = found[wanted.limit - 1]
    return found[: wanted.limit], _write([getattr(shown_last, column) for column in order])


def _after(order: Sequence[str], keys: list[_Key]) -> Q:
    """(a, b) > (x, y), spelt out: Django compares no tuples."""
    if len(order) == 1:
        return Q(**{f"{order[0]}__gt": keys[0]})
    same = Q(**{order[0]: keys[0]}) & _after(order[1:], keys[1:])
    # The first comparison looks redundant, but lets the database start from the index.
    return Q(**{f"{order[0]}__gte": keys[0]}) & (Q(**{f"{order[0]}__gt": keys[0]}) | same)


def _write(keys: list[Any]) -> str:
    texts = [key.astimezone(UTC).isoformat() if isinstance(key, datetime) else str(key) for key in keys]
    return base64.urlsafe_b64encode(json.dumps(texts).encode()).decode().rstrip("=")


def _read(cursor: str, count: int, last: Callable[[str], _Key]) -> list[_Key]:
    try:
        texts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        keys: list[_Key] = [*(_time(text) for text in texts[:-1]), last(texts[-1])]
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError):
        keys = []
    if len(keys) != count:
        raise RequestInvalid("cursor", "is not a `next_cursor` of this listing")
    return keys


def number_key(text: str) -> int:
    """A number of a row, as `page` takes it for `last`. Raises `ValueError`."""
    number = int(text)
    if not 0 <= number <= _LARGEST_NUMBER:
        raise ValueError
    return number


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError
    return time.astimezone(UTC)
