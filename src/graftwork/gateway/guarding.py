"""The guard of a workspace: the rules of `core.privacy` behind the port of `gateway.privacy`."""

import hashlib
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from graftwork.config.workspace import GatewaySettings
from graftwork.core.privacy.assembly import detector_for
from graftwork.core.privacy.book import Book
from graftwork.core.privacy.detector import Detector
from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.mask import mask
from graftwork.core.privacy.normalise import normalise
from graftwork.core.privacy.recognizers.dictionary import Dictionary, read_terms
from graftwork.core.privacy.restore import Restorer
from graftwork.core.privacy.sinks import TOOLS
from graftwork.core.privacy.stream_json import JsonRestorer
from graftwork.gateway import privacy
from graftwork.gateway.privacy import RequestScope, Sink

KEPT_THREADS = 10_000
KEPT_TEXTS_A_THREAD = 2_000

FindTerms = Callable[[str], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class Text:
    """A masked text, and how many values of each kind were masked in it."""

    text: str
    counts: Mapping[Kind, int]


class Thread:
    """The book of one conversation, and which masked text each of its texts became.

    A history is sent again with every turn. What was masked once is sent the same way again, although more is known by
    now: otherwise the beginning of the prompt would change, and the engine's prefix cache be lost. Texts are kept as
    digests and in their masked form only.
    """

    def __init__(self) -> None:
        self.book = Book()
        self.lock = threading.Lock()
        self.texts: OrderedDict[bytes, Text] = OrderedDict()


class RuleSession:
    """One request's way through the detector, with the placeholders of its thread."""

    def __init__(self, thread: Thread, detector: Detector, find_terms: FindTerms) -> None:
        self._thread = thread
        self._detector = detector
        self._find_terms = find_terms
        self._counts: Counter[str] = Counter()

    @property
    def counts(self) -> Mapping[str, int]:
        return self._counts

    def mask_text(self, text: str) -> str:
        if not text or text.isspace():
            return text
        with self._thread.lock:
            key = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20, key=self._secret).digest()
            masked = self._thread.texts.get(key)
            if masked is None:
                masked = self._masked(text)
                self._remember(key, masked)
        self._counts.update(masked.counts)
        return masked.text

    def _masked(self, text: str) -> Text:
        book = self._thread.book
        done = mask(text, self._detector.find(text, book.known_values()).findings, book)
        return Text(done.text, done.counts)

    def mask_terms(self, text: str) -> str:
        with self._thread.lock:
            masked = mask(text, self._find_terms(text), self._thread.book)
        self._counts.update(masked.counts)
        return masked.text

    def keep(self) -> None:
        """Nothing outlives the process: the book of a thread is built again from the history that comes with it."""

    def restorer(self, sink: Sink) -> privacy.Restorer:
        # A tool's arguments go back to the application that sent the data: it may have its own values.
        return (
            JsonRestorer(self._thread.book, sinks=TOOLS) if sink == "json" else Restorer(self._thread.book, sinks=TOOLS)
        )

    @property
    def _secret(self) -> bytes:
        return self._thread.book.secret

    def _remember(self, key: bytes, masked: Text) -> None:
        self._thread.texts[key] = masked
        if len(self._thread.texts) > KEPT_TEXTS_A_THREAD:
            self._thread.texts.popitem(last=False)


class RuleGuard:
    """Thread-safe. `quick` says that a short text is searched in a millisecond or so."""

    def __init__(self, detector: Detector, find_terms: FindTerms, *, quick: bool) -> None:
        self.quick = quick
        self._detector = detector
        self._find_terms = find_terms
        self._threads: OrderedDict[tuple[str, str], Thread] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, scope: RequestScope) -> RuleSession:
        return RuleSession(self._thread(scope), self._detector, self._find_terms)

    def _thread(self, scope: RequestScope) -> Thread:
        if not scope.thread:
            return Thread()
        name = scope.tenant, scope.thread
        with self._lock:
            thread = self._threads.setdefault(name, Thread())
            self._threads.move_to_end(name)
            if len(self._threads) > KEPT_THREADS:
                self._threads.popitem(last=False)
        return thread


def open_guard(folder: Path, settings: GatewaySettings) -> RuleGuard:
    """Loads rules, dictionary and model. Raises a `PrivacyError` where one of them is not there."""
    languages = [code.strip() for code in settings.languages.split(",") if code.strip()]
    dictionaries = [folder / settings.dictionary] if settings.dictionary else []
    detector = detector_for(settings.profile, languages, settings.ner, dictionaries)
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
