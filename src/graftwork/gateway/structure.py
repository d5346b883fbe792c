"""What of a request is structure: the words, the ids and the sealed texts of the APIs, at the paths that they define.

A path holds the keys from the body down, without the numbers of lists. All else is data of somebody's, and is masked.
"""

import re

# Words of the APIs. Below whatever key one stands, it says nothing about anybody.
WORDS = frozenset(
    (
        "user", "assistant", "system", "developer", "tool", "function", "model", "text", "input_text",
        "output_text", "refusal", "image", "input_image", "image_url", "input_audio", "audio", "file", "input_file",
        "document", "json_object", "json_schema", "grammar", "custom", "message", "reasoning", "summary_text",
        "reasoning_text", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output",
        "item_reference", "tool_use", "tool_result", "thinking", "redacted_thinking", "compaction",
        "server_tool_use", "web_search_call", "web_search_tool_result", "web_search_result",
        "web_search_result_location", "file_search_call", "computer_call", "computer_call_output",
        "code_interpreter_call", "image_generation_call", "local_shell_call", "local_shell_call_output", "mcp_call",
        "mcp_list_tools", "mcp_approval_request", "mcp_approval_response", "mcp_tool_use", "mcp_tool_result",
        "search_result", "char_location", "page_location", "content_block_location", "url_citation",
        "file_citation", "container_file_citation", "ephemeral", "enabled", "disabled", "adaptive", "approximate",
        "regex", "lark", "url", "base64", "content", "any", "auto", "none", "required", "default", "flex",
        "priority", "scale", "standard", "standard_only", "concise", "detailed", "minimal", "low", "medium", "high",
        "xhigh", "max", "original", "completed", "in_progress", "incomplete", "failed", "cancelled", "queued",
        "commentary", "final_answer", "float", "wav", "mp3", "flac", "opus", "pcm16", "aac", "png", "jpeg", "webp",
        "gif", "in_memory", "24h", "5m", "1h", "fast", "end_turn", "max_tokens", "stop_sequence", "pause_turn",
        "chat.completion", "response", "text/plain", "image/png", "image/jpeg", "image/gif", "image/webp",
        "application/pdf", "alloy", "ash", "ballad", "coral", "echo", "fable", "marin", "cedar", "nova", "onyx",
        "sage", "shimmer", "verse", "reasoning.encrypted_content", "file_search_call.results",
        "message.output_text.logprobs", "message.input_image.image_url", "computer_call_output.output.image_url",
        "code_interpreter_call.outputs", "web_search_call.action.sources", "web_search_call.results",
    )
)  # fmt: skip

# Names of the fields of a request. Any other name is read as a text: a person's name may be one.
FIELDS = frozenset(
    (
        "model", "role", "type", "id", "object", "status", "tool_call_id", "tool_use_id", "call_id", "item_id",
        "previous_response_id", "encoding_format", "format", "media_type", "detail", "service_tier", "truncation",
        "signature", "encrypted_content", "reasoning_effort", "effort", "verbosity", "modalities", "include",
        "prompt_cache_retention", "voice", "phase", "ttl", "created_at", "stop_reason", "speed", "messages",
        "content", "tools", "functions", "tool_choice", "function_call", "function", "name", "arguments",
        "parameters", "description", "strict", "response_format", "output_format", "output_config", "json_schema",
        "schema", "system", "instructions", "input", "prompt", "variables", "metadata", "user", "safety_identifier",
        "prompt_cache_key", "stream", "stream_options", "include_usage", "include_obfuscation", "max_tokens",
        "max_completion_tokens", "max_output_tokens", "max_tool_calls", "temperature", "top_p", "top_k",
        "top_logprobs", "logprobs", "logit_bias", "frequency_penalty", "presence_penalty", "repetition_penalty",
        "min_p", "n", "stop", "stop_sequences", "seed", "store", "background", "conversation",
        "parallel_tool_calls", "tool_calls", "refusal", "annotations", "audio", "image_url", "input_audio", "file",
        "file_id", "file_data", "filename", "file_url", "url", "data", "text", "source", "title", "context",
        "citations", "cache_control", "thinking", "budget_tokens", "reasoning", "summary", "generate_summary",
        "prediction", "web_search_options", "search_context_size", "user_location", "approximate", "city",
        "country", "region", "timezone", "is_error", "output", "action", "results", "queries", "code", "container",
        "mcp_servers", "dimensions", "context_management", "edits", "trigger", "keep", "value", "clear_at_least",
        "exclude_tools", "clear_tool_inputs", "reasoning_content", "chat_template_kwargs", "guided_json",
        "guided_regex", "guided_choice", "extra_body", "betas",
    )
)  # fmt: skip

