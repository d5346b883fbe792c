"""A request to `/v1/messages` as one to `/chat/completions`, for engines that speak only that."""

import json
from collections.abc import Iterable
from typing import Any

from graftwork.core.errors import GatewayBodyInvalid

Part = dict[str, Any]
_SAME = ("model", "max_tokens", "temperature", "top_p", "stream")
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def chat_from_messages(body: Part) -> Part:
    """Raises `GatewayBodyInvalid` where a part has no counterpart."""
    chat = {key: body[key] for key in _SAME if key in body}
    chat["messages"] = [*_system(body.get("system")), *_messages(body.get("messages"))]
    if body.get("stop_sequences"):
        chat["stop"] = body["stop_sequences"]
    if tools := _list(body.get("tools")):
        chat["tools"] = [_tool(tool) for tool in tools]
        choice = body.get("tool_choice")
        if isinstance(choice, dict):
            chat["tool_choice"] = _tool_choice(choice)
            if choice.get("disable_parallel_tool_use"):
                chat["parallel_tool_calls"] = False
    output = body.get("output_config")
    wanted = body.get("output_format") or (output.get("format") if isinstance(output, dict) else None)
    if isinstance(wanted, dict) and wanted.get("type") == "json_schema":
        chat["response_format"] = {
            "type": "json_schema", "json_schema": {"name": "answer", "schema": wanted.get("schema"), "strict": True}
        }  # fmt: skip
    return chat


def _system(system: Any) -> list[Part]:
    text = system if isinstance(system, str) else "\n\n".join(_texts(_list(system)))
    return [{"role": "system", "content": text}] if text else []


def _messages(messages: Any) -> Iterable[Part]:
    if not isinstance(messages, list):
        raise GatewayBodyInvalid("messages", "must be a list")
    for message in messages:
        if not isinstance(message, dict):
            raise GatewayBodyInvalid("messages", "each must be an object")
        content = message.get("content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else _list(content)
        yield from _assistant(blocks) if message.get("role") == "assistant" else _user(blocks)


def _user(blocks: list[Part]) -> Iterable[Part]:
    """Results of tools are messages of their own, and come first: the calls they answer stand right before."""
    for block in blocks:
        if block.get("type") == "tool_result":
            content = block.get("content")
            text = content if isinstance(content, str) else "\n".join(_texts(_list(content)))
            yield {"role": "tool", "tool_call_id": block.get("tool_use_id"), "content": text}
    parts = [_part(block) for block in blocks if block.get("type") != "tool_result"]
    if all(part["type"] == "text" for part in parts):
        if parts:
            yield {"role": "user", "content": "\n".join(part["text"] for part in parts)}
    else:
        yield {"role": "user", "content": parts}


def _assistant(blocks: list[Part]) -> Iterable[Part]:
    calls = [
        {
            "id": block.get("id"),
            "type": "function",
            "function": {
                "name": block.get("name"),
                "arguments": json.dumps(block.get("input") or {}, ensure_ascii=False, separators=(",", ":")),
            },
        }
        for block in blocks
        if block.get("type") == "tool_use"
    ]
    message: Part = {"role": "assistant", "content": "\n".join(_texts(blocks)) or None}
    yield {**message, "tool_calls": calls} if calls else message


def _part(block: Part) -> Part:
    source = block.get("source")
    match block.get("type"), source:
        case "text", _:
            return {"type": "text", "text": str(block.get("text", ""))}
        case "image", {"type": "base64", "media_type": media_type, "data": data}:
            return {"type": "image_url", "image_url": {"url": f"data:{media_type};base64,{data}"}}
        case "image", {"type": "url", "url": url}:
            return {"type": "image_url", "image_url": {"url": url}}
        case "document", {"type": "text", "data": text}:
            return {"type": "text", "text": str(text)}
    raise GatewayBodyInvalid("messages", "holds a block that an engine of the other protocol cannot take")


def _tool(tool: Part) -> Part:
    if "input_schema" not in tool:
        raise GatewayBodyInvalid("tools", "a tool that the engine itself runs has no counterpart here")
    function = {"name": tool.get("name"), "parameters": tool["input_schema"]}
    if "description" in tool:
        function["description"] = tool["description"]
    return {"type": "function", "function": function}


def _tool_choice(choice: Part) -> Any:
    if choice.get("type") == "tool":
        return {"type": "function", "function": {"name": choice.get("name")}}
    return _CHOICES.get(str(choice.get("type")), "auto")


def _texts(blocks: list[Part]) -> list[str]:
    return [str(block.get("text", "")) for block in blocks if block.get("type") == "text"]


def _list(value: Any) -> list[Part]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
