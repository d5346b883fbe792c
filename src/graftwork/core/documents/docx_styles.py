"""What the styles and the numbering of a Word document say of a paragraph: heading, list item with its label, hidden.

ECMA-376 part 1: 17.7 (styles), 17.9 (numbering), 17.3.2.41 (vanish).
"""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMESPACE = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_DEEPEST_STYLE = 20
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_ROMAN_SMALL = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_LARGEST_ROMAN = 4_000


def w(name: str) -> str:
    return _NAMESPACE + name


def tag_of(element: "_Element") -> str:
    """The name without its namespace; none of ours for comments and the like."""
    return str(element.tag).rpartition("}")[2]


def value_of(parent: "_Element | None", name: str) -> str | None:
    """`w:val` of the child `name`; empty where it has none, `None` where there is no such child."""
    child = parent.find(w(name)) if parent is not None else None
    return None if child is None else child.get(w("val"), "")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A list and the level in it, from 0."""

    list_id: str
    level: int


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """`heading_level` is 0 for what is no heading; `number` is `None` for what is in no list."""

    heading_level: int = 0
    hides: bool = False
    number: Numbered | None = None


@dataclass(frozen=True, slots=True)
class _Level:
    text: str
    form: str
    start: int


class Styles:
    """The styles of one document, and how far its lists have counted."""

    def __init__(self, styles: "_Element", numbering: "_Element | list[_Element]") -> None:
        self._elements = {one.get(w("styleId"), ""): one for one in styles.iter(w("style"))}
        self._resolved: dict[str, ParagraphStyle] = {}
        defaults = [one for one in self._elements.values() if one.get(w("default")) in ("1", "true")]
        self._default = next((one.get(w("styleId"), "") for one in defaults if one.get(w("type")) == "paragraph"), "")
        self._levels = _levels(numbering)
        self._counts: dict[str, list[int]] = {}

    def of_paragraph(self, paragraph: "_Element") -> ParagraphStyle:
        properties = paragraph.find(w("pPr"))
        style = self._named(value_of(properties, "pStyle") or self._default)
        return style if properties is None else _changed(style, properties)

    def hides_run(self, run: "_Element") -> bool:
        properties = run.find(w("rPr"))
        if properties is None:
            return False
        own = _is_on(properties, "vanish")
        return self._named(value_of(properties, "rStyle") or "").hides if own is None else own

    def next_label(self, number: Numbered) -> str:
        """Counts one on, and gives what stands before the paragraph, such as `4.2`; empty for a bullet."""
        levels = self._levels.get(number.list_id, {})
        level = levels.get(number.level)
        if level is None:
            return ""
        counts = self._counts.setdefault(number.list_id, [])
        while len(counts) <= number.level:
            counts.append(levels[len(counts)].start - 1 if len(counts) in levels else 0)
        counts[number.level] += 1
        del counts[number.level + 1 :]
        for above in range(number.level):
            counts[above] = counts[above] or 1  # a list may begin at its second level
        if level.form in ("bullet", "none"):
            return ""
        return re.sub(r"%([1-9])", lambda found: _counted(levels, counts, int(found[1]) - 1), level.text)

    def _named(self, style_id: str) -> ParagraphStyle:
        if style_id not in self._resolved:
            style = ParagraphStyle()
            for element in reversed(self._ancestry(style_id)):
                style = _changed(style, element.find(w("pPr")))
                hides = _is_on(element.find(w("rPr")), "vanish")
                style = style if hides is None else replace(style, hides=hides)
                name = value_of(element, "name") or ""
                if heading := _HEADING.fullmatch(name):
                    style = replace(style, heading_level=int(heading[1]))
                elif name.lower() == "title":
                    style = replace(style, heading_level=1)
            self._resolved[style_id] = style
        return self._resolved[style_id]

    def _ancestry(self, style_id: str) -> "list[_Element]":
        """The style, and those it is based on; a circle of styles ends."""
        found: list[_Element] = []
        while style_id in self._elements and len(found) < _DEEPEST_STYLE:
            found.append(self._elements[style_id])
            style_id = value_of(found[-1], "basedOn") or ""
        return found


def _changed(style: ParagraphStyle, properties: "_Element | None") -> ParagraphStyle:
    """`style` with what the paragraph's own properties say otherwise."""
    outline = value_of(properties, "outlineLvl") or ""
    if outline.isdigit():
        style = replace(style, heading_level=int(outline) + 1 if int(outline) < 9 else 0)
    numbering = properties.find(w("numPr")) if properties is not None else None
    if numbering is not None:
        list_id = value_of(numbering, "numId") or (style.number.list_id if style.number else "")
        level = value_of(numbering, "ilvl") or ""
        on = list_id not in ("", "0")
        style = replace(style, number=Numbered(list_id, min(int(level), 8) if level.isdigit() else 0) if on else None)
    return style


def _is_on(properties: "_Element | None", name: str) -> bool | None:
    value = value_of(properties, name)
    return None if value is None else value not in ("0", "false", "off")


def _levels(numbering: "_Element | list[_Element]") -> dict[str, dict[int, _Level]]:
    """The levels of each list (`w:num`), through the definition that it uses."""
    if isinstance(numbering, list):
        return {}
    definitions = {
        one.get(w("abstractNumId"), ""): {
            int(level.get(w("ilvl"), "0")): _Level(
                value_of(level, "lvlText") or "",
                value_of(level, "numFmt") or "decimal",
                _number(value_of(level, "start")),
            )
            for level in one.iterchildren(w("lvl"))
        }
        for one in numbering.iterchildren(w("abstractNum"))
    }
    return {
        one.get(w("numId"), ""): definitions.get(value_of(one, "abstractNumId") or "", {})
        for one in numbering.iterchildren(w("num"))
    }


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 6 else 1


def _counted(levels: dict[int, _Level], counts: list[int], place: int) -> str:
    if place >= len(counts) or place not in levels:
        return ""
    count, form = counts[place], levels[place].form
    if form in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 9)
        return letter.upper() if form.startswith("upper") else letter
    if form in ("lowerRoman", "upperRoman") and 0 < count < _LARGEST_ROMAN:
        return _roman(count).upper() if form.startswith("upper") else _roman(count)
    return str(count)


def _roman(count: int) -> str:
    letters = ""
    for value, letter in _ROMAN + _ROMAN_SMALL:
        letters += letter * (count // value)
        count %= value
    return letters
