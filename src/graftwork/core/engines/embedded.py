"""The embedded engine: OpenAI's protocol to a llama.cpp server of our own, with what llama.cpp adds to it."""

import asyncio
from typing import Any

from graftwork.core.engines.embedded_server import EmbeddedServer
from graftwork.core.engines.openai import OpenAICompatible
from graftwork.core.engines.retry import Retries, with_retries
from graftwork.core.types import GenerationRequest

COUNT_SECONDS = 30.0


class EmbeddedEngine(OpenAICompatible):
    """A model in a server of the house, at `url` with `api_key`. With `owned`, closing the engine stops that server.

    Connections are not kept: llama.cpp closes idle ones without a word, and the next request on them would break. A new
    one over loopback costs about a tenth of a millisecond.
    """

    def __init__(
        self,
        *,
        name: str,
        model: str,
        url: str,
        api_key: str | None,
        slots: int,
        context_tokens: int,
        owned: EmbeddedServer | None = None,
        retries: Retries | None = None,
    ) -> None:
        super().__init__(
            name=name,
            model=model,
            url=url,
            zone="local",
            slots=slots,
            context_tokens=context_tokens,
            api_key=api_key,
            retries=retries,
            keep_alive=False,
        )
        self._tokenize_url = f"{url.rstrip('/').removesuffix('/v1')}/tokenize"
        self._owned = owned

    async def count_tokens(self, text: str) -> int | None:
        """Counted by the model's own tokenizer. Raises `EngineUnavailable` or `EngineTimeout`."""

        async def attempt() -> Any:
            return await self._client.post_json(self._tokenize_url, {"content": text})

        answer = await with_retries(
            attempt, engine=self.name, timeout_seconds=COUNT_SECONDS, retries=self._retries, breaker=self._breaker
        )
        return len(answer["tokens"])

    async def close(self) -> None:
        await super().close()
        if self._owned is not None:
            await asyncio.to_thread(self._owned.stop)

    def _body(self, request: GenerationRequest) -> dict[str, Any]:
        return {**super()._body(request), "cache_prompt": request.reuse_prefix}
