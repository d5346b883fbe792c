"""The two rewriters: from values to placeholders, and back. The third only counts, for a report."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TextIO

from graftwork.core.privacy.book import Book
from graftwork.core.privacy.detector import Found
from graftwork.core.privacy.finding import DIRECT, Finding, Kind
from graftwork.core.privacy.forms.rewriter import Field, Swap
from graftwork.core.privacy.mangling import TRIGGER, Mangled, next_mangled
from graftwork.core.privacy.mask import Masked, mask
from graftwork.core.privacy.placeholders import LABELS
from graftwork.core.privacy.propagation import Known
from graftwork.core.privacy.restore import Restorer as StreamRestorer
from graftwork.core.privacy.sinks import DEFAULT, SinkPolicy, SinkTracker

RULE = "rule"
# A shorter value is a word like any other when it stands in another text.
REMEMBERED_CHARACTERS = 4
REMEMBERED_VALUES = 1_000
STREAM_CHARACTERS = 48_000
_SHORT_CHARACTERS = 200
_NOTHING_CHARACTERS = 7
_NOTHING = re.compile(r"\s*|[-+]?[0-9][0-9.,]{0,4}%?|true|false|null|none|yes|no", re.IGNORECASE)


class Finder(Protocol):
    """A detector, as far as it is needed here."""

    def find(self, text: str, known: Known = ()) -> Found: ...


@dataclass(frozen=True, slots=True, repr=False)
class _Joined:
    """Fields as one text, each on lines of its own behind its label; `starts` is where each begins."""

    text: str
    fields: Sequence[Field]
    starts: Sequence[int]


class Searched:
    """Finds in fields: by rule where one names the kind, else by detection of all the others together."""

    def __init__(self, detector: Finder) -> None:
        self._detector = detector
        self._known: dict[str, Kind] = {}
        self.notices: set[str] = set()

    def find(self, fields: Sequence[Field]) -> Iterator[tuple[Sequence[int], _Joined, list[Finding]]]:
        """The findings of the typed fields, then of the others, each with the numbers of its fields."""
        typed = [
            number for number, field in enumerate(fields) if field.rule not in ("detect", "keep") and field.text.strip()
        ]
        if typed:
            joined = _join([fields[number] for number in typed], with_labels=False)
            found = list(_typed(joined))
            self._remember(joined.text, found)
            yield typed, joined, found
        free = [
            number for number, field in enumerate(fields) if field.rule == "detect" and not _says_nothing(field.text)
        ]
        if free:
            joined = _join([fields[number] for number in free])
            detected = self._detector.find(joined.text, list(self._known.items()))
            self.notices.update(detected.notices)
            found = list(_by_field(joined, detected.findings))
            self._remember(joined.text, found)
            yield free, joined, found

    def _remember(self, text: str, findings: Sequence[Finding]) -> None:
        """What was found is looked for in the files and rows that follow; the oldest is forgotten first."""
        for one in findings:
            if one.kind in DIRECT and one.end - one.start >= REMEMBERED_CHARACTERS:
                self._known[text[one.start : one.end]] = one.kind
        for value in list(self._known)[: max(0, len(self._known) - REMEMBERED_VALUES)]:
            del self._known[value]


class Masker:
    """Rewrites values to the placeholders of `book`. The book must be saved before what was masked may leave."""

    def __init__(self, detector: Finder, book: Book) -> None:
        self._searched, self._book = Searched(detector), book
        self.counts: Counter[Kind] = Counter()

    @property
    def notices(self) -> frozenset[str]:
        """What the detector told of the texts so far, such as a language that it does not read."""
        return frozenset(self._searched.notices)

    def swaps(self, fields: Sequence[Field]) -> list[list[Swap]]:
        found: list[list[Swap]] = [self._kept(field) if field.rule == "keep" else [] for field in fields]
        for numbers, joined, findings in self._searched.find(fields):
            masked = mask(joined.text, findings, self._book)
            for number, own in zip(numbers, _swaps_of(joined, masked), strict=True):
                found[number] = own
            self.counts.update(masked.counts)
        return found

    def _kept(self, field: Field) -> list[Swap]:
        """Nothing is looked for, but a placeholder that somebody typed must not come back as another's value."""
        if TRIGGER.search(field.text) is None:
            return []
        return list(_original_swaps(mask(field.text, (), self._book)))


