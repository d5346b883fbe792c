"""Whether a text holds the values of given attributes, however it writes them."""

from collections.abc import Mapping

from graftwork.core.citing.facts import Fact, Source, facts
from graftwork.core.citing.numbers import Number
from graftwork.core.citing.word_lists import NEGATIONS
from graftwork.core.citing.words import Word, words

_YES = frozenset(("yes", "true", "ja", "wahr", "oui", "vrai"))
_NO = frozenset(("no", "false", "nein", "falsch", "non", "faux", "none"))
_ENOUGH = 0.6
_PART = 5


def missing_values(text: str, values: Mapping[str, str]) -> list[str]:
    """The names of those `values` that `text` does not hold, in their order. An empty value is not missing.

    Numbers and dates are compared by what they mean, words by their stems. Of a value that is yes or no, `text` must
    hold the words of the name, and for no a denial.
    """
    source = Source(text)
    return [name for name, value in values.items() if value.strip() and not _holds(source, name, value)]


def _holds(source: Source, name: str, value: str) -> bool:
    folded = value.strip().casefold()
    if folded in _YES | _NO:
        return _holds_answer(source, name, denied=folded in _NO)
    if source.says(value):
        return True
    found = facts(value)
    if not all(source.holds(fact) for fact in found):
        return False
    content = [word for word in words(value) if word.weight > 0 and not _within(word, found)]
    if not content:
        return bool(found)
    return sum(word.key in source.keys for word in content) / len(content) >= (1.0 if len(content) < 3 else _ENOUGH)


def _within(word: Word, found: list[Fact]) -> bool:
    return any(isinstance(fact, Number) and fact.start <= word.start < fact.end for fact in found)


def _holds_answer(source: Source, name: str, *, denied: bool) -> bool:
    content = [word for word in words(name.replace("_", " ")) if word.weight > 0]
    joined = "".join(word.folded for word in words(name))
    # "isforbusinesscomputing" is a name of columns, and no word.
    within = any(len(word.folded) >= _PART and word.folded in joined for word in source.words)
    mentioned = not content or within or any(word.key in source.keys for word in content)
    # "false" may simply be left unsaid in copy, but it must not be said as if it were true.
    return mentioned and (not denied or not source.keys.isdisjoint(NEGATIONS))
