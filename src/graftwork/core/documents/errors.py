"""What can go wrong with one document. Each error ends that document only.

    DocumentError
    ├── DocumentUnreadable      the file is not there, or may not be read
    ├── DocumentEmpty           nothing in it
    ├── DocumentFormatUnknown   not a format that is read
    ├── DocumentBroken          not what its format says
    ├── DocumentEncrypted       protected by a password
    ├── DocumentTooLarge        more bytes, parts or text than the limits allow
    ├── DocumentTimedOut        took longer than the limit
    ├── DocumentTooMuchMemory   needed more memory than the limit
    └── DocumentCrashed         the child process that read it ended

`name` is a file's name. `reason` is one of our own sentences, never a library's: those may quote the document.
"""

from dataclasses import dataclass

from graftwork.core.errors import GraftworkError


class DocumentError(GraftworkError):
    code = "document"
    status = 422
    exit_code = 2


@dataclass(eq=False)
class DocumentUnreadable(DocumentError):
    name: str
    reason: str
    code = "document.unreadable"
    summary = "{name}: cannot be read ({reason})"
    next_step = "Check that it is a regular file, and that this user may read it."


@dataclass(eq=False)
class DocumentEmpty(DocumentError):
    name: str
    code = "document.empty"
    summary = "{name}: there is no text in it"
    next_step = "Check that the program that wrote it finished, or leave it out."


@dataclass(eq=False)
class DocumentFormatUnknown(DocumentError):
    name: str
    reason: str
    code = "document.format"
    summary = "{name}: not a document that can be read ({reason})"
    next_step = "Save it as PDF, DOCX, XLSX, HTML, Markdown, CSV, text or mail, or leave it out."


@dataclass(eq=False)
class DocumentBroken(DocumentError):
    name: str
    reason: str
    code = "document.broken"
    summary = "{name}: {reason}"
    next_step = "Save it anew from the program that wrote it, or leave it out."


@dataclass(eq=False)
class DocumentEncrypted(DocumentError):
    name: str
    code = "document.encrypted"
    summary = "{name}: encrypted, or protected by a password"
    next_step = "Save a copy without the password."


@dataclass(eq=False)
class DocumentTooLarge(DocumentError):
    name: str
    reason: str
    code = "document.too_large"
    status = 413
    summary = "{name}: {reason}"
    next_step = "Split it, or raise the limit for documents that you trust."


@dataclass(eq=False)
class DocumentTimedOut(DocumentError):
    name: str
    limit_seconds: float
    code = "document.timed_out"
    summary = "{name}: reading it took longer than {limit_seconds:g} s"
    next_step = "Split it, or raise the limit for documents that you trust."


@dataclass(eq=False)
class DocumentTooMuchMemory(DocumentError):
    name: str
    code = "document.memory"
    summary = "{name}: reading it needs more memory than the limit"
    next_step = "Split it, or raise the limit for documents that you trust."


@dataclass(eq=False)
class DocumentCrashed(DocumentError):
    name: str
    reason: str
    code = "document.crashed"
    summary = "{name}: the process that read it ended ({reason})"
    next_step = "Save it anew from the program that wrote it; report it where that does not help."