# In an answer: nobody reads a value there.
UNRESTORED = frozenset(
    (
        "model", "role", "type", "id", "object", "status", "tool_call_id", "tool_use_id", "call_id", "item_id",
        "previous_response_id", "encoding_format", "format", "media_type", "detail", "service_tier", "truncation",
        "signature", "encrypted_content", "reasoning_effort", "effort", "verbosity", "modalities", "include",
        "prompt_cache_retention", "voice", "phase", "ttl", "created_at", "stop_reason", "speed",
    )
)  # fmt: skip

_IDS = frozenset(
    tuple(path.split("/"))
    for path in (
        "model", "previous_response_id", "conversation", "conversation/id", "container", "container/id",
        "prompt/id", "messages/id", "messages/tool_call_id", "messages/tool_calls/id", "messages/audio/id",
        "messages/content/id", "messages/content/tool_use_id", "input/id", "input/call_id", "input/tool_call_id",
        "input/approval_request_id", "input/content/id",
    )
)  # fmt: skip
_SEALED = {
    "redacted_thinking": "data",
    "thinking": "signature",
    "reasoning": "encrypted_content",
    "compaction": "encrypted_content",
    "web_search_result": "encrypted_content",
}
_HISTORY = frozenset(("messages", "input"))
_ID = re.compile(r"[\w.:/+=-]{1,256}", re.ASCII)
_SEAL = re.compile(r"[\w+/=-]*", re.ASCII)
_NUMBERS = re.compile(r"seed|created|timestamp|timeout|(?:min|max|top)_\w+|\w+_(?:at|tokens|after|seconds|ms)")
_DATED = re.compile(r"([a-z]+(?:_[a-z]+)*)_20\d\d_?\d\d_?\d\d")

# Found in structure, these are no accident: each is proven by a checksum, a form of its own, or a label.
UNMISTAKABLE = frozenset(("card", "iban", "key", "password", "mail", "national_id"))
SURE = 0.9


def is_id(path: tuple[str, ...], text: str) -> bool:
    """Whether `text` stands where an API has an id of its own, and has the letters of one."""
    return path in _IDS and _ID.fullmatch(text) is not None


def sealed_key(kind: str, path: tuple[str, ...]) -> str:
    """The key of what the engine encrypted for itself in a part of this type; empty where there is none."""
    return _SEALED.get(kind, "") if path and path[0] in _HISTORY else ""


def is_seal(value: object) -> bool:
    return isinstance(value, str) and _SEAL.fullmatch(value) is not None


def is_number(path: tuple[str, ...]) -> bool:
    """Limits, seeds and times, right below the body."""
    return len(path) == 1 and _NUMBERS.fullmatch(path[0]) is not None


def without_date(kind: str) -> str:
    """`web_search_20250305` is a `web_search`, for naming what a type is called."""
    match = _DATED.fullmatch(kind)
    return match[1] if match else kind


def as_words(name: str) -> str:
    """`charlie_douglas` as a person would write it: where a name is one, it is found so. A single word stays."""
    parts = re.split(r"[_.\-]+", name)
    return " ".join(parts).title() if 1 < len(parts) <= 4 and all(map(str.isalpha, parts)) else name
