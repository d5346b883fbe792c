"""Telling the model to leave placeholders as they are, where each API has its instructions.

It comes last there, so that the instructions before it stay the same for an engine's prefix cache, and it is the same
for every request: from the first masked value of a conversation on, it stays.
"""

from typing import Any

from graftwork.core.prompt import MASKED_NOTE
from graftwork.gateway.answers import Dialect

Part = dict[str, Any]
_INSTRUCTING = ("system", "developer")


def with_note(body: Part, dialect: Dialect) -> Part:
    """A copy of a masked body that asks for text; any other body as it is."""
    if dialect == "messages":
        return {**body, "system": _behind(body.get("system"), "text")}
    if dialect == "responses":
        return {**body, "instructions": _behind(body.get("instructions"), "input_text")}
    messages = body.get("messages")
    if not isinstance(messages, list):
        return body
    place = next(
        (n for n, one in enumerate(messages) if isinstance(one, dict) and one.get("role") in _INSTRUCTING), None
    )
    if place is None:
        return {**body, "messages": [{"role": "system", "content": MASKED_NOTE}, *messages]}
    told = {**messages[place], "content": _behind(messages[place].get("content"), "text")}
    return {**body, "messages": [*messages[:place], told, *messages[place + 1 :]]}


def _behind(told: Any, kind: str) -> Any:
    if isinstance(told, list):
        return [*told, {"type": kind, "text": MASKED_NOTE}]
    return f"{told}\n\n{MASKED_NOTE}" if isinstance(told, str) and told else MASKED_NOTE
