"""Which clauses of an item the model is shown: joins `triage`, which orders them, with the passages of the item."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from graftwork.core.citing.sentences import sentences
from graftwork.core.prompt import plain
from graftwork.core.triage.precedents import load_precedents
from graftwork.core.types import Excerpt, ItemContent
from graftwork.core.usecase import UseCase

if TYPE_CHECKING:
    from graftwork.core.triage.model import Triage

# Field, start, end, the rule to compare with, the score.
Place = tuple[str, int, int, str, float | None]
# A title or a name is shown in any case: it says what the clauses belong to.
SHORT_CHARACTERS = 300


def triaged_excerpts(use_case: UseCase, content: ItemContent) -> tuple[Excerpt, ...]:
    """The clauses that are most like what was objected to before, in the order of the item, numbered from 1.

    At most `use_case.triage.passages`; the heading of each names the rule to compare it with. Short fields come whole
    and first. Raises `PrecedentsUnreadable` and `TooFewPrecedents`.
    """
    short: list[Place] = []
    clauses: list[tuple[str, int, int]] = []
    for name, value in content.fields.items():
        text = plain(value)
        if len(text) <= SHORT_CHARACTERS:
            short += [(name, 0, len(text), "", None)] if text.strip() else []
        else:
            clauses += [(name, span.start, span.end) for span in sentences(text)]
    texts = {name: plain(value) for name, value in content.fields.items()}
    judged = _triage(use_case.precedents_text).score([texts[name][start:end] for name, start, end in clauses])
    worst = sorted(range(len(clauses)), key=lambda place: -judged[place].score)[: use_case.triage.passages]
    chosen: list[Place] = [(*clauses[place], judged[place].rule, judged[place].score) for place in sorted(worst)]
    return tuple(_numbered(use_case, content, texts, [*short, *chosen]))


def _numbered(
    use_case: UseCase,
    content: ItemContent,
    texts: dict[str, str],
    places: list[Place],
) -> Iterator[Excerpt]:
    for number, (name, start, end, rule, score) in enumerate(places, 1):
        pages = content.pages.get(name, ())
        yield Excerpt(
            number=number,
            source="",
            document=name,
            title=use_case.input.fields[name].label or name,
            text=texts[name][start:end],
            start=start,
            end=end,
            page=max(1, sum(begin <= start for begin in pages)) if pages else None,
            headings=(f"compare with {rule}",) if rule else (),
            relevance=score,
        )


@lru_cache(maxsize=4)
def _triage(precedents: str) -> "Triage":
    # Takes 100 MB with its library, which only who triages should pay.
    from graftwork.core.triage.model import Triage  # noqa: PLC0415 - as above

    # Vectors of meaning add .01 of recall to words (docs/benchmarks.md), and would need a model on every worker.
    return Triage.fit(load_precedents(precedents), None)
