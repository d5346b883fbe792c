"""Which bytes are which characters: UTF-8 or UTF-16 by their mark, UTF-8 where it holds, else Windows-1252.

No byte is lost on the way: what an encoding does not know becomes a lone surrogate and that byte again (PEP 383).
"""

import codecs
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from graftwork.core.errors import FormUnwritable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHUNK_BYTES = 1 << 16
_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_WIDE_BYTE = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Encoding:
    name: str
    mark: bytes = b""
    broken: bool = False
    """Bytes stand in it that are no character; they are kept as they are."""

    @property
    def errors(self) -> str:
        return "surrogateescape" if self.name in ("utf-8", "cp1252") else "strict"

    def encoder(self, path: str) -> Callable[[str], bytes]:
        """Raises `FormUnwritable` for a character that this encoding does not have."""

        def encode(text: str) -> bytes:
            try:
                return text.encode(self.name, self.errors)
            except UnicodeEncodeError:
                raise FormUnwritable(path, f"a value does not fit its encoding, {self.name}") from None

        return encode

    def reader(self, source: BinaryIO) -> io.TextIOWrapper:
        """The characters behind the mark; line ends are left as they are."""
        source.seek(len(self.mark))
        return io.TextIOWrapper(source, encoding=self.name, errors=self.errors, newline="")


def encoding_of(file: BinaryIO) -> Encoding:
    """Reads the file once, in constant memory."""
    file.seek(0)
    start = file.read(4)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return Encoding(name, mark)
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        file.seek(0)
        return _not_clean(file)
    return Encoding("utf-8")


def _not_clean(file: BinaryIO) -> Encoding:
    """UTF-8 with some broken bytes, or a Windows code page: what most of the wide bytes say."""
    sequences = wide = 0
    while chunk := file.read(_CHUNK_BYTES):
        found = _SEQUENCE.findall(chunk)
        sequences += sum(map(len, found))
        wide += len(_WIDE_BYTE.findall(chunk))
    return Encoding("utf-8" if sequences * 2 > wide else "cp1252", broken=True)
