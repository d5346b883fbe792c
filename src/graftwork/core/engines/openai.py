"""The engine for any server that speaks OpenAI's protocol: vLLM, llama.cpp, Ollama, or somebody's cloud."""

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from graftwork.core.engines.chat import Answer, ChatClient
from graftwork.core.engines.retry import Breaker, Retries, with_retries
from graftwork.core.ports import OnText, ignore_text
from graftwork.core.types import Generation, GenerationRequest, Zone


@dataclass(frozen=True, slots=True)
class Prices:
    """Per million tokens, in `currency`. `None` is not known."""

    input_per_million: Decimal | None = None
    output_per_million: Decimal | None = None
    currency: str = "EUR"

    def cost(self, prompt_tokens: int | None, completion_tokens: int | None) -> Decimal | None:
        """What one answer cost; `None` unless both prices and both counts are known."""
        if self.input_per_million is None or self.output_per_million is None:
            return None
        if prompt_tokens is None or completion_tokens is None:
            return None
        return (prompt_tokens * self.input_per_million + completion_tokens * self.output_per_million) / 1_000_000


NO_PRICES = Prices()


class OpenAICompatible:
    """An engine behind a URL. `api_key` is the key itself; it never shows."""

    def __init__(
        self,
        *,
        name: str,
        model: str,
        url: str,
        zone: Zone,
        slots: int = 8,
        context_tokens: int | None = None,
        api_key: str | None = None,
        prices: Prices = NO_PRICES,
        retries: Retries | None = None,
        breaker: Breaker | None = None,
        keep_alive: bool = True,
        connections: int | None = None,
    ) -> None:
        self.name = name
        self.zone: Zone = zone
        self.slots = slots
        self.context_tokens = context_tokens
        self._model = model
        self._prices = prices
        self._retries = retries or Retries()
        self._breaker = breaker or Breaker()
        self._client = ChatClient(
            url,
            engine=name,
            api_key=api_key,
            connections=connections or slots,
            proxy=zone == "managed",
            keep_alive=keep_alive,
        )

    async def generate(self, request: GenerationRequest, on_text: OnText = ignore_text) -> Generation:
        """Answer one request within `request.timeout_seconds`, tries and pauses together (see `retry.with_retries`).

        Raises `EngineUnavailable`, `EngineTimeout`, `EngineRefused` or `EngineContextExceeded`. Cancelling the task
        closes the connection, which stops the server's work.
        """
        started = time.perf_counter()
        body = self._body(request)

        async def attempt() -> Answer:
            return await self._client.complete(body, on_text)

        answer = await with_retries(
            attempt,
            engine=self.name,
            timeout_seconds=request.timeout_seconds,
            retries=self._retries,
            breaker=self._breaker,
        )
        return self._generation(answer, total_ms=(time.perf_counter() - started) * 1000)

    async def prepare(self, request: GenerationRequest) -> None:
        """Nothing: what such a server keeps between requests is its own affair."""

    async def count_tokens(self, text: str) -> int | None:  # noqa: ARG002 - the port names it
        """`None`: the protocol has no way to ask."""
        return None

    async def close(self) -> None:
        await self._client.close()

    def _body(self, request: GenerationRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.sampling.temperature,
            "top_p": request.sampling.top_p,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if request.sampling.seed is not None:
            body["seed"] = request.sampling.seed
        if request.json_schema is not None:
            # Without `strict`: OpenAI refuses schemas with optional keys there, and the draft is validated in any case.
            schema = {"name": "output", "schema": dict(request.json_schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def _generation(self, answer: Answer, *, total_ms: float) -> Generation:
        cost = self._prices.cost(answer.prompt_tokens, answer.completion_tokens)
        return Generation(
            text=answer.text,
            engine=self.name,
            model=answer.model or self._model,
            zone=self.zone,
            finish_reason=answer.finish_reason or "stop",
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
            cached_tokens=answer.cached_tokens,
            first_token_ms=answer.first_token_ms,
            total_ms=total_ms,
            cost=cost,
            currency=self._prices.currency if cost is not None else None,
        )