class Restorer:
    """Rewrites placeholders to the values that `book` knows. What it does not know stays, and is counted.

    So does what stands in a sink that the policy withholds: the file was elsewhere, and whoever had it may have added
    an image whose address holds a placeholder.
    """

    def __init__(self, book: Book, policy: SinkPolicy = DEFAULT) -> None:
        self._book, self._policy = book, policy
        self.restored = self.unknown = self.withheld = 0

    def swaps(self, fields: Sequence[Field]) -> list[list[Swap]]:
        return [list(self._of(field)) for field in fields]

    def stream(self, text: TextIO) -> Iterator[str]:
        """A text of its own in pieces. An address may begin in one piece and end in another."""
        restorer = StreamRestorer(self._book, sinks=self._policy)
        while chunk := text.read(STREAM_CHARACTERS):
            yield restorer.feed(chunk)
        yield restorer.close()
        self.restored += restorer.restored
        self.unknown += restorer.unknown
        self.withheld += restorer.withheld

    def _of(self, field: Field) -> Iterator[Swap]:
        text = "\n" + field.text  # the tracker looks back
        position = 1
        tracker = SinkTracker()
        while isinstance(token := next_mangled(text, position, closed=True), Mangled):
            tracker.read(text, position, token.start)
            position = token.end
            value = self._book.value_of(token.placeholder) if token.placeholder is not None else None
            sink = tracker.sink if field.sink == "prose" else field.sink
            if value is None or token.placeholder is None:
                self.unknown += 1
            elif self._policy.rule(sink) == "withhold" and token.placeholder.label != LABELS["literal"]:
                self.withheld += 1
            else:
                self.restored += 1
                yield Swap(token.start - 1, token.end - 1, value)


class Tally:
    """Changes nothing; counts what would be masked, by kind and by who finds it."""

    def __init__(self, detector: Finder) -> None:
        self._searched = Searched(detector)
        self.counts: Counter[tuple[Kind, str]] = Counter()

    def swaps(self, fields: Sequence[Field]) -> list[list[Swap]]:
        for _, _, findings in self._searched.find(fields):
            self.counts.update((one.kind, one.recognizer) for one in findings)
        return [[] for _ in fields]


def _says_nothing(text: str) -> bool:
    """A few digits, or a word of a switch: nobody is in there, and tables are full of them."""
    return len(text) < _NOTHING_CHARACTERS and _NOTHING.fullmatch(text) is not None


def _join(fields: Sequence[Field], *, with_labels: bool = True) -> _Joined:
    """A short text stands behind its label, which is the best context there is: `phone: 0664 123`."""
    if len(fields) == 1 and not fields[0].label:
        return _Joined(fields[0].text, fields, [0])
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    for field in fields:
        labelled = with_labels and field.label and len(field.text) < _SHORT_CHARACTERS
        label = f"{field.label.replace('_', ' ')}: " if labelled else ""
        starts.append(length + len(label))
        parts += (label, field.text, "\n")
        length += len(label) + len(field.text) + 1
    return _Joined("".join(parts), fields, starts)


def _typed(joined: _Joined) -> Iterator[Finding]:
    for field, start in zip(joined.fields, joined.starts, strict=True):
        if field.rule != "detect" and field.rule != "keep":  # one by one, as mypy narrows them
            inner = field.text.strip()
            begin = start + field.text.index(inner)
            reason = "its column, key or place says what it is"
            yield Finding(begin, begin + len(inner), field.rule, RULE, reason, 1.0)


def _by_field(joined: _Joined, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Findings cut at the edges of fields. What is found in a label is not in the file."""
    waiting = sorted(findings, key=lambda one: one.start)
    first = 0
    for field, start in zip(joined.fields, joined.starts, strict=True):
        end = start + len(field.text)
        while first < len(waiting) and waiting[first].end <= start:
            first += 1
        at = first
        while at < len(waiting) and waiting[at].start < end:
            one = waiting[at]
            begin, stop = max(one.start, start), min(one.end, end)
            if begin < stop and joined.text[begin:stop].strip():
                yield replace(one, start=begin, end=stop)
            at += 1


def _swaps_of(joined: _Joined, masked: Masked) -> list[list[Swap]]:
    """The swaps of each field. What was masked in a label is not in the file."""
    found: list[list[Swap]] = []
    waiting = list(_original_swaps(masked))
    at = 0
    for field, start in zip(joined.fields, joined.starts, strict=True):
        end = start + len(field.text)
        while at < len(waiting) and waiting[at].end <= start:
            at += 1
        own: list[Swap] = []
        while at < len(waiting) and waiting[at].start < end:
            swap = waiting[at]
            own.append(Swap(max(swap.start, start) - start, min(swap.end, end) - start, swap.new))
            if swap.end > end:
                break
            at += 1
        found.append(own)
    return found


def _original_swaps(masked: Masked) -> Iterator[Swap]:
    """The spans of the masked text, back in the offsets of the text it was made from."""
    shift = 0
    for (start, end), surface in zip(masked.spans, masked.surfaces, strict=True):
        begin = start + shift
        yield Swap(begin, begin + len(surface), masked.text[start:end])
        shift += len(surface) - (end - start)
