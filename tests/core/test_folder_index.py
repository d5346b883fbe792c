"""A folder becomes an index: its files and what they hold, and nothing else."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from graftwork.core.folder_index import index_folder
from graftwork.core.knowledge.embedding import Vectors


class Flat:
    """All texts mean the same, so that words alone decide."""

    name = "flat@1"
    dimensions = 2

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return np.tile(np.array([1, 0], np.float32), (len(texts), 1))

    def embed_query(self, text: str) -> Vectors:
        return np.array([1, 0], np.float32)


def test_files_are_found_under_their_path_with_their_headings(tmp_path: Path) -> None:
    (tmp_path / "leave").mkdir()
    (tmp_path / "leave" / "rules.md").write_text("# Leave\n\n## Carry over\n\nTen days may be carried over.\n")
    (tmp_path / "parts.csv").write_text("part,price\nKX-200,14\nKX-210,18\n")
    (tmp_path / "tool.exe").write_bytes(b"MZ carried over")
    (tmp_path / ".hidden.md").write_text("carried over in secret")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 carried over")
    index = index_folder(tmp_path, "handbook", Flat())
    hits = index.search("what may be carried over", sources=["handbook"])
    assert hits[0].chunk.document == "leave/rules.md"
    assert hits[0].chunk.headings[-1] == "Carry over"
    assert len(hits[0].chunk.document_sha256) == 64
    assert {hit.chunk.document for hit in hits} == {"leave/rules.md", "parts.csv"}
    assert "KX-210" in index.search("KX-210")[0].chunk.text


def test_an_empty_folder_answers_nothing(tmp_path: Path) -> None:
    assert index_folder(tmp_path, "handbook", Flat()).search("anything") == []
