"""What a draft is written from and checked against: passages of sources, or the item itself.

Joins `citing` and `extraction` with the journey, as `flow` does with the engines. Nothing here asks a model.
"""

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from graftwork.core.citing.checking import Checked as ClaimsChecked
from graftwork.core.citing.checking import check_claims
from graftwork.core.citing.conflicts import Conflict, conflict_sentence, conflicts
from graftwork.core.citing.excerpt_block import CITE_NOTE, excerpt_block
from graftwork.core.citing.item_excerpts import item_excerpts
from graftwork.core.edits import edit_script
from graftwork.core.extraction.codes import parse_codes
from graftwork.core.extraction.merging import merge
from graftwork.core.extraction.salvaging import salvage
from graftwork.core.extraction.validating import extract
from graftwork.core.extraction.windows import Window
from graftwork.core.prompt import EVIDENCE_NOTE, PASSAGES_NOTE, item_block, passages_block, plain
from graftwork.core.triaging import triaged_excerpts
from graftwork.core.types import Claim, FieldValue, Grounds, ItemContent, Notice
from graftwork.core.usecase import UseCase


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft's text after its check, what stands behind it, and what the reviewer must know."""

    text: str
    grounds: Grounds
    notices: tuple[Notice, ...] = ()


def with_excerpts(use_case: UseCase, content: ItemContent) -> ItemContent:
    """`content` with its own passages as excerpts, where the use case is grounded in the item or picks its clauses."""
    if content.excerpts or not (use_case.grounded_in == "item" or use_case.has_triage):
        return content
    if use_case.has_triage:
        return replace(content, excerpts=triaged_excerpts(use_case, content))
    labels = {name: spec.label or name.replace("_", " ") for name, spec in use_case.input.fields.items()}
    return replace(content, excerpts=item_excerpts(content, labels))


def finds_nothing(use_case: UseCase, content: ItemContent) -> bool:
    """Whether the use case draws on sources and none of them says anything about this item."""
    return bool(use_case.knowledge.sources) and not content.excerpts


def notes(use_case: UseCase) -> list[str]:
    """What the system message adds for all items of the use case."""
    told = [PASSAGES_NOTE] if use_case.knowledge.sources else []
    if use_case.output.evidence:
        return [*told, EVIDENCE_NOTE]
    return [*told, CITE_NOTE] if _is_cited(use_case) else told


def user_message(use_case: UseCase, content: ItemContent) -> str:
    """The passages, if any, and the item last. An item that is cited itself is shown as its numbered passages."""
    if shows_own_passages(use_case):
        return item_block("{{ passages }}", {"passages": excerpt_block(content.excerpts)})
    item = item_block(use_case.instructions.item, content.fields)
    if not use_case.knowledge.sources:
        return item
    return f"{passages_block(excerpt_block(content.excerpts))}\n\n{item}"


def checked_text(use_case: UseCase, text: str, content: ItemContent) -> Checked:
    """A text draft with each of its statements checked. `content` is the item as people see it."""
    grounds = Grounds(content.excerpts, snapshot=content.snapshot)
    if use_case.grounded_in == "none" or not text:
        return Checked(text, grounds)
    found = _claims(use_case, text, content, use_case.grounding.unsupported)
    if found.removed:
        grounds = replace(grounds, removed=_taken_out(use_case, text, content))
    told = _unsupported(sum(claim.support == "unsupported" for claim in found.claims), found.removed)
    if not found.text:
        left = use_case.knowledge.nothing_found if use_case.knowledge.sources else ""
        return Checked(left, grounds, tuple(told))
    shown, claims = found.text, found.claims
    for one in _disagreeing(use_case, content, claims):
        shown, claims = _said(one, shown, claims)
        told.append(Notice("conflict", f"Passages [{one.first.excerpt}] and [{one.second.excerpt}] disagree."))
    return Checked(shown, replace(grounds, claims=claims), tuple(told))


def recheck(use_case: UseCase, text: str, content: ItemContent, grounds: Grounds) -> tuple[Claim, ...]:
    """The statements of a text that a person edited, as it stands, against what its draft was written from."""
    found = _claims(use_case, text, replace(content, excerpts=grounds.excerpts), "mark")
    return found.claims if found.text == text else tuple(_as_typed(found.claims, found.text, text))


def _as_typed(claims: Sequence[Claim], checked: str, typed: str) -> Iterator[Claim]:
    """`claims` at their places in `typed`: the check may have taken out or changed markers."""
    starts, moves = [0], [0]
    at = there = 0
    for run in edit_script(checked, typed):
        at += len(run.text) * (run.operation != "insert")
        there += len(run.text) * (run.operation != "delete")
        starts.append(at)
        moves.append(there - at)
    for claim in claims:
        # The end follows its last character: what was put in behind it is of the next statement.
        start, last = (offset + moves[bisect_right(starts, offset) - 1] for offset in (claim.start, claim.end - 1))
        yield replace(claim, start=start, end=min(last + 1, len(typed)))


def unmasked(content: ItemContent, masked: ItemContent, parts: Sequence[ItemContent]) -> list[ItemContent]:
    """What an engine saw of a masked item, as it stands in `content`: the same fields, or the same stretches of one.

    Taken from `content` rather than restored: several spellings share a placeholder, and some values stay withheld, so
    a restored text has other offsets.
    """
    places: dict[str, int] = {}
    return [replace(part, fields=dict(_unmasked_fields(content, masked, part, places))) for part in parts]


