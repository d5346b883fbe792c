"""Bringing what is stored of a source to what its folder holds: only what changed is read, and only that is embedded.

Files are read one by one and embedded several at a time; each is stored in a transaction of its own. Killed at any
moment, a refresh leaves whole documents behind, and the next one goes on with the rest.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from graftwork.apps.actors import Actor
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.knowledge.actions.sources import require_manager
from graftwork.apps.knowledge.actions.storing import Part, Reading, reading_of, remove_paths, store, store_failure
from graftwork.apps.knowledge.embedding import BATCH_PASSAGES, Embedding, embedding_of_settings
from graftwork.apps.knowledge.files import FoundFile, digest_or_none
from graftwork.apps.knowledge.models import Source, SourceDocument
from graftwork.apps.knowledge.planning import Plan, plan
from graftwork.apps.knowledge.queries import document_text, source_by_name
from graftwork.apps.knowledge.reading import read_file, reader_of_settings
from graftwork.core.document import Document
from graftwork.core.documents.errors import DocumentError, DocumentUnreadable
from graftwork.core.documents.sandbox import DocumentReader


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a refresh has come; `bytes_done` counts the files that are stored, and what of one is embedded."""

    files: int
    files_done: int
    bytes: int
    bytes_done: float
    passages: int
    seconds: float

    @property
    def seconds_left(self) -> float | None:
        """By the pace so far; unknown before anything was stored."""
        if self.bytes_done <= 0:
            return None
        return max(0.0, self.seconds * (self.bytes - self.bytes_done) / self.bytes_done)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did, in files; `passages` are those that were embedded. `complete` is false after a stop."""

    stored: int = 0
    failed: int = 0
    removed: int = 0
    unchanged: int = 0
    passed_over: int = 0
    passages: int = 0
    seconds: float = 0.0
    complete: bool = True


OnProgress = Callable[[Progress], None]


def _ignore(progress: Progress) -> None:
    """For callers that show nothing."""


def refresh(
    actor: Actor,
    name: str,
    *,
    reader: DocumentReader,
    embedding: Embedding,
    clock: Callable[[], datetime] = timezone.now,
    on_progress: OnProgress = _ignore,
    stopping: Callable[[], bool] = lambda: False,
    retry_failed: bool = True,
    all_gone: bool = False,
) -> Refreshed:
    """Read the source `name` again. Raises `NotFound`, `InputNotFound` without its folder, the embedding's errors.

    What cannot be read is put aside with its reason, and tried again only where `retry_failed` asks for it. Raises
    `SourceEmptied` for a folder that lost all its documents, which are deleted only where `all_gone` says so.
    """
    require_manager(actor)
    source = source_by_name(name)
    todo = plan(source, embedding.made_with, retry_failed=retry_failed, all_gone=all_gone)
    return _Refresh(actor, source, reader, embedding, clock, on_progress, stopping).run(todo)


class _Refresh:
    """One refresh, step by step. What is read waits until there is enough of it to embed at once."""

    def __init__(
        self,
        actor: Actor,
        source: Source,
        reader: DocumentReader,
        embedding: Embedding,
        clock: Callable[[], datetime],
        on_progress: OnProgress,
        stopping: Callable[[], bool],
    ) -> None:
        self._actor = actor
        self._source = source
        self._reader = reader
        self._embedding = embedding
        self._clock = clock
        self._show = on_progress
        self._stopping = stopping
        self._done = Refreshed()
        self._waiting: list[Reading] = []
        self._began = time.monotonic()
        self._progress = Progress(0, 0, 0, 0.0, 0, 0.0)

    def run(self, todo: Plan) -> Refreshed:
        self._progress = replace(self._progress, files=todo.files, bytes=todo.size_bytes)
        self._done = replace(self._done, unchanged=todo.unchanged, passed_over=todo.passed_over)
        self._give_sign_of_life()
        if todo.gone:
            remove_paths(self._actor, self._source.name, todo.gone, self._clock())
            self._done = replace(self._done, removed=len(todo.gone))
        for row, stamp in todo.touched:
            SourceDocument.objects.filter(pk=row.pk).update(stamp=stamp)
        work: list[SourceDocument | FoundFile] = [*todo.embed_again, *todo.read]
        for one in work:
            if self._stopping():
                self._done = replace(self._done, complete=False)
                break
            self._take(one)
        self._embed_waiting()
        return self._finish()

    def _take(self, one: SourceDocument | FoundFile) -> None:
        if isinstance(one, SourceDocument):
            self._waiting.append(_stored_reading(one))
        elif (reading := self._read(one)) is not None:
            self._waiting.append(reading)
        if sum(reading.passages for reading in self._waiting) >= BATCH_PASSAGES:
            self._embed_waiting()

    def _read(self, file: FoundFile) -> Reading | None:
        sha256 = digest_or_none(file, Path(self._source.location))
        try:
            document = self._as_found(file, sha256)
        except DocumentError as error:
            store_failure(
                self._actor, self._source.name, file.path, file.size_bytes, file.stamp, sha256, error, self._clock()
            )
            self._done = replace(self._done, failed=self._done.failed + 1)
            self._advance(file.size_bytes, files=1)
            return None
        return reading_of(file.path, file.size_bytes, file.stamp, document)

    def _as_found(self, file: FoundFile, sha256: str) -> Document:
        """Raises `DocumentError`, also where the file is not the one that was found, before it is read or after."""
        document = read_file(self._reader, file.file, sha256) if sha256 else None
        if document is None or document.sha256 != sha256:
            raise DocumentUnreadable(file.path, "it cannot be opened, or is not the file that was found")
        return document

    def _embed_waiting(self) -> None:
        """One call of the model for what several small files say; a long file takes several."""
        if not self._waiting:
            return
        texts = [text for reading in self._waiting for text in reading.indexed_texts]
        size = sum(reading.size_bytes for reading in self._waiting)
        pieces = []
        for piece in self._embedding.in_pieces(texts, BATCH_PASSAGES):
            pieces.append(piece)
            self._advance(size * len(piece) / len(texts), passages=len(piece))
        vectors = self._embedding.joined(pieces)
        first = 0
        for reading in self._waiting:
            of_it = vectors[first : first + reading.passages]
            store(self._actor, self._source.name, reading, of_it, self._embedding.made_with, self._clock())
            first += reading.passages
            self._done = replace(self._done, stored=self._done.stored + 1)
            self._advance(0.0 if texts else reading.size_bytes, files=1)
        self._waiting.clear()
        self._give_sign_of_life()

    def _give_sign_of_life(self) -> None:
        """No worker begins the same source while somebody is at it, which may take hours the first time."""
        Source.objects.filter(pk=self._source.pk).update(tried_at=self._clock())

    def _advance(self, size: float, *, files: int = 0, passages: int = 0) -> None:
        before = self._progress
        self._progress = replace(
            before,
            files_done=before.files_done + files,
            bytes_done=before.bytes_done + size,
            passages=before.passages + passages,
            seconds=time.monotonic() - self._began,
        )
        self._show(self._progress)

    def _finish(self) -> Refreshed:
        done = replace(self._done, passages=self._progress.passages, seconds=time.monotonic() - self._began)
        now = self._clock()
        with transaction.atomic():
            ended = {"refreshed_at": now} if done.complete else {}
            Source.objects.filter(pk=self._source.pk).update(tried_at=now, **ended)
            if done.stored or done.failed or done.removed:
                counts = {
                    name: getattr(done, name) for name in ("stored", "failed", "removed", "unchanged", "passages")
                }
                detail = {"name": self._source.name, **counts}
                record(self._actor.name, [Event("source.refreshed", f"source:{self._source.pk}", detail)], now)
        return done


def _stored_reading(row: SourceDocument) -> Reading:
    """A file as it was read before, from the database."""
    rows = row.source.documents.select_related("source__scope_key").filter(path=row.path).order_by("part")
    parts = tuple(Part.of(one.part, one.name, document_text(one)) for one in rows)
    return Reading(row.path, row.size_bytes, row.stamp, row.sha256, parts)


def refresh_in_turn(actor: Actor, name: str, stopping: Callable[[], bool], turn_seconds: float) -> bool:
    """A worker's share of a refresh: what it can in `turn_seconds`; true where something is left for the next turn."""
    ends = time.monotonic() + turn_seconds
    done = refresh(
        actor,
        name,
        reader=reader_of_settings(),
        embedding=embedding_of_settings(),
        stopping=lambda: stopping() or time.monotonic() > ends,
        retry_failed=False,
    )
    return not done.complete
