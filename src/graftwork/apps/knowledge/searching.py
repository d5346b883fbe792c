"""Searching as somebody: what they may read, and nothing else. The desk, REST and the command line all come here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from graftwork.apps.actors import Actor
from graftwork.apps.knowledge.queries import access_source, visible_sources
from graftwork.apps.knowledge.store_index import store_index
from graftwork.core.errors import RequestInvalid
from graftwork.core.intake.row import clean

if TYPE_CHECKING:
    from graftwork.core.knowledge.index import Hit

MAX_QUERY_CHARACTERS = 2_000
MAX_HITS = 100


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """One passage that answers. `start` and `end` are offsets in the text of the document; `relevance` is 0 to 1."""

    rank: int
    source: str
    document_id: UUID
    document: str
    title: str
    text: str = field(repr=False)
    start: int
    end: int
    page: int | None
    headings: tuple[str, ...] = field(repr=False)
    relevance: float

    @property
    def place(self) -> str:
        """Where it stands, from the source inwards; the title is not said again as its first heading."""
        headings = self.headings[1:] if self.headings[:1] == (self.title,) else self.headings
        page = [f"page {self.page}"] if self.page is not None else []
        return " / ".join([self.source, self.document, *headings, *page])


@dataclass(frozen=True, slots=True)
class Found:
    """`sources` are those that were searched; `snapshot` names the state that they were in."""

    passages: tuple[FoundPassage, ...]
    sources: tuple[str, ...]
    snapshot: str


def search(actor: Actor, query: str, *, sources: Sequence[str] = (), limit: int = 10) -> Found:
    """The passages that answer `query` best, in all sources that this actor may read or in the named ones.

    Raises `NotFound` for a source that is not there or not for this actor, `RequestInvalid` for a query without words.
    """
    actor.require_scope("knowledge:read")
    _check(query, limit)
    named = [access_source(actor, name).name for name in sources]
    wanted = named or [source.name for source in visible_sources(actor)]
    if not wanted:
        return Found((), (), "")
    index, snapshot = store_index().pinned(wanted)
    hits = index.search(query, sources=wanted, limit=limit)
    return Found(tuple(_passage(rank, hit) for rank, hit in enumerate(hits, 1)), tuple(wanted), snapshot)


def _check(query: str, limit: int) -> None:
    if not query.strip() or len(query) > MAX_QUERY_CHARACTERS or clean(query) != query:
        raise RequestInvalid("q", f"must be 1 to {MAX_QUERY_CHARACTERS} characters of text")
    if not 1 <= limit <= MAX_HITS:
        raise RequestInvalid("limit", f"must be 1 to {MAX_HITS}")


def _passage(rank: int, hit: "Hit") -> FoundPassage:
    chunk = hit.chunk
    return FoundPassage(
        rank=rank, source=chunk.source, document_id=UUID(chunk.id.partition(":")[0]), document=chunk.document,
        title=chunk.title, text=chunk.text, start=chunk.start, end=chunk.end, page=chunk.page, headings=chunk.headings,
        relevance=hit.relevance,
    )  # fmt: skip
