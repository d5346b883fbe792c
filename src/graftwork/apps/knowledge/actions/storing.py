"""Writing documents: each in one transaction with its passages and vectors, so that a kill leaves all of it or none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import transaction

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.knowledge import sealing
from graftwork.apps.knowledge.hooks import withdrawn
from graftwork.apps.knowledge.models import MAX_PATH_CHARACTERS, DocumentState, IndexRevision, Source, SourceDocument
from graftwork.apps.knowledge.queries import SEALED_FIELDS, source_by_name
from graftwork.core.document import Document
from graftwork.core.errors import GraftworkError
from graftwork.core.ids import uuid7
from graftwork.core.knowledge.chunking import Chunk, chunks_of
from graftwork.core.knowledge.parts import parts_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Part:
    """A document, or one attachment of it: `number` is empty, or `2`, or `2.1` for one inside of that."""

    number: str
    name: str
    document: Document = field(repr=False)
    chunks: Sequence[Chunk] = field(repr=False)

    @classmethod
    def of(cls, number: str, name: str, document: Document) -> "Part":
        return cls(number, name[: MAX_PATH_CHARACTERS * 2], document, chunks_of(document))


@dataclass(frozen=True, slots=True)
class Reading:
    """One file that was read: itself first, then what is attached to it."""

    path: str
    size_bytes: int
    stamp: str
    sha256: str
    parts: tuple[Part, ...]

    @property
    def passages(self) -> int:
        return sum(len(part.chunks) for part in self.parts)

    @property
    def indexed_texts(self) -> list[str]:
        """What is embedded, in the order in which `store` takes the vectors."""
        return [chunk.indexed_text(part.document.title) for part in self.parts for chunk in part.chunks]


def reading_of(path: str, size_bytes: int, stamp: str, document: Document) -> Reading:
    """Cuts a document and what is attached to it into passages."""
    parts = tuple(Part.of(*one) for one in parts_of(path, document))
    return Reading(path, size_bytes, stamp, document.sha256, parts)


def raise_revision() -> str:
    """The mark of the write that is being made. Call it first: the row stays locked until the transaction ends."""
    counter, _ = IndexRevision.objects.select_for_update().get_or_create(pk=1)
    counter.revision += 1
    counter.mark = uuid4().hex
    counter.save(update_fields=["revision", "mark"])
    return counter.mark


def store(
    actor: Actor, source_name: str, reading: Reading, vectors: "NDArray[np.float32]", made_with: str, now: datetime
) -> list[SourceDocument]:
    """Put a file's documents in place of what was stored of it. Raises `NotFound` where the source is gone.

    Where that said something else, drafts that nobody has decided on may rest on words that are no longer there.
    """
    with transaction.atomic():
        mark = raise_revision()
        source = source_by_name(source_name)
        known = {row.part: row for row in source.documents.filter(path=reading.path).defer(*SEALED_FIELDS)}
        now_there = {part.number: part.document.sha256 for part in reading.parts}
        gone = [row.pk for part, row in known.items() if part not in now_there]
        if any(row.state == DocumentState.READY and now_there.get(part) != row.sha256 for part, row in known.items()):
            withdrawn(source.name, now)
        SourceDocument.objects.filter(pk__in=gone).delete()
        rows, first, key = [], 0, sealing.key_of(source)
        for part in reading.parts:
            row = SourceDocument(
                id=known[part.number].pk if part.number in known else uuid7(),
                source=source, path=reading.path, part=part.number, name=part.name, sha256=part.document.sha256,
                size_bytes=reading.size_bytes, stamp=reading.stamp, format=part.document.format,
                notices=sorted({notice.code for notice in part.document.notices}), state=DocumentState.READY,
                passages=len(part.chunks), made_with=made_with, mark=mark, stored_at=now,
            )  # fmt: skip
            sealed = sealing.seal(key, row, part.document, part.chunks, vectors[first : first + len(part.chunks)])
            row.content_sealed, row.chunks_sealed, row.vectors_sealed = sealed.content, sealed.chunks, sealed.vectors
            row.save(force_update=part.number in known, force_insert=part.number not in known)
            rows.append(row)
            first += len(part.chunks)
        events = [
            Event("document.stored", f"document:{row.pk}", {"source": source.name, "passages": row.passages})
            for row in rows
        ]
        record(actor.name, events, now)
    return rows


def store_failure(
    actor: Actor, source_name: str, path: str, size_bytes: int, stamp: str, sha256: str, error: GraftworkError,
    now: datetime,
) -> None:  # fmt: skip
    """Put a file aside that cannot be read, with the reason. What was stored of it before is out of date: it goes."""
    with transaction.atomic():
        mark = raise_revision()
        source = source_by_name(source_name)
        row = source.documents.filter(path=path, part="").defer(*SEALED_FIELDS).first()
        source.documents.filter(path=path).exclude(part="").delete()
        if row is not None and row.state == DocumentState.READY:
            withdrawn(source.name, now)
        new = SourceDocument(
            id=row.pk if row else uuid7(), source=source, path=path, name=path, sha256=sha256, size_bytes=size_bytes,
            stamp=stamp, state=DocumentState.FAILED, error_code=error.code, error_message=error.message[:1_000],
            mark=mark, stored_at=now,
        )  # fmt: skip
        new.save(force_update=row is not None, force_insert=row is None)
        record(actor.name, [Event("document.failed", f"document:{new.pk}", _failure(source, error))], now)


def remove_paths(actor: Actor, source_name: str, paths: Iterable[str], now: datetime) -> int:
    """Delete the documents of these files; returns how many, attachments included. Gone from answers at once."""
    wanted = list(paths)
    with transaction.atomic():
        raise_revision()
        source = source_by_name(source_name)
        rows = [
            row
            for start in range(0, len(wanted), 500)
            for row in source.documents.filter(path__in=wanted[start : start + 500]).only("id", "path", "part")
        ]
        if not rows:
            return 0
        withdrawn(source.name, now)
        for start in range(0, len(rows), 500):
            SourceDocument.objects.filter(pk__in=[row.pk for row in rows[start : start + 500]]).delete()
        record(
            actor.name, [Event("document.removed", f"document:{row.pk}", {"source": source.name}) for row in rows], now
        )
    return len(rows)


def _failure(source: Source, error: GraftworkError) -> dict[str, str]:
    return {"source": source.name, "error": error.code}
