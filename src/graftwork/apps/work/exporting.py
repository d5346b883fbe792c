"""Reviews that took effect, written to a file, in memory that does not grow with their number."""

import errno
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal

from django.db import transaction
from django.db.models import QuerySet

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.work.export_formats import MEASURES, Format, Record, check_installed, iso, pieces, write
from graftwork.apps.work.models import Review
from graftwork.apps.work.queries import review_texts, reviews_in_effect, visible_reviews
from graftwork.core.errors import DiskFull, ExportExists
from graftwork.core.extraction.changes import field_changes
from graftwork.core.usecase_tables import Role

MAY_EXPORT: tuple[Role, ...] = ("ops", "owner", "compliance")
CHUNK_REVIEWS = 500

COLUMNS = (
    "review_id", "item", "thread", "use_case", "decision", "reason", "note", "draft", "final", "edit_script",
    "field_changes",
    *MEASURES, "reviewer", "release", "model", "engine", "zone", "simulated", "decided_at", "effective_at",
)  # fmt: skip
NAME_COLUMN = "reviewer_name"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reviews: decided from `since` up to, not including, `until`. `names` adds the reviewers' user names."""

    use_case: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    include_simulated: bool = False
    names: bool = False
    decision: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return (*COLUMNS, NAME_COLUMN) if self.names else COLUMNS


def wanted_reviews(wanted: Wanted, now: datetime) -> QuerySet[Review]:
    return _narrowed(reviews_in_effect(now), wanted)


def _narrowed(reviews: QuerySet[Review], wanted: Wanted) -> QuerySet[Review]:
    if wanted.decision is not None:
        reviews = reviews.filter(decision=wanted.decision)
    if wanted.use_case is not None:
        reviews = reviews.filter(item__use_case=wanted.use_case)
    if wanted.since is not None:
        reviews = reviews.filter(decided_at__gte=wanted.since)
    if wanted.until is not None:
        reviews = reviews.filter(decided_at__lt=wanted.until)
    return reviews if wanted.include_simulated else reviews.filter(simulated=False)


def count_simulated(wanted: Wanted, now: datetime) -> int:
    """How many simulated reviews there are among the wanted ones, asked for or not."""
    return wanted_reviews(replace(wanted, include_simulated=True), now).filter(simulated=True).count()


def export_reviews(
    actor: Actor, wanted: Wanted, form: Format, path: Path, now: datetime, *, force: bool = False
) -> int:
    """Write the wanted reviews to `path`, oldest first; returns how many. The file appears whole or not at all.

    Only its owner may read it: it holds what customers and reviewers wrote. Raises `ExportExists`, `ParquetMissing`,
    `DiskFull`.
    """
    _check(actor, form)
    with _new_file(path, force=force) as stream:
        return _write(actor, wanted, form, stream, now)


def stream_reviews(actor: Actor, wanted: Wanted, form: Format, stream: BinaryIO, now: datetime) -> int:
    """The same into an open stream, such as standard output."""
    _check(actor, form)
    return _write(actor, wanted, form, stream, now)


def download_reviews(
    actor: Actor, wanted: Wanted, form: Literal["csv", "xlsx"], now: datetime
) -> tuple[int, Iterator[bytes]]:
    """How many reviews, and the file bit by bit: those of them that this actor may see.

    What leaves is recorded before the first byte of it does: whoever breaks off has had a part.
    """
    _check(actor, form)
    count = _narrowed(visible_reviews(actor, now), wanted).count()
    _record_export(actor, wanted, form, count, now)
    return count, pieces(form, _records(actor, wanted, now), wanted.columns)


def _check(actor: Actor, form: Format) -> None:
    actor.require_role(*MAY_EXPORT)
    actor.require_scope("reviews:read")
    check_installed(form)


def _write(actor: Actor, wanted: Wanted, form: Format, stream: BinaryIO, now: datetime) -> int:
    counter = _Counter(_records(actor, wanted, now))
    write(form, counter, wanted.columns, stream)
    _record_export(actor, wanted, form, counter.count, now)
    return counter.count


def _record_export(actor: Actor, wanted: Wanted, form: Format, count: int, now: datetime) -> None:
    detail = {
        "reviews": count, "format": form, "use_case": wanted.use_case, "names": wanted.names,
        "since": iso(wanted.since), "until": iso(wanted.until), "simulated": wanted.include_simulated,
        **({"decision": wanted.decision} if wanted.decision else {}),
    }  # fmt: skip
    with transaction.atomic():
        record(actor.name, [Event("reviews.exported", "reviews", detail)], now)


def _records(actor: Actor, wanted: Wanted, now: datetime) -> Iterator[dict[str, Any]]:
    """In chunks by key: a cursor held open for the whole export would keep SQLite's log from being cut back."""
    visible = _narrowed(visible_reviews(actor, now), wanted)
    reviews = visible.select_related("item__scope_key", "draft", "reviewer").order_by("pk")
    chunk = list(reviews[:CHUNK_REVIEWS])
    while chunk:
        for review in chunk:
            yield _record(review, names=wanted.names)
        chunk = list(reviews.filter(pk__gt=chunk[-1].pk)[:CHUNK_REVIEWS])


def _record(review: Review, *, names: bool) -> dict[str, Any]:
    texts, item, draft = review_texts(review), review.item, review.draft
    row = {
        "review_id": str(review.pk),
        "item": item.external_id,
        "thread": item.thread,
        "use_case": item.use_case,
        "decision": review.decision,
        "reason": review.reason or None,
        "note": texts.note,
        "draft": texts.draft,
        "final": texts.final,
        "edit_script": [asdict(edit) for edit in texts.edits] if texts.edits is not None else None,
        "field_changes": _field_changes(texts.draft, texts.final),
        **{name: getattr(review, name) for name in MEASURES},
        "reviewer": review.reviewer_id,
        "release": review.release_id,
        **{name: getattr(draft, name) if draft else None for name in ("model", "engine", "zone")},
        "simulated": review.simulated,
        "decided_at": review.decided_at,
        "effective_at": review.effective_at,
    }
    if names:
        row[NAME_COLUMN] = review.reviewer.username if review.reviewer else None
    return row


def _field_changes(draft: str | None, final: str | None) -> list[dict[str, str | None]] | None:
    """What was changed of each value, where both texts are JSON objects; values as JSON, null where there was none."""
    try:
        before, after = json.loads(draft or ""), json.loads(final or "")
    except ValueError:
        return None
    if not isinstance(before, dict) or not isinstance(after, dict):
        return None
    return [
        {
            "path": change.path,
            "before": None if change.kind == "added" else json.dumps(change.before, ensure_ascii=False),
            "after": None if change.kind == "removed" else json.dumps(change.after, ensure_ascii=False),
        }
        for change in field_changes(before, after)
    ]


class _Counter:
    """Counts what passes through."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = records
        self.count = 0

    def __iter__(self) -> Iterator[Record]:
        for row in self._records:
            self.count += 1
            yield row


@contextmanager
def _new_file(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """A file beside `path` that takes its place when the block ends well, and is gone when it does not."""
    if not force and path.exists():
        raise ExportExists(str(path))
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if not force and path.exists():
            raise ExportExists(str(path))
        temporary.replace(path)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(str(path.parent)) from None
        if error.filename == str(temporary):  # people know the name they gave, not ours
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise
    finally:
        temporary.unlink(missing_ok=True)
