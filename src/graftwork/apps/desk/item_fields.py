"""The fields of an item, as its page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graftwork.apps.desk.grounds import Stretch, field_stretches
from graftwork.core.prompt import plain
from graftwork.core.types import FieldValue, Grounds, ItemContent, Turn
from graftwork.core.usecase import UseCase

TURNS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class FieldShown:
    """One field of the item. `stretches` are its text, with what the draft was taken from lit; a thread has none."""

    name: str
    label: str
    value: FieldValue
    stretches: Sequence[Stretch] = ()

    @property
    def is_thread(self) -> bool:
        return isinstance(self.value, tuple)

    @property
    def earlier(self) -> Sequence[Turn]:
        """The turns of a long thread that are folded away; to fold a single one would save nothing."""
        turns = self._turns
        return turns[:-TURNS_SHOWN] if len(turns) > TURNS_SHOWN + 1 else ()

    @property
    def latest(self) -> Sequence[Turn]:
        return self._turns[len(self.earlier) :]

    @property
    def _turns(self) -> Sequence[Turn]:
        return self.value if isinstance(self.value, tuple) else ()


def fields_shown(use_case: UseCase | None, content: ItemContent, grounds: Grounds | None) -> list[FieldShown]:
    """The fields that have a value, threads last."""
    labels = {name: spec.label for name, spec in use_case.input.fields.items()} if use_case else {}
    shown = [
        FieldShown(name, labels.get(name) or name.replace("_", " ").capitalize(), value, _text(name, content, grounds))
        for name, value in content.fields.items()
        if value is not None
    ]
    return sorted(shown, key=lambda field: field.is_thread)


def texts_of(content: ItemContent) -> Mapping[str, str]:
    """The texts of an item in which words can be lit. What a thread says is shown turn by turn instead."""
    return {name: plain(value) for name, value in content.fields.items() if not isinstance(value, tuple)}


def _text(name: str, content: ItemContent, grounds: Grounds | None) -> Sequence[Stretch]:
    value = content.fields[name]
    return () if isinstance(value, tuple) else field_stretches(plain(value), name, grounds, content.pages.get(name, ()))
