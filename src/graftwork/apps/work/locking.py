"""Taking rows that nobody else is taking at this moment."""

from typing import TypeVar

from django.db import connections
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def lock_free_rows(rows: "QuerySet[M]") -> "QuerySet[M]":
    """`rows` that no other transaction holds, locked until ours ends.

    PostgreSQL steps over locked rows; SQLite has one writer at a time (transactions begin IMMEDIATE), so none are.
    """
    if connections[rows.db].features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True, of=("self",))
    return rows
