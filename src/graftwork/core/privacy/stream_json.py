"""Restoring inside a JSON document that comes in pieces, such as the arguments of a tool call.

The text between strings passes as it is. A string is read (its escapes undone), restored like any text, and written
again as JSON, so that a value with a quote, a backslash or a line break stays one string. Names of members are
restored only where the placeholder has its brackets: `person_1` is a good name for a member.
"""

import re
from typing import Literal

from graftwork.core.privacy.book import Book
from graftwork.core.privacy.mangling import Mangled
from graftwork.core.privacy.restore import Restorer
from graftwork.core.privacy.sinks import DEFAULT, SinkPolicy, json_string

_OUTSIDE = re.compile(r'["{}\[\],:]')
_INSIDE = re.compile(r'["\\]')
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/"}
_HEX = re.compile(r"[0-9a-fA-F]{4}")
_UNICODE_ESCAPE = 6  # characters of \u005b
_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)


class JsonRestorer:
    """`feed` takes the raw text of one JSON document in any pieces, and returns what is certain; `close` the rest.

    The result does not depend on the pieces. With the tool rule `withhold` (the default) nothing is put back, and what
    would have been is counted. Text that is not JSON passes as it is, its strings read as far as they can be.
    """

    def __init__(self, book: Book, *, sinks: SinkPolicy = DEFAULT) -> None:
        self.restored = 0
        self.unknown = 0
        self.withheld = 0
        self._book = book
        self._sinks = sinks if sinks.tool != "withhold" else SinkPolicy("withhold", "withhold", "withhold", "withhold")
        self._string: Restorer | None = None
        self._escape = ""
        self._high = ""
        self._inside: list[Literal["{", "["]] = []
        self._name_next = False

    def feed(self, piece: str) -> str:
        out: list[str] = []
        at = 0
        while at < len(piece):
            if self._string is None:
                at = self._outside(piece, at, out)
            elif self._escape:
                at = self._escaped(piece, at, out)
            else:
                at = self._within(piece, at, out)
        return "".join(out)

    def close(self) -> str:
        """What was held back of a document that breaks off inside a string. Nothing may be fed after it."""
        if self._string is None:
            return ""
        rest = self._text(self._high) + json_string(self._string.close()) + self._escape
        self._count(self._string)
        self._string, self._escape, self._high = None, "", ""
        return rest

    def _outside(self, piece: str, at: int, out: list[str]) -> int:
        match = _OUTSIDE.search(piece, at)
        end = len(piece) if match is None else match.end()
        out.append(piece[at:end])
        if match is not None:
            self._structure(match[0])
        return end

    def _structure(self, char: str) -> None:
        if char == '"':
            make = _NameRestorer if self._name_next else Restorer
            self._string = make(self._book, sinks=self._sinks)
        elif char in "{[":
            self._inside.append("{" if char == "{" else "[")
            self._name_next = char == "{"
        elif char in "}]":
            del self._inside[-1:]
            self._name_next = False
        else:
            self._name_next = char == "," and self._inside[-1:] == ["{"]

    def _within(self, piece: str, at: int, out: list[str]) -> int:
        match = _INSIDE.search(piece, at)
        end = len(piece) if match is None else match.start()
        if at < end:
            out.append(self._text(self._released() + piece[at:end]))
        if match is None:
            return end
        if match[0] == "\\":
            self._escape = "\\"
        else:
            self._end_string(out)
        return match.end()

    def _end_string(self, out: list[str]) -> None:
        assert self._string is not None
        out += (self._text(self._released()), json_string(self._string.close()), '"')
        self._count(self._string)
        self._string = None

    def _escaped(self, piece: str, at: int, out: list[str]) -> int:
        """One more character of an escape; at its end it is undone. A broken one stays as it is."""
        self._escape += piece[at]
        is_unicode = self._escape.startswith("\\u")
        if is_unicode and len(self._escape) < _UNICODE_ESCAPE:
            return at + 1
        escape, self._escape = self._escape, ""
        if is_unicode and _HEX.fullmatch(escape, 2):
            self._code_unit(int(escape.removeprefix("\\u"), base=16), out)
        else:
            out.append(self._text(self._released() + (escape if is_unicode else _ESCAPES.get(escape[1], escape))))
        return at + 1

    def _code_unit(self, code: int, out: list[str]) -> None:
        """Two escapes may be one character: the first half waits for the second."""
        if code in _LOW and self._high:
            high, self._high = ord(self._high), ""
            out.append(self._text(chr(0x10000 + ((high - _HIGH.start) << 10) + code - _LOW.start)))
            return
        out.append(self._text(self._released()))
        if code in _HIGH:
            self._high = chr(code)
        else:
            out.append(self._text(chr(code)))

    def _released(self) -> str:
        high, self._high = self._high, ""
        return high

    def _text(self, text: str) -> str:
        assert self._string is not None
        return json_string(self._string.feed(text)) if text else ""

    def _count(self, string: Restorer) -> None:
        self.restored += string.restored
        self.unknown += string.unknown
        self.withheld += string.withheld


class _NameRestorer(Restorer):
    """For the name of a member."""

    def _accepts(self, found: Mangled) -> bool:
        return found.tag != "bare"
