"""Masking a request: every text in it, in the order of the prompt, whatever the API.

It refuses to guess: a text is left alone only where its key says that it is structure (a role, an id, a format). So a
field that an API gains tomorrow is masked, not leaked.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from graftwork.core.errors import GatewayPartRefused
from graftwork.gateway.privacy import Session

# The prompt in the order in which engines put it together: a value gets its number where it comes first, so the same
# history gives the same masked text, and the engine's prefix cache holds.
PROMPT_ORDER = ("tools", "functions", "system", "instructions", "messages", "input", "prompt")

STRUCTURE = frozenset(
    (
        "model", "role", "type", "id", "object", "status", "tool_call_id", "tool_use_id", "call_id", "item_id",
        "previous_response_id", "encoding_format", "format", "media_type", "detail", "service_tier", "truncation",
        "signature", "encrypted_content", "reasoning_effort", "effort", "verbosity", "modalities", "include",
        "prompt_cache_retention", "voice", "phase", "ttl", "created_at", "stop_reason", "speed",
    )
)  # fmt: skip
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
# Sealed by the engine: any characters, any length.
_LONG = frozenset(("signature", "encrypted_content"))
# In a schema, texts of these keys are data, and so masked in every word; those of the others only where they are prose.
_SCHEMA_DATA = frozenset(("enum", "const", "default", "examples", "example", "input_examples", "description", "title"))
# Below these stand the names of members, whatever they are called.
_SCHEMA_NAMES = frozenset(("properties", "$defs", "definitions", "patternProperties", "dependentSchemas"))
# Expressions, grammars, addresses and keys of tools that the engine calls: a changed one would not work.
_SCHEMA_CODE = frozenset(("pattern", "definition", "$ref", "$schema", "$id", "server_url", "headers", "authorization"))
# Free data of the application's own, whose keys mean nothing to an API.
_DATA = frozenset(("metadata", "variables"))
# What is encrypted for the engine itself comes back unchanged, or not at all. (key of it, by the part's type)
_SEALED = {"redacted_thinking": "data"}
_NUMBERS = re.compile(r"seed|created|timestamp|timeout|(?:min|max|top)_\w+|\w+_(?:at|tokens|after|seconds|ms)")
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
        """A masked copy of `body`. Raises `GatewayPartRefused`, and whatever the session raises."""
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
            return self._text_field(key, value)
        if key in _DATA or key == "arguments":
            return self.data(value)
        return self._value(value, (*path, key))

    def _text_field(self, key: str, value: str) -> str:
        if key in STRUCTURE and (key in _LONG or _IDENTIFIER.fullmatch(value)):
            return value
        return self.json_text(value) if key == "arguments" else self._text(value)

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
            return self._text_field(key, value) if key in STRUCTURE else self._text(value)
        if isinstance(value, list):
            return [self._value(one, path) for one in value]
        if isinstance(value, dict):
            return self._object(value, path)
        return value if _NUMBERS.fullmatch(key) else self._number(value)

    def _object(self, value: Part, path: tuple[str, ...]) -> Part:
        kind = str(value.get("type"))
        if kind in OPAQUE_PARTS and not (kind == "document" and _is_text_document(value)):
            self._opaque(kind)
            return value
        masked = {key: self._field(key, one, path) for key, one in value.items() if key not in ("input", "name")}
        if (sealed := _SEALED.get(kind)) is not None and sealed in value:
            masked[sealed] = value[sealed]
        if "input" in value:  # a tool's arguments, already parsed (Anthropic), or text (custom tools)
            masked["input"] = self.data(value["input"])
        if "name" in value:
            masked["name"] = self._name(value)
        return {self._key(key): masked[key] for key in value}

    def _key(self, key: str) -> str:
        """Names of fields are identifiers, and few of them are known here; what is no identifier is data."""
        return key if _is_identifier(key) else self._session.mask_text(key)

    def _name(self, value: Part) -> Any:
        """Beside a role it names a person, in letters that APIs limit; elsewhere a tool."""
        name = value["name"]
        if not isinstance(name, str):
            return self.data(name)
        if value.get("role") in (None, "tool", "function") and _is_identifier(name):
            return name
        read = name.replace("_", " ").replace("-", " ") if _IDENTIFIER.fullmatch(name) else name
        masked = self._session.mask_text(read)
        return name if masked == read else _NAME_SAFE.sub("", masked.replace(" ", "_"))

    def _schema(self, value: Any, key: str = "", *, names: bool = False) -> Any:
        """`names` says that the keys of `value` are names of members."""
        if key in _SCHEMA_CODE:
            return _map_texts(value, self._session.mask_terms)
        if key in _SCHEMA_DATA and (not isinstance(value, dict) or key in ("const", "default")):
            return self.data(value)
        if isinstance(value, str):
            return self._session.mask_terms(value) if _is_identifier(value) else self._text(value)
        if isinstance(value, list):
            return [self._schema(one, key) for one in value]
        if isinstance(value, dict):
            return {
                self._key(inner): self._schema(one, "" if names else inner, names=not names and inner in _SCHEMA_NAMES)
                for inner, one in value.items()
            }
        return value

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
                masked[_unused(self._session.mask_text(key), masked)] = self.data(one)
            return masked
        return self._number(value)

    def _number(self, value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            digits = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
            if len(digits) >= LEAST_DIGITS:
                masked = self._session.mask_text(digits)
                return value if masked == digits else masked
        return value


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
