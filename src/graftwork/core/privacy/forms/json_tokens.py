"""JSON as its tokens, in pieces of any size, with the path of each value. Nothing is parsed that is written back.

Duplicate keys, `NaN`, the order of keys, the way numbers and strings were written and all white space stay as they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TextIO

from graftwork.core.errors import FormBroken, FormTooLarge

READ_CHARACTERS = 1 << 16
LONGEST_STRING_CHARACTERS = 32_000_000
DEEPEST = 500

_TOKEN = re.compile(
    r'(?P<space>[ \t\r\n]+)|(?P<string>"(?:[^"\\\x00-\x08\x0a-\x1f]|\\.)*")'
    r"|(?P<mark>[{}\[\],:])|(?P<word>[-+.0-9A-Za-z]+)",
    re.DOTALL,
)
_WORD = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null|NaN|-?Infinity")
_NUMBER_START = frozenset("-0123456789")

TokenKind = Literal["other", "key", "string", "number", "end"]


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """`raw` is the token as written. `path` holds the keys down to it. `end` closes a value at the top."""

    raw: str
    kind: TokenKind
    path: tuple[str, ...] = ()


def tokens(text: TextIO, path: str) -> Iterator[Token]:
    """Every token, white space included. Raises `FormBroken` where it is not JSON, so that nothing is passed unread."""
    grammar = _Grammar(path)
    for raw, group in _raw_tokens(text, path):
        yield from grammar.take(raw, group)
    grammar.finish()


def _raw_tokens(text: TextIO, path: str) -> Iterator[tuple[str, str]]:
    buffer, at, line = "", 0, 1
    final = False
    while True:
        match = _TOKEN.match(buffer, at)
        # What ends with the buffer may go on behind it.
        if match is None or (match.end() == len(buffer) and not final):
            if final:
                if at == len(buffer):
                    return
                raise FormBroken(path, f"not JSON (line {line})")
            if len(buffer) - at > LONGEST_STRING_CHARACTERS:
                raise FormTooLarge(path, f"a string longer than {LONGEST_STRING_CHARACTERS:,} characters")
            more = text.read(max(READ_CHARACTERS, len(buffer) - at))
            final = not more
            buffer, at = buffer[at:] + more, 0
            continue
        at = match.end()
        raw = match[0]
        line += raw.count("\n")
        yield raw, match.lastgroup or ""


class _Grammar:
    """Follows objects and lists; knows what each token is and refuses what may not stand where it stands."""

    def __init__(self, path: str) -> None:
        self._file = path
        self._stack: list[str] = []
        self._keys: list[str] = []
        self._next: Literal["value", "key", "colon", "comma"] = "value"
        self._just_opened = False
        self._line = 1

    def take(self, raw: str, group: str) -> Iterator[Token]:
        self._line += raw.count("\n")
        if group == "space":
            yield Token(raw, "other")
            return
        if group == "mark":
            self._mark(raw)
            yield Token(raw, "other")
        elif self._next == "key" and group == "string":
            self._keys[-1] = unquoted(raw)
            self._next = "colon"
            yield Token(raw, "key", tuple(self._keys[:-1]))
        else:
            yield self._scalar(raw, group)
        self._just_opened = group == "mark" and raw in "{["
        if not self._stack and self._next == "comma":
            self._next = "value"
            yield Token("", "end")

    def finish(self) -> None:
        if self._stack or self._next != "value":
            raise self._broken()

    def _scalar(self, raw: str, group: str) -> Token:
        if self._next != "value" or (group == "word" and not _WORD.fullmatch(raw)):
            raise self._broken()
        self._next = "comma"
        names = tuple(self._keys)
        if group == "string":
            return Token(raw, "string", names)
        return Token(raw, "number" if raw[0] in _NUMBER_START and raw[-1] != "y" else "other", names)

    def _mark(self, raw: str) -> None:
        if raw in "{[":
            self._open(raw)
        elif raw in "}]":
            self._close(raw)
        elif raw == ":" and self._next == "colon":
            self._next = "value"
        elif raw == "," and self._next == "comma" and self._stack:
            self._next = "key" if self._stack[-1] == "{" else "value"
        else:
            raise self._broken()

    def _open(self, raw: str) -> None:
        if self._next != "value":
            raise self._broken()
        if len(self._stack) >= DEEPEST:
            raise FormTooLarge(self._file, f"more than {DEEPEST} lists and objects inside each other")
        self._stack.append(raw)
        if raw == "{":
            self._keys.append("")
        self._next = "key" if raw == "{" else "value"

    def _close(self, raw: str) -> None:
        opening = "{" if raw == "}" else "["
        fits = self._next == "comma" or (self._just_opened and self._next in ("key", "value"))
        if not self._stack or self._stack[-1] != opening or not fits:
            raise self._broken()
        self._stack.pop()
        if opening == "{":
            self._keys.pop()
        self._next = "comma"

    def _broken(self) -> FormBroken:
        return FormBroken(self._file, f"not JSON (line {self._line})")


_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def unquoted(raw: str) -> str:
    """The characters of a string token."""
    return decoded(raw)[0]


def decoded(raw: str) -> tuple[str, list[int] | None]:
    """The characters of a string token, and where in `raw` each begins; `None` where nothing is escaped."""
    if "\\" not in raw:
        return raw[1:-1], None
    characters: list[str] = []
    offsets: list[int] = []
    at = 1
    for match in _ESCAPE.finditer(raw, 1, len(raw) - 1):
        characters += raw[at : match.start()]
        offsets += range(at, match.start())
        code = match[0][1:]
        one = chr(int(code[1:], 16)) if len(code) == 5 else _ESCAPED.get(code, code)
        if characters and "\udc00" <= one <= "\udfff" and "\ud800" <= characters[-1] <= "\udbff":
            high = ord(characters[-1]) - 0xD800
            characters[-1] = chr(0x10000 + (high << 10) + ord(one) - 0xDC00)
        else:
            characters.append(one)
            offsets.append(match.start())
        at = match.end()
    characters += raw[at:-1]
    offsets += range(at, len(raw) - 1)
    return "".join(characters), [*offsets, len(raw) - 1]
