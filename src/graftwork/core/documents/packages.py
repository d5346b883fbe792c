"""Office packages (ECMA-376: a zip of XML parts), looked through before any reader unpacks them."""

import io
import zipfile
from zipfile import ZipFile, ZipInfo

from graftwork.core.document import DocumentNotice
from graftwork.core.documents.building import Builder
from graftwork.core.documents.errors import DocumentBroken, DocumentEncrypted, DocumentTooLarge
from graftwork.core.office_packages import declares_type

MOST_PARTS = 10_000
LARGEST_PACKAGE_BYTES = 600_000_000
# What people write shrinks by 3 to 30 times; a bomb by a thousand. Small packages may repeat themselves as they like.
LARGEST_RATIO = 150
RATIO_FROM_BYTES = 20_000_000


def check(name: str, content: bytes) -> list[str]:
    """The names of the parts. Nothing is unpacked but the start of each XML part.

    Raises `DocumentTooLarge` for what would unpack to more than a document has, `DocumentEncrypted`, and
    `DocumentBroken` for what is no package, or defines XML entities (which no office program does, and a "billion
    laughs" needs).
    """
    try:
        with ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            _check_sizes(name, parts, len(content))
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels")) and declares_type(package, part):
                    raise DocumentBroken(name, "a part of it declares a document type, which no office program does")
            return [part.filename for part in parts]
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError):
        raise DocumentBroken(name, "the package that it is cannot be unpacked") from None


def note_macros(builder: Builder, parts: list[str]) -> None:
    if any(part.lower().endswith("vbaproject.bin") for part in parts):
        builder.notice(
            DocumentNotice("macros", "The file holds macros. They were not run, and are not part of the text.")
        )


def _check_sizes(name: str, parts: list[ZipInfo], packed_bytes: int) -> None:
    if any(part.flag_bits & 1 for part in parts):
        raise DocumentEncrypted(name)
    unpacked_bytes = sum(part.file_size for part in parts)
    is_bomb = unpacked_bytes > RATIO_FROM_BYTES and unpacked_bytes > LARGEST_RATIO * packed_bytes
    if len(parts) > MOST_PARTS or unpacked_bytes > LARGEST_PACKAGE_BYTES or is_bomb:
        raise DocumentTooLarge(name, f"it would unpack to {unpacked_bytes / 1e6:,.0f} MB in {len(parts):,} parts")
