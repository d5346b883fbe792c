"""An answer of `/chat/completions` as one of `/v1/messages`."""

from typing import Any

from graftwork.gateway.wire import loads_or_none

Part = dict[str, Any]
STOP_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}


def message_from_chat(answer: Part, model: str) -> Part:
    choices = answer.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    message = choice.get("message") or {}
    content: list[Part] = []
    if text := message.get("content") or message.get("refusal"):
        content.append({"type": "text", "text": text})
    for call in message.get("tool_calls") or ():
        function = call.get("function") or {}
        arguments = loads_or_none(function.get("arguments") or "{}")
        content.append(
            {
                "type": "tool_use",
                "id": call.get("id"),
                "name": function.get("name"),
                "input": arguments if isinstance(arguments, dict) else {},
            }
        )
    return {
        **message_head(answer.get("id"), model),
        "content": content,
        "stop_reason": STOP_REASONS.get(str(choice.get("finish_reason")), "end_turn"),
        "usage": usage_of(answer.get("usage")),
    }


def message_head(message_id: Any, model: str) -> Part:
    return {
        "id": str(message_id or "msg"), "type": "message", "role": "assistant", "model": model, "content": [],
        "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 0, "output_tokens": 0},
    }  # fmt: skip


def usage_of(usage: Any) -> Part:
    """The counts under their other names; Anthropic's clients need numbers, so what is unknown reads 0 here."""
    found = usage if isinstance(usage, dict) else {}
    return {"input_tokens": found.get("prompt_tokens") or 0, "output_tokens": found.get("completion_tokens") or 0}