def _unmasked_fields(
    content: ItemContent, masked: ItemContent, part: ItemContent, places: dict[str, int]
) -> Iterator[tuple[str, FieldValue]]:
    """`places` keeps, by field, where the part before this one began."""
    for name, shown in part.fields.items():
        if shown == masked.fields.get(name):
            yield name, content.fields.get(name)
            continue
        text, whole = plain(shown), plain(masked.fields.get(name))
        start = max(0, whole.find(text, places.get(name, 0)))
        places[name] = start
        original = plain(content.fields.get(name))
        first, last = (_moved(whole, original, offset) for offset in (start, start + len(text)))
        yield name, original[first:last]


def _moved(before: str, after: str, offset: int) -> int:
    """Where in `after` what stands at `offset` of `before` stands; the start of what was put in its place."""
    moves = _moves(before, after)
    start, there, is_same = moves[bisect_right(moves, (offset, len(after), True)) - 1]
    return there + (offset - start if is_same else 0)


@lru_cache(maxsize=2)
def _moves(before: str, after: str) -> list[tuple[int, int, bool]]:
    """Stretches of `before` in their order: offset, offset in `after`, and whether both say the same there."""
    moves = [(0, 0, True)]
    at = there = 0
    for run in edit_script(before, after):
        moves.append((at, there, run.operation == "keep"))
        at += len(run.text) * (run.operation != "insert")
        there += len(run.text) * (run.operation != "delete")
    return [*moves, (at, there, True)]


def checked_json(
    use_case: UseCase, content: ItemContent, parts: Sequence[ItemContent], answers: Sequence[str]
) -> Checked:
    """The JSON that the answers on `parts` make together, each value with its evidence in `content` or an excerpt."""
    schema = use_case.output.json_schema
    assert schema is not None
    codes = {name: parse_codes(text) for name, text in use_case.code_texts.items()}
    windowed = _windowed_field(content, parts)
    read = []
    cursor = 0
    for part, answer in zip(parts, answers, strict=True):
        texts = {name: plain(value) for name, value in part.fields.items() if value is not None}
        found = extract(salvage(answer), schema, texts, codes=codes, excerpts=content.excerpts)
        window = _place_of(part, content, windowed, cursor)
        cursor = window.start
        read.append((window, found))
    merged = merge(read, schema, windowed) if windowed or len(read) > 1 else read[0][1]
    text = json.dumps(merged.value, ensure_ascii=False)
    return Checked(text, Grounds(content.excerpts, evidence=merged.evidence, snapshot=content.snapshot), merged.notices)


def _windowed_field(content: ItemContent, parts: Sequence[ItemContent]) -> str:
    """The field that was read by windows, or lost its beginning; empty where offsets stay as they are."""
    for name in parts[0].fields:
        whole = plain(content.fields.get(name))
        if not all(whole.startswith(plain(part.fields[name])) for part in parts):
            return name
    return ""


def _place_of(part: ItemContent, content: ItemContent, field: str, at_least: int) -> Window:
    if not field:
        return Window(0, 0)
    text, whole = plain(part.fields[field]), plain(content.fields.get(field))
    start = max(0, whole.find(text, at_least))
    return Window(start, start + len(text))


def nothing_found(use_case: UseCase, content: ItemContent) -> Checked:
    """The draft where the sources hold nothing on the item."""
    notice = Notice("nothing_found", "No passage of the sources is relevant enough, so the model was not asked.")
    return Checked(use_case.knowledge.nothing_found, Grounds(snapshot=content.snapshot), (notice,))


def shows_own_passages(use_case: UseCase) -> bool:
    """Whether the item is shown to the model as numbered passages instead of fields."""
    return use_case.has_triage or (_is_cited(use_case) and use_case.grounded_in == "item")


def _is_cited(use_case: UseCase) -> bool:
    return use_case.grounded_in != "none" and use_case.grounding.cite and use_case.output.type == "text"


def _claims(
    use_case: UseCase, text: str, content: ItemContent, unsupported: Literal["mark", "remove"]
) -> ClaimsChecked:
    return check_claims(
        text,
        content.excerpts,
        item_texts=[plain(value) for value in content.fields.values()],
        exempt=use_case.grounding.exempt,
        unsupported=unsupported,
    )


def _taken_out(use_case: UseCase, text: str, content: ItemContent) -> tuple[str, ...]:
    """The sentences of `text` that have no support, for people to see what is not in the draft any more."""
    marked = _claims(use_case, text, content, "mark")
    return tuple(marked.text[one.start : one.end].strip() for one in marked.claims if one.support == "unsupported")


def _disagreeing(use_case: UseCase, content: ItemContent, claims: Sequence[Claim]) -> list[Conflict]:
    """The conflicts between documents that this draft has to do with: it cites one of the two passages."""
    if use_case.grounded_in != "sources":
        return []
    cited = {citation.excerpt for claim in claims for citation in claim.citations}
    return [one for one in conflicts(content.excerpts) if {one.first.excerpt, one.second.excerpt} & cited]


def _said(one: Conflict, text: str, claims: tuple[Claim, ...]) -> tuple[str, tuple[Claim, ...]]:
    """`text` with a last paragraph that names both sides, whatever the model made of them."""
    start = len(text) + 2
    longer = f"{text}\n\n{conflict_sentence(one)}"
    return longer, (*claims, Claim(start, len(longer), "supported", (one.first, one.second)))


def _unsupported(marked: int, removed: int) -> list[Notice]:
    told = []
    if marked:
        told.append(Notice("unsupported", f"{marked} statements have no support in what was read; they are marked."))
    if removed:
        told.append(Notice("removed", f"{removed} statements without support were taken out."))
    return told
