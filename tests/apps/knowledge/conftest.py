"""Sources with documents written for these tests, embedded without a model."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.embedding import WordEmbedder

PAGES = {
    "returns.md": "# Returns\n\nUnworn shoes go back within 30 days.\n\n## Refunds\n\nMoney comes in 5 days.\n",
    "shipping/rates.md": "# Shipping rates\n\nA parcel to Norway costs 12 euros.\n",
    "warranty.txt": "A zipper that breaks within two years is repaired free of charge.\n",
}


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch) -> Iterator[WordEmbedder]:
    """What embeds in place of the model of the settings; `passages` are the texts it was given."""
    from graftwork.apps.knowledge import embedding, store_index

    words = WordEmbedder()
    monkeypatch.setattr(embedding, "open_embedder", lambda chosen: words)
    monkeypatch.setattr(embedding, "name_of", lambda chosen: "words@1")
    embedding._embedding.cache_clear()
    store_index._store_index.cache_clear()
    yield words
    embedding._embedding.cache_clear()
    store_index._store_index.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    for name, text in PAGES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def refresh(embedder: WordEmbedder, db: Any) -> Callable[..., Any]:
    from graftwork.apps.actors import operator
    from graftwork.apps.knowledge.actions import refreshing
    from graftwork.apps.knowledge.embedding import embedding_of_settings
    from graftwork.apps.knowledge.reading import reader_of_settings

    def run(name: str, **options: Any) -> Any:
        return refreshing.refresh(
            operator(), name, reader=reader_of_settings(), embedding=embedding_of_settings(), **options
        )

    return run


@pytest.fixture
def add(refresh: Callable[..., Any], now: Any) -> Callable[..., Any]:
    """A source of `location`, read; `groups` may read it."""
    from graftwork.apps.actors import operator
    from graftwork.apps.knowledge.actions.sources import add_source

    def make(name: str, location: Path | None, *groups: str) -> Any:
        source, _ = add_source(operator(), name, location, now, groups=groups)
        refresh(name)
        return source

    return make


@pytest.fixture
def put(embedder: WordEmbedder, db: Any, now: Any) -> Callable[..., Any]:
    """Stores a document in a feed, by default as the operator."""
    from graftwork.apps.actors import operator
    from graftwork.apps.knowledge.actions.documents import put_document
    from graftwork.apps.knowledge.embedding import embedding_of_settings
    from graftwork.apps.knowledge.reading import reader_of_settings

    def store(source: str, path: str, text: str | bytes, actor: Any = None) -> Any:
        content = text.encode() if isinstance(text, str) else text
        tools = {"reader": reader_of_settings(), "embedding": embedding_of_settings()}
        return put_document(actor or operator(), source, path, content, now, **tools)

    return store
