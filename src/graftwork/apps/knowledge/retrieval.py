"""What a draft may draw on, looked up in the store: only sources that all who review the use case may read."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from graftwork.apps.knowledge.embedding import Embedding, embedding_of_settings, may_be_asked
from graftwork.apps.knowledge.queries import sources_for
from graftwork.apps.knowledge.snapshots import keep_snapshot
from graftwork.apps.knowledge.store_index import StoreIndex, store_index
from graftwork.core.errors import NoEngineAllowed
from graftwork.core.retrieving import Retrieved, excerpts_for
from graftwork.core.types import ItemContent
from graftwork.core.usecase import UseCase

if TYPE_CHECKING:
    from graftwork.core.knowledge.index import Hit


class StoredRetriever:
    """A `Retriever` on the sources of this workspace. It asks the database each time, so what is withdrawn is gone.

    All questions of one item are asked of one state, which the snapshot names.
    """

    def __init__(
        self,
        index: StoreIndex | None = None,
        embedding: Embedding | None = None,
        clock: Callable[[], datetime] = timezone.now,
    ) -> None:
        self._index = index or store_index()
        self._embedding = embedding or embedding_of_settings()
        self._clock = clock

    def retrieve(self, use_case: UseCase, content: ItemContent) -> Retrieved:
        """Raises `NoEngineAllowed` where the question would leave the house, `ModelNotPulled`, a `KnowledgeError`."""
        sources = sources_for(use_case)
        if not sources:
            return Retrieved((), "")
        if not may_be_asked(use_case, self._embedding):
            raise NoEngineAllowed(use_case.name, "passages are looked up by an embeddings server in the zone managed")
        index, snapshot = self._index.pinned(sources)

        def search(query: str, wanted: Collection[str], limit: int) -> "list[Hit]":
            open_ones = [name for name in wanted if name in sources]
            return index.search(query, sources=open_ones, limit=limit, rerank=use_case.knowledge.rerank)

        excerpts = excerpts_for(use_case, content, search)
        keep_snapshot(snapshot, self._embedding, sources, self._clock())
        return Retrieved(excerpts, snapshot)
