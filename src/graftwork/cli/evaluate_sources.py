"""Where an evaluation looks things up: in the workspace's sources, or in folders that are read for it alone."""

from collections.abc import Collection, Mapping
from functools import partial
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graftwork.apps.knowledge.embedding import embedding_of_settings, may_be_asked
from graftwork.apps.knowledge.queries import source_uses
from graftwork.apps.work.drafter import Ground
from graftwork.core.document import Document
from graftwork.core.documents.detecting import SUFFIXES
from graftwork.core.retrieving import Retrieved, excerpts_for
from graftwork.core.scoring.errors import EvaluationSourcesMissing, QuestionsMayNotLeave
from graftwork.core.types import ItemContent
from graftwork.core.usecase import UseCase

if TYPE_CHECKING:
    from graftwork.core.knowledge.index import Hit, KnowledgeIndex


def lookup_in(use_case: UseCase, file: Path, folder: Path | None) -> Ground | None:
    """What looks up passages for `use_case`, or `None` for what `run` does: the workspace's sources, or none at all.

    Folders are `folder`, else those packaged beside the use case's `file`; the latter only where a source is not in the
    workspace. Raises `EvaluationSourcesMissing` or `QuestionsMayNotLeave`.
    """
    names = use_case.knowledge.sources
    if not names or (folder is None and all(use.state != "missing" for use in source_uses(use_case))):
        return None
    beside = folder or file.with_name(f"{use_case.name}.sources")
    for name in names:
        if not (beside / name).is_dir():
            raise EvaluationSourcesMissing(use_case.name, name, str(beside))
    if not may_be_asked(use_case, embedding_of_settings()):
        raise QuestionsMayNotLeave(use_case.name)
    from graftwork.apps.work.lookup import Lookup

    return Lookup(use_case, FolderRetriever({name: beside / name for name in names})).ground


class FolderRetriever:
    """Looks things up in folders, one for each source, which are read into memory now. Nothing is stored."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        # Takes 50 MB with numpy and tantivy, and many evaluations have no sources.
        from graftwork.apps.knowledge.reading import read_file, reader_of_settings
        from graftwork.core.folder_index import index_folder

        click.echo(f"Reading {', '.join(folders)} ...", err=True)
        embedding = embedding_of_settings()
        with reader_of_settings() as reader:

            def read(path: Path) -> Document:
                return read_file(reader, path, _digest(path))

            self._indexes: dict[str, KnowledgeIndex] = {
                name: index_folder(folder, name, embedding.embedder(), read) for name, folder in folders.items()
            }
        self._snapshot = _snapshot(folders, embedding.name)

    def retrieve(self, use_case: UseCase, content: ItemContent) -> Retrieved:
        """As `core.retrieving.Retriever`."""
        search = partial(self._search, use_case.knowledge.rerank)
        return Retrieved(excerpts_for(use_case, content, search), self._snapshot)

    def _search(self, rerank: int, question: str, sources: Collection[str], limit: int) -> "list[Hit]":
        found = [self._indexes[name].search(question, limit=limit, rerank=rerank) for name in sources]
        if len(found) == 1:
            return found[0]
        # Scores order the hits of one index; relevance compares those of several.
        return sorted((hit for hits in found for hit in hits), key=lambda hit: -hit.relevance)[:limit]


def _snapshot(folders: Mapping[str, Path], embedder: str) -> str:
    from graftwork.core.knowledge.snapshot import snapshot_digest

    return snapshot_digest(
        (
            (name, path.relative_to(folder).as_posix(), _digest(path))
            for name, folder in folders.items()
            for path in folder.rglob("*")
            if path.is_file() and path.suffix.lower() in SUFFIXES
        ),
        embedder,
    )


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return file_digest(stream, "sha256").hexdigest()
    except OSError:  # reading the document says why
        return ""
