"""The formats that reviews are exported in: JSON Lines, CSV, XLSX and Parquet.

CSV and formulas: a spreadsheet runs a cell that begins with = + - or @ as a formula, also after white space and in the
full-width forms (OWASP, "CSV Injection"). Such a text gets a ' in front, which spreadsheets take as "this is text". So
that nothing is lost, a text that begins with ' gets another one: a program that reads the file takes one leading ' off.
A plain number such as the id -5 can do no harm and stays as it is. In XLSX a cell says itself that it is text.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from io import RawIOBase, TextIOWrapper
from itertools import islice
from typing import Any, BinaryIO, Literal, get_args

from graftwork.apps.work.export_xlsx import Value, write_sheets, write_stepwise
from graftwork.core.errors import ParquetMissing

Format = Literal["jsonl", "csv", "xlsx", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
Record = Mapping[str, Any]
MEASURES = ("share_rewritten", "active_seconds", "active_seconds_30", "active_seconds_120", "wall_seconds",
            "thinking_seconds")  # fmt: skip
ROW_GROUP_REVIEWS = 2_000

_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_PLAIN_NUMBER = re.compile(r"-[0-9]{1,15}(\.[0-9]{1,15})?")
_PIECE_BYTES = 64_000
_SHEET = "reviews"
_OTHER_STARTS = ("'", "\t", "\r", "\n")


def check_installed(form: Format) -> None:
    """Raises `ParquetMissing` where `form` cannot be written here."""
    if form == "parquet":
        _pyarrow()


def write(form: Format, records: Iterable[Record], columns: tuple[str, ...], stream: BinaryIO) -> None:
    """Write `records` to `stream`, which stays open."""
    if form == "parquet":
        _write_parquet(records, columns, stream)
        return
    if form == "xlsx":
        write_sheets(_SHEET, columns, _cells(records, columns), stream)
        return
    text = TextIOWrapper(stream, encoding="utf-8", newline="")
    try:
        if form == "jsonl":
            _write_jsonl(records, text)
        else:
            _write_csv(records, columns, text)
        text.flush()
    finally:
        text.detach()


def pieces(form: Literal["csv", "xlsx"], records: Iterable[Record], columns: tuple[str, ...]) -> Iterator[bytes]:
    """The same content bit by bit, as the records come, in memory that does not grow with their number."""
    stream = _Passing()
    if form == "xlsx":
        steps: Iterable[Any] = write_stepwise(_SHEET, columns, _cells(records, columns), stream)
    else:
        steps = _csv_steps(records, columns, stream)
    for _ in steps:
        if stream.held_bytes >= _PIECE_BYTES:
            yield stream.take()
    yield stream.take()


class _Passing(RawIOBase):
    """Written at one end, taken out at the other: what was taken is kept no longer."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()
        self._taken_bytes = 0

    @property
    def held_bytes(self) -> int:
        return len(self._held)

    def take(self) -> bytes:
        content, self._held = bytes(self._held), bytearray()
        self._taken_bytes += len(content)
        return content

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._taken_bytes + len(self._held)


def _csv_steps(records: Iterable[Record], columns: tuple[str, ...], stream: Any) -> Iterator[None]:
    # A spreadsheet program takes a file without the mark for its own country's encoding.
    text = TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in records:
        writer.writerow([csv_cell(row[column]) for column in columns])
        yield
    text.detach()


def _cells(records: Iterable[Record], columns: tuple[str, ...]) -> Iterator[list[Value]]:
    for row in records:
        yield [
            json.dumps(row[column], ensure_ascii=False) if isinstance(row[column], list | dict) else row[column]
            for column in columns
        ]


def _write_jsonl(records: Iterable[Record], stream: TextIOWrapper) -> None:
    stream.writelines(json.dumps(row, ensure_ascii=False, default=iso) + "\n" for row in records)


def _write_csv(records: Iterable[Record], columns: tuple[str, ...], stream: TextIOWrapper) -> None:
    writer = csv.writer(stream)
    writer.writerow(columns)
    for row in records:
        writer.writerow([csv_cell(row[column]) for column in columns])


def csv_cell(value: object) -> str:
    """One value as a cell that no spreadsheet takes for a formula; unknown is empty."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return iso(value) or ""
        case list() | dict():
            return json.dumps(value, ensure_ascii=False)
        case str():
            risky = value.lstrip(" \t\r\n\ufeff").startswith(_FORMULA_STARTS) or value.startswith(_OTHER_STARTS)
            return f"'{value}" if risky and not _PLAIN_NUMBER.fullmatch(value) else value
    return str(value)


def _write_parquet(records: Iterable[Record], columns: tuple[str, ...], stream: BinaryIO) -> None:
    pa, parquet = _pyarrow()
    edit = pa.struct([("operation", pa.string()), ("text", pa.string())])
    types = {
        "edit_script": pa.list_(edit),
        "field_changes": pa.list_(pa.struct([(name, pa.string()) for name in ("path", "before", "after")])),
        **dict.fromkeys(MEASURES, pa.float64()),
        "reviewer": pa.int64(),
        "simulated": pa.bool_(),
        **dict.fromkeys(("decided_at", "effective_at"), pa.timestamp("us", tz="UTC")),
    }
    schema = pa.schema([(column, types.get(column, pa.string())) for column in columns])
    rows = iter(records)
    with parquet.ParquetWriter(stream, schema) as writer:
        while chunk := list(islice(rows, ROW_GROUP_REVIEWS)):
            writer.write_table(pa.Table.from_pylist(chunk, schema=schema))


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra that a light install does not have
        import pyarrow.parquet as parquet  # noqa: PLC0415 - as above
    except ImportError:
        raise ParquetMissing from None
    return pa, parquet


def iso(moment: object) -> str | None:
    """A time as ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat() if isinstance(moment, datetime) else None
