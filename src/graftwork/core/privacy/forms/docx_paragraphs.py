"""Where text stands in an XML part of a DOCX: paragraphs with their runs joined, field codes, attributes, links.

A paragraph with tracked changes is read twice, as it was and as it is, so that a value is found in both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from graftwork.core.privacy.forms.rewriter import Rule
from graftwork.core.privacy.forms.wordlist import words

AUTHORS = frozenset({"author", "userId", "initials", "lastModifiedBy", "owner"})
_TEXT, _DELETED, _CODE = "t", "delText", "instrText"
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
# Attributes that people write, or that programs fill with what people wrote.
_SPOKEN = frozenset(
    words(
        "descr title alt tooltip instr name string Target targetFrame docLocation helpText statusText query udl "
        "connectString dest src mailSubject addressFieldName"
    )
)
_SPOKEN_VALUES = frozenset(
    {"docVar", "alias", "tag", "default", "result", "listItem", "statusText", "helpText", "query"}
)
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(frozen=True, slots=True, repr=False)
class Run:
    """A stretch of text: an element's own text, or one attribute. A run without a place is a tab, or a repetition."""

    text: str
    element: etree._Element | None = None
    attribute: str | None = None

    @property
    def is_written(self) -> bool:
        return self.element is not None

    def write(self, text: str) -> None:
        assert self.element is not None
        if self.attribute is not None:
            self.element.set(self.attribute, text)
            return
        self.element.text = text
        if text != text.strip():
            self.element.set(_SPACE, "preserve")


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    runs: Sequence[Run]
    label: str = ""
    rule: Rule = "detect"

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


def places(root: etree._Element, *, is_relationships: bool) -> Iterator[Place]:
    """Every text of the part, in its order."""
    for element in root.iter():
        yield from _attribute_places(element, is_relationships=is_relationships)
        name = local_name(element.tag)
        if name == "p":
            yield from _paragraph(element)
        elif name not in (_TEXT, _DELETED, _CODE) and element.text and element.text.strip():
            yield Place([Run(element.text, element)], name)
        elif name in (_TEXT, _DELETED, _CODE) and _paragraph_of(element) is None and element.text:
            yield Place([Run(element.text, element)])


def _paragraph(paragraph: etree._Element) -> Iterator[Place]:
    now: list[Run] = []
    before: list[Run] = []
    codes: list[Run] = []
    for element in paragraph.iter():
        name = local_name(element.tag)
        if name in _BREAKS and element is not paragraph:
            now.append(Run(_BREAKS[name]))
            before.append(Run(_BREAKS[name]))
        if name not in (_TEXT, _DELETED, _CODE) or not element.text or _paragraph_of(element) is not paragraph:
            continue
        if name == _TEXT:
            now.append(Run(element.text, element))
            if not _is_insertion(element, paragraph):
                before.append(Run(element.text))
        elif name == _DELETED:
            before.append(Run(element.text, element))
        else:
            codes.append(Run(element.text, element))
    if now:
        yield Place(now)
    if any(run.is_written for run in before):
        yield Place(before)
    if codes:
        yield Place(codes)


def _attribute_places(element: etree._Element, *, is_relationships: bool) -> Iterator[Place]:
    for key, value in element.attrib.items():
        name = local_name(str(key))
        run = Run(str(value), element, str(key))
        if name in AUTHORS and value:
            yield Place([run], "author", "person")
        elif name == "Target":
            if is_relationships and element.get("TargetMode") == "External":
                yield Place([run])
        elif len(value) > 2 and (name in _SPOKEN or (name == "val" and local_name(element.tag) in _SPOKEN_VALUES)):
            yield Place([run])


def _paragraph_of(element: etree._Element) -> etree._Element | None:
    """The innermost paragraph: a text box inside a paragraph has its own."""
    return next((above for above in element.iterancestors() if local_name(above.tag) == "p"), None)


def _is_insertion(element: etree._Element, paragraph: etree._Element) -> bool:
    for above in element.iterancestors():
        if above is paragraph:
            return False
        if local_name(above.tag) in ("ins", "moveTo"):
            return True
    return False


def local_name(tag: object) -> str:
    return str(tag).rpartition("}")[2]
