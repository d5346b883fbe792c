"""The docs as the tests read them: their pages, links and blocks of code."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # for `docs.generate`, where pytest was not started with `python -m`

_BLOCK = re.compile(r"^( *)```(\w+)(?: (\w+))?\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One block of code: its language, a word that says how a test treats it, and its text."""

    page: Path
    language: str
    treatment: str
    text: str

    @property
    def lines(self) -> list[str]:
        return [line for line in self.text.splitlines() if line.strip() and not line.startswith("#")]


def written_pages() -> list[Path]:
    """The pages that people write; those of docs/reference are generated."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "src/graftwork/usecases/README.md"]
    return sorted(page for page in pages if "reference" not in page.parts)


def all_pages() -> list[Path]:
    return [*written_pages(), *sorted((ROOT / "docs" / "reference").glob("*.md"))]


def blocks(page: Path) -> Iterator[Block]:
    for indent, language, treatment, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        yield Block(page, language, treatment, re.sub(f"^{indent}", "", text, flags=re.MULTILINE))


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture
def root() -> Path:
    return ROOT
