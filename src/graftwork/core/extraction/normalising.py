"""One form for words that are written differently: case, white space, quotes, dashes, ligatures, hyphenation.

The form keeps a way back: each of its characters knows which characters of the original it stands for.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

# Typographic apostrophes and primes, quotation marks, and dashes with the minus sign.
_SAME = {
    **dict.fromkeys((0x2018, 0x2019, 0x201A, 0x201B, 0x2032, 0x60, 0xB4, 0x2BC), "'"),
    **dict.fromkeys((0x201C, 0x201D, 0x201E, 0x201F, 0x2033, 0xAB, 0xBB), '"'),
    **dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xFF0D), "-"),
}
# Runs of plain ASCII are taken at once. A cluster is one character with the marks that combine with it: only together
# have they a composed form.
_RUN_OR_CLUSTER = re.compile(
    r"[!-,.-_a-~]+(?![\u0300-\u036f])|[^\u0300-\u036f][\u0300-\u036f]+|.",
    re.DOTALL,
)
_BROKEN_WORD = re.compile(r"(?<=[^\W\d_])-[ \t]*\r?\n\s*(?=[^\W\d_])")
_EDGE = " .,;:!?\"'()[]{}<>*_|/\\-"


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` with, for each of its characters, `starts` and `ends` in the original."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def normalised(text: str) -> str:
    """The one form of `text`, without punctuation at its edges."""
    return normalise(text).text.strip(_EDGE)


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but how they are written."""
    return bool({normalised(one), normalised(join_broken(one))} & {normalised(other), normalised(join_broken(other))})


def join_broken(text: str) -> str:
    """`text` with the words put together that a hyphen at the end of a line parts."""
    return _BROKEN_WORD.sub("", text)


def normalise(text: str, *, joined: bool = False) -> Normalised:
    """The one form of `text` with its way back; `joined` drops the hyphens at ends of lines (see `join_broken`).

    A hyphen there may be the word's own ("well-known"), so both readings are needed.
    """
    dropped = {place for match in _BROKEN_WORD.finditer(text) for place in range(*match.span())} if joined else set()
    written = _Written()
    for match in _RUN_OR_CLUSTER.finditer(text):
        if match.start() not in dropped:
            written.add(match.group(), *match.span())
    return written.done()


def has_broken_words(text: str) -> bool:
    """Whether the two readings of `normalise` differ."""
    return _BROKEN_WORD.search(text) is not None


class _Written:
    """The one form as it is written: white space becomes one space, and none stays around a dash or at the edges."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._last = " "

    def add(self, cluster: str, start: int, end: int) -> None:
        if cluster.isascii() and cluster.isprintable() and cluster not in "` -":
            self._put(cluster.lower(), range(start, end), range(start + 1, end + 1))
            return
        for char in _plain(cluster):
            if not char.isspace():
                if char == "-" and self._last == " ":
                    self._drop_space()
                self._put(char, (start,), (end,))
            elif self._last not in " -":
                self._put(" ", (start,), (end,))

    def done(self) -> Normalised:
        self._drop_space()
        return Normalised("".join(self._pieces), tuple(self._starts), tuple(self._ends))

    def _put(self, text: str, starts: Iterable[int], ends: Iterable[int]) -> None:
        self._pieces.append(text)
        self._starts.extend(starts)
        self._ends.extend(ends)
        self._last = text[-1]

    def _drop_space(self) -> None:
        if self._pieces and self._last == " ":
            del self._pieces[-1], self._starts[-1], self._ends[-1]


def _plain(cluster: str) -> str:
    if unicodedata.category(cluster[0]) == "Cf":  # soft hyphens, zero-width and direction marks
        return ""
    return unicodedata.normalize("NFKC", cluster.translate(_SAME)).translate(_SAME).casefold()


def numbers_in(text: str) -> list[str]:
    """The runs of digits in `text`, in order."""
    return re.findall(r"\d+", text)


def is_bounded(text: str, start: int, end: int) -> bool:
    """Whether `start` to `end` of `text` begins and ends at a word's or a number's edge."""
    return start < end and _is_edge(text, start) and _is_edge(text, end)


def _is_edge(text: str, place: int) -> bool:
    if place in (0, len(text)):
        return True
    before, after = text[place - 1], text[place]
    # Scripts that begin here (Thai, Chinese, Japanese) put no space between words.
    if before.isalnum() and after.isalnum() and before < "\u0e00" and after < "\u0e00":
        return False
    return not (_parts_number(text, place - 1) or _parts_number(text, place))


def _parts_number(text: str, place: int) -> bool:
    """Whether the character at `place` is a separator between two digits, as in 2.5."""
    if text[place] not in ".,":
        return False
    return text[place - 1 : place].isdigit() and text[place + 1 : place + 2].isdigit()
