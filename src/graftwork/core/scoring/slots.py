"""Missing and invented attributes of a text that was written from attributes.

The slot error rate is (missing + invented) / attributes (Wen et al., Semantically conditioned LSTM-based natural
language generation for spoken dialogue systems, EMNLP 2015). There, a value counts where its placeholder stands in the
text before values are filled in. Here the text is any text, so values are looked for: as words, as numbers with units,
and for yes and no by the attribute's own name with or without a negation.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from graftwork.core.bootstrap import Floats
from graftwork.core.scoring.expected import Expected, Scalar
from graftwork.core.scoring.slot_text import UNITS, Token, places, sentences, tokens
from graftwork.core.scoring.tally import Case, Metric, Scoring, Tally, Totals, ratio, share

# What says nothing about an attribute, so nothing can be missing.
_UNKNOWN = frozenset(("", "none", "n/a", "na", "unknown", "dontcare", "don't care", "any", "?"))
_YES_NO = {"true": True, "yes": True, "false": False, "no": False}
_NEGATIONS = frozenset(("not", "no", "non", "never", "without", "neither", "nor", "cannot", "can't", "isn't", "aren't"))
_NEGATIONS |= {"doesn't", "don't"}
_NOT_ONLY = frozenset(("only", "just"))
_EMPTY_WORDS = frozenset(
    ("is", "has", "have", "for", "of", "the", "a", "an", "with", "and", "in", "to", "be", "it", "this", "that")
)
_NAME_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NEGATED_WITHIN = 5
_NAMED_WITHIN = 3

Vocabulary = Mapping[str, AbstractSet[str]]


@dataclass(frozen=True, slots=True)
class SlotErrors:
    """`missing` names attributes; `invented` quotes the text, or names an attribute that it has the wrong way round."""

    slots: int
    missing: tuple[str, ...] = ()
    invented: tuple[str, ...] = field(default=(), repr=False)


def score(case: Case) -> Tally | None:
    """Rows with `expected.slots`. Attributes whose value is null, empty or "none" are not asked for."""
    if case.expected.slots is None:
        return None
    found = slot_errors(case.draft, case.expected.slots, case.vocabulary)
    return {
        ("slots",): found.slots,
        ("missing",): len(found.missing),
        ("invented",): len(found.invented),
        ("drafts",): 1,
        ("with invented",): bool(found.invented),
        **{("missing of", name): 1 for name in found.missing},
    }


def vocabulary_of(expected: Sequence[Expected]) -> dict[str, frozenset[str]]:
    """Every value of each attribute in the data: one of them in a text whose row does not have it was invented."""
    found: dict[str, set[str]] = {}
    for one in expected:
        for name, value in (one.slots or {}).items():
            if _is_known(value) and _flag(value) is None:
                found.setdefault(name, set()).add(str(value))
    return {name: frozenset(values) for name, values in found.items()}


def slot_errors(text: str, slots: Mapping[str, Scalar], vocabulary: Vocabulary) -> SlotErrors:
    """What `text` lacks of `slots`, and what it has besides.

    That is values of the vocabulary, numbers, yes for no, and sentences about nothing of `slots`.
    """
    said = tokens(text)
    asked = {name: value for name, value in slots.items() if _is_known(value)}
    missing: list[str] = []
    invented: list[str] = []
    covered: set[int] = set()
    for name, value in asked.items():
        flag = _flag(value)
        if flag is None:
            found = places(tokens(str(value)), said)
            covered.update(*found)
        else:
            ways = _ways(name, said)
            found = [set()] if flag in ways else []
            invented += [name] if ways and not found else []
        missing += [] if found else [name]
    invented += _foreign_values(said, asked, vocabulary, covered)
    invented += _foreign_numbers(said, asked, covered)
    invented += _foreign_sentences(said, asked, covered)
    return SlotErrors(len(asked), tuple(missing), tuple(invented))


def _is_known(value: Scalar) -> bool:
    return value is not None and str(value).strip().casefold() not in _UNKNOWN


def _flag(value: Scalar) -> bool | None:
    return value if isinstance(value, bool) else _YES_NO.get(str(value).strip().casefold())


def _name_words(name: str) -> list[str]:
    """`is_dishwasherSafe` -> dishwasher, safe."""
    words = [word for part in _NAME_WORD.findall(name) for word in tokens(part)]
    return [word.text for word in words if word.text not in _EMPTY_WORDS]


def _ways(name: str, said: Sequence[Token]) -> set[bool]:
    """How the text speaks of a yes-or-no attribute: as being so, as not being so, both, or not at all."""
    words, found = _name_words(name), set()
    for sentence in sentences(said):
        at = [position for position in sentence if any(_alike(said[position].text, word) for word in words)]
        if words and all(any(_alike(said[position].text, word) for position in at) for word in words):
            before = range(max(sentence.start, at[0] - _NEGATED_WITHIN), at[-1])
            found.add(not any(_negates(said, position) for position in before))
    return found


def _alike(one: str, other: str) -> bool:
    """The same but for an ending: business and businesses, compute and computing."""
    stem = max(4, min(len(one), len(other)) - 3)
    return one == other or (len(one) >= stem and one[:stem] == other[:stem])


def _negates(said: Sequence[Token], at: int) -> bool:
    followed_by = said[at + 1].text if at + 1 < len(said) else ""
    return said[at].text in _NEGATIONS and followed_by not in _NOT_ONLY


def _foreign_values(
    said: Sequence[Token], asked: Mapping[str, Scalar], vocabulary: Vocabulary, covered: set[int]
) -> Iterator[str]:
    """Values that other rows have and this one has not. What is found is covered, so that it is counted once."""
    known = [(name, value) for name, values in vocabulary.items() for value in values]
    for name, value in sorted(known, key=lambda pair: (-len(pair[1]), pair)):
        wanted = tokens(value)
        if not wanted or str(asked.get(name)) == value or all(_is_quantity(token) for token in wanted):
            continue
        for place in places(wanted, said):
            if not place & covered and (len(wanted) > 1 or _is_about(name, next(iter(place)), said)):
                covered |= place
                yield value


def _is_quantity(token: Token) -> bool:
    return token.is_number or token.text in UNITS


def _is_about(name: str, at: int, said: Sequence[Token]) -> bool:
    """A single word such as "good" is a value only beside the name of its attribute."""
    near = [token.text for token in said[max(0, at - _NAMED_WITHIN) : at + _NAMED_WITHIN + 1]]
    return any(word in near for word in _name_words(name))


def _foreign_numbers(said: Sequence[Token], asked: Mapping[str, Scalar], covered: set[int]) -> list[str]:
    """Numbers that no attribute has, or has with another unit."""
    given: dict[str, set[str]] = {}
    for value in [*asked, *map(str, asked.values())]:
        for _, number, unit in _quantities(tokens(value), set()):
            given.setdefault(number, set()).add(unit)
    found = {}
    for at, number, unit in _quantities(said, covered):
        units = given.get(number)
        if units is None or (unit and unit not in units and "" not in units):
            found[f"{number} {unit}".strip()] = at
    covered.update(found.values())
    return list(found)


def _foreign_sentences(said: Sequence[Token], asked: Mapping[str, Scalar], covered: set[int]) -> Iterator[str]:
    """Sentences that say something, but no value of an attribute and nothing under the name of one."""
    names = {word for name in asked for word in _name_words(name)}
    for sentence in sentences(said) if asked else ():
        words = [said[at].text for at in sentence if said[at].text not in _EMPTY_WORDS]
        about = covered.intersection(sentence) or any(_alike(word, name) for word in words for name in names)
        if len(words) > 1 and not about:
            yield " ".join(said[at].text for at in sentence)


def _quantities(said: Sequence[Token], covered: set[int]) -> Iterator[tuple[int, str, str]]:
    """Place, number and unit of what is stated and not covered."""
    for at, token in enumerate(said):
        if token.is_number and not token.spelled and at not in covered:
            behind = said[at + 1].text if at + 1 < len(said) else ""
            yield at, token.text, behind if behind in UNITS else ""


def _error_rate(totals: Totals) -> Floats:
    return ratio(totals["missing"] + totals["invented"], totals["slots"])


SCORING = Scoring(
    score,
    (
        # Both can be above 1, where more is invented than there are attributes.
        Metric("error_rate", "share", "lower", _error_rate),
        Metric("missing", "share", "lower", share("missing", "slots")),
        Metric("invented", "share", "lower", share("invented", "slots")),
        Metric("drafts_with_invented", "share", "lower", share("with invented", "drafts"), shown=False),
    ),
)
