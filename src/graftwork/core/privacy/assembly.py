"""A detector from the names of its parts: profile, languages, model, the company's own dictionaries."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial
from pathlib import Path

from graftwork.core.privacy.capitals import Capitals
from graftwork.core.privacy.detector import Detector, LanguageRules, Reader
from graftwork.core.privacy.languages.guess import guess
from graftwork.core.privacy.languages.pack import DEFAULT_LANGUAGES, load_pack
from graftwork.core.privacy.patterns import PatternSet
from graftwork.core.privacy.profile import load_profile
from graftwork.core.privacy.recognizers.catalog import PATTERN_RECOGNIZERS
from graftwork.core.privacy.recognizers.dictionary import Dictionary, read_terms
from graftwork.core.privacy.recognizers.forms import Forms
from graftwork.core.privacy.recognizers.locations import LowerGroups
from graftwork.core.privacy.vocabulary import load_vocabulary
from graftwork.core.privacy.votes import Votes

_NER_LANGUAGE = "en"


def detector_for(
    profile: str = "gdpr",
    languages: Sequence[str] = DEFAULT_LANGUAGES,
    ner: bool = True,
    dictionaries: Sequence[Path] = (),
    extra: Sequence[Reader] = (),
) -> Detector:
    """The detector for these settings, made once for each of them; its heavy parts are shared.

    `languages` are those there are rules for, chosen for each text by a guess; the first reads what is in none of them.
    `dictionaries` are files of the company's own terms, read again when they changed; so is a `profile` that is a path.
    `extra` are readers beyond ours: Presidio, GLiNER, a service.
    Raises `UnknownProfile`, `UnknownLanguage`, `DictionaryInvalid`.
    """
    files = tuple((path, _stamp(path)) for path in map(Path, dictionaries))
    profile_stamp = _stamp(Path(profile)) if profile.endswith(".toml") else 0
    return _detector((profile, profile_stamp), tuple(languages), ner, files, tuple(extra))


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0


# Old ones go when dictionaries change, so that a process that lives for months does not keep them all.
@lru_cache(maxsize=16)
def _detector(
    profile: tuple[str, int],
    languages: tuple[str, ...],
    ner: bool,
    files: tuple[tuple[Path, int], ...],
    extra: tuple[Reader, ...],
) -> Detector:
    readers: list[Reader] = [_patterns(), Forms(), *extra]
    if files:
        readers.append(Dictionary(term for path, _ in files for term in read_terms(path)))
    guess_language = partial(guess, configured=languages)
    return Detector(readers, _RulesWhenMet(languages, ner), load_profile(profile[0]).kinds, guess_language)


@cache
def _patterns() -> PatternSet:
    return PatternSet(PATTERN_RECOGNIZERS)


class _RulesWhenMet(Mapping[str, LanguageRules]):
    """The rules of each language, loaded with the first text in it: a dictionary takes some tenths of a second."""

    def __init__(self, codes: Sequence[str], ner: bool) -> None:
        for code in codes:
            load_pack(code)
        self._codes = tuple(codes)
        self._ner = ner

    def __getitem__(self, code: str) -> LanguageRules:
        if code not in self._codes:
            raise KeyError(code)
        return _rules(code, self._ner)

    def __contains__(self, code: object) -> bool:
        return code in self._codes

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)


@cache
def _rules(code: str, ner: bool) -> LanguageRules:
    vocabulary = load_vocabulary(code)
    model = Votes(vocabulary) if ner and code == _NER_LANGUAGE else None
    return LanguageRules(vocabulary, (Capitals(vocabulary), LowerGroups(vocabulary)), model)
