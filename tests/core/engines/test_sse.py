"""Server-sent events, cut anywhere."""

import pytest

from graftwork.core.engines.sse import EVENT_LIMIT_BYTES, EventReader, EventTooLongError

STREAM = (
    'data: {"a": "né 🌍"}\n\n: a comment\n\nevent: x\ndata: one\ndata: two\n\ndata:three\r\n\r\ndata: [DONE]\n\n'
).encode()
EVENTS = ['{"a": "né 🌍"}', "one\ntwo", "three", "[DONE]"]


def read(*chunks: bytes) -> list[str]:
    reader = EventReader()
    return [*(data for chunk in chunks for data in reader.feed(chunk)), *reader.end()]


def test_every_cut_in_two_gives_the_same_events() -> None:
    for cut in range(len(STREAM) + 1):
        assert read(STREAM[:cut], STREAM[cut:]) == EVENTS, cut


def test_one_byte_at_a_time_gives_the_same_events() -> None:
    assert read(*(bytes([byte]) for byte in STREAM)) == EVENTS


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\n", ["a"]),
        (b"data: a\r\rdata: b\r\r", ["a", "b"]),
        (b"data: a\n", ["a"]),  # the last empty line is missing
        (b"data: a", []),  # half a line is no event
        (b"dat: a\n\n", []),
        (b": data: a\n\n", []),
        (b"data\n\n", [""]),
        (b"data:  a\n\n", [" a"]),
    ],
)
def test_lines_are_read_as_the_standard_says(stream: bytes, events: list[str]) -> None:
    assert read(stream) == events


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(EventTooLongError):
        read(*[b"x" * 65_536] * (EVENT_LIMIT_BYTES // 65_536 + 3))
