"""What stands behind the text of a review, for one reader: its statements, or its values as a form.

Passages of a source that the reader may not read (any more) are neither shown nor used to check what they type: else
the verdicts would tell what the source says.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graftwork.apps.desk.fields_form import Evidence, Node, form_of
from graftwork.apps.desk.grounds import (
    ClaimShown,
    ExcerptShown,
    Places,
    claims_shown,
    evidence_lights,
    excerpts_shown,
    may_read,
)
from graftwork.apps.desk.item_fields import texts_of
from graftwork.apps.desk.narrowing import narrowed
from graftwork.apps.desk.standing import stand
from graftwork.core.citing.sentences import sentences
from graftwork.core.extraction.codes import parse_codes
from graftwork.core.grounding import recheck
from graftwork.core.types import Claim, Grounds, ItemContent
from graftwork.core.usecase import UseCase

_NOTHING: Any = object()


@dataclass(frozen=True, slots=True)
class Behind:
    """`before` is the draft as it is shown, `readable` are the sources that the reader may read."""

    use_case: UseCase | None
    content: ItemContent
    grounds: Grounds | None
    before: str
    readable: Collection[str]

    def excerpts(self) -> Sequence[ExcerptShown]:
        return excerpts_shown(self.grounds, self.readable)

    def claims(self, text: str) -> Sequence[ClaimShown] | None:
        """The statements of `text` and what stands behind them; `None` where they are not checked.

        Those of the draft were checked when it was made; an edited text is checked against the same passages again.
        """
        if self.use_case is None or self.grounds is None or self._is_json or self.use_case.grounded_in == "none":
            return None
        claims = self.grounds.claims if text == self.before else self._rechecked(self.use_case, self.grounds, text)
        stood = stand(text, claims, self.grounds, self.content)
        return claims_shown(text, stood, self._places(self.grounds))

    def form(self, text: str) -> Node | None:
        """The form for the JSON `text`; `None` where it is no text for one."""
        if self.use_case is None or not self._is_json:
            return None
        output = self.use_case.output
        codes = {name: parse_codes(listed) for name, listed in self.use_case.code_texts.items()}
        return form_of(output.json_schema, text, self._evidence(text), codes=codes, nulls=output.evidence)

    @property
    def _is_json(self) -> bool:
        return self.use_case is not None and self.use_case.output.type == "json"

    def _places(self, grounds: Grounds) -> Places:
        return Places(grounds, texts_of(self.content), self.readable)

    def _rechecked(self, use_case: UseCase, grounds: Grounds, text: str) -> Sequence[Claim]:
        """What is untouched stays what it was, even where its passage is not there to be compared with."""
        kept = {self.before[one.start : one.end]: one for one in grounds.claims}
        written = " ".join(said for said in _sentences(text) if said not in kept)
        open_to = [one for one in grounds.excerpts if may_read(one, self.readable)]
        near = narrowed(written, self.content, open_to)
        claims = recheck(use_case, text, near.content, replace(grounds, excerpts=near.excerpts))
        found = [(one, kept.get(text[one.start : one.end])) for one in claims]
        return [replace(old, start=one.start, end=one.end) if old else one for one, old in found]

    def _evidence(self, text: str) -> Evidence:
        """The evidence of those values that still are what the draft had in their place."""
        if self.grounds is None:
            return {}
        known = evidence_lights(self.grounds, self._places(self.grounds))
        if text == self.before:
            return known
        try:
            old, new = json.loads(self.before), json.loads(text)
        except ValueError:
            return {}
        return {path: found for path, found in known.items() if _same(_at(old, path), _at(new, path))}


def _sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


def _same(one: Any, other: Any) -> bool:
    return one is not _NOTHING and type(one) is type(other) and one == other


def _at(value: Any, path: str) -> Any:
    """The part of `value` at a JSON pointer."""
    for step in path.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value.get(name, _NOTHING)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return _NOTHING
    return value
