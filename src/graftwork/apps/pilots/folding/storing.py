"""Adding changes to the sums, many rows in one statement."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

from graftwork.apps.pilots.folding.contributions import Contributions
from graftwork.apps.pilots.models import Bin, Cell, Oddity, Pilot, SegmentCell
from graftwork.core.appraisal.measuring import ITEM_ODDITIES
from graftwork.core.value.moments import NAMES

# Up to fifteen values a row; SQLite takes some 32,000 in one statement.
_ROWS_AT_ONCE = 1_000


def add_to_sums(pilot: Pilot, changes: Contributions) -> None:
    """Add `changes`, in the transaction that holds the pilot's lock: then nobody else writes to these rows."""
    _upsert(
        Cell, ("pilot_id", "metric", "arm", "day"), NAMES,
        ((pilot.pk, *key, *row) for key, row in sorted(changes.days.items()) if any(row)),
    )  # fmt: skip
    _upsert(
        SegmentCell, ("pilot_id", "metric", "arm", "dimension", "value"), NAMES,
        ((pilot.pk, *key, *row) for key, row in sorted(changes.parts.items()) if any(row)),
    )  # fmt: skip
    _upsert(
        Bin, ("pilot_id", "arm", "bin"), ("items",),
        ((pilot.pk, *key, count) for key, count in sorted(changes.bins.items()) if count),
    )  # fmt: skip
    add_oddities(pilot, changes.oddities.items())


def add_oddities(pilot: Pilot, counts: Iterable[tuple[str, int]]) -> None:
    _upsert(Oddity, ("pilot_id", "code"), ("count",), ((pilot.pk, code, count) for code, count in counts if count))


def clear_sums(pilot: Pilot) -> None:
    """Forget what was added up. What imports counted stays: no item tells of it again."""
    for model in (Cell, SegmentCell, Bin):
        model.objects.filter(pilot=pilot).delete()
    Oddity.objects.filter(pilot=pilot, code__in=ITEM_ODDITIES).delete()


def _upsert(model: type[Model], keys: Sequence[str], terms: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows, and where one is there already add to its terms. The ORM can only replace them.

    Names come from the models alone. In the order of the keys, so that no two writers can wait for each other.
    """
    name = connection.ops.quote_name
    table = name(model._meta.db_table)
    columns = ", ".join(name(column) for column in (*keys, *terms))
    adding = ", ".join(f"{name(term)} = {table}.{name(term)} + excluded.{name(term)}" for term in terms)
    one = "(" + ", ".join(["%s"] * (len(keys) + len(terms))) + ")"
    waiting = list(rows)
    with connection.cursor() as cursor:
        for start in range(0, len(waiting), _ROWS_AT_ONCE):
            part = waiting[start : start + _ROWS_AT_ONCE]
            cursor.execute(
                f"INSERT INTO {table} ({columns}) VALUES {', '.join([one] * len(part))} "  # noqa: S608 - as above
                f"ON CONFLICT ({', '.join(name(key) for key in keys)}) DO UPDATE SET {adding}",
                [value for row in part for value in row],
            )
