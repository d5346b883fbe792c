"""Importing what is known from elsewhere: handling times of before the pilot, and what became of its items.

A file may be CSV in any usual encoding, or a workbook. A row that cannot be used is counted and named by its line; the
others go in. What is said about a row never quotes it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.connectors.uploads.table import open_table, read_rows, recognise
from graftwork.apps.pilots.actions.amending import add_amendment
from graftwork.apps.pilots.actions.import_values import ValueRefused, number, seconds, when
from graftwork.apps.pilots.actions.locking import checked_reason, locked, require_lead, require_state
from graftwork.apps.pilots.folding.storing import add_oddities
from graftwork.apps.pilots.models import BaselineTime, Enrolment, Pilot, PilotState, UnknownOutcome
from graftwork.apps.pilots.queries import access_pilot
from graftwork.apps.work.actions.outcomes import record_outcome
from graftwork.core.charter.amending import BASELINE_FILE, Change
from graftwork.core.charter.arms import unit_digest
from graftwork.core.errors import InputHeaderInvalid, NotFound, NothingAmended, RequestInvalid, RequestTooLarge
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
    missed: set[str] = field(default_factory=set)  # what the unknown rows said: in memory only, and kept as digests

    def refuse(self, line: int, reason: str) -> None:
        self.refused += 1
        self._name(line, reason)

    def miss(self, line: int, cells: Mapping[str, Any]) -> None:
        self.unknown += 1
        self.missed.add("\0".join(str(cells[key] or "").strip() for key in ("item", "kind", "occurred_at")))
        self._name(line, "names an item that does not take part in this pilot")

    def _name(self, line: int, reason: str) -> None:
        if len(self.problems) < MOST_NAMED:
            self.problems.append((line, reason))


def import_baseline(
    actor: Actor, name: str, file: BinaryIO, now: datetime, *, file_name: str = "baseline.csv", reason: str = ""
) -> Imported:
    """Store handling times of before the pilot, in the place of those imported earlier.

    Columns: `seconds` or `minutes`, and as may be `item_type` and `date`, which may not lie after the start. From the
    start on it is an amendment with a `reason`, and after the end it is refused (`PilotStateWrong`): nobody is to
    choose what the figures are compared with once they are there. Raises an `InputError` where the file as a whole
    cannot be read, or none of its rows can be used, and `NothingAmended` for the same file again; the earlier import
    stays then.
    """
    pilot = _pilot(actor, name)
    reason = _may_import_baseline(pilot, reason)
    content = _content(file)
    columns, rows = _open(content, file_name)
    begins = (pilot.started_at or now).astimezone(UTC).date()
    is_minutes = _column(columns, SECONDS) is None
    times = _column(columns, MINUTES if is_minutes else SECONDS)
    if times is None:
        raise InputHeaderInvalid(file_name, "names no column `seconds` or `minutes`")
    item_type, day = _column(columns, ITEM_TYPE), _column(columns, DAY)
    found, stored = Imported(), []
    for line, cells in _cells(rows, found, file_name):
        try:
            took = seconds(cells.get(times), minutes=is_minutes)
            on = _day(cells.get(day), begins) if day else None
        except ValueRefused as refusal:
            found.refuse(line, str(refusal))
            continue
        of_type = clean(str(cells.get(item_type) or "").strip())[:200] if item_type else ""
        stored.append(BaselineTime(pilot=pilot, seconds=took, item_type=of_type, day=on))
    found.stored = len(stored)
    if not stored:
        raise InputHeaderInvalid(file_name, "is followed by no row with a time that can be used")
    _replace_baseline(actor, name, stored, _File(sha256(content).hexdigest(), reason, found), now)
    return found


def import_outcomes(
    actor: Actor, name: str, file: BinaryIO, now: datetime, *, file_name: str = "outcomes.csv"
) -> Imported:
    """Record what became of the pilot's items. Columns: `item` (its external id), `kind`, `value`, `occurred_at`.

    Each outcome is stored and audited by itself, so an import that stops half-way can simply be made again.
    """
    pilot = _pilot(actor, name)
    require_state(pilot, PilotState.RUNNING, PilotState.PAUSED, PilotState.ENDED)
    columns, rows = _open(_content(file), file_name)
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
    require_lead(actor)
    return access_pilot(actor, name)


def _may_import_baseline(pilot: Pilot, reason: str) -> str:
    """The reason, where one is needed."""
    require_state(pilot, PilotState.DRAFT, PilotState.RUNNING, PilotState.PAUSED)
    return "" if pilot.state == PilotState.DRAFT else checked_reason(reason)


def _content(file: BinaryIO) -> bytes:
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise RequestTooLarge(MOST_BYTES)
    return content


def _open(content: bytes, file_name: str) -> tuple[Sequence[str], Iterator[Row]]:
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


def _day(value: object, begins: date) -> date | None:
    if not str("" if value is None else value).strip():
        return None
    day = when(value).date()
    if day > begins:
        raise ValueRefused("has a date after the start of the pilot, so it is no time of before")
    return day


@dataclass(frozen=True, slots=True)
class _File:
    """An import of times of before: the digest of its file, why it was made after the start, and what it did."""

    sha256: str
    reason: str
    found: Imported


def _replace_baseline(actor: Actor, name: str, stored: Sequence[BaselineTime], file: _File, now: datetime) -> None:
    with transaction.atomic():
        pilot = locked(actor, name)
        reason = _may_import_baseline(pilot, file.reason)  # it may have started or ended meanwhile
        before = pilot.baseline_sha256
        if reason:
            if before == file.sha256:
                raise NothingAmended(name)
            made = [Change(BASELINE_FILE, before or None, file.sha256)]
            add_amendment(actor, pilot, pilot.as_charter, made, reason, now)
        BaselineTime.objects.filter(pilot=pilot).delete()
        BaselineTime.objects.bulk_create(stored, batch_size=2_000)
        pilot.baseline_sha256, pilot.baseline_imported_at = file.sha256, now
        pilot.save(update_fields=["baseline_sha256", "baseline_imported_at"])
        found = file.found
        detail = {
            "rows": found.rows, "stored": found.stored, "refused": found.refused, "before": before,
            "after": file.sha256, "amendment": bool(reason),
        }  # fmt: skip
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
            found.miss(line, cells)
            continue
        try:
            _record_one(actor, item, cells, found, now)
        except NotFound:
            found.miss(line, cells)
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


def _not_missed_before(pilot: Pilot, missed: Iterable[str]) -> int:
    """How many of the rows no earlier import had; they are remembered."""
    rows = UnknownOutcome.objects.filter(pilot=pilot)
    before = rows.count()
    UnknownOutcome.objects.bulk_create(
        [UnknownOutcome(pilot=pilot, digest=unit_digest(pilot.salt, one)) for one in missed],
        batch_size=2_000, ignore_conflicts=True,
    )  # fmt: skip
    return rows.count() - before


def _audit_outcomes(actor: Actor, pilot: Pilot, found: Imported, now: datetime) -> None:
    with transaction.atomic():
        if new := _not_missed_before(pilot, found.missed):
            add_oddities(pilot, [(UNKNOWN_OUTCOME, new)])
        counts = {"rows": found.rows, "stored": found.stored, "refused": found.refused, "unknown": found.unknown}
        record(actor.name, [Event("pilot.outcomes_imported", f"pilot:{pilot.name}", counts)], now)
