"""Where the word about placeholders goes, in each API."""

import pytest

from graftwork.core.prompt import MASKED_NOTE
from graftwork.gateway.noting import with_note

USER = {"role": "user", "content": "Hello [PERSON_1]"}
NOTE = {"type": "text", "text": MASKED_NOTE}


@pytest.mark.parametrize(
    ("dialect", "body", "told"),
    [
        ("chat", {"messages": [USER]}, {"messages": [{"role": "system", "content": MASKED_NOTE}, USER]}),
        (
            "chat",
            {"messages": [{"role": "developer", "content": "Be kind."}, USER]},
            {"messages": [{"role": "developer", "content": f"Be kind.\n\n{MASKED_NOTE}"}, USER]},
        ),
        (
            "chat",
            {"messages": [{"role": "system", "content": [{"type": "text", "text": "Be kind."}]}, USER]},
            {"messages": [{"role": "system", "content": [{"type": "text", "text": "Be kind."}, NOTE]}, USER]},
        ),
        ("chat", {"input": ["text for an embedding"]}, {"input": ["text for an embedding"]}),
        ("messages", {"messages": [USER]}, {"messages": [USER], "system": MASKED_NOTE}),
        (
            "messages",
            {"system": [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}]},
            {"system": [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}, NOTE]},
        ),
        ("responses", {"input": "Hello"}, {"input": "Hello", "instructions": MASKED_NOTE}),
        (
            "responses",
            {"instructions": "Be kind.", "input": "Hello"},
            {"instructions": f"Be kind.\n\n{MASKED_NOTE}", "input": "Hello"},
        ),
    ],
)
def test_the_note_stands_behind_the_instructions(dialect, body, told):
    before = repr(body)
    assert with_note(body, dialect) == told
    assert repr(body) == before
