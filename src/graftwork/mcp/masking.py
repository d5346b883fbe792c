"""What an assistant may be shown, where its model runs on somebody else's machine.

Values become placeholders that stand for nothing beyond the one answer: no book is kept, so nothing can be put back.
Where masking cannot run it raises, and nothing is shown. Only `[mcp] zone = "local"` shows texts as they are.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from graftwork.apps.knowledge.searching import FoundPassage
from graftwork.apps.vault.placeholders import open_book
from graftwork.apps.work.detectors import detector_of, workspace_readers
from graftwork.apps.work.guarding import Deadline
from graftwork.apps.work.models import Item
from graftwork.apps.work.queries import item_content
from graftwork.apps.work.thread_rules import kept_rules
from graftwork.apps.work.usecases import get_usecase
from graftwork.config.workspace import Workspace
from graftwork.core.privacy.book import Book, scope_of
from graftwork.core.privacy.content import WholeText, mask_content, masking
from graftwork.core.privacy.policy import Classifier, Ruling, ruling, stricter
from graftwork.core.types import FieldValue, ItemContent, Turn
from graftwork.core.usecase import UseCase

if TYPE_CHECKING:  # it brings word lists and a model with it
    from graftwork.core.privacy.detector import Detector, Found

# No field of a use case is called so: their names begin with a letter.
_SHOWN = ":shown"
_JOINTS = re.compile(r"[_\-./\\\s]+")

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ShownPassage:
    document: str
    title: str
    headings: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class ShownText:
    """`text` is `None` where the policy keeps it in the house; `reason` says so. `masked` is `None` in the clear."""

    text: str | None
    masked: Counts | None = None
    reason: str = ""


def is_managed() -> bool:
    return _workspace().settings.mcp.zone == "managed"


def shown_passages(found: Sequence[FoundPassage]) -> tuple[list[ShownPassage], Counts | None]:
    """The words of each passage as an assistant may see them, and how many values of each kind are masked in all."""
    if not is_managed():
        return [ShownPassage(one.document, one.title, one.headings, one.text) for one in found], None
    if not found:
        return [], {}
    contents = [_of_texts(_texts(one)) for one in found]
    wholes = [WholeText(content) for content in contents]
    detector = _own_detector()
    detector.warm()  # not in the time of a search: it is done once a process
    search = _deadline("documents", _workspace().settings.gateway.detect_seconds)
    results = search.run(lambda: _found_together(detector, [whole.text for whole in wholes]))
    book, counts, shown = Book(), dict[str, int](), []
    for passage, content, whole, result in zip(found, contents, wholes, results, strict=True):
        masked, counted = mask_content(content, whole, result.findings, masking(book))
        shown.append(_rebuilt(passage, [turn.text for turn in _turns(masked.fields[_SHOWN])]))
        for kind, number in counted.items():
            counts[kind] = counts.get(kind, 0) + number
    return shown, counts


def shown_text(item: Item, text: str, scope: str, now: datetime) -> ShownText:
    """What a person approved for `item`, as the `[privacy]` of its use case lets it out. `scope` is its thread's."""
    if not is_managed():
        return ShownText(text)
    use_case = get_usecase(item.use_case)
    if use_case.privacy.managed == "never":
        return ShownText(None, None, 'privacy.managed is "never"')
    leaves = list(_leaves(use_case, text))
    content = item_content(item)
    content = replace(content, fields={**content.fields, **_of_texts(leaves).fields})
    whole = WholeText(content, use_case.masks)
    found = _found(use_case, whole, scope, now)
    held = _held(use_case, whole, found, scope)
    if held.treatment == "local":
        return ShownText(None, None, held.reason)
    if held.treatment == "allowed":
        return ShownText(text)
    masked, _ = mask_content(content, whole, whole.ruled(found.findings), masking(Book()))
    turns = _turns(masked.fields[_SHOWN])
    return ShownText(_put_back(use_case, text, [turn.text for turn in turns]), _counts(leaves, whole, found))


def _workspace() -> Workspace:
    workspace: Workspace = settings.GRAFTWORK_WORKSPACE
    return workspace


