"""Token counts out of the answers of engines. What was not reported stays unknown."""

from dataclasses import dataclass
from typing import Any

# A token of English has about four bytes; used for budgets only where the engine reports nothing.
BYTES_PER_TOKEN = 4


@dataclass(slots=True)
class Usage:
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None

    def read(self, found: Any) -> None:
        """Take over what `found` reports, in OpenAI's or Anthropic's words. Later reports win."""
        if not isinstance(found, dict):
            return
        prompt = _first(found, "prompt_tokens", "input_tokens")
        cached = _first(found, "cache_read_input_tokens")
        if cached is not None or "cache_creation_input_tokens" in found:
            # Anthropic counts what came from the cache, and what was written to it, beside the rest.
            prompt = (prompt or 0) + (cached or 0) + (_first(found, "cache_creation_input_tokens") or 0)
        details = found.get("prompt_tokens_details") or found.get("input_tokens_details")
        if isinstance(details, dict):
            cached = _first(details, "cached_tokens")
        self.prompt_tokens = prompt if prompt is not None else self.prompt_tokens
        self.cached_tokens = cached if cached is not None else self.cached_tokens
        completion = _first(found, "completion_tokens", "output_tokens")
        self.completion_tokens = completion if completion is not None else self.completion_tokens


def estimate(size_bytes: int) -> int:
    return -(-size_bytes // BYTES_PER_TOKEN)


def _first(found: dict[str, Any], *names: str) -> int | None:
    for name in names:
        value = found.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None
