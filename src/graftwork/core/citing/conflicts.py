"""Passages of different documents that say the same thing with another number, another date or a denial."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from graftwork.core.citing.dates import Moment
from graftwork.core.citing.facts import Fact, facts, rival_kind
from graftwork.core.citing.markers import without_markers
from graftwork.core.citing.numbers import Number
from graftwork.core.citing.polarity import is_turned
from graftwork.core.citing.sentences import Span, sentences
from graftwork.core.citing.word_lists import listed
from graftwork.core.citing.words import words
from graftwork.core.types import Citation, Excerpt

# Shares of the words of content, without the facts: how much two sentences have in common before they are held to be
# about the same thing. Sentences that each have words of their own must have more in common.
_SAME = 0.75
_CONTAINED = 0.8
_LEAST_SHARED = 2
_WORDS_SHOWN = 12
# A word in more sentences than this does not lead to a pair.
_MOST_PLACES = 60
_LEADS = listed("within after before for of from until by at up to least most innerhalb nach vor bis binnen")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two places that contradict each other, and the words in which they do."""

    first: Citation
    second: Citation
    first_words: str = field(repr=False)
    second_words: str = field(repr=False)


@dataclass(frozen=True)
class _Sentence:
    excerpt: Excerpt
    span: Span
    text: str

    @cached_property
    def facts(self) -> list[Fact]:
        return [fact for fact in facts(self.text) if isinstance(fact, Number | Moment) and not _implied(fact)]

    @cached_property
    def keys(self) -> frozenset[str]:
        """The words of content outside the facts."""
        spans = [(fact.start, fact.end) for fact in self.facts]
        found = (word for word in words(self.text) if word.weight > 0)
        return frozenset(word.key for word in found if not any(a <= word.start < b for a, b in spans))

    @property
    def citation(self) -> Citation:
        return Citation(self.excerpt.number, self.span.start, self.span.end)

    @property
    def document(self) -> tuple[str, str]:
        return self.excerpt.source, self.excerpt.document


def conflicts(excerpts: Sequence[Excerpt]) -> list[Conflict]:
    """The contradictions between sentences of different documents.

    Each pair of documents is reported once for each pair of sentences, in the order of the excerpts.
    """
    found = [one for excerpt in excerpts for one in _read(excerpt)]
    pairs = (_conflict(one, two) for one, two in _pairs(found))
    return [conflict for conflict in pairs if conflict is not None]


def conflict_sentence(conflict: Conflict) -> str:
    """For the reviewer: `The documents disagree: "within 14 days" [1], "within 30 days" [3].`"""
    first = f'"{conflict.first_words}" [{conflict.first.excerpt}]'
    return f'The documents disagree: {first}, "{conflict.second_words}" [{conflict.second.excerpt}].'


def _read(excerpt: Excerpt) -> Iterator[_Sentence]:
    for span in sentences(excerpt.text):
        yield _Sentence(excerpt, span, without_markers(excerpt.text[span.start : span.end]))


def _pairs(found: Sequence[_Sentence]) -> Iterator[tuple[_Sentence, _Sentence]]:
    """Sentences of different documents that share enough words, each pair once."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, sentence in enumerate(found):
        shared: dict[int, int] = defaultdict(int)
        for key in sentence.keys:
            for other in places[key][-_MOST_PLACES:]:
                shared[other] += 1
            places[key].append(place)
        for other in sorted(place for place, count in shared.items() if count >= _LEAST_SHARED):
            if found[other].document != sentence.document and _are_about_the_same(found[other], sentence):
                yield found[other], sentence


def _are_about_the_same(one: _Sentence, two: _Sentence) -> bool:
    shared = one.keys & two.keys
    more_here, more_there = len(one.keys - shared), len(two.keys - shared)
    smaller, all_words = min(len(one.keys), len(two.keys)), len(one.keys) + len(two.keys)
    if not more_here or not more_there:
        return len(shared) / smaller >= _CONTAINED and len(shared) * 2 / all_words >= _SAME - 0.15
    # Each has words of its own, such as "shoes" and "hats": the same only where those are few among many.
    return 2 * len(shared) / all_words >= _SAME and max(more_here, more_there) < len(shared) / 2


def _conflict(one: _Sentence, two: _Sentence) -> Conflict | None:
    if _at_other_times(one, two):
        return None
    for first, second in _facts_of_one_kind(one, two):
        return Conflict(one.citation, two.citation, _words_with(one, first), _words_with(two, second))
    if not one.facts and not two.facts and is_turned(one.text, [two.text]):
        return Conflict(one.citation, two.citation, _shortened(one.text), _shortened(two.text))
    return None


def _facts_of_one_kind(one: _Sentence, two: _Sentence) -> Iterator[tuple[Fact, Fact]]:
    """The first fact of each kind on both sides, where the sides have no value of that kind in common."""
    for kind in dict.fromkeys(map(rival_kind, one.facts)):
        ours = [fact for fact in one.facts if rival_kind(fact) == kind]
        theirs = [fact for fact in two.facts if rival_kind(fact) == kind]
        if ours and theirs and not any(_agree(first, second) for first in ours for second in theirs):
            yield ours[0], theirs[0]


def _agree(first: Fact, second: Fact) -> bool:
    match first, second:
        case Number(), Number():
            return first.agrees_with(second)
        case Moment(), Moment():
            return first.agrees_with(second) or second.agrees_with(first)
        case _:
            return False


def _at_other_times(one: _Sentence, two: _Sentence) -> bool:
    """Whether both say when they hold, and the years differ: "until 2023", "since 2024"."""
    ours, theirs = _years(one), _years(two)
    beside = any(rival_kind(fact) not in ("date", "number ") for fact in (*one.facts, *two.facts))
    return beside and bool(ours) and bool(theirs) and ours.isdisjoint(theirs)


def _years(sentence: _Sentence) -> frozenset[int]:
    dates = (fact for fact in sentence.facts if isinstance(fact, Moment) and fact.kind == "date")
    years = {part[0] for fact in dates for part in fact.parts}
    plain = (value for fact in sentence.facts if isinstance(fact, Number) and not fact.unit for value in fact.values)
    return frozenset(years - {0}) | frozenset(int(value) for value in plain if 1900 <= value <= 2100)


def _implied(fact: Fact) -> bool:
    return isinstance(fact, Number) and fact.implied


def _words_with(sentence: _Sentence, fact: Fact) -> str:
    """The fact with the small words that lead to it: "within 14 days"."""
    start = fact.start
    for word in reversed(words(sentence.text[max(0, start - 40) : start])):
        if word.folded not in _LEADS:
            break
        start = max(0, fact.start - 40) + word.start
    return " ".join(sentence.text[start : fact.end].split())


def _shortened(text: str) -> str:
    found = text.split()
    return " ".join(found[:_WORDS_SHOWN]) + ("…" if len(found) > _WORDS_SHOWN else "")
