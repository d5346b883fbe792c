"""Putting values back into an answer: whole, or event by event in each API's stream."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Protocol

from graftwork.gateway.answers import Dialect
from graftwork.gateway.masking import SCHEMAS
from graftwork.gateway.privacy import Restorer, Session, Sink, restore_whole
from graftwork.gateway.structure import UNRESTORED

Event = dict[str, Any]
# An address in a field of its own (a citation, an image) is made a link by whoever shows it.
_ADDRESSES = frozenset(("url", "uri", "href", "image_url", "file_url", "source"))
_KEPT = UNRESTORED | _ADDRESSES | {"finish_reason", "logprobs", "system_fingerprint", "embedding", "usage", "data"}
_KEPT_OBJECTS = SCHEMAS | {"usage", "logprobs"}


class Whole:
    """Restores a whole answer. `json_answer` says that the caller asked for JSON as its text."""

    def __init__(self, session: Session, *, json_answer: bool) -> None:
        self._session = session
        self._text_sink: Sink = "json" if json_answer else "text"

    def answer(self, value: Any) -> Any:
        return self._value("", value)

    def _value(self, key: str, value: Any) -> Any:
        if isinstance(value, str):
            return value if key in _KEPT else self._text(key, value)
        if isinstance(value, list):
            return [self._value(key, one) for one in value] if key not in _KEPT_OBJECTS else value
        if isinstance(value, dict):
            if key in _KEPT_OBJECTS:
                return value
            if value.get("type") == "tool_use":
                return {**value, "input": self._data(value.get("input"))}
            return {inner: self._value(inner, one) for inner, one in value.items()}
        return value

    def _text(self, key: str, text: str) -> str:
        sink: Sink = "json" if key == "arguments" else self._text_sink if key in ("content", "text") else "text"
        return restore_whole(self._session, text, sink)

    def _data(self, value: Any) -> Any:
        if isinstance(value, str):
            return restore_whole(self._session, value)
        if isinstance(value, list):
            return [self._data(one) for one in value]
        if isinstance(value, dict):
            return {restore_whole(self._session, key): self._data(one) for key, one in value.items()}
        return value


class _Pieces:
    """One restorer for each text that a stream is made of, by its place in the answer."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._restorers: dict[Hashable, Restorer] = {}

    def feed(self, place: Hashable, text: str, sink: Sink) -> str:
        restorer = self._restorers.get(place)
        if restorer is None:
            restorer = self._restorers[place] = self._session.restorer(sink)
        return restorer.feed(text)

    def close(self, place: Hashable) -> str:
        """What was still held back of one text, which is over."""
        restorer = self._restorers.pop(place, None)
        return "" if restorer is None else restorer.close()

    def places(self) -> list[Hashable]:
        return list(self._restorers)


class StreamRestorer(Protocol):
    def event(self, event: Event) -> Iterable[Event]:
        """What the caller gets for one event: the event itself, and before it what was held back."""

    def close(self) -> Iterable[Event]:
        """What is still held back at the end."""


class ChatStream:
    """`chat.completion.chunk`s. What is held of a field goes out in a chunk of its own when the choice is over.

    Not before: texts and tool calls may take turns, and a text that goes on must be read on where it was.
    """

    _FIELDS = ("content", "refusal", "reasoning_content", "reasoning")

    def __init__(self, session: Session, *, json_answer: bool) -> None:
        self._pieces = _Pieces(session)
        self._content_sink: Sink = "json" if json_answer else "text"
        self._last: Event = {}

    def event(self, event: Event) -> list[Event]:
        before: list[Event] = []
        choices = event.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict):
                self._last = event
                before += self._choice(event, choice)
        return [*before, event]

    def close(self) -> list[Event]:
        return [chunk for place in self._pieces.places() for chunk in self._held(self._last, place)]

    def _choice(self, event: Event, choice: Event) -> list[Event]:
        index, delta = choice.get("index", 0), choice.get("delta")
        texts = list(self._texts(index, delta if isinstance(delta, dict) else {}))
        for place, holder, key, sink in texts:
            holder[key] = self._pieces.feed(place, holder[key], sink)
        if not choice.get("finish_reason"):
            return []
        # Some engines send the last piece of text and the reason in one chunk: then the rest goes behind it.
        for place, holder, key, _ in texts:
            holder[key] += self._pieces.close(place)
        mine = [place for place in self._pieces.places() if isinstance(place, tuple) and place[0] == index]
        return [chunk for place in mine for chunk in self._held(event, place)]

    def _texts(self, index: int, delta: Event) -> Iterable[tuple[tuple[Any, ...], Event, str, Sink]]:
        for field in self._FIELDS:
            if isinstance(delta.get(field), str):
                yield (index, field), delta, field, self._content_sink if field == "content" else "text"
        for call in delta.get("tool_calls") or ():
            function = call.get("function") if isinstance(call, dict) else None
            if isinstance(function, dict) and isinstance(function.get("arguments"), str):
                yield (index, "tool_calls", call.get("index", 0)), function, "arguments", "json"
        function = delta.get("function_call")
        if isinstance(function, dict) and isinstance(function.get("arguments"), str):
            yield (index, "function_call"), function, "arguments", "json"

    def _held(self, event: Event, place: Hashable) -> list[Event]:
        rest = self._pieces.close(place)
        if not rest or not isinstance(place, tuple):
            return []
        field = place[1]
        delta: Event = {field: rest}
        if field == "tool_calls":
            delta = {"tool_calls": [{"index": place[2], "function": {"arguments": rest}}]}
        elif field == "function_call":
            delta = {"function_call": {"arguments": rest}}
        choice = {"index": place[0], "delta": delta, "finish_reason": None}
        return [{**{key: one for key, one in event.items() if key != "usage"}, "choices": [choice]}]


