"""The content of an item as stored text, and back."""

import json
from typing import Any

from graftwork.core.types import FieldValue, ItemContent, Turn

# No field is called so: names begin with a letter.
_PAGES = "pages:"


def dump(content: ItemContent) -> str:
    stored: dict[str, Any] = {
        name: [[turn.speaker, turn.text] for turn in value] if isinstance(value, tuple) else value
        for name, value in content.fields.items()
    }
    if content.pages:
        stored[_PAGES] = content.pages
    return json.dumps(stored, ensure_ascii=False)


def parse(text: str) -> ItemContent:
    stored: dict[str, Any] = json.loads(text)
    pages = {name: tuple(starts) for name, starts in stored.pop(_PAGES, {}).items()}
    return ItemContent({name: _value(value) for name, value in stored.items()}, pages)


def _value(value: object) -> FieldValue:
    if isinstance(value, list):
        return tuple(Turn(speaker, text) for speaker, text in value)
    assert value is None or isinstance(value, str | int | float | bool)
    return value
