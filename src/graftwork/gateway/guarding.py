"""The guard of a workspace: the rules of `core.privacy` behind the port of `gateway.privacy`."""

import hashlib
import os
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.db import close_old_connections

from graftwork.apps.vault.placeholders import StoredBook, open_book, save_book
from graftwork.config.workspace import GatewaySettings
from graftwork.core.privacy.assembly import detector_for
from graftwork.core.privacy.book import Book, scope_of
from graftwork.core.privacy.detector import Detector
from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.mask import mask
from graftwork.core.privacy.normalise import normalise
from graftwork.core.privacy.recognizers.dictionary import Dictionary, read_terms
from graftwork.core.privacy.restore import Restorer as TextRestorer
from graftwork.core.privacy.sinks import TOOLS
from graftwork.core.privacy.stream_json import JsonRestorer
from graftwork.gateway.privacy import RequestScope, Restorer, Sink

KEPT_TEXTS = 100_000

FindTerms = Callable[[str], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class MaskedText:
    """A text as it was sent, how many values of each kind were masked in it, and of which book its placeholders are."""

    text: str
    counts: Mapping[Kind, int]
    book_secret: bytes = field(repr=False)


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
    ) -> None:
        self._scope = scope
        self._book = book
        self._detector = detector
        self._find_terms = find_terms
        self._sent = sent
        self._searched = searched
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
        return masked.text

    def mask_terms(self, text: str) -> str:
        with self._lock:
            masked = self._masked(text, self._find_terms(text))
            self._counts.update(masked.counts)
        return masked.text

    def keep(self) -> None:
        """Raises `PlaceholdersChanged` where another request of the thread was first: it has to be masked again."""
        if isinstance(self._book, StoredBook):
            save_book(self._book, datetime.now(UTC))
            self._sent.add(self._new)

    def restorer(self, sink: Sink) -> Restorer:
        # A tool's arguments go back to the application that sent the data: it may have its own values.
        return JsonRestorer(self._book, sinks=TOOLS) if sink == "json" else TextRestorer(self._book, sinks=TOOLS)

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
        done = mask(text, findings, self._book)
        return MaskedText(done.text, done.counts, self._book.secret)


class RuleGuard:
    """Thread-safe. `quick` says that a short text is searched in a millisecond or so."""

    def __init__(self, detector: Detector, find_terms: FindTerms, *, quick: bool) -> None:
        self.quick = quick
        self._detector = detector
        self._find_terms = find_terms
        self._sent = SentTexts()
        self._searched = Searched()

    def open(self, scope: RequestScope) -> RuleSession:
        """Reads the vault where `scope` has a thread; raises what it raises."""
        book = Book()
        if scope.thread:
            close_old_connections()  # this thread may have been idle for longer than the database's patience
            book = open_book(scope_of(f"gateway:{scope.tenant}", scope.thread), datetime.now(UTC))
        return RuleSession(scope, book, self._detector, self._find_terms, self._sent, self._searched)


_ONE_OF_EACH = (
    "This is the first text of the day, and it was written in English for you.",
    "Das ist der erste Text des Tages, und er wurde auf Deutsch für Sie geschrieben.",
    "Ceci est le premier texte de la journée, et il est écrit en français pour vous.",
    "Este es el primer texto del día, y está escrito en español para usted.",
)


def open_guard(folder: Path, settings: GatewaySettings) -> RuleGuard:
    """Loads rules, dictionary and model. Raises a `PrivacyError` where one of them is not there."""
    languages = [code.strip() for code in settings.languages.split(",") if code.strip()]
    dictionaries = [folder / settings.dictionary] if settings.dictionary else []
    detector = detector_for(settings.profile, languages, settings.ner, dictionaries)
    for text in _ONE_OF_EACH:  # words of a language are read when it is first met, which takes a second
        detector.find(text)
    return RuleGuard(detector, _terms_of(dictionaries), quick=not settings.ner)


def _terms_of(files: list[Path]) -> FindTerms:
    if not files:
        return lambda _: ()
    dictionary = Dictionary(term for file in files for term in read_terms(file))

    def find(text: str) -> tuple[Finding, ...]:
        normal = normalise(text)
        found = []
        for one in dictionary.find(normal):
            start, end = normal.original_span(one.start, one.end)
            found.append(Finding(start, end, one.kind, one.recognizer, one.reason, one.score))
        return tuple(found)

    return find
