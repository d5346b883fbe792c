"""What stands behind one sentence of a draft: the passage sentences nearest to it, and what is not in them."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graftwork.core.citing.dates import Moment
from graftwork.core.citing.facts import (
    Fact,
    Source,
    facts,
    kind_of,
    missing_facts,
    parts_of,
    quotes,
    rival_kind,
    without_measures,
)
from graftwork.core.citing.names import Named
from graftwork.core.citing.numbers import Number
from graftwork.core.citing.passages import Passages, Sentence, covered
from graftwork.core.citing.polarity import is_turned, says_much, swaps_sides
from graftwork.core.citing.words import Word, words
from graftwork.core.types import Citation

# Shares of the weighted words of a sentence, set on our own table of pairs (tests/core/citing/pairs.tsv).
ENOUGH = 0.5
# Where the sentence shares a number with a unit, a date or a code with its passage, which few sentences do by chance.
ENOUGH_WITH_FACTS = 0.4
_CLOSE = 0.6
_CLEARLY_FARTHER = 0.2
_WORTH_ADDING = 0.12
_MOST_SENTENCES = 3
_MOST_EXCERPTS = 2
_MOST_ATTRIBUTES = 8
# A word that only the item holds neither supports a sentence nor speaks much against it.
_ITEM_WEIGHT = 0.4
_NAMED_AT_MOST = 60
# Of one sentence; one with more is no sentence.
_MOST_FACTS = 200

TOO_LITTLE = "too little of it is in the passage"
TURNED = "the passage says the opposite"
QUOTED = "quoted words"


@dataclass(frozen=True)
class Statement:
    """One sentence of a draft, without markers and list signs."""

    text: str
    german: bool = False

    @cached_property
    def weights(self) -> Mapping[str, float]:
        found: dict[str, float] = {}
        for word in words(self.text):
            if word.weight > 0 and not self._is_part_of_a_measure(word):
                found[word.key] = max(word.weight, found.get(word.key, 0.0))
        return found

    def _is_part_of_a_measure(self, word: Word) -> bool:
        """The unit of a number and the month of a date are looked for with the number and the date."""
        place = bisect_right(self._measures, (word.start, len(self.text))) - 1
        return place >= 0 and word.start < self._measures[place][1]

    @cached_property
    def facts(self) -> list[Fact]:
        """Each fact once: a list that repeats one a thousand times says nothing more."""
        found = {(kind_of(fact), parts_of(fact)): fact for fact in reversed(self._all_facts)}
        return sorted(found.values(), key=lambda fact: fact.start)[:_MOST_FACTS]

    @cached_property
    def _all_facts(self) -> list[Fact]:
        return facts(self.text, german=self.german)

    @cached_property
    def _measures(self) -> list[tuple[int, int]]:
        return [(fact.start, fact.end) for fact in self._all_facts if isinstance(fact, Number | Moment)]

    @cached_property
    def without_measures(self) -> str:
        return without_measures(self.text, self._all_facts)

    @cached_property
    def quotes(self) -> list[str]:
        return quotes(self.text)

    def named(self, fact: Fact) -> str:
        return f"{kind_of(fact)} {' '.join(self.text[fact.start : fact.end].split())[:_NAMED_AT_MOST]}"


@dataclass(frozen=True)
class Verdict:
    citations: tuple[Citation, ...]
    missing: tuple[str, ...]

    @property
    def supported(self) -> bool:
        return not self.missing


def judge(statement: Statement, passages: Passages, item: Source, *, among: Collection[int], chosen: bool) -> Verdict:
    """Hold `statement` against the excerpts `among`; where these were not `chosen` by the draft, against the nearest.

    Facts may also come from the item.
    """
    by_words = passages.nearest(statement.weights, among)
    by_facts = passages.holding(_measures(statement), among)
    near = list({id(sentence): sentence for sentence in (*by_words, *by_facts)}.values())
    window = _window(statement, near, passages)
    excerpts = sorted(passages.attributes | (set(among) if chosen else {sentence.excerpt for sentence in window}))
    missing = [
        *_unquoted(statement, [*(passages.sources[number] for number in excerpts), item]),
        *_unheld(statement, passages, item, excerpts, near),
        *_only_of_the_item(statement, passages, excerpts, window),
        *([TURNED] if _is_turned(statement, passages, near, excerpts, item) else []),
        *([] if _share_covered(statement, window, passages, item) >= _enough(statement, window) else [TOO_LITTLE]),
    ]
    also = _of_the_others(statement, near, window) if chosen else []
    citations = sorted((one.citation for one in (*window, *also)), key=lambda one: (one.excerpt, one.start))
    return Verdict(_joined(citations), tuple(dict.fromkeys(missing)))


def _of_the_others(statement: Statement, near: Sequence[Sentence], window: Sequence[Sentence]) -> list[Sentence]:
    """For each passage that the draft names besides those of `window`, its nearest sentence, if it says much of it."""
    first: dict[int, Sentence] = {}
    for sentence in near:
        first.setdefault(sentence.excerpt, sentence)
    held = {sentence.excerpt for sentence in window}
    left = (sentence for number, sentence in first.items() if number not in held)
    return [sentence for sentence in left if _share_of(statement.weights, sentence) >= ENOUGH]


def _measures(statement: Statement) -> list[Fact]:
    return [fact for fact in statement.facts if not isinstance(fact, Named) or fact.kind == "code"]


def _is_turned(
    statement: Statement, passages: Passages, near: Sequence[Sentence], excerpts: Collection[int], item: Source
) -> bool:
    sources = [sentence.source for sentence in near if sentence.excerpt in excerpts]
    held = item.keys.union(*(passages.sources[number].keys for number in excerpts))
    if says_much(statement.without_measures):
        turned = is_turned(statement.without_measures, [source.without_measures for source in sources])
    else:  # "You do not have 30 days of leave": of its words, most are the measure
        turned = is_turned(statement.text, [source.text for source in sources])
    return turned or swaps_sides(statement.text, held)


def _window(statement: Statement, near: Sequence[Sentence], passages: Passages) -> list[Sentence]:
    """The few sentences that hold most of the statement together; each must add something to those before."""
    wanted = _wanted(statement)
    total = sum(wanted.values()) or 1.0
    window: list[Sentence] = []
    open_keys = dict(wanted)
    most_sentences, most_excerpts = (
        (_MOST_ATTRIBUTES,) * 2 if passages.attributes else (_MOST_SENTENCES, _MOST_EXCERPTS)
    )
    for _ in range(most_sentences):
        numbers = {sentence.excerpt for sentence in window}
        room = [one for one in near if len(numbers | {one.excerpt}) <= most_excerpts and one not in window]
        gains = [
            (_gain(open_keys, one, statement, passages, first=not window), -place, one)
            for place, one in enumerate(room)
        ]
        if not gains:
            break
        gain, _, best = max(gains, key=lambda each: each[:2])
        if window and gain < (1.0 if passages.attributes else _WORTH_ADDING * total):
            break
        window.append(best)
        held = _held(open_keys, best, statement)
        open_keys = {key: weight - held[key] for key, weight in open_keys.items()}
    return window


def _wanted(statement: Statement) -> dict[str, float]:
    """Words and facts with their weights; a fact is named by its place."""
    return {**statement.weights, **{f"#{place}": 1.0 for place in range(len(statement.facts))}}


def _held(wanted: Mapping[str, float], sentence: Sentence, statement: Statement) -> dict[str, float]:
    held = covered({key: weight for key, weight in wanted.items() if key[0] != "#"}, sentence.keys)
    for place, fact in enumerate(statement.facts):
        held[f"#{place}"] = wanted[f"#{place}"] * sentence.source.holds(fact)
    return held


def _gain(
    wanted: Mapping[str, float], sentence: Sentence, statement: Statement, passages: Passages, *, first: bool
) -> float:
    gain = sum(_held(wanted, sentence, statement).values())
    # Between two passages that say the same, the one whose headings name the matter.
    heading = sum(covered(statement.weights, passages.headings[sentence.excerpt]).values())
    return gain + 0.1 * heading if first else gain


def _share_covered(statement: Statement, window: Sequence[Sentence], passages: Passages, item: Source) -> float:
    """The share of the weighted words that stand in `window` or in the headings above it."""
    if not statement.weights:
        return 1.0 if window else 0.0
    whole = frozenset[str]().union(*(passages.sources[number].keys for number in passages.attributes))
    keys = whole.union(*(sentence.keys for sentence in window))
    above = frozenset[str]().union(*(passages.headings[sentence.excerpt] for sentence in window))
    held = covered(statement.weights, keys | above)
    counted = {key: _counted(key, weight, held[key], item) for key, weight in statement.weights.items()}
    found = sum(held.values())
    if sum(statement.weights.values()) < 1 and statement.facts:
        return 1.0 if window else 0.0
    return found / sum(counted.values()) if window else 0.0


def _counted(key: str, weight: float, held: float, item: Source) -> float:
    return max(held, weight * _ITEM_WEIGHT) if key in item.keys else weight


def _enough(statement: Statement, window: Sequence[Sentence]) -> float:
    telling = [fact for fact in _measures(statement) if not isinstance(fact, Number) or fact.unit]
    shared = any(sentence.source.holds(fact) for fact in telling for sentence in window)
    return ENOUGH_WITH_FACTS if shared else ENOUGH


def _unquoted(statement: Statement, sources: Sequence[Source]) -> list[str]:
    return [QUOTED] if any(not any(one.says(quote) for one in sources) for quote in statement.quotes) else []


def _unheld(
    statement: Statement, passages: Passages, item: Source, excerpts: Sequence[int], near: Sequence[Sentence]
) -> list[str]:
    sources = [*(passages.sources[number] for number in excerpts), item]
    nowhere = missing_facts(statement.facts, sources)
    taken = [one for one in near if one.excerpt in excerpts]
    elsewhere = [
        fact for fact in statement.facts if fact not in nowhere and _is_swapped(fact, statement, taken, passages)
    ]
    return [statement.named(fact) for fact in (*nowhere, *elsewhere)]


def _only_of_the_item(
    statement: Statement, passages: Passages, excerpts: Sequence[int], window: Sequence[Sentence]
) -> list[str]:
    """The measures that no passage has, where the cited sentences have another of that kind: 40 for 28 days."""
    kinds = {
        rival_kind(one)
        for sentence in window
        for one in sentence.source.own_facts
        if isinstance(one, Number) and one.unit and not one.implied
    }
    wanted = [fact for fact in statement.facts if isinstance(fact, Number) and fact.unit and rival_kind(fact) in kinds]
    return [statement.named(fact) for fact in missing_facts(wanted, [passages.sources[number] for number in excerpts])]


def _is_swapped(fact: Fact, statement: Statement, near: Sequence[Sentence], passages: Passages) -> bool:
    """Whether the sentence that says this has another value in that place, and the value belongs to something else.

    "Exchange within 30 days", where the passage has "Exchange within 14 days. Return within 30 days.".
    """
    alike = _alike(fact, statement.facts)
    if not alike or not near:
        return False
    rare = {key: weight / passages.frequency(key) for key, weight in statement.weights.items()}
    shares = [(_share_of(rare, sentence), sentence) for sentence in near]
    closest, best = max(shares, key=lambda each: each[0])
    theirs = _alike(fact, best.source.facts)
    if closest < _CLOSE or not theirs or any(best.source.holds(one) for one in alike):
        return False
    return max((share for share, one in shares if one.source.holds(fact)), default=0.0) < closest - _CLEARLY_FARTHER


def _alike(fact: Fact, others: Sequence[Fact]) -> list[Fact]:
    """Those of `others` that could stand in the place of `fact`: measures of the same kind, dates."""
    match fact:
        case Number(unit=unit, implied=False) if unit:
            numbers = (one for one in others if isinstance(one, Number) and not one.implied)
            return [one for one in numbers if rival_kind(one) == rival_kind(fact)]
        case Moment(kind=kind):
            return [one for one in others if isinstance(one, Moment) and one.kind == kind]
        case _:
            return []


def _share_of(weights: Mapping[str, float], sentence: Sentence) -> float:
    total = sum(weights.values())
    return sum(covered(weights, sentence.keys).values()) / total if total else 0.0


def _joined(citations: Sequence[Citation]) -> tuple[Citation, ...]:
    """Neighbouring sentences of one excerpt as one citation."""
    joined: list[Citation] = []
    for one in citations:
        if joined and joined[-1].excerpt == one.excerpt and one.start - joined[-1].end <= 2:
            joined[-1] = Citation(one.excerpt, joined[-1].start, one.end)
        else:
            joined.append(one)
    return tuple(joined)
