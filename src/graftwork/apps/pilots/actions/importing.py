"""Importing what is known from elsewhere: handling times of before the pilot, and what became of its items.

A file may be CSV in any usual encoding, or a workbook. A row that cannot be used is counted and named by its line; the
others go in. What is said about a row never quotes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.connectors.uploads.table import open_table, read_rows, recognise
from graftwork.apps.pilots.actions.import_values import ValueRefused, number, seconds, when
from graftwork.apps.pilots.folding.storing import add_oddities
from graftwork.apps.pilots.models import BaselineTime, Enrolment, Pilot
from graftwork.apps.pilots.queries import MAY_LEAD, access_pilot
from graftwork.apps.work.actions.outcomes import record_outcome
from graftwork.core.errors import InputHeaderInvalid, NotFound, RequestInvalid, RequestTooLarge
from graftwork.core.intake.row import Row, clean

MOST_BYTES = 20_000_000
MOST_ROWS = 200_000
# Lines that are named one by one; the others are only counted.
MOST_NAMED = 100
UNKNOWN_OUTCOME = "unknown_outcome"

SECONDS = ("seconds", "handling_seconds", "handling_time_seconds", "handling_time", "active_seconds", "aht")
MINUTES = ("minutes", "handling_minutes", "handling_time_minutes", "aht_minutes")
ITEM_TYPE = ("item_type", "type", "category", "kind")
DAY = ("date", "day", "handled_on", "closed_at", "created_at")
ITEM = ("item", "external_id", "item_id", "id", "ticket", "ticket_id")
KIND = ("kind", "outcome", "metric")
VALUE = ("value", "score", "result")
OCCURRED_AT = ("occurred_at", "at", "time", "timestamp", "date")

_ITEMS_AT_ONCE = 500


@dataclass(slots=True)
class Imported:
    """What an import did. `refused` and `unknown` count rows; `problems` name the first of them by line."""

    rows: int = 0
    stored: int = 0
    known_already: int = 0
    refused: int = 0
    unknown: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)

    def refuse(self, line: int, reason: str) -> None:
        self.refused += 1
        self._name(line, reason)

    def miss(self, line: int) -> None:
        self.unknown += 1
        self._name(line, "names an item that does not take part in this pilot")

    def _name(self, line: int, reason: str) -> None:
        if len(self.problems) < MOST_NAMED:
            self.problems.append((line, reason))


def import_baseline(
    actor: Actor, name: str, file: BinaryIO, now: datetime, *, file_name: str = "baseline.csv"
) -> Imported:
    """Store handling times of before the pilot, in the place of those imported earlier.

    Columns: `seconds` or `minutes`, and as may be `item_type` and `date`. Raises an `InputError` where the file as a
    whole cannot be read, or none of its rows can be used; the earlier import stays then.
    """
    pilot = _pilot(actor, name)
    columns, rows = _open(file, file_name)
    is_minutes = _column(columns, SECONDS) is None
    times = _column(columns, MINUTES if is_minutes else SECONDS)
    if times is None:
        raise InputHeaderInvalid(file_name, "names no column `seconds` or `minutes`")
    item_type, day = _column(columns, ITEM_TYPE), _column(columns, DAY)
    found, stored = Imported(), []
    for line, cells in _cells(rows, found, file_name):
        try:
            took = seconds(cells.get(times), minutes=is_minutes)
            on = _day(cells.get(day)) if day else None
        except ValueRefused as refusal:
            found.refuse(line, str(refusal))
            continue
        of_type = clean(str(cells.get(item_type) or "").strip())[:200] if item_type else ""
        stored.append(BaselineTime(pilot=pilot, seconds=took, item_type=of_type, day=on))
    found.stored = len(stored)
    if not stored:
        raise InputHeaderInvalid(file_name, "is followed by no row with a time that can be used")
    _replace_baseline(actor, pilot, stored, found, now)
    return found


def import_outcomes(
    actor: Actor, name: str, file: BinaryIO, now: datetime, *, file_name: str = "outcomes.csv"
) -> Imported:
    """Record what became of the pilot's items. Columns: `item` (its external id), `kind`, `value`, `occurred_at`.

    Each outcome is stored and audited by itself, so an import that stops half-way can simply be made again.
    """
    pilot = _pilot(actor, name)
    columns, rows = _open(file, file_name)
    wanted = {key: _column(columns, names) for key, names in _OUTCOME_COLUMNS.items()}
    if missing := [key for key, column in wanted.items() if column is None]:
        raise InputHeaderInvalid(file_name, f"names no column `{'`, `'.join(missing)}`")
    found = Imported()
    waiting: list[tuple[int, Mapping[str, Any]]] = []
    for line, cells in _cells(rows, found, file_name):
        waiting.append((line, {key: cells.get(column or "") for key, column in wanted.items()}))
        if len(waiting) == _ITEMS_AT_ONCE:
            _record_all(actor, pilot, waiting, found, now)
            waiting = []
    _record_all(actor, pilot, waiting, found, now)
    _audit_outcomes(actor, pilot, found, now)
    return found


_OUTCOME_COLUMNS = {"item": ITEM, "kind": KIND, "value": VALUE, "occurred_at": OCCURRED_AT}


def _pilot(actor: Actor, name: str) -> Pilot:
    actor.require_role(*MAY_LEAD)
    return access_pilot(actor, name)


def _open(file: BinaryIO, file_name: str) -> tuple[Sequence[str], Iterator[Row]]:
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise RequestTooLarge(MOST_BYTES)
    table = recognise(content, file_name)
    return table.columns, read_rows(table, open_table(table, content, file_name)[0], file_name)


def _column(columns: Sequence[str], names: Sequence[str]) -> str | None:
    """The column that is called by the first of `names` that there is, whatever its capitals, spaces and hyphens."""
    plain = {column.strip().lower().replace(" ", "_").replace("-", "_"): column for column in reversed(columns)}
    return next((plain[name] for name in names if name in plain), None)


def _cells(rows: Iterator[Row], found: Imported, file_name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for row in rows:
        found.rows += 1
        if found.rows > MOST_ROWS:
            raise InputHeaderInvalid(file_name, f"is followed by more than {MOST_ROWS:,} rows")
        if row.data is None:
            found.refuse(row.line, row.problem or "cannot be read")
        else:
            yield row.line, row.data


def _day(value: object) -> date | None:
    if not str("" if value is None else value).strip():
        return None
    return when(value).date()


def _replace_baseline(
    actor: Actor, pilot: Pilot, stored: Sequence[BaselineTime], found: Imported, now: datetime
) -> None:
    with transaction.atomic():
        BaselineTime.objects.filter(pilot=pilot).delete()
        BaselineTime.objects.bulk_create(stored, batch_size=2_000)
        detail = {"rows": found.rows, "stored": found.stored, "refused": found.refused}
        record(actor.name, [Event("pilot.baseline_imported", f"pilot:{pilot.name}", detail)], now)


def _record_all(
    actor: Actor, pilot: Pilot, rows: Sequence[tuple[int, Mapping[str, Any]]], found: Imported, now: datetime
) -> None:
    names = {str(cells["item"] or "").strip() for _, cells in rows}
    taking_part = Enrolment.objects.filter(pilot=pilot, item__external_id__in=names)
    items = dict(taking_part.values_list("item__external_id", "item_id"))
    for line, cells in rows:
        item = items.get(str(cells["item"] or "").strip())
        if item is None:
            found.miss(line)
            continue
        try:
            _record_one(actor, item, cells, found, now)
        except NotFound:
            found.miss(line)
        except RequestInvalid as refusal:
            found.refuse(line, f"{refusal.field} {refusal.reason}")
        except ValueRefused as refusal:
            found.refuse(line, str(refusal))


def _record_one(actor: Actor, item: UUID, cells: Mapping[str, Any], found: Imported, now: datetime) -> None:
    value, occurred_at = number(cells["value"]), when(cells["occurred_at"])
    kind = str(cells["kind"] or "").strip().lower()
    _, new = record_outcome(actor, item, kind, value, occurred_at, now)
    found.stored += new
    found.known_already += not new


def _audit_outcomes(actor: Actor, pilot: Pilot, found: Imported, now: datetime) -> None:
    with transaction.atomic():
        if found.unknown:
            add_oddities(pilot, [(UNKNOWN_OUTCOME, found.unknown)])
        counts = {"rows": found.rows, "stored": found.stored, "refused": found.refused, "unknown": found.unknown}
        record(actor.name, [Event("pilot.outcomes_imported", f"pilot:{pilot.name}", counts)], now)
