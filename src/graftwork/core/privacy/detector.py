"""Finding what is sensitive in a text: the main path from characters to findings."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.normalise import normalise
from graftwork.core.privacy.overlaps import best
from graftwork.core.privacy.propagation import Known, spread
from graftwork.core.privacy.text import Text
from graftwork.core.privacy.vocabulary import Vocabulary
from graftwork.core.privacy.votes import Votes
from graftwork.core.privacy.warming import warming_texts

# Below this the rules alone are not sure, and the model is asked.
_SURE = 0.6


class Reader(Protocol):
    """Anything that finds: rules on words, dictionaries, a model. Offsets are into `text.normal`."""

    name: str

    def find(self, text: Text) -> Iterable[Finding]: ...


@runtime_checkable
class Warmable(Protocol):
    """Rules that can build ahead of its first text what that text would wait for."""

    def warm(self) -> None: ...


Guess = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Found:
    """Findings of one text, in order and without overlaps; and what the reader of a report must know about them."""

    findings: tuple[Finding, ...]
    language: str | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LanguageRules:
    """What reads one language: its words, its rules, and the model for it where there is one."""

    vocabulary: Vocabulary
    readers: tuple[Reader, ...]
    ner: Votes | None = None


@dataclass(slots=True)
class _Reading:
    """One text on its way."""

    text: Text
    rules: LanguageRules
    language: str | None
    notices: tuple[str, ...]
    candidates: list[Finding]


class Detector:
    """Finds with every reader, then lets the best finding of each place stand. Thread-safe; make one a process.

    `readers` read every text; `languages` the texts in theirs, the first of them whatever is in none of them.
    """

    def __init__(
        self,
        readers: Sequence[Reader],
        languages: Mapping[str, LanguageRules],
        kinds: frozenset[Kind],
        guess: Guess | None = None,
    ) -> None:
        self._readers = tuple(readers)
        self._languages = languages
        self._default = next(iter(self._languages))
        self._kinds = kinds
        self._guess = guess
        self._warm = False

    def warm(self) -> None:
        """Build now what is else built with the first texts, each of which takes some milliseconds longer for it.

        Takes about a second the first time and none later; for services, before their first text. Models and services
        are left alone.
        """
        if self._warm:
            return
        self._warm = True
        rules = self._languages[self._default]
        for reader in self._readers:
            if reader.name in _RULES and isinstance(reader, Warmable):
                reader.warm()
        for text in map(normalise, warming_texts(rules.vocabulary.lexicon.common)):
            for reader in (*(reader for reader in self._readers if reader.name in _RULES), *rules.readers):
                deque(reader.find(text), maxlen=0)

    def find(self, text: str, known: Known = ()) -> Found:
        """What is sensitive in `text`. `known` are values found earlier in its thread: they are found again."""
        return self.find_many([text], known)[0]

    def find_many(self, texts: Sequence[str], known: Known = ()) -> list[Found]:
        """`find` for each of `texts`, read by the model in one batch."""
        readings = [self._read(text) for text in texts]
        self._ask_models(readings)
        return [self._settle(reading, known) for reading in readings]

    def _read(self, text: str) -> _Reading:
        normal = normalise(text)
        language, rules, notices = self._rules_for(normal.normal)
        readers = (*self._readers, *rules.readers)
        return _Reading(
            normal, rules, language, notices, [found for reader in readers for found in reader.find(normal)]
        )

    def _rules_for(self, text: str) -> tuple[str | None, LanguageRules, tuple[str, ...]]:
        language = self._guess(text) if self._guess else self._default
        if language is None or language in self._languages:
            return language, self._languages[language or self._default], ()
        rules = replace(self._languages[self._default], ner=None)
        return language, rules, (f"language {language} is not configured: masked by rules only",)

    def _ask_models(self, readings: Sequence[_Reading]) -> None:
        for ner in {id(reading.rules.ner): reading.rules.ner for reading in readings}.values():
            mine = [reading for reading in readings if reading.rules.ner is ner]
            if ner is None:
                continue
            unsure = [_unsure(reading.candidates) for reading in mine]
            answers = ner.find_many([reading.text for reading in mine], unsure)
            for reading, answer in zip(mine, answers, strict=True):
                reading.candidates.extend(answer)

    def _settle(self, reading: _Reading, known: Known) -> Found:
        text = reading.text
        stands = best(reading.candidates, text.normal)
        places = {(found.start, found.end) for found in stands}
        spreading = spread(text, stands, known, reading.rules.vocabulary)
        more = [found for found in spreading if (found.start, found.end) not in places]
        if more:
            stands = best([*stands, *more], text.normal)
        wanted = (found for found in stands if found.kind in self._kinds)
        return Found(tuple(_to_original(text, wanted)), reading.language, reading.notices)


def _unsure(candidates: Iterable[Finding]) -> list[int]:
    return sorted(found.start for found in candidates if found.score < _SURE and found.recognizer in _BY_WORDS)


# Readers of every text that are rules of ours: what else there is may be a model, or a service.
_RULES = frozenset(("patterns", "forms"))
_BY_WORDS = frozenset(("names", "organisations", "locations", "capitals"))


def _to_original(text: Text, findings: Iterable[Finding]) -> Iterable[Finding]:
    if text.offsets is None:
        yield from findings
        return
    for finding in findings:
        start, end = text.original_span(finding.start, finding.end)
        yield replace(finding, start=start, end=end)