def _own_detector() -> "Detector":
    """What searches documents, which belong to no use case: by the rules that the gateway has for all applications."""
    # Word lists and recognizers, which a process that shows nothing masked does without.
    from graftwork.core.privacy.adapters.choice import DetectorChoice  # noqa: PLC0415
    from graftwork.core.privacy.adapters.opening import readers_for  # noqa: PLC0415
    from graftwork.core.privacy.assembly import detector_for  # noqa: PLC0415
    from graftwork.core.privacy.searching import profile_of  # noqa: PLC0415

    folder, chosen = _workspace().folder, _workspace().settings.gateway
    services = [DetectorChoice(type="http", url=chosen.detector_url)] if chosen.detector_url else []
    return detector_for(
        profile_of(chosen.profile, folder),
        [code.strip() for code in chosen.languages.split(",") if code.strip()],
        chosen.ner,
        [folder / chosen.dictionary] if chosen.dictionary else [],
        (*workspace_readers(), *readers_for(services)),
    )


def _found_together(detector: "Detector", texts: Sequence[str]) -> list["Found"]:
    """Each text by itself, as they may differ in language; but what is found in one is looked for in all."""
    first = detector.find_many(texts)
    known = {
        (text[one.start : one.end], one.kind): None
        for text, found in zip(texts, first, strict=True)
        for one in found.findings
    }
    return detector.find_many(texts, list(known)) if known else first


def _found(use_case: UseCase, whole: WholeText, scope: str, now: datetime) -> "Found":
    rules = use_case.privacy
    book = open_book(scope_of("work", scope), now, timedelta(days=rules.vault_days))
    known = [*book.known_values(), *whole.stated]
    detector = detector_of(use_case)
    detector.warm()
    search = _deadline(use_case.name, rules.timeout_seconds)
    return search.run(lambda: detector.find(whole.text, known))


@lru_cache(maxsize=64)
def _deadline(what: str, seconds: float) -> Deadline:
    """One for each kind of search: while one of it hangs, no other is begun, so that threads do not pile up."""
    del what  # part of the key only
    return Deadline(seconds)


def _held(use_case: UseCase, whole: WholeText, found: "Found", scope: str) -> Ruling:
    rules = use_case.privacy
    words = {name: use_case.privacy_texts[file] for name, file in rules.words.items()}
    classes = Classifier(words).classes(whole.text, found.findings)
    return stricter(ruling(rules, classes), kept_rules([scope]).get(scope))


def _counts(leaves: Sequence[str], whole: WholeText, found: "Found") -> Counts:
    """Of the shown text alone, which stands last: its pieces are pairs of a speaker, who is nobody, and a text."""
    counts: dict[str, int] = {}
    for piece in whole.split(whole.ruled(found.findings))[-2 * len(leaves) :] if leaves else ():
        for one in piece:
            counts[one.kind] = counts.get(one.kind, 0) + 1
    return counts


def _of_texts(texts: Sequence[str]) -> ItemContent:
    return ItemContent({_SHOWN: tuple(Turn("", text) for text in texts)})


def _turns(value: FieldValue) -> tuple[Turn, ...]:
    assert isinstance(value, tuple)
    return value


def _texts(passage: FoundPassage) -> list[str]:
    # Names in a file's name are only found where they stand apart: `claim_robin-ashdown.pdf`.
    return [_JOINTS.sub(" ", passage.document), passage.title, passage.text, *passage.headings]


def _rebuilt(passage: FoundPassage, texts: Sequence[str]) -> ShownPassage:
    document, title, text, *headings = texts
    as_it_was = document == _JOINTS.sub(" ", passage.document)
    return ShownPassage(passage.document if as_it_was else document, title, tuple(headings), text)


def _leaves(use_case: UseCase, text: str) -> Iterator[str]:
    """The texts in what a person approved: of JSON its values, each as it reads, for an escape hides a name."""
    if use_case.output.json_schema is None:
        yield text
    else:
        yield from _values(json.loads(text))


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _values(one)
    elif isinstance(value, list):
        for one in value:
            yield from _values(one)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _put_back(use_case: UseCase, text: str, leaves: Sequence[str]) -> str:
    if use_case.output.json_schema is None:
        return leaves[0]
    return json.dumps(_replaced(json.loads(text), iter(leaves)), ensure_ascii=False)


def _replaced(value: Any, leaves: Iterator[str]) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(one, leaves) for name, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, leaves) for one in value]
    if value is None or isinstance(value, bool):
        return value
    leaf = next(leaves)
    return value if leaf == str(value) else leaf
