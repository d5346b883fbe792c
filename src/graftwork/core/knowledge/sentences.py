"""Where sentences end. Rules rather than a model: a passage that is cut once too often costs little."""

import re
from collections.abc import Iterator

# A full stop after one of these, or after a single letter or a number that opens a line, ends nothing.
_ABBREVIATIONS = frozenset((
    "al", "approx", "art", "bzw", "ca", "cf", "co", "corp", "dr", "e.g", "eg", "etc", "fig", "figs", "i.e",
    "ie", "inc", "jr", "ltd", "max", "min", "mr", "mrs", "ms", "no", "nr", "a.m", "p.m", "para", "pp",
    "prof", "sec", "sr", "st", "str", "u.s", "usw", "vgl", "viz", "vol", "vs", "z.b",
))  # fmt: skip
# The closing marks behind a stop, and those of Chinese and Japanese, which no space follows.
_END = re.compile("[.!?\u2026]+[\"'\u201d\u2019)\\]]*(?=\\s+\\S)|[\u3002\uff01\uff1f]|\\n[ \\t]*(?=\\n)")
_LAST_WORD = re.compile(r"(\S+)$")
_ORDINAL = re.compile(r"^\(?(?:[a-z]|[0-9]{1,3}(?:\.[0-9]{1,3})*)$", re.IGNORECASE)


def sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Offsets of the sentences of `text` between `start` and `end`, without the white space around them."""
    stop = len(text) if end is None else end
    begin = start
    for match in _END.finditer(text, start, stop):
        if _ends(text, begin, match, stop):
            yield from _stripped(text, begin, match.end())
            begin = match.end()
    yield from _stripped(text, begin, stop)


def _ends(text: str, begin: int, match: re.Match[str], stop: int) -> bool:
    if not match[0].startswith("."):
        return True
    following = text[match.end() : stop].lstrip()[:1]
    if following.islower():
        return False
    word = _LAST_WORD.search(text, begin, match.start())
    if word is None or len(match[0]) > 1:
        return True
    if word[1].lower().lstrip("(\"'\u201c") in _ABBREVIATIONS:
        return False
    # "A. Smith" and "3. Termination" go on; "… of plan B." at the end of more words does not.
    return not (_ORDINAL.match(word[1]) and (word[1].isalpha() or not text[begin : word.start()].strip()))


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    if trimmed := part.strip():
        first = start + len(part) - len(part.lstrip())
        yield first, first + len(trimmed)
