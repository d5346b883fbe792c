"""A table as an XLSX workbook (ECMA-376), written row by row into a stream that need not go back.

openpyxl would keep each sheet in a file on the disk until the end; here nothing is kept. A text is marked as text, and
its style says so too (`quotePrefix`), so no program takes it for a formula, and nothing has to be put in front of it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

ROWS_OF_A_SHEET = 1_000_000  # a program shows 1,048,576
LONGEST_CELL = 32_767
_CUT = " … [cut here: a cell holds no more; CSV and JSON Lines have all of it]"
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
# XML has no place for them, and neither have spreadsheets.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TEXT, _TIME, _HEAD = 1, 2, 3

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_START = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES = f"""{_START}<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" \
formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="2"><font/><font><b/></font></fonts><fills count="2">\
<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/>\
<xf numFmtId="49" quotePrefix="1" applyNumberFormat="1"/><xf numFmtId="164" applyNumberFormat="1"/>\
<xf fontId="1" applyFont="1"/></cellXfs><cellStyles count="1">\
<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""

Value = str | float | bool | datetime | None


def write_sheets(title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]], stream: BinaryIO) -> None:
    """Write `rows` below a header; a further sheet begins where one is full."""
    for _ in write_stepwise(title, columns, rows, stream):
        pass


def write_stepwise(title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]], stream: Any) -> Iterator[None]:
    """The same, with a pause after each row, in which what was written so far may be taken out of `stream`."""
    remaining, sheets = iter(rows), 0
    with ZipFile(stream, "w", ZIP_DEFLATED) as package:
        held = next(remaining, None)
        while sheets == 0 or held is not None:
            sheets += 1
            with package.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as sheet:
                sheet.write(_sheet_start(columns).encode())
                for number in range(2, ROWS_OF_A_SHEET + 2):
                    if held is None:
                        break
                    sheet.write(_row(number, [_cell(value) for value in held]).encode())
                    yield
                    held = next(remaining, None)
                sheet.write(b"</sheetData></worksheet>")
        for name, text in _frame(title, sheets).items():
            package.writestr(name, text)
    yield


def _sheet_start(columns: Sequence[str]) -> str:
    head = _row(1, [_inline(name, _HEAD) for name in columns])
    freeze = '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView>'
    return f'{_START}<worksheet xmlns="{_MAIN}">{freeze}</sheetViews><sheetData>{head}'


def _row(number: int, cells: Sequence[str]) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(value: Value) -> str:
    match value:
        case None | "":
            return "<c/>"
        case bool():
            return f'<c t="b"><v>{int(value)}</v></c>'
        case int() | float():
            return f"<c><v>{value!r}</v></c>"
        case datetime():
            return f'<c s="{_TIME}"><v>{(value - _EPOCH).total_seconds() / 86_400!r}</v></c>'
    return _inline(value, _TEXT)


def _inline(text: str, style: int) -> str:
    if len(text) > LONGEST_CELL:
        text = text[: LONGEST_CELL - len(_CUT)] + _CUT
    kept = escape(_NOT_XML.sub("\ufffd", text.replace("\r\n", "\n"))).replace("\r", "&#13;")
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{kept}</t></is></c>'


def _frame(title: str, sheets: int) -> dict[str, str]:
    """The parts around the sheets."""
    numbers = range(1, sheets + 1)
    names = [escape(title if number == 1 else f"{title} {number}", {'"': "&quot;"}) for number in numbers]
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, names, strict=True)
    )
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for number in numbers
    )
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    relationships = f'{_START}<Relationships xmlns="{_PACKAGE}/relationships">'
    return {
        "xl/styles.xml": _STYLES,
        "xl/workbook.xml": f'{_START}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{relationships}{links}<Relationship Id="rIdStyles" Type="{_OFFICE}/styles" '
        'Target="styles.xml"/></Relationships>',
        "_rels/.rels": f'{relationships}<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": f'{_START}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{types}</Types>',
    }
