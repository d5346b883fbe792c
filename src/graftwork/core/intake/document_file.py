"""A document (PDF, DOCX, HTML, Markdown) as one row. Only named here: `document_rows` has it read in a sandbox."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from graftwork.core.intake.row import Resume, Row, clean, short_id


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """Stands in a row for the text of the document at `path`."""

    path: Path


def read(file: BinaryIO, path: str, after: Resume, limit_bytes: int) -> Iterator[Row]:
    """The one row of a document. How large a document may be is for its reader to say, so `limit_bytes` is left."""
    del limit_bytes
    end = Resume(file.seek(0, 2), 1)
    if after.offset_bytes < end.offset_bytes:
        name = short_id(clean(Path(path).name))
        yield Row(1, {"id": name, "text": DocumentFile(Path(path))}, None, "the document", end)
