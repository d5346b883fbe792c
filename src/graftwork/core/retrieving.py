"""From an item to the passages that its draft may draw on: joins a use case's rules with a search."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from graftwork.core.prompt import fill, plain
from graftwork.core.types import Excerpt, FieldValue, ItemContent
from graftwork.core.usecase import UseCase

if TYPE_CHECKING:
    from graftwork.core.knowledge.index import Hit

# The vector of a long text is the mean of all that it says, so a long item is asked about piece by piece.
QUESTION_CHARACTERS = 600
MOST_QUESTIONS = 6

Search = Callable[[str, Collection[str], int], "Sequence[Hit]"]


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found for one item, best first; `snapshot` is the digest of the knowledge that was searched."""

    excerpts: tuple[Excerpt, ...]
    snapshot: str


class Retriever(Protocol):
    """Looks up what a draft may draw on, in the sources that its reviewers may read."""

    def retrieve(self, use_case: UseCase, content: ItemContent) -> Retrieved:
        """Nothing where no passage is relevant. Raises a `KnowledgeError` where it cannot be looked up."""


def excerpts_for(use_case: UseCase, content: ItemContent, search: Search) -> tuple[Excerpt, ...]:
    """The passages for `content`, numbered from 1 in order of rank, within the limits of `use_case.knowledge`.

    `search` gets a question, the sources and how many passages are wanted. Raises what it raises.
    """
    rules = use_case.knowledge
    if not rules.sources:
        return ()
    found = _merged([search(question, rules.sources, 2 * rules.passages) for question in questions(use_case, content)])
    relevant = [hit for hit in found if hit.relevance >= rules.min_relevance]
    kept = list(_within(_without_repeats(relevant), rules.passages, rules.passage_characters))
    return tuple(_excerpt(number, hit, text) for number, (hit, text) in enumerate(kept, start=1))


def questions(use_case: UseCase, content: ItemContent) -> list[str]:
    """What is looked for: one question, or pieces of a long item, of which the first is how it ends.

    People come to the point in their last message, while what it is about often stands in the first.
    """
    template = use_case.knowledge.query
    values = {name: plain(content.fields.get(name)) for name in use_case.input.fields}
    text = (fill(template, values) if template else "\n\n".join(value for value in values.values() if value)).strip()
    if len(text) <= QUESTION_CHARACTERS:
        return [text] if text else []
    pieces = list(_pieces(text))
    chosen = pieces if len(pieces) < MOST_QUESTIONS else _spread(pieces, MOST_QUESTIONS - 1)
    last = _last_turns(content.fields.values()) if not template else ""
    return list(dict.fromkeys(one for one in (last, *reversed(chosen)) if one))


def _last_turns(fields: Collection[FieldValue]) -> str:
    """The end of the conversation, as far as one question reaches: whole messages, at least the last."""
    turns = [turn.text.strip() for value in fields if isinstance(value, tuple) for turn in value]
    text = turns[-1][-QUESTION_CHARACTERS:] if turns else ""
    for turn in reversed(turns[:-1]):
        if len(turn) + len(text) + 1 > QUESTION_CHARACTERS:
            break
        text = f"{turn}\n{text}"
    return text


def _pieces(text: str) -> Iterator[str]:
    """`text` in stretches of at most a question's length, cut between paragraphs, lines or words."""
    while len(text) > QUESTION_CHARACTERS:
        ends = (text.rfind(mark, QUESTION_CHARACTERS // 2, QUESTION_CHARACTERS) for mark in ("\n\n", "\n", ". ", " "))
        end = next((end + 1 for end in ends if end > 0), QUESTION_CHARACTERS)
        yield text[:end].strip()
        text = text[end:].lstrip()
    yield text


def _spread(pieces: Sequence[str], count: int) -> list[str]:
    """`count` of `pieces`, first and last among them, at even distances."""
    return [pieces[round(place * (len(pieces) - 1) / (count - 1))] for place in range(count)]


def _merged(answers: "Sequence[Sequence[Hit]]") -> "list[Hit]":
    """The hits of several questions, each passage once, by how relevant it is to the question that it fits best.

    Those of one question stay as they are: scores order the hits of one question, relevance compares questions.
    """
    if len(answers) == 1:
        return list(answers[0])
    best: dict[str, Hit] = {}
    for hit in (hit for hits in answers for hit in hits):
        if hit.chunk.id not in best or hit.relevance > best[hit.chunk.id].relevance:
            best[hit.chunk.id] = hit
    return sorted(best.values(), key=lambda hit: -hit.relevance)


def _without_repeats(hits: "Sequence[Hit]") -> "Iterator[Hit]":
    """Without passages that say word for word what a better one says.

    Nothing more is dropped: two passages that differ in one number are what a reviewer must see side by side.
    """
    seen: list[str] = []
    for hit in hits:
        words = f" {' '.join(hit.chunk.text.casefold().split())} "
        if not any(words in other for other in seen):
            seen.append(words)
            yield hit


def _within(hits: "Iterator[Hit]", most: int, characters: int) -> "Iterator[tuple[Hit, str]]":
    """The first `most` hits that fit into `characters`, with their text; the best one is cut where it alone does not.

    A passage that does not fit makes room for a shorter one behind it.
    """
    left, count = characters, 0
    for hit in hits:
        text = hit.chunk.text[:characters] if count == 0 else hit.chunk.text
        if count < most and len(text) <= left:
            left, count = left - len(text), count + 1
            yield hit, text


def _excerpt(number: int, hit: "Hit", text: str) -> Excerpt:
    chunk = hit.chunk
    return Excerpt(
        number=number,
        source=chunk.source,
        document=chunk.document,
        title=chunk.title,
        text=text,
        start=chunk.start,
        end=chunk.start + len(text),
        page=chunk.page,
        headings=chunk.headings,
        chunk=chunk.id,
        document_sha256=chunk.document_sha256,
        relevance=hit.relevance,
    )
