"""The formats that reviews are exported in: JSON Lines, CSV and Parquet.

CSV and formulas: a spreadsheet runs a cell that begins with = + - or @ as a formula, also after white space and in the
full-width forms (OWASP, "CSV Injection"). Such a text gets a ' in front, which spreadsheets take as "this is text". So
that nothing is lost, a text that begins with ' gets another one: a program that reads the file takes one leading ' off.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from io import TextIOWrapper
from itertools import islice
from typing import Any, BinaryIO, Literal, get_args

from graftwork.core.errors import ParquetMissing

Format = Literal["jsonl", "csv", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
Record = Mapping[str, Any]
MEASURES = ("share_rewritten", "active_seconds", "wall_seconds", "thinking_seconds")
ROW_GROUP_REVIEWS = 2_000

_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
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
    text = TextIOWrapper(stream, encoding="utf-8", newline="")
    try:
        if form == "jsonl":
            _write_jsonl(records, text)
        else:
            _write_csv(records, columns, text)
        text.flush()
    finally:
        text.detach()


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
            return f"'{value}" if risky else value
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
