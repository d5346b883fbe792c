"""How documents are read, and how much of one is taken."""

import shutil
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """`ocr_language` is what Tesseract calls it: `eng`, or `deu+eng` for both.

    Pages that text recognition does not reach within `ocr_seconds` are left out, with a notice. `most_characters`
    and `most_blocks` count those of a document with its attachments.
    """

    ocr: bool = True
    ocr_language: str = "eng"
    ocr_seconds: float = 40.0
    most_characters: int = 20_000_000
    most_blocks: int = 1_000_000
    most_pages: int = 10_000
    most_attachments: int = 100
    deepest_attachment: int = 10


def tesseract_path() -> str | None:
    """Where the program for text recognition is; `None` where it is not installed."""
    return shutil.which("tesseract")
