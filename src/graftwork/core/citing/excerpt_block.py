"""How passages are shown to the model, and how it is asked to cite them."""

from collections.abc import Sequence

from graftwork.core.types import Excerpt

# Short: a model of half a billion parameters follows two plain sentences better than ten careful ones.
CITE_NOTE = (
    "Answer only from the numbered passages. End each sentence with the number of its passage in square brackets, "
    "such as [1]. If the passages do not hold the answer, say that they do not, and add nothing."
)


def excerpt_block(excerpts: Sequence[Excerpt]) -> str:
    """All passages, each under its number, title, headings and page. Neither fenced nor defused."""
    return "\n\n".join(f"{_head(excerpt)}\n{excerpt.text.strip()}" for excerpt in excerpts)


def _head(excerpt: Excerpt) -> str:
    path = " > ".join(part for part in (excerpt.title or excerpt.document, *excerpt.headings) if part)
    place = f"{path}, page {excerpt.page}" if excerpt.page is not None else path
    return f"[{excerpt.number}] {' '.join(place.split())}"
