"""The guard of a workspace: the rules of `core.privacy` behind the port of `gateway.privacy`."""

import hashlib
import os
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import close_old_connections

from graftwork.apps.vault.actions import scope_keys
from graftwork.apps.vault.placeholders import LIFETIME, StoredBook, open_book, save_book
from graftwork.apps.work.thread_rules import keep_rule, kept_rules
from graftwork.config.workspace import GatewaySettings
from graftwork.core.privacy.book import Book, scope_of
from graftwork.core.privacy.detector import Detector, Reader
from graftwork.core.privacy.finding import Finding, FormatKept, Kind
from graftwork.core.privacy.mask import mask
from graftwork.core.privacy.normalise import normalise
from graftwork.core.privacy.policy import Classifier, Ruling, stricter
from graftwork.core.privacy.recognizers.dictionary import Dictionary, read_terms
from graftwork.core.privacy.restore import Restorer as TextRestorer
from graftwork.core.privacy.sinks import TOOLS, SinkPolicy
from graftwork.core.privacy.stream_json import JsonRestorer
from graftwork.core.privacy.surrogates import Surrogates
from graftwork.core.types import Sensitivity
from graftwork.gateway.privacy import RequestScope, Restorer, Sink
from graftwork.gateway.searching import detector_of, dictionaries_of

KEPT_TEXTS = 100_000

FindTerms = Callable[[str], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class MaskedText:
    """A text as it was sent, how many values of each kind were masked in it, and of which book its placeholders are."""

    text: str
    counts: Mapping[Kind, int]
    book_secret: bytes = field(repr=False)
    classes: tuple[Sensitivity, ...] = ()


class SentTexts:
    """Which masked text each text of a thread became.

    A history is sent again with every turn. What was masked once is sent the same way again, although more is known by
    now: otherwise the beginning of the prompt would change, and the engine's prefix cache be lost. Texts are kept as
    digests under a secret of the process, and in their masked form only.
    """

    def __init__(self) -> None:
        self._texts: OrderedDict[bytes, MaskedText] = OrderedDict()
        self._lock = threading.Lock()
        self._secret = os.urandom(32)

    def key(self, scope: RequestScope, text: str) -> bytes:
        name = f"{len(scope.tenant)}:{scope.tenant}{len(scope.thread)}:{scope.thread}{text}"
        return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=20, key=self._secret).digest()

    def get(self, key: bytes, book: Book) -> MaskedText | None:
        """Not where the placeholders are of a book that was forgotten meanwhile."""
        found = self._texts.get(key)
        return found if found is not None and (not found.counts or found.book_secret == book.secret) else None

    def add(self, texts: Mapping[bytes, MaskedText]) -> None:
        with self._lock:
            self._texts.update(texts)
            while len(self._texts) > KEPT_TEXTS:
                self._texts.popitem(last=False)


class Searched:
    """What was found in a text, by the texts of the conversation up to it.

    Without a thread a whole history is masked anew with every turn. What is found in a text depends on nothing but the
    texts before it, so only the new ones are searched. Findings are places and kinds; no word of a text is kept.
    """

    def __init__(self) -> None:
        self._found: OrderedDict[bytes, tuple[Finding, ...]] = OrderedDict()
        self._lock = threading.Lock()
        self._secret = os.urandom(32)

    def follow(self, before: bytes, text: str) -> bytes:
        """The name of a conversation that goes on from `before` with `text`."""
        data = before + text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, digest_size=32, key=self._secret).digest()

    def get(self, conversation: bytes) -> tuple[Finding, ...] | None:
        return self._found.get(conversation)

    def add(self, conversation: bytes, findings: tuple[Finding, ...]) -> None:
        with self._lock:
            self._found[conversation] = findings
            if len(self._found) > KEPT_TEXTS:
                self._found.popitem(last=False)


