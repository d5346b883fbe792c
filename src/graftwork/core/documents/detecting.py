"""Which reader a file needs: what its bytes say first, its suffix where they say nothing."""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from types import MappingProxyType

from graftwork.core.document import DocumentFormat
from graftwork.core.documents.decoding import decode
from graftwork.core.documents.errors import (
    DocumentBroken,
    DocumentEmpty,
    DocumentEncrypted,
    DocumentFormatUnknown,
)

SUFFIXES: Mapping[str, DocumentFormat] = MappingProxyType(
    {
        ".txt": "text",
        ".md": "markdown",
        ".markdown": "markdown",
        ".html": "html",
        ".htm": "html",
        ".pdf": "pdf",
        ".docx": "docx",
        ".docm": "docx",
        ".csv": "csv",
        ".tsv": "csv",
        ".xlsx": "xlsx",
        ".xlsm": "xlsx",
        ".eml": "mail",
        ".mbox": "mail",
    }
)
_NAMES: Mapping[DocumentFormat, str] = {
    "text": "text",
    "markdown": "Markdown",
    "html": "HTML",
    "pdf": "PDF",
    "docx": "DOCX",
    "csv": "CSV",
    "xlsx": "XLSX",
    "mail": "mail",
}
_OTHERS = (
    (b"\x89PNG\r\n", "it is a PNG picture"),
    (b"\xff\xd8\xff", "it is a JPEG picture"),
    (b"GIF8", "it is a GIF picture"),
    (b"II*\x00", "it is a TIFF picture"),
    (b"MM\x00*", "it is a TIFF picture"),
    (b"RIFF", "it is a picture, sound or film"),
    (b"BM", "it is a BMP picture"),
    (b"\x7fELF", "it is a program"),
    (b"MZ", "it is a program"),
    (b"\x1f\x8b", "it is an archive"),
    (b"7z\xbc\xaf", "it is an archive"),
    (b"Rar!", "it is an archive"),
    (b"BZh", "it is an archive"),
    (b"\xfd7zXZ", "it is an archive"),
    (b"{\\rtf", "it is in the older format RTF"),
)
_BINARY_ANYWAY = frozenset((b"BM", b"MZ", b"RIFF", b"GIF8", b"Rar!", b"BZh"))
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_PDF_WITHIN_BYTES = 1_024  # ISO 32000-1, annex H.3.4.1: readers take some rubbish before the header
_SAMPLE_BYTES = 8_192
_MOST_CONTROLS = 0.02
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_HEADER = re.compile(r"(?:From |[A-Za-z][\w-]{1,60}:[ \t])[^\n]*\n(?:[ \t]+[^\n]*\n|[A-Za-z][\w-]{1,60}:[^\n]*\n){2,}")
_MAIL_FIELDS = re.compile(r"^(?:From|To|Subject|Date|Message-ID|Received|MIME-Version):", re.IGNORECASE | re.MULTILINE)
ENVELOPE = re.compile(rb"From \S.*\d:\d\d")


@dataclass(frozen=True, slots=True)
class Detected:
    """`surprise` says what the suffix promised otherwise; empty where both agree."""

    format: DocumentFormat
    surprise: str = ""


def detect(content: bytes, name: str) -> Detected:
    """Raises `DocumentEmpty`, `DocumentFormatUnknown`, `DocumentEncrypted` or `DocumentBroken`."""
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise DocumentEmpty(name)
    promised = SUFFIXES.get(suffix_of(name))
    found = _binary_format(content, name) or _text_format(content, name, promised)
    if promised in (None, found):
        return Detected(found)
    return Detected(found, f"The name ends in {suffix_of(name)}, but it was read as what it is: {_NAMES[found]}.")


def suffix_of(name: str) -> str:
    return PurePath(name).suffix.lower()


def is_mailbox(content: bytes) -> bool:
    """Whether it begins as an mbox file does, with a `From ` line that holds a time of day."""
    return bool(ENVELOPE.match(content[:1_000].lstrip(b"\r\n")))


def _binary_format(content: bytes, name: str) -> DocumentFormat | None:
    if b"%PDF-" in content[:_PDF_WITHIN_BYTES] and not content.startswith(b"PK\x03\x04"):
        return "pdf"
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _package_format(content, name)
    if content.startswith(_OLE):
        if _ENCRYPTED_PACKAGE in content:
            raise DocumentEncrypted(name)
        raise DocumentFormatUnknown(name, "it is in the older format of Office 97 to 2003")
    for magic, what in _OTHERS:
        if content.startswith(magic) and (magic not in _BINARY_ANYWAY or _is_binary(content)):
            raise DocumentFormatUnknown(name, what)
    return None


def _package_format(content: bytes, name: str) -> DocumentFormat:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError):
        raise DocumentBroken(name, "the package that it is cannot be unpacked") from None
    if "[Content_Types].xml" in parts:
        if any(part.startswith("word/") for part in parts):
            return "docx"
        if any(part.startswith("xl/") for part in parts):
            return "xlsx"
    raise DocumentFormatUnknown(name, "it is an archive, or an office file of another kind")


def _text_format(content: bytes, name: str, promised: DocumentFormat | None) -> DocumentFormat:
    if _is_binary(content):
        raise DocumentFormatUnknown(name, "it is not text")
    start = decode(content[:_SAMPLE_BYTES])
    if promised not in ("html", "markdown", "mail") and _HTML.match(start):
        return "html"
    looks_like_mail = is_mailbox(content) or _is_mail(start)
    if promised == "mail":
        return "mail" if looks_like_mail or _has_header(start) else "text"
    if looks_like_mail and promised in (None, "pdf", "docx", "xlsx"):
        return "mail"
    return "text" if promised in (None, "pdf", "docx", "xlsx") else promised


def _is_mail(start: str) -> bool:
    return bool((header := _HEADER.match(start.lstrip())) and len(_MAIL_FIELDS.findall(header[0])) >= 2)


def _has_header(start: str) -> bool:
    return bool(re.match(r"\s*(?:From |[A-Za-z][\w-]{0,60}:)", start))


def _is_binary(content: bytes) -> bool:
    """Control characters that no text holds, after the decoding that fits best."""
    text = decode(content[:_SAMPLE_BYTES])
    if not text:
        return False
    unwanted = sum(character < " " and character not in "\t\n\r\x0b\x0c\x1b" for character in text)
    return unwanted / len(text) > _MOST_CONTROLS
