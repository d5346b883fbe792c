"""The lines of an upload that did not become items, as CSV."""

import csv
import io
from collections.abc import Iterator

from graftwork.apps.connectors.models import Upload
from graftwork.apps.work.export_formats import csv_cell

CHUNK_LINES = 1_000


def refusals_as_csv(upload: Upload) -> Iterator[bytes]:
    """In chunks by line. Reasons name columns, which may begin as a formula does."""
    yield "\ufeffline,reason\r\n".encode()
    after = -1
    while chunk := list(upload.refusals.filter(pk__gt=after).order_by("pk")[:CHUNK_LINES]):
        text = io.StringIO()
        csv.writer(text).writerows([one.line, csv_cell(one.reason)] for one in chunk)
        yield text.getvalue().encode()
        after = chunk[-1].pk
