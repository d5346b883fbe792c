"""What can be wrong with a workbook as a whole."""

from dataclasses import dataclass

from graftwork.core.errors import InputUnreadable


@dataclass(eq=False)
class WorkbookUnreadable(InputUnreadable):
    """`reason` is one of our own sentences, never a library's: those may quote cells."""

    code = "input.workbook"
    next_step = "Save it anew as .xlsx without a password, or as CSV; then give that file."
