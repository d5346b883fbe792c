"""Memory does not grow with the file."""

import io
import tracemalloc

import pytest

from graftwork.core.privacy.forms import files


class Nothing:
    def swaps(self, fields):
        return [[] for _ in fields]


class Sink(io.RawIOBase):
    def write(self, raw):
        return len(raw)

    def tell(self):
        return 0


def _peak_bytes(source, name):
    tracemalloc.start()
    files.rewrite(source, Sink(), name, files.Job(Nothing()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize(
    ("name", "row", "begin", "end"),
    [
        ("a.txt", "all is well with the parcel\n\n", "", ""),
        ("a.txt", "all is well with the parcel ", "", ""),
        ("a.csv", "all is well with the parcel,12\n", "note,n\n", ""),
        ("a.jsonl", '{"note": "all is well with the parcel"}\n', "", ""),
        ("a.json", '{"note": "all is well with the parcel"},', "[", "0]"),
    ],
)
def test_a_file_four_times_as_long_needs_no_more_memory(tmp_path, name, row, begin, end):
    peaks = []
    for rows in (3_000, 12_000):
        path = tmp_path / name
        path.write_text(begin + row * rows + end)
        with path.open("rb") as source:
            peaks.append(_peak_bytes(source, name))
    assert peaks[1] < peaks[0] * 1.3
