"""Masking a request: every text in it, in the order of the prompt, whatever the API.

It refuses to guess: a text is left alone only where an API has structure there (`gateway.structure`), and a request is
refused where something unmistakable stands in that. So a field that an API gains tomorrow is masked, not leaked.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from graftwork.core.errors import GatewayPartRefused, GatewayValueRefused
from graftwork.core.privacy.finding import DIRECT
from graftwork.gateway.privacy import Session
from graftwork.gateway.structure import (
    FIELDS,
    SURE,
    UNMISTAKABLE,
    WORDS,
    as_words,
    is_id,
    is_number,
    is_seal,
    sealed_key,
    without_date,
)

# The prompt in the order in which engines put it together: a value gets its number where it comes first, so the same
# history gives the same masked text, and the engine's prefix cache holds.
PROMPT_ORDER = ("tools", "functions", "system", "instructions", "messages", "input", "prompt")

# Told to the engine as a schema, by which its answer is read again.
SCHEMAS = frozenset(("tools", "functions", "tool_choice", "function_call", "response_format", "output_format"))
SCHEMA_PATHS = frozenset((("text", "format"), ("output_config", "format")))
# What nobody can look into. The words of OpenAI's chat and responses, and of Anthropic's messages.
OPAQUE_PARTS = frozenset(
    (
        "image_url", "input_image", "image", "input_audio", "audio", "file", "input_file", "document", "video_url",
        "container_upload", "computer_screenshot",
    )
)  # fmt: skip
# In a schema, texts of these keys are data, and so masked in every word; those of the others only where they are prose.
_SCHEMA_DATA = frozenset(("enum", "const", "default", "examples", "example", "input_examples", "description", "title"))
# Below these stand the names of members, whatever they are called.
_SCHEMA_NAMES = frozenset(("properties", "$defs", "definitions", "patternProperties", "dependentSchemas"))
# Expressions, grammars and addresses: a changed one would not work, so one with a value in it is refused.
_SCHEMA_CODE = frozenset(("pattern", "definition", "$ref", "$schema", "$id", "server_url"))
_ADDRESSES = frozenset(("$ref", "$schema", "$id", "server_url"))
# What opens a server of tools. It is a secret by what it is for, whatever it looks like.
_CREDENTIALS = frozenset(("headers", "authorization", "authorization_token"))
# A shorter name holds nothing that is unmistakable.
_LEAST_CHECKED = 12
# Free data of the application's own, whose keys mean nothing to an API.
_DATA = frozenset(("metadata", "variables"))
_IDENTIFIER = re.compile(r"[\w.:/+=-]{0,256}", re.ASCII)
_DATA_URL = re.compile(r"\s*data:[^,]{0,200};base64,", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_NAME_SAFE = re.compile(r"[^a-zA-Z0-9_-]")
# A number with fewer digits than this is no phone, card or account.
LEAST_DIGITS = 7
_NAME_OF_FIELD = re.compile(rf"(?=[\w.:/+=-]{{0,256}}\Z)\D*(?:\d\D*){{0,{LEAST_DIGITS - 1}}}", re.ASCII)

Part = dict[str, Any]


class Masker:
    """One request's walk. `pass_opaque` lets images, files and sounds through as they are."""

    def __init__(self, session: Session, *, pass_opaque: bool) -> None:
        self._session = session
        self._pass_opaque = pass_opaque

    def request(self, body: Part) -> Part:
        """A masked copy. Raises `GatewayPartRefused`, `GatewayValueRefused`, and what the session raises."""
        masked: Part = {}
        for key in (*(key for key in PROMPT_ORDER if key in body), *body):
            if key not in masked:
                masked[key] = self._field(key, body[key], path=())
        return {self._key(key): masked[key] for key in body}  # in the caller's own order

    def embeddings(self, body: Part) -> Part:
        """The same; tokens instead of text cannot be masked."""
        given = body.get("input")
        if isinstance(given, list) and any(not isinstance(one, str) for one in given):
            self._opaque("tokens")
        return self.request(body)

    def _field(self, key: str, value: Any, path: tuple[str, ...]) -> Any:
        if key in SCHEMAS or (*path, key)[-2:] in SCHEMA_PATHS:
            return self._schema(value, key)
        if isinstance(value, str):
            return self._text_field(value, (*path, key))
        if key in _DATA or key == "arguments":
            return self.data(value)
        return self._value(value, (*path, key))

    def _text_field(self, value: str, path: tuple[str, ...]) -> str:
        key = path[-1]
        if value in WORDS and key in FIELDS:
            return value
        if is_id(path, value):
            return self._checked(value, key)
        if key in ("type", "phase", "status"):
            return value if self._word(without_date(value)) == without_date(value) else self._word(value)
        return self.json_text(value) if key == "arguments" else self._text(value)

    def _word(self, text: str) -> str:
        """A name of two words may be a person's, however it is written."""
        masked = self._session.mask_text(text)
        if masked != text or (read := as_words(text)) == text:
            return masked
        masked = self._session.mask_text(read)
        return text if masked == read else masked

    def _checked(self, text: str, field: str) -> str:
        """`text` as it is. Raises `GatewayValueRefused` where something unmistakable stands in it."""
        found = self._session.kinds_in(text)
        if any(score >= SURE for kind, score in found.items() if kind in UNMISTAKABLE):
            raise GatewayValueRefused(field if field in FIELDS | _SCHEMA_CODE else "name")
        return text

    def _text(self, text: str) -> str:
        """A JSON text hides words behind its escapes (`\\nAnna`, `M\\u00fcller`), so it is read before it is masked."""
        if _DATA_URL.match(text):
            self._opaque("data URL")
            return text
        if "\\" in text and text.lstrip()[:1] in ("{", "[", '"'):
            return self.json_text(text)
        return self._plain(text)

    def _plain(self, text: str) -> str:
        if "\\u" in text:
            read = _ESCAPE.sub(_unescaped, text)
            if read != text and (masked := self._session.mask_text(read)) != read:
                return masked
        return self._session.mask_text(text)

    def _value(self, value: Any, path: tuple[str, ...]) -> Any:
        key = path[-1]
        if isinstance(value, str):
            return self._text_field(value, path)
        if isinstance(value, list):
            return [self._value(one, path) for one in value]
        if isinstance(value, dict):
            return self._object(value, path)
        if not is_number(path):
            return self._number(value)
        self._checked(_digits(value), key)
        return value

    def _object(self, value: Part, path: tuple[str, ...]) -> Part:
        kind = str(value.get("type"))
        if kind in OPAQUE_PARTS and not (kind == "document" and _is_text_document(value)):
            self._opaque(kind)
            return value
        if path[:1] == ("mcp_servers",):
            server: Part = self._schema(value)
            return server
        sealed = sealed_key(kind, path)
        apart = ("input", "name", sealed) if is_seal(value.get(sealed)) else ("input", "name")
        masked = {key: self._field(key, one, path) for key, one in value.items() if key not in apart}
        if sealed in apart:
            masked[sealed] = self._checked(value[sealed], sealed)
        if "input" in value:  # a tool's arguments, already parsed (Anthropic), or text (custom tools)
            masked["input"] = self.data(value["input"])
        if "name" in value:
            masked["name"] = self._name(value)
        return {self._key(key): masked[key] for key in value}

    def _key(self, key: str) -> str:
        """A name that no API has is data: it may be a person's."""
        return key if key in FIELDS else self._word(key)

    def _name(self, value: Part) -> Any:
        """Beside a role it names a person, in letters that APIs limit; elsewhere a tool."""
        name = value["name"]
        if not isinstance(name, str):
            return self.data(name)
        if value.get("role") in (None, "tool", "function") and _is_identifier(name):
            return self._identifier(name)
        read = name.replace("_", " ").replace("-", " ") if _IDENTIFIER.fullmatch(name) else name
        masked = self._session.mask_text(read)
        return name if masked == read else _NAME_SAFE.sub("", masked.replace(" ", "_"))

    def _schema(self, value: Any, key: str = "", *, names: bool = False) -> Any:
        """`names` says that the keys of `value` are names of members."""
        if key in _CREDENTIALS and value:
            self._opaque(key)
            return value
        if key in _SCHEMA_CODE:
            return _map_texts(value, lambda text: self._code(text, key))
        if key in _SCHEMA_DATA and (not isinstance(value, dict) or key in ("const", "default")):
            return self.data(value)
        if isinstance(value, str):
            return self._identifier(value) if _is_identifier(value) else self._text(value)
        if isinstance(value, list):
            return [self._schema(one, key) for one in value]
        if isinstance(value, dict):
            return {
                self._member(inner): self._schema(
                    one, "" if names else inner, names=not names and inner in _SCHEMA_NAMES
                )
                for inner, one in value.items()
            }
        return value

    def _identifier(self, text: str) -> str:
        """The name of a tool or a member, by which its answer is read again."""
        masked = self._session.mask_terms(text)
        return self._checked(masked, "name") if len(masked) >= _LEAST_CHECKED else masked

    def _member(self, name: str) -> str:
        return self._identifier(name) if _is_identifier(name) else self._session.mask_text(name)

    def _code(self, text: str, key: str) -> str:
        if key in _ADDRESSES:
            if key == "server_url" and any(mark in text for mark in "?@#"):
                self._opaque(key)
            return self._session.mask_terms(self._checked(text, key))
        if any(kind in DIRECT and kind != "url" for kind in self._session.kinds_in(text)):
            raise GatewayValueRefused(key)
        return self._session.mask_terms(text)

    def _opaque(self, kind: str) -> None:
        if not self._pass_opaque:
            raise GatewayPartRefused(kind[:40])

    def json_text(self, text: str) -> str:
        """A JSON text with its values masked, still JSON; what is no JSON is masked as text."""
        twice: list[str] = []
        try:
            value = json.loads(text, object_pairs_hook=lambda pairs: _members(pairs, twice))
        except (ValueError, RecursionError):
            return self._json_lines(text)
        masked = self.data(value)
        # A name that comes twice hides the first of its values from every reader but the engine.
        return text if masked == value and not twice else _json(masked)

    def _json_lines(self, text: str) -> str:
        lines = text.splitlines()
        if len(lines) < 2 or not all(line[:1] in ("{", "[") for line in lines if line):
            return self._plain(text)
        return "\n".join(self.json_text(line) if line else line for line in lines)

    def data(self, value: Any) -> Any:
        """Masked in every value and key; a long number that is sensitive becomes a text."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self.data(one) for one in value]
        if isinstance(value, dict):
            masked: Part = {}
            for key, one in value.items():
                masked[_unused(self._word(key), masked)] = self.data(one)
            return masked
        return self._number(value)

    def _number(self, value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            digits = _digits(value)
            if len(digits) >= LEAST_DIGITS:
                masked = self._session.mask_text(digits)
                return value if masked == digits else masked
        return value


def _digits(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _is_identifier(text: str) -> bool:
    return _NAME_OF_FIELD.fullmatch(text) is not None


def _unused(key: str, taken: Part) -> str:
    """Two names of one person are one placeholder, but two members of an object."""
    number, found = 1, key
    while found in taken:
        number += 1
        found = f"{key} ({number})"
    return found


def _members(pairs: list[tuple[str, Any]], twice: list[str]) -> Part:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice.append("a member")
    return found


def _unescaped(match: re.Match[str]) -> str:
    """A letter; not a control character or half of a surrogate pair."""
    char = chr(int(match[1], base=16))
    return char if char.isprintable() else match[0]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _is_text_document(value: Part) -> bool:
    source = value.get("source")
    return isinstance(source, dict) and source.get("type") in ("text", "content")


def _map_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_map_texts(one, change) for one in value]
    if isinstance(value, dict):
        return {key: _map_texts(one, change) for key, one in value.items()}
    return value


def text_size(value: Any) -> int:
    """How many characters of text there are below `value`: what decides whether masking leaves the event loop."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return sum(map(text_size, value))
    return sum(map(text_size, value.values())) if isinstance(value, dict) else 0
