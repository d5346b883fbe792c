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
PROMPT_ORDER = ("system", "instructions", "messages", "input", "prompt")

STRUCTURE = frozenset(
    (
        "model", "role", "type", "id", "object", "status", "tool_call_id", "tool_use_id", "call_id", "item_id",
        "previous_response_id", "encoding_format", "format", "media_type", "detail", "service_tier", "truncation",
        "signature", "encrypted_content", "reasoning_effort", "effort", "verbosity", "modalities", "include",
        "prompt_cache_retention", "voice", "phase", "ttl", "created_at", "stop_reason", "speed",
    )
)  # fmt: skip
# Told to the engine as a schema, by which its answer is read again: only the company's own words are masked there.
SCHEMAS = frozenset(("tools", "functions", "tool_choice", "function_call", "response_format", "output_format"))
SCHEMA_PATHS = frozenset((("text", "format"), ("output_config", "format")))
# What nobody can look into. The words of OpenAI's chat and responses, and of Anthropic's messages.
OPAQUE_PARTS = frozenset(
    (
        "image_url", "input_image", "image", "input_audio", "audio", "file", "input_file", "document", "video_url",
        "container_upload", "computer_screenshot",
    )
)  # fmt: skip
# What an engine encrypted for itself: it comes back unchanged, or not at all.
ENCRYPTED_PARTS = frozenset(("redacted_thinking", "compaction"))
_NAME_SAFE = re.compile(r"[^a-zA-Z0-9_-]")
# A number with fewer digits than this is no phone, card or account.
LEAST_DIGITS = 7

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
        return {key: masked[key] for key in body}  # in the caller's own order

    def embeddings(self, body: Part) -> Part:
        """The same; tokens instead of text cannot be masked."""
        given = body.get("input")
        if isinstance(given, list) and any(not isinstance(one, str) for one in given):
            self._opaque("tokens")
        return self.request(body)

    def _field(self, key: str, value: Any, path: tuple[str, ...]) -> Any:
        if key in SCHEMAS or (*path, key)[-2:] in SCHEMA_PATHS:
            return _map_texts(value, self._session.mask_terms)
        if isinstance(value, str):
            return self._text_field(key, value)
        if key in STRUCTURE and not isinstance(value, dict):
            return value
        if key == "metadata":
            return self.data(value)
        return self._value(value, (*path, key))

    def _text_field(self, key: str, value: str) -> str:
        if key in STRUCTURE:
            return value
        return self.json_text(value) if key == "arguments" else self._text(value)

    def _text(self, text: str) -> str:
        """A JSON text hides words behind its escapes (`\\nAnna`, `M\\u00fcller`), so it is read before it is masked."""
        if "\\" in text and text.lstrip()[:1] in ("{", "["):
            return self.json_text(text)
        return self._session.mask_text(text)

    def _value(self, value: Any, path: tuple[str, ...]) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self._value(one, path) for one in value]
        return self._object(value, path) if isinstance(value, dict) else value

    def _object(self, value: Part, path: tuple[str, ...]) -> Part:
        kind = str(value.get("type"))
        if kind in ENCRYPTED_PARTS:
            return value
        if kind in OPAQUE_PARTS and not (kind == "document" and _is_text_document(value)):
            self._opaque(kind)
            return value
        masked = {key: self._field(key, one, path) for key, one in value.items() if key not in ("input", "name")}
        if "input" in value:  # a tool's arguments, already parsed (Anthropic), or text (custom tools)
            masked["input"] = self.data(value["input"])
        if "name" in value:
            masked["name"] = self._name(value)
        return {key: masked[key] for key in value}

    def _name(self, value: Part) -> Any:
        """Beside a role it names a person, in letters that APIs limit; elsewhere a tool."""
        name = value["name"]
        if not isinstance(name, str) or "role" not in value:
            return name
        masked = self._session.mask_text(name)
        return name if masked == name else _NAME_SAFE.sub("", masked)

    def _opaque(self, kind: str) -> None:
        if not self._pass_opaque:
            raise GatewayPartRefused(kind[:40])

    def json_text(self, text: str) -> str:
        """A JSON text with its values masked, still JSON; what is no JSON is masked as text."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return self._session.mask_text(text)
        masked = self.data(value)
        return text if masked == value else json.dumps(masked, ensure_ascii=False, separators=(",", ":"))

    def data(self, value: Any) -> Any:
        """Masked in every value and key; a long number that is sensitive becomes a text."""
        if isinstance(value, str):
            return self._session.mask_text(value)
        if isinstance(value, list):
            return [self.data(one) for one in value]
        if isinstance(value, dict):
            return {self._session.mask_text(key): self.data(one) for key, one in value.items()}
        if isinstance(value, int | float) and not isinstance(value, bool):
            digits = str(value)
            if len(digits) >= LEAST_DIGITS:
                masked = self._session.mask_text(digits)
                return value if masked == digits else masked
        return value


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
