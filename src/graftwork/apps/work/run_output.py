"""The files that a run writes: results, rejected rows, and the checkpoint from which it can go on after any crash.

Results and rejects are appended; the checkpoint says up to which byte they hold good and up to which row the input was
taken. To go on, both are cut back to that byte, so no line is there twice or half.
"""

import csv
import fcntl
import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from graftwork.apps.store_errors import DISK_FULL
from graftwork.apps.work.export_formats import csv_cell
from graftwork.core.errors import (
    DiskFull,
    InputChanged,
    OutputBusy,
    OutputChanged,
    OutputComplete,
    OutputExists,
    OutputUnwritable,
)
from graftwork.core.intake.row import Resume

CSV_COLUMNS = (
    "id", "thread", "row", "draft", "notices", "error", "finish_reason", "engine", "model", "prompt_tokens",
    "completion_tokens", "first_token_ms", "total_ms", "release",
)  # fmt: skip


@dataclass
class Counts:
    """What became of the rows. `drafted` includes `reused`: drafts that the store held. Tokens are of new ones."""

    rows: int = 0
    drafted: int = 0
    reused: int = 0
    of_earlier_release: int = 0
    failed: int = 0
    rejected: int = 0
    truncated: int = 0
    completion_tokens: int = 0


@dataclass
class Checkpoint:
    """Where a run stands: all rows before `resume` are in the files, up to these bytes."""

    fingerprint: str
    use_case: str
    release: str
    output_bytes: int = 0
    rejected_bytes: int = 0
    resume: Resume | None = None
    counts: Counts = field(default_factory=Counts)


class RunOutput:
    """Opens the files of one run and keeps others from writing to them until `close`."""

    def __init__(self, path: Path, input_: Path) -> None:
        self.path = path
        self._input = input_
        self.rejected_path = path.with_name(f"{path.name}.rejected.jsonl")
        self._checkpoint_path = path.with_name(f".{path.name}.progress.json")
        self._lock_path = path.with_name(f".{path.name}.lock")
        self._as_csv = path.suffix.lower() == ".csv"
        self._lock: IO[str] | None = None
        self._output: IO[bytes] | None = None
        self._rejected: IO[bytes] | None = None

    def open(self, fresh: Checkpoint, *, resume: bool) -> Checkpoint:
        """The checkpoint to go on from, `fresh` or saved.

        Raises `OutputUnwritable`, `OutputBusy`, `OutputExists`, `OutputChanged`, `InputChanged`.
        """
        self._refuse_what_is_no_file()
        self._take_lock()
        there_bytes = self.path.stat().st_size if self.path.exists() else 0
        saved = self._saved() if resume and there_bytes else None
        if saved is None and there_bytes and not (resume and self._checkpoint_path.exists()):
            raise OutputComplete(str(self.path)) if resume else OutputExists(str(self.path))
        if saved is not None and (saved.fingerprint, saved.use_case) != (fresh.fingerprint, fresh.use_case):
            raise InputChanged(str(self._input))
        checkpoint = saved or fresh
        if checkpoint.output_bytes > there_bytes:
            raise OutputChanged(str(self.path))
        if not checkpoint.rejected_bytes:
            self.rejected_path.unlink(missing_ok=True)
        self._output = _open_at(self.path, checkpoint.output_bytes)
        self._rejected = _open_at(self.rejected_path, checkpoint.rejected_bytes) if checkpoint.rejected_bytes else None
        return checkpoint

    def begin(self, checkpoint: Checkpoint) -> None:
        """From here on a crash can be resumed: before the first row is written, its checkpoint is on the disk."""
        assert self._output is not None
        if self._as_csv and not checkpoint.output_bytes:
            self._output.write(_csv_line(CSV_COLUMNS))
        self.save(checkpoint)

    def write(self, record: Mapping[str, Any]) -> None:
        assert self._output is not None
        with _write_errors(self.path):
            if self._as_csv:
                self._output.write(_csv_line([csv_cell(record.get(column)) for column in CSV_COLUMNS]))
            else:
                self._output.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")

    def reject(self, record: Mapping[str, Any]) -> None:
        if self._rejected is None:
            self._rejected = _open_at(self.rejected_path, 0)
        with _write_errors(self.rejected_path):
            self._rejected.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")

    def save(self, checkpoint: Checkpoint) -> None:
        """Put all that was written on the disk, then the checkpoint that vouches for it."""
        assert self._output is not None
        checkpoint.output_bytes = _flush(self._output)
        checkpoint.rejected_bytes = _flush(self._rejected) if self._rejected else 0
        temporary = self._checkpoint_path.with_suffix(".new")
        with _write_errors(temporary):
            with temporary.open("w", encoding="utf-8") as stream:
                json.dump(asdict(checkpoint), stream)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(self._checkpoint_path)

    def finish(self) -> None:
        """The run is complete: what was only needed to resume it goes away."""
        self._checkpoint_path.unlink(missing_ok=True)

    def close(self) -> None:
        for stream in (self._output, self._rejected):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    # What could not be flushed lies behind the checkpoint: a resumed run writes it again.
                    continue
        if self._lock is not None:
            # The file stays: who removed it could take away the lock of one who opened it in between.
            self._lock.close()

    def _refuse_what_is_no_file(self) -> None:
        """A folder, a pipe or a device cannot be cut back to a byte, so no run to it could be resumed."""
        for path in (self.path, self.rejected_path):
            if path.exists() and not path.is_file():
                raise OutputUnwritable(str(path), "it is a folder" if path.is_dir() else "it is no regular file")

    def _take_lock(self) -> None:
        with _write_errors(self.path):
            self._lock = self._lock_path.open("w", encoding="utf-8")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            self._lock = None
            raise OutputBusy(str(self.path)) from None

    def _saved(self) -> Checkpoint | None:
        """`None` where there is none that can be read: then all is taken from the store, and nothing drafted again."""
        try:
            data = json.loads(self._checkpoint_path.read_text(encoding="utf-8"))
            resume = Resume(**data.pop("resume")) if data["resume"] else None
            return Checkpoint(**{**data, "counts": Counts(**data["counts"]), "resume": resume})
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None


def _for_this_user(path: str, flags: int) -> int:
    """Drafts may repeat what customers wrote: a new file is for this user's eyes only."""
    return os.open(path, flags | os.O_CREAT, 0o600)


def _open_at(path: Path, size_bytes: int) -> IO[bytes]:
    """`path` for appending after its first `size_bytes`; what lies behind them is cut off."""
    with _write_errors(path):
        stream = open(path, "r+b", opener=_for_this_user)  # noqa: SIM115 - kept open by the run
        stream.truncate(size_bytes)
        stream.seek(size_bytes)
    return stream


def _flush(stream: IO[bytes]) -> int:
    with _write_errors(Path(stream.name)):
        stream.flush()
        os.fsync(stream.fileno())
    return stream.tell()


@contextmanager
def _write_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL:
            raise DiskFull(str(path)) from None
        raise OutputUnwritable(str(path), (error.strerror or "error of the disk").lower()) from None


def _csv_line(cells: Any) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue().encode()
