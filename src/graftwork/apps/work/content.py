"""The content of an item as stored text, and back."""

import json

from graftwork.core.types import FieldValue, ItemContent, Turn


def dump(content: ItemContent) -> str:
    return json.dumps(
        {
            name: [[turn.speaker, turn.text] for turn in value] if isinstance(value, tuple) else value
            for name, value in content.fields.items()
        },
        ensure_ascii=False,
    )


def parse(text: str) -> ItemContent:
    return ItemContent({name: _value(value) for name, value in json.loads(text).items()})


def _value(value: object) -> FieldValue:
    if isinstance(value, list):
        return tuple(Turn(speaker, text) for speaker, text in value)
    assert value is None or isinstance(value, str | int | float | bool)
    return value
