"""What the journey needs from outside, as protocols: an engine to generate with, a clock to read."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from graftwork.core.types import Generation, GenerationRequest, Zone

Clock = Callable[[], datetime]
OnText = Callable[[str], None]


def ignore_text(delta: str) -> None:
    """For callers that want the whole text only."""


class Restoring(Protocol):
    """Puts values back in place of their placeholders, in a text that comes in pieces.

    `unknown` counts the placeholders so far that stand for nothing, `withheld` those whose value may not go where they
    stand, such as into a link. Both are left in the text.
    """

    unknown: int
    withheld: int

    def feed(self, piece: str) -> str:
        """What of the text so far can be given out; the rest is held back."""

    def close(self) -> str:
        """What was held back."""


class Engine(Protocol):
    """Something that generates.

    `slots` is how many requests it serves well at once; `context_tokens` is what one request may hold, prompt and
    answer together, or `None` where unknown.
    """

    name: str
    zone: Zone
    slots: int
    context_tokens: int | None

    async def generate(self, request: GenerationRequest, on_text: OnText = ignore_text) -> Generation:
        """Answer one request; `on_text` gets each piece as it comes. Cancelling the task stops the engine's work.

        Raises `EngineUnavailable`, `EngineTimeout`, `EngineRefused` or `EngineContextExceeded`.
        """

    async def prepare(self, request: GenerationRequest) -> None:
        """Have what the coming requests share with `request` ready in every slot. Speeds up only; never fails."""

    async def count_tokens(self, text: str) -> int | None:
        """How many tokens `text` takes, or `None` where the engine cannot tell."""

    async def close(self) -> None: ...
