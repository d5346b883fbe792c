"""Everything that is written with a capital: persons, organisations, places, groups. The rules of one language."""

# ruff: noqa: RUF001 - typographic apostrophes and letters of other alphabets are the subject

import re
from collections.abc import Iterator
from dataclasses import replace

from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.recognizers.addresses import addresses
from graftwork.core.privacy.recognizers.locations import Place, headed, listed
from graftwork.core.privacy.recognizers.names import Person, persons
from graftwork.core.privacy.recognizers.organisations import firms, organisation
from graftwork.core.privacy.runs import Run, Word, before, capital_letters, last_word, runs_of
from graftwork.core.privacy.text import Text
from graftwork.core.privacy.vocabulary import (
    AMBIGUOUS,
    CALENDAR,
    CODE,
    COMMON,
    COUNTRY,
    GENERIC,
    GIVEN,
    GROUP,
    HONORIFIC,
    ORDINARY,
    ORG_HEAD,
    ORG_SUFFIX,
    PARTICLE,
    PHRASE,
    PLACE,
    PLACE_HEAD,
    PLAIN,
    PUBLIC,
    STREET,
    UNIT,
    Vocabulary,
)

Phrases = tuple[str, ...]
_BESIDE_A_PERSON: Phrases = ("with",)
_FIRM_WORDS = 2  # `A & B`: firms without a word of their own have three at least.
_CUED = 0.52
_PLACED = PLACE | COUNTRY | GROUP | PHRASE | CODE
_SKIP = PLAIN | PHRASE
_AND = ("and", "y", "e", "und", "et", "&")
_SPLITTING = frozenset(["and", "y", "e", "und", "et", "of", "for", "the", "in"])
_CLOSING = ".,:;?!\"'"
_GENITIVES = ("'s", "’s", "'", "’")
_AFTER_NAME = re.compile(r",? [^\W\d_a-z]\.(?: ?[^\W\d_a-z]\.)*|, [^\W\d_a-z](?![\w'.])|_\w+")
# A capital that begins a word of letters: those of codes and passwords say nothing of how a text is written.
_CAPITAL = re.compile(rf"[{capital_letters()}](?<![^\s(\"'].)(?=[^\W\d_]*(?:[\s.,:;!?)\"'-]|$))")
_LOWER_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*(?![^\W_])")


class Capitals:
    """Reads a text with the rules of one language. Thread-safe."""

    name = "capitals"

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        pack = vocabulary.pack
        self._person_cues = pack.persons.cues | pack.persons.introductions
        self._after = pack.persons.after
        self._place_cues = pack.places.cues
        self._organisation_cues = pack.organisations.cues
        cues = (*self._person_cues, *self._place_cues, *self._organisation_cues)
        self._cue_ends = frozenset(cue.rpartition(" ")[2] for cue in cues)

    def find(self, text: Text) -> Iterator[Finding]:
        reading = self._in_lower_case(text.normal)
        runs = list(runs_of(reading, self._vocabulary, _SKIP))
        yield from addresses(reading, runs, self._vocabulary)
        yield from firms(reading, runs)
        for run in runs:
            if not _inside_a_link(reading, run):
                yield from self._read(reading, run)

    def _in_lower_case(self, text: str) -> str:
        """`text`; where it has no capital at all, with one for each word that could be a name, a place, a street."""
        if _CAPITAL.search(text):
            return text
        return _LOWER_WORD.sub(self._with_capital, text)

    def _with_capital(self, match: re.Match[str]) -> str:
        word = match[0]
        flags = self._vocabulary.flags(word)
        if flags & (PARTICLE | ORDINARY | GENERIC) and not flags & (HONORIFIC | STREET | UNIT | ORG_SUFFIX):
            return word
        if len(word) == 1 and not word.isascii():  # `à`, `é`: no initial is written so
            return word
        capital = word[0].upper()
        return capital + word[1:] if len(capital) == 1 else word

    def _read(self, text: str, run: Run) -> Iterator[Finding]:
        cues = self._cues(text, run.start)
        if len(run.words) == 1 and run.use & AMBIGUOUS and self._speaks(text, run.end):
            cues = _BESIDE_A_PERSON
        last: Finding | None = None
        for first, part in _parts(run.words, self._vocabulary):
            joined = first and last and last.kind == "person" and run.words[first - 1].text in _AND
            beside = _BESIDE_A_PERSON if joined else ()
            for found in self._read_part(part, run.first and first == 0, beside if first else cues):
                last = _with_tail(text, found)
                yield last

    def _cues(self, text: str, start: int) -> Phrases:
        """What stands before a run, if any cue ends like that."""
        last = last_word(text, start)
        if last in self._cue_ends or last.rstrip(_CLOSING) in self._cue_ends:
            return _phrases(before(text, start))
        return ()

    def _read_part(self, words: list[Word], starts: bool, cues: Phrases) -> Iterator[Finding]:
        words, starts = _without_opening(words, starts)
        if not words:
            return
        use = 0
        for word in words:
            use |= word.flags
        if (use & (ORG_SUFFIX | ORG_HEAD) or len(words) > _FIRM_WORDS) and (named := organisation(words)):
            first, last, score, reason = named
            yield _finding(words, first, last, "organisation", "organisations", reason, score)
            return
        if use & PLACE_HEAD and (place := headed(words)):
            yield _finding(words, *place[:3], "locations", place[4], place[3])
        placed = listed(words, self._vocabulary, _cued(cues, self._place_cues)) if use & _PLACED else []
        for first, last, kind, score, reason in placed:
            yield _finding(words, first, last, kind, "locations", reason, score)
        for first, rest in _untaken(words, placed) if placed else ((0, words),):
            cued = not first and _cued(cues, self._person_cues)
            for person in persons(rest, starts and not first, cued):
                yield self._named(rest, person, cues if not first and not person.first else ())

    def _named(self, words: list[Word], person: Person, cues: Phrases) -> Finding:
        """A person; or, for words no list knows, what the words before them make of them."""
        kind: Kind = "person"
        name, reason, score = "names", person.reason, person.sure
        if person.sure < 0.5 and cues:
            if _cued(cues, self._organisation_cues):
                kind, name, reason = "organisation", "organisations", "unknown words after a cue for organisations"
                score = _CUED
            elif _cued(cues, self._place_cues):
                kind, name, reason = "location", "locations", "unknown words after a cue for places"
                score = _CUED
        return _finding(words, person.first, person.last, kind, name, reason, score)

    def _speaks(self, text: str, end: int) -> bool:
        """Do the words from `end` tell what a person does: `Rose said`?"""
        following = text[end : end + 24].lower().split()
        return any(" ".join(following[:length]).rstrip(_CLOSING) in self._after for length in (1, 2))


