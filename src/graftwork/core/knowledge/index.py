"""What is searched: passages by their words and by their meaning, in the memory of one process.

Nothing of it is written to disk: it is built from the store, where texts are sealed, and a document that is removed is
gone with the next question.
"""

import copy
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from graftwork.core.knowledge.chunking import indexed_text
from graftwork.core.knowledge.embedding import Embedder, Vectors
from graftwork.core.knowledge.fusion import fused, relevance, reordered
from graftwork.core.knowledge.lexical import Entry, LexicalHalf, LexicalSearcher, Words, coverage
from graftwork.core.knowledge.rerank import Reranker, TokenEmbedder
from graftwork.core.knowledge.vectors import Rows, RowStore, empty_rows

# How many of each half are put together: more change no first page.
CANDIDATES = 100
_COMPACT_FROM = 256
_COMPACT_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class IndexedChunk:
    """A passage as it is found and cited. `text` is its stretch, `start` to `end`, of the document's text.

    `document` names the document within its source, `document_sha256` its bytes; `table_head` is the first row of the
    table that the passage continues, which is searched with it.
    """

    id: str
    source: str
    document: str
    title: str
    text: str = field(repr=False)
    start: int
    end: int
    page: int | None = None
    headings: tuple[str, ...] = ()
    document_sha256: str = ""
    table_head: str = field(default="", repr=False)

    @property
    def indexed_text(self) -> str:
        return indexed_text(self.title, self.headings, self.table_head, self.text)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found. `score` orders the hits of one question, `relevance` (0 to 1) compares questions.

    `lexical_rank` and `vector_rank` count from 1; `None` where that half did not have it among its candidates.
    """

    chunk: IndexedChunk
    score: float
    relevance: float
    lexical_rank: int | None
    vector_rank: int | None


@dataclass(frozen=True, slots=True)
class _State:
    """All that a search needs. A new one is put in place whole, so that readers never wait and never see half."""

    chunks: dict[int, IndexedChunk]
    rows: Rows
    words: LexicalSearcher
    source_numbers: dict[str, int]


class KnowledgeIndex:
    """Passages that can be searched. Any number of threads may search while another adds and removes."""

    def __init__(self, embedder: Embedder, *, language: str = "english") -> None:
        self.embedder = embedder
        self._reranker = Reranker(embedder) if isinstance(embedder, TokenEmbedder) else None
        self._analysis = Words(language)
        self._lexical = LexicalHalf(self._analysis)
        self._store = RowStore(embedder.dimensions)
        self._writing = threading.Lock()
        self._next = 0
        self._documents: dict[str, dict[str, list[int]]] = {}
        self._state = _State({}, empty_rows(embedder.dimensions), self._lexical.searcher(), {})

    def __len__(self) -> int:
        return int(self._state.rows.alive.sum())

    def add(self, chunks: Sequence[IndexedChunk], vectors: Vectors | None = None) -> None:
        """Add passages, embedded here where `vectors` (one row each, unit length) are not given.

        Many at once are quicker than one by one. Raises `VectorsDiffer`, and what the embedder raises.
        """
        if not chunks:
            return
        if vectors is None:
            vectors = self.embedder.embed_passages([chunk.indexed_text for chunk in chunks])
        with self._writing:
            state = self._state
            names = dict(state.source_numbers)
            numbers = range(self._next, self._next + len(chunks))
            sources = [names.setdefault(chunk.source, len(names)) for chunk in chunks]
            rows = self._store.append(state.rows, np.array(numbers), np.array(sources, np.int32), vectors)
            self._next = numbers.stop
            self._lexical.add(map(_entry, numbers, chunks))
            for number, chunk in zip(numbers, chunks, strict=True):
                # Not copied: what searches now holds rows that do not name these numbers yet.
                state.chunks[number] = chunk
                self._documents.setdefault(chunk.source, {}).setdefault(chunk.document, []).append(number)
            self._state = _State(state.chunks, rows, self._lexical.commit(), names)

    def remove(self, source: str, document: str) -> int:
        """Take one document out; answers how many passages that were. The others stay as they are."""
        with self._writing:
            gone = self._documents.get(source, {}).pop(document, [])
            if gone:
                self._lexical.remove(source, document)
                self._drop(gone)
            return len(gone)

    def remove_source(self, source: str) -> int:
        """Take out all documents of a source; answers how many passages they had."""
        with self._writing:
            gone = [number for numbers in self._documents.pop(source, {}).values() for number in numbers]
            if gone:
                self._lexical.remove_source(source)
                self._drop(gone)
            return len(gone)

    def pinned(self) -> "KnowledgeIndex":
        """The index as it is now, for several questions about one state. Only to be searched."""
        return copy.copy(self)  # a state is never changed, but replaced, and the copy keeps its own

    def search(
        self,
        query: str,
        *,
        sources: Collection[str] | None = None,
        limit: int = 10,
        rerank: int = 0,
        vector: Vectors | None = None,
    ) -> list[Hit]:
        """The best `limit` passages, best first, of `sources` alone where given (none of an empty collection).

        Passages of other sources are left out before anything is ranked or scored, in both halves. The best `rerank`
        passages are read again word by word, where the embedder can. `vector` is that of the query where the caller
        has it. Raises what the embedder raises.
        """
        state = self._state
        known = None if sources is None else sorted(set(sources) & state.source_numbers.keys())
        if limit < 1 or known == [] or not query.strip() or not state.rows.alive.any():
            return []
        wanted = max(CANDIDATES, 2 * limit, rerank)
        by_words = state.words.search(query, known, wanted)
        asked = self.embedder.embed_query(query) if vector is None else vector
        allowed = None if known is None else np.array([state.source_numbers[name] for name in known], np.int32)
        found = _candidates(state, asked, allowed, by_words, wanted)
        if not found:
            return []
        order, scores = self._ordered(state, query, found, rerank)
        weights = state.words.weights(query)
        return [self._hit(state, weights, found, place, float(scores[place])) for place in order[:limit]]

    def _ordered(self, state: _State, query: str, found: "_Found", rerank: int) -> tuple[NDArray[np.int64], Vectors]:
        scores = fused(found.cosines, found.words, found.usual)
        order = np.argsort(-scores, kind="stable")
        if rerank > 1 and self._reranker is not None:
            again = order[:rerank]
            texts = [state.chunks[found.numbers[place]].indexed_text for place in again]
            read = self._reranker.scores(query, texts, state.words.weight)
            # Above all that was not read again, whose scores end at 1.
            scores[again] = 1 + reordered(scores[again], read)
            order = np.argsort(-scores, kind="stable")
        return order, scores

    def _hit(self, state: _State, weights: dict[str, float], found: "_Found", place: int, score: float) -> Hit:
        chunk = state.chunks[found.numbers[place]]
        covered = coverage(weights, self._analysis.terms(chunk.indexed_text))
        relevant = relevance(float(found.cosines[place]), covered)
        number = found.numbers[place]
        return Hit(chunk, score, relevant, found.lexical_ranks.get(number), found.vector_ranks.get(number))

    def _drop(self, gone: list[int]) -> None:
        state = self._state
        alive = state.rows.alive.copy()
        alive[state.rows.places(np.array(gone))] = False
        rows = replace(state.rows, alive=alive)
        dead = len(rows) - int(alive.sum())
        if dead > max(_COMPACT_FROM, _COMPACT_SHARE * len(rows)):
            rows = self._store.compact(rows)
        # A copy: what searches now may still be about to name one of them.
        chunks = {int(number): state.chunks[int(number)] for number in rows.numbers[rows.alive]}
        self._state = _State(chunks, rows, self._lexical.commit(), state.source_numbers)


def _entry(number: int, chunk: IndexedChunk) -> Entry:
    return Entry(number, chunk.source, chunk.document, chunk.indexed_text)


@dataclass(frozen=True, slots=True)
class _Found:
    """The candidates of one question: what either half put among its best, each once.

    `usual` is the mean cosine of all passages that may be read.
    """

    numbers: list[int]
    cosines: Vectors
    words: Vectors
    usual: float
    lexical_ranks: dict[int, int]
    vector_ranks: dict[int, int]


def _candidates(
    state: _State,
    asked: Vectors,
    allowed: NDArray[np.int32] | None,
    by_words: list[tuple[int, float]],
    wanted: int,
) -> _Found | None:
    rows = state.rows
    readable = rows.readable(allowed)
    if not len(readable):
        return None
    cosines = rows.cosines(asked, readable)
    # Twice as many, of which the best by their exact cosines stay.
    twice = 2 * wanted
    near = readable[np.argpartition(cosines, -twice)[-twice:]] if twice < len(readable) else readable
    nearest = near[np.argsort(-rows.exact(near, asked), kind="stable")[:wanted]]
    worded = rows.places(np.array([number for number, _ in by_words], np.int64))
    places = np.union1d(nearest, worded)
    scored = dict(by_words)
    numbers = [int(number) for number in rows.numbers[places]]
    return _Found(
        numbers,
        rows.exact(places, asked),
        np.array([scored.get(number, 0.0) for number in numbers], np.float32),
        float(cosines.mean()),
        {number: rank for rank, (number, _) in enumerate(by_words, start=1)},
        {int(number): rank for rank, number in enumerate(rows.numbers[nearest], start=1)},
    )
