"""The index of this process, in memory, which follows the database: what changed is taken in before each search.

Every write sets a new mark in its own transaction. A process that finds another mark than its own compares the
documents by their keys and marks, forgets those that are gone, and loads those that are new. So a document that was
deleted is gone from answers in every process with the next question.
"""

import logging
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from graftwork.apps.keyring import keyring
from graftwork.apps.knowledge import sealing
from graftwork.apps.knowledge.embedding import Embedding, embedding_of_settings
from graftwork.apps.knowledge.models import DocumentState, Source, SourceDocument
from graftwork.apps.knowledge.queries import current_mark
from graftwork.apps.vault.sealing import DataKey, unwrap
from graftwork.core.errors import StoreError
from graftwork.core.knowledge.snapshot import snapshot_digest

if TYPE_CHECKING:
    from graftwork.core.knowledge.embedding import Vectors
    from graftwork.core.knowledge.index import IndexedChunk, KnowledgeIndex

logger = logging.getLogger(__name__)

# Documents that are opened before they are put into the index together, which is quicker than one by one.
LOADED_AT_ONCE = 200
REMOVED_ONE_BY_ONE = 20


@dataclass(frozen=True, slots=True)
class Held:
    """A document that the index holds, as it was when it was taken in."""

    mark: str
    source: str
    name: str
    sha256: str


class StoreIndex:
    """All documents of the store that were embedded as `embedding` embeds."""

    def __init__(self, embedding: Embedding) -> None:
        self._embedding = embedding
        self._following = threading.Lock()
        self._index: KnowledgeIndex | None = None
        self._held: dict[UUID, Held] = {}
        self._mark: str | None = None
        # A question asks for the digest of the same sources as the one before, until something is written.
        self._digests: dict[frozenset[str] | None, str] = {}

    def pinned(self, sources: Collection[str] | None = None) -> "tuple[KnowledgeIndex, str]":
        """The index as the database is at this moment, and the digest of what `sources`, or all, hold in it.

        The index stays in that state, whatever is written meanwhile; the digest is empty where they hold nothing.
        Raises `ModelNotPulled`, and the database's errors.
        """
        with self._following:
            return self._current().pinned(), self._snapshot(None if sources is None else frozenset(sources))

    def _current(self) -> "KnowledgeIndex":
        index = self._index or self._new()
        mark = current_mark()
        if mark != self._mark:
            self._follow(index)
            self._mark = mark
        self._index = index
        return index

    def _snapshot(self, wanted: frozenset[str] | None) -> str:
        if wanted not in self._digests:
            held = [one for one in self._held.values() if wanted is None or one.source in wanted]
            documents = [(one.source, one.name, one.sha256) for one in held]
            self._digests[wanted] = snapshot_digest(documents, self._embedding.name) if held else ""
        return self._digests[wanted]

    def _new(self) -> "KnowledgeIndex":
        # Takes 50 MB with numpy and tantivy, which a web process where nobody searches does without.
        from graftwork.core.knowledge.index import KnowledgeIndex  # noqa: PLC0415 - as above

        self._held, self._mark = {}, None
        return KnowledgeIndex(self._embedding.embedder())

    def _follow(self, index: "KnowledgeIndex") -> None:
        self._digests.clear()
        there = _marks(self._embedding.made_with)
        stale = {pk for pk, held in self._held.items() if there.get(pk) != (held.mark, held.source)}
        for source in _worth_a_rebuild(self._held, stale):
            index.remove_source(source)
            self._held = {pk: held for pk, held in self._held.items() if held.source != source}
        for pk in stale & self._held.keys():
            held = self._held.pop(pk)
            index.remove(held.source, held.name)
        fresh = sorted(there.keys() - self._held.keys())
        for start in range(0, len(fresh), LOADED_AT_ONCE):
            self._held |= _take_in(index, fresh[start : start + LOADED_AT_ONCE])


def _marks(made_with: str) -> dict[UUID, tuple[str, str]]:
    """The mark and the source of each document that can be searched."""
    rows = SourceDocument.objects.filter(state=DocumentState.READY, made_with=made_with)
    return {pk: (mark, source) for pk, mark, source in rows.values_list("pk", "mark", "source__name")}


def _worth_a_rebuild(held: Mapping[UUID, Held], stale: Collection[UUID]) -> list[str]:
    """The sources to take out whole and load again: each single removal is a commit of the index."""
    documents = Counter(one.source for one in held.values())
    gone = Counter(held[pk].source for pk in stale)
    return [
        source
        for source, count in gone.items()
        if count == documents[source] or count > max(REMOVED_ONE_BY_ONE, documents[source] // 10)
    ]


def _take_in(index: "KnowledgeIndex", ids: Collection[UUID]) -> dict[UUID, Held]:
    """Load documents and put them into the index. One that was changed in the database is left out, and said so."""
    import numpy as np  # noqa: PLC0415 - loaded with the index

    rows = SourceDocument.objects.filter(pk__in=ids).defer("content_sealed").order_by("pk")
    keys = _keys(Source.objects.filter(documents__in=ids).select_related("scope_key").distinct())
    held: dict[UUID, Held] = {}
    chunks: list[IndexedChunk] = []
    vectors = []
    for row in rows:
        source, key = keys[row.source_id]
        try:
            found, of_it = _opened(key, row, source)
        except StoreError as error:
            logger.error("document %s cannot be searched: %s", row.pk, error.code)
            continue
        held[row.pk] = Held(row.mark, source, row.name, row.sha256)
        chunks += found
        if found:
            vectors.append(of_it)
    if chunks:
        index.add(chunks, np.concatenate(vectors))
    return held


def _keys(sources: Iterable[Source]) -> Mapping[int, tuple[str, DataKey]]:
    ring = keyring()
    return {source.pk: (source.name, unwrap(source.scope_key, ring)) for source in sources}


def _opened(key: DataKey, row: SourceDocument, source: str) -> "tuple[list[IndexedChunk], Vectors]":
    from graftwork.core.knowledge.index import IndexedChunk  # noqa: PLC0415 - loaded with the index

    title, chunks, vectors = sealing.unseal_chunks(key, row)
    found = [
        IndexedChunk(
            id=f"{row.pk}:{chunk.number}", source=source, document=row.name, title=title, text=chunk.text,
            start=chunk.start, end=chunk.end, page=chunk.page, headings=chunk.headings, document_sha256=row.sha256,
            table_head=chunk.table_head,
        )
        for chunk in chunks
    ]  # fmt: skip
    return found, vectors


def store_index() -> StoreIndex:
    """That of this process."""
    return _store_index(embedding_of_settings())


@lru_cache(maxsize=1)
def _store_index(embedding: Embedding) -> StoreIndex:
    return StoreIndex(embedding)


def current_index() -> "tuple[KnowledgeIndex, str]":
    """The index of this process, up to date, and the digest of its state; empty where it holds nothing."""
    return store_index().pinned()
