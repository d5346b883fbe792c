"""Rows on the screen: a table on a terminal, plain aligned text elsewhere."""

import sys
from collections.abc import Sequence

import click


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print `rows` under `headers`; without rows the headers alone."""
    if sys.stdout.isatty():
        _print_rich(headers, rows)
        return
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    for row in (headers, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


def _print_rich(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headers, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*map(Text, row))  # as Text, so that a [bracket] in a name stays one
    Console().print(table)


def counted(count: int, noun: str, plural: str = "") -> str:
    """`1 file`, `1,200 files`; `plural` where it is more than an `s`."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