def _phrases(words: list[str]) -> Phrases:
    """What stands before a run, as the lists of cues have it: with and without its full stop."""
    if not words:
        return ()
    whole = [" ".join(words[at:]) for at in range(len(words))]
    if words[-1][-1] not in _CLOSING:
        return tuple(whole)
    return (*whole, *(phrase.rstrip(_CLOSING) for phrase in whole))


def _cued(cues: Phrases, known: frozenset[str]) -> bool:
    return not known.isdisjoint(cues)


def _inside_a_link(text: str, run: Run) -> bool:
    """A word of an address of mail or the web, of a handle or a file: other rules read those."""
    before_it, after_it = text[run.start - 1 : run.start], text[run.end : run.end + 1]
    return (bool(before_it) and before_it in "@/\\=_") or (bool(after_it) and after_it in "@\\=")


def _with_tail(text: str, found: Finding) -> Finding:
    """`Campbell, A. A.`, `Jacob_M`: what stands behind a person and belongs to the name."""
    if found.kind == "person" and (match := _AFTER_NAME.match(text, found.end)):
        return replace(found, end=match.end())
    return found


def _parts(words: list[Word], vocabulary: Vocabulary) -> Iterator[tuple[int, list[Word]]]:
    """A run cut where one thing ends and the next begins: `Bill and Mary`, `Izmir in May`."""
    if len(words) == 1 and not words[0].flags & CALENDAR:
        yield 0, words
        return
    start = 0
    for at, word in enumerate(words):
        joint = word.text in _SPLITTING and not _holds_together(words, start, at, vocabulary)
        if joint or (word.flags & CALENDAR and not word.flags & GIVEN and word.text[0].isupper()):
            if start < at:
                yield start, words[start:at]
            start = at + 1
    if start < len(words):
        yield start, words[start:]


def _holds_together(words: list[Word], start: int, at: int, vocabulary: Vocabulary) -> bool:
    """Does the joint `words[at]` stand inside one name? `University of Oslo`, `Bosnia and Herzegovina`."""
    joint = words[at].text
    if joint in ("y", "e") and words[at].flags & PARTICLE:
        return True
    if joint in ("of", "for", "the", "and"):
        left = [word for word in words[start:at] if word.flags & (ORG_HEAD | PUBLIC)]
        if left and joint != "and":
            return True
        following = words[at + 1].text.lower() if at + 1 < len(words) else ""
        if joint == "and" and following in ("sons", "daughters", "co", "partners"):
            return True
    for first in range(max(start, at - 3), at):
        if words[first].flags & PHRASE:
            for last in range(at + 2, min(len(words), first + vocabulary.longest_phrase) + 1):
                if " ".join(vocabulary.base(word.text) for word in words[first:last]) in vocabulary.phrases:
                    return True
    return False


def _without_opening(words: list[Word], starts: bool) -> tuple[list[Word], bool]:
    """Without ordinary words in front, where a sentence's first word has its capital for no other reason."""
    at = 0
    while at < len(words) and words[at].text[0].islower():
        at += 1
    if starts and len(words) - at > 1:
        flags = words[at].flags
        if flags & ORDINARY and not flags & ~(ORDINARY | COMMON):
            return words[at + 1 :], False
    return words[at:], starts and at == 0


def _untaken(words: list[Word], placed: list[Place]) -> Iterator[tuple[int, list[Word]]]:
    """The words between the places, which stand in order."""
    start = 0
    for first, last, *_ in placed:
        if start < first:
            yield start, words[start:first]
        start = last
    if start < len(words):
        yield start, words[start:]


def _finding(words: list[Word], first: int, last: int, kind: Kind, name: str, reason: str, score: float) -> Finding:
    end = words[last - 1]
    stop = end.end
    if end.text.endswith(_GENITIVES):
        stop -= 2 if end.text[-1] == "s" else 1
    return Finding(words[first].start, stop, kind, name, reason, score)
