"""DOCX (ECMA-376): every part of the package is read, and what cannot be read is emptied.

The package is rewritten part by part: paragraphs by `docx_paragraphs`, every other XML by its texts and attributes,
properties without their values, pictures and embedded files replaced. In the end each part is searched for the values
that were found in any other.
"""

import zipfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from lxml import etree

from graftwork.core.errors import FormBroken, FormLocked, FormTooLarge
from graftwork.core.privacy.forms.docx_paragraphs import Place, local_name, places
from graftwork.core.privacy.forms.notices import Notices
from graftwork.core.privacy.forms.rewriter import Field, Rewriter, apply
from graftwork.core.privacy.forms.runs import spread

MOST_PARTS = 5_000
LARGEST_PART_BYTES = 64_000_000
LARGEST_PACKAGE_BYTES = 256_000_000
WINDOW_CHARACTERS = 32_000
# Values this short would be found inside other words by a plain search.
SEARCHED_CHARACTERS = 5

_FIXED_PARTS = frozenset({"[Content_Types].xml"})
_BLANK_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c6338"
    "030000ce00cdd46690b00000000049454e44ae426082"
)
_UNTOUCHED = frozenset({"date", "dateUtc", "id", "Id", "type", "Type", "ContentType", "PartName", "Extension", "space"})


def rewrite(source: BinaryIO, target: BinaryIO, rewriter: Rewriter, notices: Notices, name: str) -> None:
    """Write the package anew. Raises `FormBroken`, `FormTooLarge` or `FormLocked`."""
    try:
        with zipfile.ZipFile(source) as package:
            parts = _Package(name, rewriter, notices)
            parts.read(package)
    except (zipfile.BadZipFile, NotImplementedError, EOFError):
        raise FormBroken(name, "not a readable DOCX package") from None
    except RuntimeError:  # what zipfile says of a part with a password
        raise FormLocked(name) from None
    parts.search_everywhere()
    parts.write(target)


class _Package:
    def __init__(self, path: str, rewriter: Rewriter, notices: Notices) -> None:
        self._path, self._rewriter, self._notices = path, rewriter, notices
        self._parts: dict[str, etree._Element | bytes] = {}
        self._values: dict[str, str] = {}

    def read(self, package: zipfile.ZipFile) -> None:
        infos = [info for info in package.infolist() if not info.is_dir()]
        if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > LARGEST_PACKAGE_BYTES:
            raise FormTooLarge(self._path, "the package unpacks to more than a document would")
        for info in infos:
            with package.open(info) as part:
                raw = part.read(LARGEST_PART_BYTES + 1)
            if len(raw) > LARGEST_PART_BYTES:
                raise FormTooLarge(self._path, f"a part of it is larger than {LARGEST_PART_BYTES // 1_000_000} MB")
            self._parts[info.filename] = self._rewritten(info.filename, raw)

    def search_everywhere(self) -> None:
        """What was found in one part may stand in another: in a bookmark, a custom property, a style's name."""
        values = sorted((v for v in self._values if len(v) >= SEARCHED_CHARACTERS), key=len, reverse=True)
        for name, part in self._parts.items():
            if isinstance(part, bytes) or name in _FIXED_PARTS:
                continue
            whole = etree.tostring(part, encoding="unicode")
            here = [value for value in values if _escaped(value) in whole]
            for element in part.iter() if here else ():
                self._search(element, here)

    def _search(self, element: etree._Element, values: Sequence[str]) -> None:
        for value in values:
            if element.text and value in element.text:
                element.text = element.text.replace(value, self._values[value])
            if element.tail and value in element.tail:
                element.tail = element.tail.replace(value, self._values[value])
            for key, said in element.attrib.items():
                if value in said and local_name(key) not in _UNTOUCHED:
                    element.set(key, str(said).replace(value, self._values[value]))

    def write(self, target: BinaryIO) -> None:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
            for name, part in self._parts.items():
                # The time of the entry is a fixed one: when the original was saved is nobody's business.
                info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                package.writestr(info, part if isinstance(part, bytes) else _serialised(part))

    def _rewritten(self, name: str, raw: bytes) -> etree._Element | bytes:
        if name.endswith((".xml", ".rels")):
            return self._xml(name, raw)
        if name.startswith(("word/media/", "docProps/thumbnail")):
            self._notices.add("pictures replaced")
            return _BLANK_PNG
        if name.startswith(("word/fonts/",)):
            return raw
        self._notices.add("embedded files removed")
        return b""

    def _xml(self, name: str, raw: bytes) -> etree._Element:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
        try:
            root = etree.fromstring(raw, parser)
        except etree.XMLSyntaxError:
            raise FormBroken(self._path, "a part of the package is not XML") from None
        if root.getroottree().docinfo.internalDTD is not None:
            raise FormBroken(self._path, "a part of the package defines entities, which no document does")
        if name.startswith("docProps/"):
            self._empty_properties(root)
        elif name not in _FIXED_PARTS:
            for window in _windows(places(root, is_relationships=name.endswith(".rels"))):
                self._apply(window)
        return root

    def _empty_properties(self, root: etree._Element) -> None:
        emptied = 0
        for element in root.iter():
            if element.text and element.text.strip() and local_name(element.tag) not in ("created", "modified"):
                element.text = None if local_name(element.tag) != "revision" else "1"
                emptied += 1
            if local_name(element.tag) == "property":
                element.set("name", f"property{element.get('pid', '')}")
            if local_name(element.tag) in (
                "i4",
                "i2",
                "int",
                "ui4",
                "Pages",
                "Words",
                "Characters",
                "Lines",
                "TotalTime",
            ):
                element.text = "0"
            if local_name(element.tag) in ("created", "modified", "filetime"):
                element.text = "1980-01-01T00:00:00Z"
        self._notices.add("properties emptied", emptied)

    def _apply(self, window: Sequence[Place]) -> None:
        fields = [Field(place.text, place.label, place.rule) for place in window]
        for place, swaps in zip(window, self._rewriter.swaps(fields), strict=True):
            if not swaps:
                continue
            for swap in swaps:
                self._values.setdefault(place.text[swap.start : swap.end], swap.new)
            own = spread([len(run.text) for run in place.runs], swaps)
            for run, run_swaps in zip(place.runs, own, strict=True):
                if run_swaps and run.is_written:
                    run.write(apply(run.text, run_swaps))


def _windows(found: Iterator[Place]) -> Iterator[list[Place]]:
    window: list[Place] = []
    size = 0
    for place in found:
        window.append(place)
        size += len(place.text)
        if size >= WINDOW_CHARACTERS:
            yield window
            window, size = [], 0
    if window:
        yield window


def _serialised(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