class MessagesStream:
    """Anthropic's events: a block is over at its `content_block_stop`."""

    _FIELDS: Mapping[str, tuple[str, Sink]] = {
        "text_delta": ("text", "text"),
        "thinking_delta": ("thinking", "text"),
        "input_json_delta": ("partial_json", "json"),
    }

    def __init__(self, session: Session, *, json_answer: bool) -> None:
        self._pieces = _Pieces(session)
        self._whole = Whole(session, json_answer=json_answer)
        self._text_sink: Sink = "json" if json_answer else "text"

    def event(self, event: Event) -> list[Event]:
        index, kind = event.get("index", 0), event.get("type")
        delta = event.get("delta")
        if kind == "content_block_delta" and isinstance(delta, dict):
            field, sink = self._FIELDS.get(str(delta.get("type")), ("", "text"))
            if isinstance(delta.get(field), str):
                sink = self._text_sink if field == "text" else sink
                delta[field] = self._pieces.feed((index, delta["type"]), delta[field], sink)
            elif delta.get("type") == "citations_delta":
                return [self._whole.answer(event)]
            return [event]
        if kind == "content_block_stop":
            return [*self._held(index), event]
        if kind == "content_block_start":
            return [self._whole.answer(event)]
        return [event]

    def close(self) -> list[Event]:
        indexes = sorted({place[0] for place in self._pieces.places() if isinstance(place, tuple)})
        return [event for index in indexes for event in self._held(index)]

    def _held(self, index: int) -> list[Event]:
        held = []
        for kind, (field, _) in self._FIELDS.items():
            if rest := self._pieces.close((index, kind)):
                held.append({"type": "content_block_delta", "index": index, "delta": {"type": kind, field: rest}})
        return held


class ResponsesStream:
    """Events of `/v1/responses`, numbered anew: held text adds some. A text is over at the `.done` of its kind."""

    _PLACE = ("item_id", "output_index", "content_index", "summary_index")

    def __init__(self, session: Session, *, json_answer: bool) -> None:
        self._pieces = _Pieces(session)
        self._whole = Whole(session, json_answer=json_answer)
        self._json_answer = json_answer
        self._heads: dict[Hashable, Event] = {}
        self._number = -1

    def event(self, event: Event) -> list[Event]:
        kind = str(event.get("type", ""))
        stem, _, last = kind.rpartition(".")
        place = (stem, *(event.get(name) for name in self._PLACE))
        if last == "delta" and isinstance(event.get("delta"), str):
            event["delta"] = self._pieces.feed(place, event["delta"], self._sink(stem))
            self._heads[place] = {key: one for key, one in event.items() if key != "logprobs"}
            return self._numbered([event])
        held = self._held(place) if last == "done" else []
        return self._numbered([*held, self._whole.answer(event)])

    def close(self) -> list[Event]:
        return self._numbered([one for place in self._pieces.places() for one in self._held(place)])

    def _held(self, place: Hashable) -> list[Event]:
        head = self._heads.pop(place, {})
        rest = self._pieces.close(place)
        return [{**head, "delta": rest}] if rest else []

    def _sink(self, stem: str) -> Sink:
        if stem.endswith("arguments"):
            return "json"
        return "json" if self._json_answer and stem == "response.output_text" else "text"

    def _numbered(self, events: list[Event]) -> list[Event]:
        for event in events:
            self._number += 1
            if "sequence_number" in event:
                event["sequence_number"] = self._number
        return events


def stream_restorer(dialect: Dialect, session: Session, *, json_answer: bool) -> StreamRestorer:
    kinds: dict[Dialect, type[ChatStream] | type[MessagesStream] | type[ResponsesStream]]
    kinds = {"chat": ChatStream, "messages": MessagesStream, "responses": ResponsesStream}
    return kinds[dialect](session, json_answer=json_answer)


def asks_for_json(body: Mapping[str, Any]) -> bool:
    """Whether the answer's text is to be JSON: a value restored into it has to be escaped."""
    text = body.get("text") if isinstance(body.get("text"), dict) else {}
    output = body.get("output_config") if isinstance(body.get("output_config"), dict) else {}
    formats = (
        body.get("response_format"), body.get("output_format"),
        text.get("format") if text else None, output.get("format") if output else None,
    )  # fmt: skip
    return any(isinstance(one, dict) and one.get("type") in ("json_object", "json_schema") for one in formats)
