"""The embedded engine: OpenAI's protocol to a llama.cpp server of our own, with what llama.cpp adds to it."""

import asyncio
import logging
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

from graftwork.core.engines.embedded_server import EmbeddedServer
from graftwork.core.engines.openai import OpenAICompatible
from graftwork.core.engines.retry import PassingError, Retries, with_retries
from graftwork.core.errors import EngineError
from graftwork.core.ports import OnText, ignore_text
from graftwork.core.types import Generation, GenerationRequest

logger = logging.getLogger(__name__)

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
        slots_folder: Path | None = None,
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
            # One that waits at the server is taken up the moment a slot falls free.
            connections=slots + max(2, slots // 4),
        )
        self._server_url = url.rstrip("/").removesuffix("/v1")
        self._slots_folder = slots_folder
        self._prepared: str | None = None
        self._reviving = asyncio.Lock()
        self._owned = owned

    async def generate(self, request: GenerationRequest, on_text: OnText = ignore_text) -> Generation:
        await self._revive()
        return await super().generate(request, on_text)

    async def _revive(self) -> None:
        """Start a server of our own again that has ended. Where a supervisor owns it, that does."""
        if self._owned is None:
            return
        async with self._reviving:
            if self._owned.ended:
                self._prepared = None
                await asyncio.to_thread(self._owned.start)

    async def prepare(self, request: GenerationRequest) -> None:
        """Read the shared beginning once, in one slot, and copy it to the others, which otherwise each read it anew.

        llama.cpp keeps a prefix per slot and shares none between them; saving one slot and restoring it elsewhere takes
        a few milliseconds where reading a thousand tokens on a CPU takes seconds.
        """
        prefix = request.messages[0].content
        if self._slots_folder is None or self.slots < 2 or prefix == self._prepared:
            return
        file = f"{secrets.token_hex(8)}.bin"
        body = {**self._body(replace(request, max_tokens=1, json_schema=None)), "id_slot": 0, "cache_prompt": True}
        try:
            async with asyncio.timeout(request.timeout_seconds):
                await self._client.complete(body, ignore_text)
                await self._slot(0, "save", file)
                await asyncio.gather(*(self._slot(slot, "restore", file) for slot in range(1, self.slots)))
            self._prepared = prefix
        except (PassingError, EngineError, TimeoutError) as error:
            logger.info("the shared prefix was not spread over the slots: %s", type(error).__name__)
        finally:
            (self._slots_folder / file).unlink(missing_ok=True)

    async def _slot(self, slot: int, action: str, file: str) -> None:
        await self._client.post_json(f"{self._server_url}/slots/{slot}?action={action}", {"filename": file})

    async def count_tokens(self, text: str) -> int | None:
        """Counted by the model's own tokenizer. Raises `EngineUnavailable` or `EngineTimeout`."""

        async def attempt() -> Any:
            return await self._client.post_json(f"{self._server_url}/tokenize", {"content": text})

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
