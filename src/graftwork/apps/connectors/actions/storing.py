"""Records become items: item, origin, cursor and what could not come in are stored in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record as audit
from graftwork.apps.audit.chain import Event
from graftwork.apps.connectors.actions.lanes import held, note_success
from graftwork.apps.connectors.models import Lane, Origin, Refusal
from graftwork.apps.connectors.sealing import seal_record, sealed_origin
from graftwork.apps.keyring import keyring
from graftwork.apps.vault.actions import scope_keys
from graftwork.apps.vault.sealing import unwrap
from graftwork.apps.work.actions.items import Created, create_items
from graftwork.apps.work.models import Item
from graftwork.apps.work.usecases import get_usecase
from graftwork.core.errors import RowRejected
from graftwork.core.intake.row import clean
from graftwork.core.items import NewItem, read_row
from graftwork.core.usecase import UseCase
from graftwork.systems.contract import Pulled, Record
from graftwork.systems.file import ConnectorFile

ID_TAKEN = "connector.id_taken"
UNREADABLE = "connector.record_unreadable"


@dataclass(frozen=True, slots=True)
class Stored:
    """How many records became items, were items already, or were put aside for a person."""

    created: int = 0
    known: int = 0
    refused: int = 0

    def __add__(self, other: "Stored") -> "Stored":
        return Stored(self.created + other.created, self.known + other.known, self.refused + other.refused)


@dataclass(frozen=True, slots=True)
class _Refused:
    record: Record
    code: str
    message: str


def store_pulled(
    actor: Actor, file: ConnectorFile, lane: Lane, pulled: Pulled, next_pull_at: datetime, now: datetime
) -> Stored:
    """The records and the cursor behind them, or neither. Raises `LaneLost` where another worker is at it by now."""
    with transaction.atomic():
        row = held(lane)
        stored = store_records(actor, file, pulled.records, now)
        row.cursor = lane.cursor = dict(pulled.cursor)
        row.not_before = next_pull_at
        row.done += stored.created
        row.save(update_fields=["cursor", "not_before", "done"])
    return stored


def pulled_well(lane: Lane, next_pull_at: datetime, now: datetime) -> None:
    """The system was told too, where it is to be: only now its failures are over. Raises `LaneLost`."""
    with transaction.atomic():
        note_success(held(lane), now, not_before=next_pull_at)


def store_records(actor: Actor, file: ConnectorFile, records: Sequence[Record], now: datetime) -> Stored:
    """Items for what can become one, letters for the rest. Known keys change nothing, so records may come twice."""
    if not records:
        return Stored()
    use_case = get_usecase(file.use_case)
    with transaction.atomic():
        items, refused = _sorted_out(use_case, records)
        created = create_items(actor, use_case, [item for _, item in items], now) if items else []
        by_id = {item.external_id: record for record, item in reversed(items)}
        _store_origins(file, created, by_id)
        refused += _taken_ids(file, created, by_id)
        _store_refused(actor, file, refused, now)
        still = {one.record.key for one in refused}
        _forget_refusals(file, [record for record, _ in items if record.key not in still])
    made = sum(one.created for one in created)
    return Stored(made, len(created) - made, len(refused))


def _sorted_out(use_case: UseCase, records: Sequence[Record]) -> tuple[list[tuple[Record, NewItem]], list[_Refused]]:
    items: list[tuple[Record, NewItem]] = []
    refused: list[_Refused] = []
    for number, record in enumerate(records, 1):
        if not record.key.strip():
            refused.append(_Refused(record, UNREADABLE, "its system gives it no key"))
            continue
        if record.problem:
            refused.append(_Refused(record, UNREADABLE, record.problem))
            continue
        try:
            items.append((record, as_item(use_case, record, number)))
        except RowRejected as error:
            refused.append(_Refused(record, error.code, error.reason))
    return items, refused


def as_item(use_case: UseCase, record: Record, number: int) -> NewItem:
    """The item that `record`, the one of that number, becomes. Raises `RowRejected`."""
    names = {use_case.input.id: record.key, use_case.input.thread: record.thread or record.key}
    return read_row(use_case, {**record.row, **names}, line=number)


def _store_origins(file: ConnectorFile, created: Sequence[Created], records: Mapping[str, Record]) -> None:
    new = {one.item_id: one.external_id for one in created if one.created}
    rows = Item.objects.filter(pk__in=new).select_related("scope_key").defer("content_sealed")
    Origin.objects.bulk_create(sealed_origin(row, file.name, records[new[row.pk]]) for row in rows)


def _taken_ids(file: ConnectorFile, created: Sequence[Created], records: Mapping[str, Record]) -> list[_Refused]:
    """Records whose id another connector, or somebody else, has given to an item: two systems may count alike."""
    known = {one.item_id: one.external_id for one in created if not one.created}
    ours = set(Origin.objects.filter(pk__in=known, connector=file.name).values_list("pk", flat=True))
    message = "an item of the use case that came another way has this id"
    return [_Refused(records[name], ID_TAKEN, message) for pk, name in known.items() if pk not in ours]


def _store_refused(actor: Actor, file: ConnectorFile, refused: Sequence[_Refused], now: datetime) -> None:
    if not refused:
        return
    scope = f"connectors/{file.name}"  # no thread of a use case is called so: those have a colon
    scope_key = scope_keys([scope])[scope]
    key = unwrap(scope_key, keyring())
    known = {row.key_hash: row for row in Refusal.objects.filter(
        connector=file.name, key_hash__in=[_key_hash(file, one.record) for one in refused]
    )}  # fmt: skip
    events = []
    for one in refused:
        row = known.get(_key_hash(file, one.record))
        if row is None:
            row = Refusal(connector=file.name, key_hash=_key_hash(file, one.record), scope_key=scope_key)
            row.first_seen_at = now
            known[row.key_hash] = row
            events.append(Event("record.refused", f"connector:{file.name}", {"refusal": str(row.pk), "code": one.code}))
        row.seen_at, row.error_code, row.error_message = now, one.code, clean(one.message)[:500]
        seal_record(key, row, one.record)
        row.save()
    audit(actor.name, events, now)


def _forget_refusals(file: ConnectorFile, records: Sequence[Record]) -> None:
    """What was mended in its system has come in after all."""
    if Refusal.objects.filter(connector=file.name).exists():
        hashes = [_key_hash(file, record) for record in records]
        Refusal.objects.filter(connector=file.name, key_hash__in=hashes).delete()


def _key_hash(file: ConnectorFile, record: Record) -> str:
    """Keys may be personal (a file's name, an address in a message id), so only their digest stands in the clear."""
    return sha256(f"{file.name}\n{record.key}".encode(errors="replace")).hexdigest()
