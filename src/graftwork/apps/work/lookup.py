"""What a draft is written from, looked up before the guard sees the item: what is found is masked with it."""

import logging
from collections.abc import Callable
from dataclasses import replace

from graftwork.apps.knowledge.retrieval import StoredRetriever
from graftwork.apps.store_errors import as_store_error
from graftwork.apps.work.drafter import LeasedItem
from graftwork.core.errors import GraftworkError
from graftwork.core.grounding import with_excerpts
from graftwork.core.knowledge.errors import KnowledgeSurprise
from graftwork.core.retrieving import Retriever
from graftwork.core.usecase import UseCase

logger = logging.getLogger(__name__)


def lookup_for(use_case: UseCase) -> Callable[[LeasedItem], LeasedItem | GraftworkError] | None:
    """What looks up the passages for items of `use_case`; `None` where its drafts are written from the item alone."""
    if not use_case.is_grounded:
        return None
    return Lookup(use_case, StoredRetriever()).ground


class Lookup:
    """Looks up passages for the items of one use case, in the caller's thread, which has the database."""

    def __init__(self, use_case: UseCase, retriever: Retriever) -> None:
        self._use_case = use_case
        self._retriever = retriever

    def ground(self, item: LeasedItem) -> LeasedItem | GraftworkError:
        """The item with its passages. Never raises for what is the matter with a single item."""
        try:
            content = with_excerpts(self._use_case, item.content)
            if self._use_case.knowledge.sources:
                found = self._retriever.retrieve(self._use_case, content)
                content = replace(content, excerpts=found.excerpts, snapshot=found.snapshot)
            return replace(item, content=content)
        except GraftworkError as error:
            return error
        except Exception as error:  # noqa: BLE001 - one item's surprise must not end the others
            # The text of a foreign exception may quote the item, so only its kind is kept.
            logger.error("looking up passages for item %s raised %s", item.item_id, type(error).__name__)
            return as_store_error(error) or KnowledgeSurprise(type(error).__name__)
