"""What can be wrong with a table as a whole."""

from dataclasses import dataclass

from graftwork.core.errors import InputError, InputUnreadable


@dataclass(eq=False)
class WorkbookUnreadable(InputUnreadable):
    """`reason` is one of our own sentences, never a library's: those may quote cells."""

    code = "input.workbook"
    next_step = "Save it anew as .xlsx without a password, or as CSV; then give that file."


@dataclass(eq=False)
class TableTooWide(InputError):
    path: str
    most: int
    code = "input.columns"
    summary = "{path}: more than {most:,} columns"
    next_step = "Give a table with the columns that the use case reads; leave out the others."
