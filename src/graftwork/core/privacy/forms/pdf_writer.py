"""Writing a PDF of images with a text layer (ISO 32000-1), object by object, so that no page is held after its turn.

Written here because so little is needed, and because what is not written cannot leak: the file has pages and nothing
else. No metadata, outline, attachment, form, script or thumbnail of any other file comes near it.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from graftwork.core.privacy.forms.pdf_pages import Box, Image

_HIDDEN, _SHOWN = "F1", "F2"
# Of every letter of Courier, so that a label can be stretched to its box: a gap would be read as a space.
_WIDTH_OF_SHOWN = 0.6
_LABEL_SHARE = 0.72


@dataclass(frozen=True, slots=True, repr=False)
class Words:
    """A stretch of one line. `is_label` is written in white on its box; the rest lies unseen over its own image."""

    text: str
    box: Box
    is_label: bool = False


class PdfWriter:
    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._offsets: dict[int, int] = {}
        self._pages: list[int] = []
        self._next = 6  # 1 to 5 are the catalog, the tree of pages and the fonts
        target.write(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")

    def add_page(self, image: Image, words: Iterable[Words]) -> None:
        picture = self._add(
            f"<< /Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} /ColorSpace /DeviceRGB "
            "/BitsPerComponent 8",
            image.rgb,
        )
        size = f"{image.points_wide:.2f} {image.points_high:.2f}"
        drawing = f"q {image.points_wide:.2f} 0 0 {image.points_high:.2f} 0 0 cm /Im Do Q\n"
        layer = "".join(_shown(one, image) for one in words)
        content = self._add("<<", f"{drawing}BT\n{layer}ET\n".encode("ascii"))
        page = self._reserve()
        self._write(
            page,
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] /Contents {content} 0 R /Resources << "
            f"/XObject << /Im {picture} 0 R >> /Font << /{_HIDDEN} 3 0 R /{_SHOWN} 5 0 R >> >> >>".encode(),
        )
        self._pages.append(page)

    def finish(self) -> None:
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        self._write(1, b"<< /Type /Catalog /Pages 2 0 R >>")
        self._write(2, f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>".encode())
        unicode_map = self._add("<<", _unicode_map())
        self._write(
            3,
            f"<< /Type /Font /Subtype /Type0 /BaseFont /Unseen /Encoding /Identity-H /DescendantFonts [4 0 R] "
            f"/ToUnicode {unicode_map} 0 R >>".encode(),
        )
        descriptor = self._reserve()
        self._write(
            4,
            b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Unseen /DW 500 /CIDToGIDMap /Identity "
            b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
            + f"/FontDescriptor {descriptor} 0 R >>".encode(),
        )
        self._write(
            descriptor,
            b"<< /Type /FontDescriptor /FontName /Unseen /Flags 5 /FontBBox [0 0 500 1000] /ItalicAngle 0 "
            b"/Ascent 1000 /Descent 0 /CapHeight 1000 /StemV 80 >>",
        )
        self._write(5, b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>")
        self._trailer()

    def _trailer(self) -> None:
        start = self._target.tell()
        lines = [f"xref\n0 {self._next}\n", "0000000000 65535 f \n"]
        lines += [f"{self._offsets[number]:010d} 00000 n \n" for number in range(1, self._next)]
        lines.append(f"trailer\n<< /Size {self._next} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n")
        self._target.write("".join(lines).encode())

    def _add(self, head: str, stream: bytes) -> int:
        number = self._reserve()
        packed = zlib.compress(stream, 6)
        header = f"{head} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode()
        self._write(number, header + packed + b"\nendstream")
        return number

    def _reserve(self) -> int:
        self._next += 1
        return self._next - 1

    def _write(self, number: int, body: bytes) -> None:
        self._offsets[number] = self._target.tell()
        self._target.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))


def _shown(words: Words, image: Image) -> str:
    """The operators that write `words` into their box."""
    if words.box.is_empty or not words.text:
        return ""
    points = image.points_wide / image.width
    width, height = (words.box.right - words.box.left) * points, (words.box.bottom - words.box.top) * points
    size = height * (_LABEL_SHARE if words.is_label else 1.0)
    natural = len(words.text) * size * (_WIDTH_OF_SHOWN if words.is_label else 0.5)
    stretch = 100 * width / natural
    left, bottom = words.box.left * points, image.points_high - words.box.bottom * points
    if words.is_label:
        bottom += height * (1 - _LABEL_SHARE)
        literal = "".join(f"\\{c}" if c in "()\\" else c for c in words.text if " " <= c <= "~")
        how, string = f"0 Tr 1 1 1 rg /{_SHOWN}", f"({literal})"
    else:
        how, string = f"3 Tr /{_HIDDEN}", f"<{words.text.encode('utf-16-be', 'replace').hex()}>"
    return f"{how} {size:.2f} Tf {stretch:.2f} Tz 1 0 0 1 {left:.2f} {bottom:.2f} Tm {string} Tj\n"


def _unicode_map() -> bytes:
    """Code and character are the same number. A range may not cross a 256 of codes, and a block has at most 100."""
    ranges = [f"<{high:02x}00> <{high:02x}ff> <{high:02x}00>" for high in range(256)]
    blocks = [ranges[start : start + 100] for start in range(0, 256, 100)]
    body = "".join(f"{len(block)} beginbfrange\n" + "\n".join(block) + "\nendbfrange\n" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Unseen def\n"
        "/CMapType 2 def\n1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
        f"{body}endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()
