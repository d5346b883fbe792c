"""Reading files into documents as the settings allow, each in the child process of a reader."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from graftwork.config.workspace import KnowledgeSettings
from graftwork.core.document import Document, DocumentNotice
from graftwork.core.documents.errors import DocumentError
from graftwork.core.documents.options import ReadingOptions
from graftwork.core.documents.sandbox import DocumentReader

MAX_NOTICES = 100


def reader_of_settings() -> DocumentReader:
    """One for each process: it keeps its child for the next document."""
    return _reader(settings.GRAFTWORK_WORKSPACE.settings.knowledge)


@lru_cache(maxsize=1)
def _reader(chosen: KnowledgeSettings) -> DocumentReader:
    return DocumentReader(
        ReadingOptions(ocr_language=chosen.ocr_language),
        time_limit_seconds=chosen.document_seconds,
        input_limit_bytes=int(chosen.document_megabytes * 1_000_000),
    )


def read_file(reader: DocumentReader, file: Path, sha256: str) -> Document:
    """The document in `file`; a mailbox is one whose messages are attached to it. Raises `DocumentError`.

    A message that cannot be read ends only itself, with a notice, and so do those over the limits of a mailbox; where
    none can be read, the mailbox cannot.
    """
    found = list(reader.read_all(file))
    messages = [one for one in found if isinstance(one, Document)]
    errors = [one for one in found if isinstance(one, DocumentError)]
    if len(found) == 1 and messages:
        return messages[0]
    if not messages:
        raise errors[0]
    # The last says how many were not read at all.
    told = errors if len(errors) <= MAX_NOTICES else [*errors[: MAX_NOTICES - 1], errors[-1]]
    notices = tuple(DocumentNotice("attachment", f"{error.message}.") for error in told)
    return Document(file.name, "mail", file.name, "", (), sha256, notices=notices, attachments=tuple(messages))
