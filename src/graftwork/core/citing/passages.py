"""The excerpts that a draft may cite, read once for all its sentences."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from graftwork.core.citing.facts import Fact, Source, parts_of
from graftwork.core.citing.markers import without_markers
from graftwork.core.citing.sentences import Span, sentences
from graftwork.core.citing.words import words
from graftwork.core.types import Citation, Excerpt

_MOST_CANDIDATES = 12
# A word in more sentences than this tells little about which one is meant.
_MOST_PLACES = 1_500
_COMMON = 4
_ATTRIBUTE = 120
_PART_OF_COMPOUND = 5
_COMPOUND_WEIGHT = 0.8


@dataclass(frozen=True)
class Sentence:
    """A sentence of excerpt `excerpt` (its number), `span` in the excerpt's text."""

    excerpt: int
    span: Span
    source: Source

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(word.key for word in self.source.words if word.weight > 0)

    @property
    def citation(self) -> Citation:
        return Citation(self.excerpt, self.span.start, self.span.end)


class Passages:
    """All excerpts and their sentences, with an index from words to sentences."""

    def __init__(self, excerpts: Sequence[Excerpt]) -> None:
        self.sources = {excerpt.number: _source(excerpt) for excerpt in excerpts}
        self.headings = {excerpt.number: _headings(excerpt) for excerpt in excerpts}
        # Attributes of one thing belong together: a sentence may draw on all of them at once.
        self.attributes = frozenset(one.number for one in excerpts if one.of_item and len(one.text) <= _ATTRIBUTE)
        self.sentences = [sentence for excerpt in excerpts for sentence in _read(excerpt)]

    @cached_property
    def _places(self) -> Mapping[str, Sequence[int]]:
        index: dict[str, list[int]] = defaultdict(list)
        for place, sentence in enumerate(self.sentences):
            for key in sentence.keys:
                index[key].append(place)
        return index

    def frequency(self, key: str) -> int:
        """In how many sentences a word stands, 1 to 4: beyond that it tells too little to be counted."""
        return min(max(len(self._places.get(key, ())), 1), _COMMON)

    @cached_property
    def _fact_places(self) -> Mapping[object, Sequence[int]]:
        index: dict[object, list[int]] = defaultdict(list)
        for place, sentence in enumerate(self.sentences):
            for part in {part for fact in sentence.source.facts for part in parts_of(fact)}:
                index[part].append(place)
        return index

    def holding(self, wanted: Sequence[Fact], among: Collection[int]) -> list[Sentence]:
        """The first sentences of the excerpts `among` that hold one of the facts."""
        found = {
            place
            for fact in wanted
            for part in parts_of(fact)
            for place in self._fact_places.get(part, ())[:_MOST_PLACES]
        }
        near = (self.sentences[place] for place in sorted(found))
        held = (one for one in near if one.excerpt in among and any(map(one.source.holds, wanted)))
        return list(islice(held, _MOST_CANDIDATES))

    def nearest(self, wanted: Mapping[str, float], among: Collection[int]) -> list[Sentence]:
        """The sentences of the excerpts `among` that share most of the weighted words, the best first."""
        scores: Counter[int] = Counter()
        for key, weight in wanted.items():
            for place in self._places.get(key, ())[:_MOST_PLACES]:
                if self.sentences[place].excerpt in among:
                    scores[place] += weight  # type: ignore[assignment]  # a Counter of weights
        best = sorted(scores, key=lambda place: (-scores[place], place))
        return [self.sentences[place] for place in best[:_MOST_CANDIDATES]]


def _source(excerpt: Excerpt) -> Source:
    return Source(excerpt.text, " \n".join((excerpt.title, *excerpt.headings)))


def _headings(excerpt: Excerpt) -> frozenset[str]:
    text = " ".join((excerpt.title, *excerpt.headings))
    return frozenset(word.key for word in words(text) if word.weight > 0)


def _read(excerpt: Excerpt) -> Iterator[Sentence]:
    for span in sentences(excerpt.text):
        yield Sentence(excerpt.number, span, Source(without_markers(excerpt.text[span.start : span.end])))


def covered(wanted: Mapping[str, float], keys: Collection[str]) -> dict[str, float]:
    """How much of each wanted word is among `keys`: all of it, or a part where one word is a part of the other."""
    return {key: weight * _share(key, keys) for key, weight in wanted.items()}


def _share(key: str, keys: Collection[str]) -> float:
    if key in keys:
        return 1.0
    bare = key.lstrip("=")
    if len(bare) < _PART_OF_COMPOUND:
        return 0.0
    parts = (other for other in keys if len(other) >= _PART_OF_COMPOUND and other[0] != "=")
    joined = any(
        bare.startswith(other) or other.startswith(bare) or bare.endswith(other) or other.endswith(bare)
        for other in parts
    )
    return _COMPOUND_WEIGHT if joined else 0.0
