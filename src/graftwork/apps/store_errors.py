"""The database's own errors as ours, where a person can do something about them."""

import errno

from django.db import InterfaceError, OperationalError

from graftwork.core.errors import DatabaseBusy, DatabaseUnavailable, DiskFull, StoreError

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def as_store_error(error: BaseException) -> StoreError | None:
    """`error` as one of ours, or `None` where it is a bug. The database's own message may quote data and is dropped."""
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        return DiskFull(str(error.filename or "the data folder"))
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    text = str(error).lower()
    if "locked" in text or "lock timeout" in text or "deadlock" in text:
        return DatabaseBusy()
    if "full" in text or "no space left" in text:
        return DiskFull("the database's folder")
    if "no such table" in text or "no such column" in text:
        return DatabaseUnavailable("its tables are older than this version; run `graftwork up` once to bring them up")
    return DatabaseUnavailable("no connection")
