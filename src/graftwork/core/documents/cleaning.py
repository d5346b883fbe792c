"""One form for text from anywhere: line ends as \\n, no character that a database or a page could not hold."""

import re

_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# NULs and other controls, surrogates, and what Unicode calls noncharacters.
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# Tag characters draw nothing and can spell out whole sentences; so can long runs of zero-width ones.
_UNSEEN = re.compile("[\U000e0000-\U000e007f]|[\u200b\u2060-\u2064\u202a-\u202e\u2066-\u2069\ufeff]|\u00ad")
_SPACES = re.compile(r"[^\S\n]+")
_REPLACEMENT = "\ufffd"

LONGEST_TITLE = 300


def normalised(text: str) -> str:
    """Line ends as \\n; characters that draw nothing are gone."""
    if text.isascii() and "\r" not in text and "\x0c" not in text and "\x0b" not in text:
        return text
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))


def without_unwanted(text: str) -> tuple[str, int]:
    """`text` without NULs, control characters and surrogates, and how many there were.

    What a decoder could not read counts too, and stays as U+FFFD, so that people see that something stood there.
    """
    cleaned, count = _UNWANTED.subn("", text)
    return cleaned, count + cleaned.count(_REPLACEMENT)


def one_line(text: str) -> str:
    """Words with single spaces between them."""
    return " ".join(text.split())


def single_spaced(text: str) -> str:
    """Runs of spaces as one, lines kept, nothing at the ends of lines."""
    return "\n".join(line.strip() for line in _SPACES.sub(" ", text).split("\n")).strip()


def title_of(text: str) -> str:
    line = one_line(without_unwanted(normalised(text[: 4 * LONGEST_TITLE]))[0])
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1].rstrip() + "\u2026"
