"""From what a model answered to values that a person can trust: each is found in the text, or null with a reason."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from graftwork.core.extraction.codes import CodeList
from graftwork.core.extraction.consistency import says, typed
from graftwork.core.extraction.locate import Finder, Place
from graftwork.core.extraction.normalising import join_broken
from graftwork.core.extraction.tree import Extracted, LeftOut, Node, Read, flattened, is_empty, without_repeats
from graftwork.core.output_shape import Fields, Items, Leaf, Shape, read_shape
from graftwork.core.types import Excerpt, FieldEvidence, Notice

NOT_GIVEN = "the model found none"
NOT_GIVEN_REQUIRED = "required, but the model found none"
NOT_IN_TEXT = "its words are not in the text"
NOT_QUOTED = "the model gave no words for it"
# A value without a quote may be its own, if its words are long enough to be no accident.
OWN_QUOTE_MIN_CHARACTERS = 4


def extract(
    value: Any,
    schema: Mapping[str, Any],
    texts: Mapping[str, str],
    *,
    codes: Mapping[str, CodeList],
    excerpts: Sequence[Excerpt] = (),
) -> Extracted:
    """Check the model's answer `value`, held to `schema_with_evidence(schema)`, against `texts` and `excerpts`.

    Whatever the model answered, the result has the form of `schema`: what cannot be used is null with its reason, and
    items of which nothing is left are dropped. Raises only `SchemaUnsupported`.
    """
    shape = read_shape(schema)
    reader = _Reader(_Sources(texts, excerpts), codes)
    root = reader.fields(value, shape, "")
    if isinstance(value, Mapping):
        return flattened(root, reader.left_out)
    return flattened(root, (), (Notice("invalid_output", "The model's answer holds no values that can be read."),))


class _Sources:
    """The item's texts and the excerpts under names of their own; names of fields never begin with #."""

    def __init__(self, texts: Mapping[str, str], excerpts: Sequence[Excerpt]) -> None:
        self._numbers = {f"#{excerpt.number}": excerpt.number for excerpt in excerpts}
        self.finder = Finder({**texts, **{f"#{excerpt.number}": excerpt.text for excerpt in excerpts}})

    def evidence(self, place: Place) -> FieldEvidence:
        if place.field in self._numbers:
            return FieldEvidence("", excerpt=self._numbers[place.field], start=place.start, end=place.end)
        return FieldEvidence("", field=place.field, start=place.start, end=place.end)


@dataclass
class _Reader:
    sources: _Sources
    codes: Mapping[str, CodeList]
    left_out: list[LeftOut] = field(default_factory=list)
    # Where the object that is being read was last found: its next value is most likely close by.
    near: Place | None = None

    def fields(self, value: Any, shape: Fields, name: str) -> dict[str, Node]:
        given = value if isinstance(value, Mapping) else {}
        if value is not None and not isinstance(value, Mapping):
            self._leave_out("invalid_output", name)
        return {
            key: self._node(given.get(key), child, f"{name}.{key}".lstrip("."), required=key in shape.required)
            for key, child in shape.properties.items()
        }

    def _node(self, value: Any, shape: Shape, name: str, *, required: bool) -> Node:
        if isinstance(shape, Fields):
            return self.fields(value, shape, name)
        if isinstance(shape, Items):
            return self._items(value, shape, name)
        return self._leaf(value, shape, name, required=required)

    def _items(self, value: Any, shape: Items, name: str) -> list[Node]:
        if value is None:
            return []
        if isinstance(value, Mapping):
            value = [value]  # the one item, without its array
        if not isinstance(value, list):
            self._leave_out("invalid_output", name)
            return []
        nodes = []
        for item in value:
            self.near = None
            nodes.append(self._node(item, shape.item, name, required=False))
        self.near = None
        return without_repeats([node for node in nodes if not is_empty(node)], shape)

    def _leaf(self, given: Any, leaf: Leaf, name: str, *, required: bool) -> Read:
        quote, value = _parts(given) if leaf.evidence else (None, _plain(given))
        if leaf.verbatim:
            return self._verbatim(leaf, value if quote is None else quote, name, required=required)
        if _is_nothing(value):
            return Read(None, FieldEvidence("", reason=NOT_GIVEN_REQUIRED if required else NOT_GIVEN))
        kept = typed(leaf, value, self.codes)
        if kept.reason:
            return self._null("invalid_output", name, kept.reason)
        if not leaf.evidence:
            return Read(kept.value)
        place, reason = self._place(leaf, quote, value, kept.value)
        if place is None:
            return self._null("no_evidence", name, reason)
        self.near = place
        return Read(kept.value, self.sources.evidence(place))

    def _verbatim(self, leaf: Leaf, words: Any, name: str, *, required: bool) -> Read:
        """The words of the text that the model wrote down, as the text has them."""
        if _is_nothing(words):
            return Read(None, FieldEvidence("", reason=NOT_GIVEN_REQUIRED if required else NOT_GIVEN))
        place = self._find(words) if isinstance(words, str) else None
        if place is None:
            return self._null("no_evidence", name, NOT_IN_TEXT)
        kept = typed(leaf, " ".join(join_broken(self.sources.finder.text_at(place)).split()), self.codes)
        if kept.reason:
            return self._null("invalid_output", name, kept.reason)
        self.near = place
        return Read(kept.value, self.sources.evidence(place))

    def _place(self, leaf: Leaf, quote: Any, value: Any, kept: Any) -> tuple[Place | None, str]:
        """Where the words stand that say `kept`: those of the quote, else the value itself as the text has it."""
        reason = NOT_QUOTED
        if isinstance(quote, str) and quote.strip():
            place = self._find(quote)
            if place is None:
                reason = NOT_IN_TEXT
            elif not (reason := says(leaf, kept, self.sources.finder.text_at(place))):
                return place, ""
        if leaf.choices or leaf.codes or not isinstance(value, str) or len(value.strip()) < OWN_QUOTE_MIN_CHARACTERS:
            return None, reason
        own = self._find(value, fuzzy=False)
        if own is not None and not says(leaf, kept, self.sources.finder.text_at(own)):
            return own, ""
        return None, reason

    def _find(self, words: str, *, fuzzy: bool = True) -> Place | None:
        near = self.near
        if near is None:
            return self.sources.finder.find(words, fuzzy=fuzzy)
        return self.sources.finder.find(words, near=near.start, field=near.field, fuzzy=fuzzy)

    def _null(self, code: Literal["no_evidence", "invalid_output"], name: str, reason: str) -> Read:
        self._leave_out(code, name)
        return Read(None, FieldEvidence("", reason=reason))

    def _leave_out(self, code: Literal["no_evidence", "invalid_output"], name: str) -> None:
        self.left_out.append(LeftOut(code, name, 1))


def _parts(given: Any) -> tuple[Any, Any]:
    """The quote and the value of a leaf; a bare value has no quote."""
    if isinstance(given, Mapping):
        return given.get("quote"), given.get("value")
    return None, given


def _plain(given: Any) -> Any:
    return given.get("value") if isinstance(given, Mapping) else given


def _is_nothing(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, float) and not math.isfinite(value))
