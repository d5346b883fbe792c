"""An engine without a model: it answers with the item itself. For tests, and to measure what the bookkeeping costs."""

import asyncio
import json
import math
import time
from collections.abc import Mapping
from typing import Any

from graftwork.core.ports import OnText, ignore_text
from graftwork.core.types import FinishReason, Generation, GenerationRequest, Zone

ECHOED_WORDS = 40
PREFIX = "Echo:"
_REFERENCES_DEEP = 20


class EchoEngine:
    """The same request always gets the same answer. Tokens are words."""

    def __init__(
        self,
        name: str = "echo",
        *,
        slots: int = 8,
        context_tokens: int | None = None,
        delay_seconds: float = 0.0,
        zone: Zone = "local",
    ) -> None:
        self.name = name
        self.zone: Zone = zone
        self.slots = slots
        self.context_tokens = context_tokens
        self._delay_seconds = delay_seconds

    async def generate(self, request: GenerationRequest, on_text: OnText = ignore_text) -> Generation:
        started = time.perf_counter()
        if self._delay_seconds:
            await asyncio.sleep(self._delay_seconds)
        text, finish_reason, words = _answer(request)
        first_token_ms = (time.perf_counter() - started) * 1000
        on_text(text)
        return Generation(
            text=text,
            engine=self.name,
            model="echo",
            zone=self.zone,
            finish_reason=finish_reason,
            prompt_tokens=sum(len(message.content.split()) for message in request.messages),
            completion_tokens=words,
            cached_tokens=None,
            first_token_ms=first_token_ms,
            total_ms=(time.perf_counter() - started) * 1000,
            cost=None,
            currency=None,
        )

    async def prepare(self, request: GenerationRequest) -> None:
        """There is nothing to keep."""

    async def count_tokens(self, text: str) -> int | None:
        return len(text.split())

    async def close(self) -> None:
        """Nothing is open."""


def _answer(request: GenerationRequest) -> tuple[str, FinishReason, int]:
    if request.json_schema is not None:
        text = json.dumps(smallest(request.json_schema, request.json_schema), ensure_ascii=False)
        return text, "stop", len(text.split())
    words = [PREFIX, *_item(request.messages[-1].content).split(maxsplit=ECHOED_WORDS)[:ECHOED_WORDS]]
    kept = words[: request.max_tokens]
    return " ".join(kept), "stop" if len(kept) == len(words) else "length", len(kept)


def _item(prompt: str) -> str:
    """What stands in the fence, or everything where there is none."""
    _, opened, inside = prompt.partition("<item>")
    return inside.rpartition("</item>")[0] if opened and "</item>" in inside else prompt


def smallest(schema: Mapping[str, Any], root: Mapping[str, Any], depth: int = 0) -> Any:
    """A small value that fits `schema`, for the schemas that use cases hold: no patterns, no conditions."""
    if depth > _REFERENCES_DEEP:
        raise ValueError("the schema refers to itself without an end")
    if "$ref" in schema:
        return smallest(_referred(schema["$ref"], root), root, depth + 1)
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return smallest(schema[key][0], root, depth + 1)
    return _of_type(schema, root, depth)


def _of_type(schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "null")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            properties = schema.get("properties", {})
            return {name: smallest(properties.get(name, {}), root, depth + 1) for name in schema.get("required", [])}
        case "array":
            return [smallest(schema.get("items", {}), root, depth + 1)] * schema.get("minItems", 0)
        case "string":
            return "x" * schema.get("minLength", 0)
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return False
    return None


def _number(schema: Mapping[str, Any]) -> int:
    """Whole numbers fit both kinds; the bounds of a use case's schema leave room for one."""
    if "minimum" in schema:
        return max(0, math.ceil(float(schema["minimum"])))
    if "exclusiveMinimum" in schema:
        return max(0, math.floor(float(schema["exclusiveMinimum"])) + 1)
    upper = float(schema.get("maximum", schema.get("exclusiveMaximum", 1)))
    return math.floor(upper) - 1 if upper <= 0 else 0


def _referred(reference: str, root: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    target: Mapping[str, Any] = found
    return target
