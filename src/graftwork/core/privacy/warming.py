"""Texts that make a detector build what it else builds with people's first texts: automata, what words can be.

RE2 makes a state of an automaton when it first needs it, and which ones it needs depends on the words it meets. So the
commonest words of a language, in the ways in which texts write them, are the best of all beginnings.
"""

from collections.abc import Iterable, Iterator

_CHARS = 2_000
_EVERY = 5  # Numbers and capitals are rarer than words.
_NUMBERS = ("12 March 2024", "4711-22", "10:45", "03/04/1985", "+1 555 010 2233", "1,250.00", "36244/06")


def warming_texts(words: Iterable[str]) -> Iterator[str]:
    """Pieces of about 2,000 characters that hold all `words`, plain, before and after numbers, with capitals."""
    for prose in (_prose(sorted(words)), _prose(sorted(words, reverse=True))):
        yield from (prose[at : at + _CHARS] for at in range(0, len(prose), _CHARS))


def _prose(words: list[str]) -> str:
    return " ".join(_in_place(word, at) for at, word in enumerate(words))


def _in_place(word: str, at: int) -> str:
    if at % _EVERY == 0:
        return f"{word}. {word.title()}"
    if at % _EVERY == 1:
        return f"{word} {_NUMBERS[at % len(_NUMBERS)]},"
    return word
