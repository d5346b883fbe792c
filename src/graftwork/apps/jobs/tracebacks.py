"""A failed job keeps where it failed, and nothing of what the exception said: that may quote an item or a secret."""

import re
from typing import Any

from django.db.models.signals import pre_save
from django_tasks_db.models import DBTaskResult

_FRAME = re.compile(r'^ *File ".*", line \d+, in .*$', re.MULTILINE)


def keep_places_only() -> None:
    """From now on, whatever the library stores of a failed job goes through `_clean`."""
    pre_save.connect(_clean, sender=DBTaskResult, dispatch_uid="graftwork.jobs.tracebacks")


def _clean(instance: "DBTaskResult[Any, Any]", **signal: object) -> None:
    del signal
    if instance.traceback:
        instance.traceback = "\n".join(_FRAME.findall(instance.traceback))
