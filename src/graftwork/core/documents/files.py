"""Opening a file that somebody named: a regular one, or a typed error."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from graftwork.core.documents.errors import DocumentUnreadable


def opened(path: Path) -> BinaryIO:
    """Raises `DocumentUnreadable`. Opening a pipe would wait for its writer, hence the flag."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise DocumentUnreadable(path.name, getattr(error, "strerror", "") or "it cannot be opened") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise DocumentUnreadable(path.name, "it is not a regular file")
    return os.fdopen(descriptor, "rb")
