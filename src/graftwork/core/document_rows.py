"""Rows in which the documents are read: joins `intake`, which finds them, with `documents`, which reads them safely."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from graftwork.core.document import Document
from graftwork.core.documents.errors import DocumentError
from graftwork.core.documents.sandbox import DocumentReader
from graftwork.core.intake.document_file import DocumentFile
from graftwork.core.intake.row import Row


class DocumentRows:
    """Reads the documents among rows, one by one, in a process of its own that starts with the first of them."""

    def __init__(self) -> None:
        self._reader: DocumentReader | None = None

    def read(self, rows: Iterator[Row]) -> Iterator[Row]:
        """`rows` with the text of each document and where its pages begin. One that cannot be read gets a `problem`."""
        for row in rows:
            file = row.data.get("text") if row.data else None
            yield self._with_text(row, file) if isinstance(file, DocumentFile) else row

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _with_text(self, row: Row, file: DocumentFile) -> Row:
        assert row.data is not None
        try:
            document = self._read(file.path)
        except DocumentError as error:
            return replace(row, data=None, problem=f"{error.code}: {error.message}")
        pages = [page.start for page in document.pages]
        return replace(row, data={**row.data, "text": document.text, "text:pages": pages, "title": document.title})

    def _read(self, path: Path) -> Document:
        if self._reader is None:
            self._reader = DocumentReader()
        return self._reader.read(path)
