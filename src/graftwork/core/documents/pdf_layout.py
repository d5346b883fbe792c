"""Lines of pages to paragraphs, headings, list items and table rows, by what PDF keeps of them: places and sizes.

A PDF says nothing of paragraphs. A line begins a new one where the gap above it is wider than usual, where the size
changes, or where its first word would have fitted on the line before.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import quantiles

from graftwork.core.document import BlockKind
from graftwork.core.documents.pdf_lines import Line

_ITEM = re.compile(r"(?:[\u2022\u2023\u25aa\u25cf\u25e6\u2013*-]|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)])(?:\s|$)")
# A mark that stands apart from its words looks like a row of two cells.
_ITEM_MARK = re.compile(r"[\u2022\u2023\u25aa\u25cf\u25e6\u2013*-]|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]?")
_NUMBERED = re.compile(r"\d{1,3}(?:\.\d{1,3})*\.?\s")
_NUMBER = re.compile(r"\d+")
_ALIGNED_POINTS = 3.0
_USUAL_PITCH = 1.2
_WIDER = 1.3
_WIDER_IN_HEADINGS = 1.2
_HEADING_RATIO = 1.12
_LONGEST_HEADING = 200
_MARGIN_SHARE = 0.12
_RUNNING_PAGES = 3
# In sizes. The header of a table is repeated at the top of pages too, but its rows follow close behind.
_RUNNING_GAP = 2.0
_MOST_SIZES = 5


@dataclass(frozen=True, slots=True)
class PageLines:
    lines: Sequence[Line]
    height: float


@dataclass(frozen=True, slots=True)
class Piece:
    """`level` is that of a heading, from 1; 0 for other kinds."""

    kind: BlockKind
    text: str
    level: int = 0

    @property
    def continues(self) -> bool:
        """Whether it may be the rest of a paragraph of the page before."""
        return self.kind == "paragraph" and self.text[:1].islower()


class Layout:
    """What is usual in one document: the size of its body, the sizes of its headings, the pitch of its lines."""

    def __init__(self, pages: Sequence[PageLines], outline: Mapping[tuple[int, str], int]) -> None:
        sizes: Counter[float] = Counter()
        for page in pages:
            for line in page.lines:
                sizes[line.size] += len(line.text)
        self._body = sizes.most_common(1)[0][0] if sizes else 0.0
        larger = sorted((size for size in sizes if size >= self._body * _HEADING_RATIO), reverse=True)
        self._levels = {size: min(place, _MOST_SIZES) for place, size in enumerate(larger, 1)}
        self._pitch = _usual_pitch(pages)
        self._running = _running_lines(pages)
        self._outline = outline

    def pieces(self, number: int, page: PageLines) -> list[Piece]:
        """The blocks of page `number`, from 0. Lines that run along at the edges of pages are left out."""
        lines = [line for place, line in enumerate(page.lines) if place not in self._running[number]]
        rows = _table_rows(lines)
        column_right = max((line.right for place, line in enumerate(lines) if place not in rows), default=0.0)
        pieces: list[Piece] = []
        held: list[Line] = []
        for place, line in enumerate(lines):
            if held and (place in rows or self._begins(held[-1], line, column_right)):
                pieces.append(self._piece(held, number))
                held = []
            if place in rows and _ITEM_MARK.fullmatch(line.cells[0].text) and len(line.cells) == 2:
                pieces.append(Piece("list_item", line.text))
            elif place in rows:
                pieces.append(Piece("table_row", " | ".join(cell.text for cell in line.cells)))
            else:
                held.append(line)
        if held:
            pieces.append(self._piece(held, number))
        return pieces

    def _begins(self, before: Line, line: Line, column_right: float) -> bool:
        is_large = line.size >= self._body * _HEADING_RATIO
        widest = self._pitch * (_WIDER_IN_HEADINGS if is_large else _WIDER) * line.size
        if line.size != before.size or not 0.3 * line.size < before.y - line.y <= widest:
            return True
        if is_large:
            return bool(_NUMBERED.match(line.text))
        if _ITEM.match(line.text) or line.is_bold != before.is_bold:
            return True
        room = column_right - before.right
        return room > line.first_word_width + line.size

    def _piece(self, lines: Sequence[Line], number: int) -> Piece:
        text = _joined(lines)
        level = self._heading_level(lines, text, number)
        if level:
            return Piece("heading", text, level)
        return Piece("list_item" if _ITEM.match(text) else "paragraph", text)

    def _heading_level(self, lines: Sequence[Line], text: str, number: int) -> int:
        if len(text) > _LONGEST_HEADING or not any(character.isalpha() for character in text):
            return 0
        if level := self._outline.get((number, outline_key(text))):
            return level
        if level := self._levels.get(lines[0].size):
            return level
        stands_alone = len(lines) == 1 and lines[0].is_bold and not text.endswith((".", ",", ";"))
        return len(set(self._levels.values())) + 1 if stands_alone and lines[0].size >= self._body else 0


def outline_key(text: str) -> str:
    """Letters and digits only: bookmarks are typed with other spaces and marks than the page."""
    return "".join(character for character in text.lower() if character.isalnum())


def _joined(lines: Sequence[Line]) -> str:
    text = lines[0].text
    for before, line in pairwise(lines):
        joined = before.is_hyphenated or (text.endswith("-") and line.text[:1].islower())
        text += line.text if joined else f" {line.text}"
    return text


def _usual_pitch(pages: Sequence[PageLines]) -> float:
    """From baseline to baseline inside a paragraph, in sizes. Gaps between paragraphs are wider, hence the quartile."""
    pitches = [
        (above.y - below.y) / above.size
        for page in pages
        for above, below in pairwise(page.lines)
        if len(above.cells) == len(below.cells) == 1
        and above.size == below.size
        and 0.8 < (above.y - below.y) / above.size < 2.5
    ]
    return quantiles(pitches, n=4)[0] if len(pitches) > 1 else _USUAL_PITCH


def _table_rows(lines: Sequence[Line]) -> set[int]:
    """The places of lines of several cells that stand below or above another with a cell at the same edge."""
    rows: set[int] = set()
    for place, (above, below) in enumerate(pairwise(lines)):
        if len(above.cells) > 1 and len(below.cells) > 1 and _are_aligned(above, below):
            rows |= {place, place + 1}
    return rows


def _are_aligned(above: Line, below: Line) -> bool:
    for one in above.cells[1:]:
        for other in below.cells[1:]:
            middles = abs((one.left + one.right) - (other.left + other.right)) / 2
            if min(abs(one.left - other.left), abs(one.right - other.right), middles) < _ALIGNED_POINTS:
                return True
    return False


def _edge_lines(page: PageLines) -> dict[tuple[int, str], int]:
    """The lines that stand apart at the upper and the lower edge: height and words, without numbers, to their place."""
    order = sorted(range(len(page.lines)), key=lambda place: -page.lines[place].y)
    found: dict[tuple[int, str], int] = {}
    for place, neighbour in (order[:2], order[:-3:-1]) if len(order) > 2 else ():
        line = page.lines[place]
        edge_distance = min(line.y, page.height - line.y)
        gap = abs(line.y - page.lines[neighbour].y)
        if edge_distance < page.height * _MARGIN_SHARE and gap > _RUNNING_GAP * line.size:
            found[round(line.y), _NUMBER.sub("0", line.text)] = place
    return found


def _running_lines(pages: Sequence[PageLines]) -> list[set[int]]:
    """Running titles and page numbers, by their places on each page. The first of a kind stays: no word is lost."""
    edges = [_edge_lines(page) for page in pages]
    counts = Counter(key for edge in edges for key in edge)
    seen: set[tuple[int, str]] = set()
    running: list[set[int]] = []
    for edge in edges:
        running.append({place for key, place in edge.items() if key in seen and counts[key] >= _RUNNING_PAGES})
        seen.update(edge)
    return running
