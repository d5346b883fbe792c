"""JSON Lines: one JSON object a line (https://jsonlines.org, RFC 8259)."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

from graftwork.core.intake.records import Record, line_end, read_records, text_start
from graftwork.core.intake.row import Resume, Row, RowMalformed, decode, too_long

# A fixed bound, since the depth at which Python itself gives up depends on who calls.
MAX_DEPTH = 100
# A list takes two characters to write, and a thousand times the time of a character to read.
MOST_NESTED = 200_000

# One that is never closed reaches to the end: tried anew at each of its quotes, it would take the square of the time.
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_BLANK = re.compile(rb"(?:[ \t\r\v\f]*\n)+")


def read(file: BinaryIO, path: str, after: Resume, limit_bytes: int) -> Iterator[Row]:
    """The rows of a JSON Lines file. Only a newline ends a line: U+2028 and the like may stand inside a string."""
    start_bytes = text_start(file, path)
    if after.offset_bytes < start_bytes:
        after = Resume(start_bytes)
    for record in read_records(file, after, limit_bytes, line_end, _BLANK):
        if record.content is None or record.content.strip():
            yield _row(record, limit_bytes)


def _row(record: Record, limit_bytes: int) -> Row:
    origin = f"line {record.line}"
    try:
        if record.content is None:
            raise RowMalformed(too_long(limit_bytes))
        return Row(record.line, parse(decode(record.content)), None, origin, record.resume)
    except RowMalformed as error:
        cut_off = "" if record.complete else "; the file ends within this line and may be cut off"
        return Row(record.line, None, f"{error}{cut_off}", origin, record.resume)


def parse(text: str) -> dict[str, Any]:
    """One JSON object, strictly. Raises `RowMalformed`.

    Python's reader lets NaN, infinities and repeated keys pass; other readers of the same line see other values.
    """
    if _brackets(text) > MOST_NESTED and _brackets(_STRING.sub("", text)) > MOST_NESTED:
        raise RowMalformed(f"more than {MOST_NESTED:,} lists and objects")
    too_deep = f"nested more than {MAX_DEPTH} levels deep"
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        raise RowMalformed(f"not JSON: a mistake at character {error.pos + 1} of the row") from None
    except RecursionError:
        raise RowMalformed(too_deep) from None
    if not isinstance(value, dict):
        raise RowMalformed("a JSON object is expected, with a value for each field")
    if _brackets(text) > MAX_DEPTH and _is_deeper(value, MAX_DEPTH):
        raise RowMalformed(too_deep)
    return value


def _brackets(text: str) -> int:
    return text.count("{") + text.count("[")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise RowMalformed("an object names the same key twice")
    return value


def _refuse_constant(_name: str) -> NoReturn:
    raise RowMalformed("NaN and Infinity are not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise RowMalformed("a number is too large")
    return number


def _integer(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:  # longer than sys.get_int_max_str_digits(), CVE-2020-10735
        raise RowMalformed("a number has too many digits") from None


def _is_deeper(value: Any, levels: int) -> bool:
    layer = [value]
    while layer and levels:
        layer = [
            child
            for parent in layer
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        levels -= 1
    return bool(layer)
