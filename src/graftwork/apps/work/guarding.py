"""The guard before the engines: search, ruling, route, masking, for the items of one use case.

It fails closed. A search that raises or does not end, a key that is lost, a vault that cannot be written: the item
goes nowhere, with a typed error. The values behind the placeholders are stored before the guard lets go of an item, so
nothing is ever sent that could not be restored.

It works in the caller's thread, which is the one that has the database.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from django.utils import timezone

from graftwork.apps.store_errors import as_store_error
from graftwork.apps.vault.placeholders import open_book, with_book
from graftwork.apps.work.books import restorer
from graftwork.apps.work.detectors import detector_of
from graftwork.apps.work.drafter import Cleared, LeasedItem
from graftwork.apps.work.thread_rules import keep_rule, kept_rules
from graftwork.core.clearance import Clearance, MaskedContent
from graftwork.core.errors import DetectorFailed, DetectorTimeout, GraftworkError
from graftwork.core.privacy.book import Book, scope_of
from graftwork.core.privacy.content import WholeText, mask_content, masking
from graftwork.core.privacy.policy import Classifier, Ruling, needs_search, ruling, stricter
from graftwork.core.privacy.routing import Route, route, to_keep
from graftwork.core.types import ItemContent, Notice
from graftwork.core.usecase import UseCase

if TYPE_CHECKING:  # they bring word lists and a model with them
    from graftwork.core.privacy.detector import Found
    from graftwork.core.privacy.propagation import Known

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Finder(Protocol):
    def find(self, text: str, known: "Known" = ()) -> "Found": ...


def guard_for(use_case: UseCase) -> "Guard | None":
    """The guard of `use_case`, or `None` where all of its engines are in the house: nothing is searched then.

    Raises a `PrivacyError` where its profile, languages or dictionaries cannot be loaded.
    """
    if not use_case.has_managed_engine:
        return None
    if not needs_search(use_case.privacy):
        return Guard(use_case, None)
    detector_of(use_case).warm()  # what is wrong with the set-up is said now, not item by item
    return Guard(use_case, lambda: detector_of(use_case))


class Guard:
    """Says of each item which engines may have it, and in which form. `detector` gives the one to search with now."""

    def __init__(
        self,
        use_case: UseCase,
        detector: Callable[[], Finder] | None,
        clock: Callable[[], datetime] = timezone.now,
    ) -> None:
        self._use_case = use_case
        self._rules = use_case.privacy
        self._zones = [engine.effective_zone for engine in use_case.engines]
        self._detector = detector
        self._clock = clock
        self._lifetime = timedelta(days=self._rules.vault_days)
        self._search = Deadline(self._rules.timeout_seconds)
        self._classifier = Classifier(
            {name: use_case.privacy_texts[file] for name, file in self._rules.words.items()}
        )  # fmt: skip

    def clear(self, items: Sequence[LeasedItem]) -> list[Cleared]:
        """One answer for each item, in their order. Never raises for what is the matter with a single item."""
        kept = kept_rules(item.scope for item in items)
        cleared: list[Cleared] = []
        for item in items:
            try:
                cleared.append((item, self._clear(item, kept)))
            except GraftworkError as error:
                cleared.append((item, error))
            except Exception as error:  # noqa: BLE001 - whatever it is, the item must not leave
                # The text of a foreign exception may quote the item, so only its kind is kept.
                logger.error("clearing item %s raised %s", item.item_id, type(error).__name__)
                cleared.append((item, as_store_error(error) or DetectorFailed("search", f"{type(error).__name__}")))
        return cleared

    def _clear(self, item: LeasedItem, kept: dict[str, Ruling]) -> Clearance:
        before = kept.get(item.scope)
        if self._detector is None or (before is not None and before.treatment == "local"):
            return Clearance(route(self._use_case.name, self._zones, ruling(self._rules, ()), kept=before))
        whole = WholeText(item.content, self._use_case.masks)
        found = self._found(whole, item.scope)
        ruled = ruling(self._rules, self._classifier.classes(whole.text, found.findings))
        if keep := to_keep(ruled, self._rules.managed):
            keep_rule(item.scope, keep, self._clock())
            kept[item.scope] = stricter(keep, before)
        way = route(self._use_case.name, self._zones, ruled, kept=before)
        if way.treatment != "masked":
            return Clearance(way)
        return self._masked(item, whole, found, way)

    def _found(self, whole: WholeText, scope: str) -> "Found":
        assert self._detector is not None
        detector = self._detector()
        known = open_book(_placeholders(scope), self._clock(), self._lifetime).known_values()
        found = self._search.run(lambda: detector.find(whole.text, [*known, *whole.stated]))
        return replace(found, findings=tuple(whole.ruled(found.findings)))

    def _masked(self, item: LeasedItem, whole: WholeText, found: "Found", way: Route) -> Clearance:
        def mask_with(book: Book) -> tuple[ItemContent, dict[str, int]]:
            return mask_content(item.content, whole, found.findings, masking(book, self._rules.keep_format))

        # Done again where another worker gave out placeholders of this thread at the same moment.
        (content, counts), book = with_book(_placeholders(item.scope), self._clock(), mask_with, self._lifetime)
        masked = MaskedContent(content, counts, lambda: restorer(book, self._use_case))
        return Clearance(way, masked, _notices(found))


def _placeholders(scope: str) -> str:
    """The scope of a thread's placeholders: no other application's, whatever it calls its threads."""
    return scope_of("work", scope)


def _notices(found: "Found") -> tuple[Notice, ...]:
    return tuple(Notice("language", f"{text[:1].upper()}{text[1:]}.") for text in found.notices)


class Deadline:
    """Runs work in a thread of its own, for so long. While one piece of work hangs, no other is begun."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._hanging: Future[object] | None = None

    def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises. Raises `DetectorTimeout`."""
        if self._hanging is not None and not self._hanging.done():
            raise DetectorTimeout(self._seconds)
        future: Future[T] = Future()
        threading.Thread(target=_settle, args=(future, work), name="search", daemon=True).start()
        try:
            return future.result(self._seconds)
        except TimeoutError:
            if future.done():  # the work's own time-out, not ours
                raise
            self._hanging = future  # type: ignore[assignment] # nobody reads what it gives
            raise DetectorTimeout(self._seconds) from None


def _settle(future: "Future[T]", work: Callable[[], T]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it is raised again where the work was asked for
        future.set_exception(error)