class RuleSession:
    """One request's way through the detector, with the placeholders of its thread.

    A `StoredBook` is saved by `keep`; any other book lives as long as the session does.
    """

    def __init__(
        self,
        scope: RequestScope,
        book: Book,
        detector: Detector,
        find_terms: FindTerms,
        sent: SentTexts,
        searched: Searched,
        classifier: Classifier | None = None,
        sinks: SinkPolicy = TOOLS,
        held_by: Ruling | None = None,
        surrogates: Surrogates | None = None,
    ) -> None:
        self._scope = scope
        self._book = book
        self._detector = detector
        self._find_terms = find_terms
        self._sent = sent
        self._searched = searched
        self._classifier = classifier
        self._sinks = sinks
        self._surrogates = surrogates
        self.held_by = held_by
        self.classes: set[Sensitivity] = set()
        self._conversation = bytes(32)
        self._new: dict[bytes, MaskedText] = {}
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def counts(self) -> Mapping[str, int]:
        return self._counts

    def mask_text(self, text: str) -> str:
        if not text or text.isspace():
            return text
        key = self._sent.key(self._scope, text)
        with self._lock:
            masked = self._new.get(key) or self._sent.get(key, self._book)
            if masked is None:
                masked = self._new[key] = self._masked(text, self._found(text))
            self._counts.update(masked.counts)
            self.classes.update(masked.classes)
        return masked.text

    def hold(self, rule: Ruling) -> None:
        self.held_by = stricter(rule, self.held_by)
        if self._scope.thread:
            scope = _placeholders(self._scope)
            scope_keys([scope])
            keep_rule(scope, rule, datetime.now(UTC))

    def mask_terms(self, text: str) -> str:
        with self._lock:
            masked = self._masked(text, self._find_terms(text))
            self._counts.update(masked.counts)
        return masked.text

    def kinds_in(self, text: str) -> Mapping[str, float]:
        name = self._searched.follow(b"alone", text)
        with self._lock:
            found = self._searched.get(name)
            if found is None:
                found = self._detector.find(text, ()).findings
                self._searched.add(name, found)
        return {one.kind: one.score for one in sorted(found, key=lambda one: one.score)}

    def keep(self) -> None:
        """Raises `PlaceholdersChanged` where another request of the thread was first: it has to be masked again."""
        if isinstance(self._book, StoredBook):
            save_book(self._book, datetime.now(UTC))
            self._sent.add(self._new)

    def restorer(self, sink: Sink) -> Restorer:
        kind = JsonRestorer if sink == "json" else TextRestorer
        return kind(self._book, sinks=self._sinks)

    def _found(self, text: str) -> Sequence[Finding]:
        if self._scope.thread:  # its book holds more than this request says
            return self._detector.find(text, self._book.known_values()).findings
        self._conversation = self._searched.follow(self._conversation, text)
        found = self._searched.get(self._conversation)
        if found is None:
            found = self._detector.find(text, self._book.known_values()).findings
            self._searched.add(self._conversation, found)
        return found

    def _masked(self, text: str, findings: Sequence[Finding]) -> MaskedText:
        done = mask(text, findings, self._book, surrogates=self._surrogates)
        classes = self._classifier.classes(text, findings) if self._classifier is not None else ()
        return MaskedText(done.text, done.counts, self._book.secret, classes)


class RuleGuard:
    """Thread-safe. `quick` says that a short text is searched in a millisecond or so."""

    def __init__(
        self,
        detector: Detector,
        find_terms: FindTerms,
        *,
        quick: bool,
        classifier: Classifier | None = None,
        sinks: SinkPolicy = TOOLS,  # a tool's arguments go back to the application that sent the data
        lifetime: timedelta = LIFETIME,
        keep_format: Collection[FormatKept] = (),
    ) -> None:
        self.quick = quick
        self._classifier = classifier
        self._sinks = sinks
        self._lifetime = lifetime
        self._surrogates = Surrogates(frozenset(keep_format)) if keep_format else None
        self._detector = detector
        self._find_terms = find_terms
        self._sent = SentTexts()
        self._searched = Searched()

    def open(self, scope: RequestScope) -> RuleSession:
        """Reads the vault where `scope` has a thread; raises what it raises."""
        book, held_by = Book(), None
        if scope.thread:
            close_old_connections()  # this thread may have been idle for longer than the database's patience
            name = _placeholders(scope)
            held_by = kept_rules([name]).get(name)
            book = open_book(name, datetime.now(UTC), self._lifetime)
        return RuleSession(
            scope, book, self._detector, self._find_terms, self._sent, self._searched,
            self._classifier, self._sinks, held_by, self._surrogates,
        )  # fmt: skip


def _placeholders(scope: RequestScope) -> str:
    return scope_of(f"gateway:{scope.tenant}", scope.thread)


def open_guard(
    folder: Path, settings: GatewaySettings, detector: Detector | None = None, readers: Sequence[Reader] = ()
) -> RuleGuard:
    """The guard of a key that has no use case: the workspace's own settings, and what `readers` know.

    Raises a `PrivacyError` where a dictionary, or without `detector` the rules or the model, is not there.
    """
    find_terms = terms_of(dictionaries_of(folder, settings), readers)
    quick = not settings.ner and not settings.detector_url
    return RuleGuard(detector or detector_of(folder, settings), find_terms, quick=quick)


def terms_of(files: Sequence[Path], readers: Sequence[Reader] = ()) -> FindTerms:
    """Finds the words of dictionaries alone: those of `files`, and what `readers` know."""
    if files:
        readers = [*readers, Dictionary(term for file in files for term in read_terms(file))]
    if not readers:
        return lambda _: ()

    def find(text: str) -> tuple[Finding, ...]:
        normal = normalise(text)
        found = []
        for one in (one for reader in readers for one in reader.find(normal)):
            start, end = normal.original_span(one.start, one.end)
            found.append(Finding(start, end, one.kind, one.recognizer, one.reason, one.score))
        return tuple(found)

    return find
