"""A rewriter that knows a few values by heart, so that a form is tested without detection."""

import io
import re
from collections.abc import Callable, Sequence

import pytest

from graftwork.core.privacy.forms import files
from graftwork.core.privacy.forms.pieces import Patch, undo
from graftwork.core.privacy.forms.rewriter import Field, Swap
from graftwork.core.privacy.forms.rules import Rules

VALUES = {
    "Charlie Douglas": "[PERSON_1]",
    "charlie@example.com": "[MAIL_1]",
    "Zoë Müller": "[PERSON_2]",
    "DE89 3704 0044 0532 0130 00": "[IBAN_1]",
    "4111111111111111": "[CARD_1]",
    "+44 20 7946 0018": "[PHONE_1]",
    'O"Neil, <Pat>': "[PERSON_3]",
}


class ByHeart:
    """Swaps what it knows, one way or the other; what a rule types becomes one placeholder per value."""

    def __init__(self, table: dict[str, str] | None = None) -> None:
        self.table = dict(table or VALUES)
        self.seen: list[Field] = []
        self.typed: dict[str, str] = {}

    def swaps(self, fields: Sequence[Field]) -> list[list[Swap]]:
        self.seen += fields
        return [self._of(field) for field in fields]

    def _of(self, field: Field) -> list[Swap]:
        if field.rule not in ("detect", "keep") and field.text:
            new = self.table.get(field.text) or self.typed.setdefault(
                field.text, f"[{field.rule.upper()}_{len(self.typed) + 50}]"
            )
            return [Swap(0, len(field.text), new)]
        if field.rule == "keep":
            return []
        known = re.compile("|".join(re.escape(value) for value in sorted(self.table, key=len, reverse=True)))
        return [Swap(m.start(), m.end(), self.table[m[0]]) for m in known.finditer(field.text)]

    def backwards(self) -> "ByHeart":
        return ByHeart({new: old for old, new in {**self.table, **self.typed}.items()})


class Rewritten:
    def __init__(self, source: bytes, name: str, rewriter: ByHeart, rules: Rules, **options: object) -> None:
        self.source, self.name, self.rewriter, self.rules = source, name, rewriter, rules
        self.patches: list[Patch] = []
        target = io.BytesIO()
        self.job = files.Job(rewriter, rules, self.patches.append, **options)  # type: ignore[arg-type]
        files.rewrite(io.BytesIO(source), target, name, self.job)
        self.raw = target.getvalue()

    @property
    def text(self) -> str:
        return self.raw.decode()

    @property
    def notices(self) -> dict[str, int]:
        return dict(self.job.notices.counts)

    def undone(self) -> bytes:
        target = io.BytesIO()
        undo(io.BytesIO(self.raw), self.patches, target)
        return target.getvalue()

    def restored(self) -> "Rewritten":
        """As a file that somebody edited would be: by the form, without the journal."""
        rules = Rules(by_name=False)
        return Rewritten(self.raw, self.name, self.rewriter.backwards(), rules, is_restoring=True)


@pytest.fixture
def rewrite() -> Callable[..., Rewritten]:
    def run(source: str | bytes, name: str, rules: dict[str, str] | None = None, **options: object) -> Rewritten:
        raw = source.encode() if isinstance(source, str) else source
        return Rewritten(raw, name, ByHeart(), Rules(rules or {}), **options)  # type: ignore[arg-type]

    return run
