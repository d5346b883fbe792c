"""The files that a run writes: results, rejected rows, and the checkpoint from which it can go on after any crash.

Results and rejects are appended; the checkpoint says up to which byte they hold good and up to which row the input was
taken. To go on, both are cut back to that byte, so no line is there twice or half.
"""

import csv
import fcntl
import io
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from graftwork.core.errors import DiskFull, InputChanged, InputUnreadable, OutputBusy, OutputExists
from graftwork.core.intake.row import Resume

CSV_COLUMNS = (
    "id", "thread", "row", "draft", "notices", "error", "finish_reason", "engine", "model", "prompt_tokens",
    "completion_tokens", "first_token_ms", "total_ms", "release",
)  # fmt: skip


@dataclass
class Counts:
    """What became of the rows. `drafted` includes `reused`: drafts that the store held already."""

    rows: int = 0
    drafted: int = 0
    reused: int = 0
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

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rejected_path = path.with_name(f"{path.name}.rejected.jsonl")
        self._checkpoint_path = path.with_name(f".{path.name}.progress.json")
        self._lock_path = path.with_name(f".{path.name}.lock")
        self._as_csv = path.suffix.lower() == ".csv"
        self._lock: IO[str] | None = None
        self._output: IO[bytes] | None = None
        self._rejected: IO[bytes] | None = None

    def open(self, fresh: Checkpoint, *, resume: bool) -> Checkpoint:
        """The checkpoint to go on from, `fresh` or saved. Raises `OutputBusy`, `OutputExists`, `InputChanged`."""
        self._take_lock()
        saved = self._saved() if resume else None
        if saved is None and self.path.exists() and self.path.stat().st_size and not resume:
            raise OutputExists(str(self.path))
        if saved is None and resume and self.path.exists() and not self._checkpoint_path.exists():
            raise OutputExists(str(self.path))
        if saved is not None and (saved.fingerprint, saved.use_case) != (fresh.fingerprint, fresh.use_case):
            raise InputChanged(str(self.path))
        checkpoint = saved or fresh
        self._output = _open_at(self.path, checkpoint.output_bytes)
        self._rejected = _open_at(self.rejected_path, checkpoint.rejected_bytes) if checkpoint.rejected_bytes else None
        if self._as_csv and not checkpoint.output_bytes:
            self._output.write(_csv_line(CSV_COLUMNS))
        return checkpoint

    def write(self, record: Mapping[str, Any]) -> None:
        assert self._output is not None
        if self._as_csv:
            self._output.write(_csv_line([_cell(record.get(column)) for column in CSV_COLUMNS]))
        else:
            self._output.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")

    def reject(self, record: Mapping[str, Any]) -> None:
        if self._rejected is None:
            self._rejected = _open_at(self.rejected_path, 0)
        self._rejected.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")

    def save(self, checkpoint: Checkpoint) -> None:
        """Put all that was written on the disk, then the checkpoint that vouches for it."""
        assert self._output is not None
        checkpoint.output_bytes = _flush(self._output)
        checkpoint.rejected_bytes = _flush(self._rejected) if self._rejected else 0
        temporary = self._checkpoint_path.with_suffix(".new")
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
            self._lock_path.unlink(missing_ok=True)
            self._lock.close()

    def _take_lock(self) -> None:
        try:
            self._lock = self._lock_path.open("w", encoding="utf-8")
        except OSError as error:
            raise InputUnreadable(str(self.path), error.strerror or "cannot be written") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            self._lock = None
            raise OutputBusy(str(self.path)) from None

    def _saved(self) -> Checkpoint | None:
        try:
            data = json.loads(self._checkpoint_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        resume = Resume(**data.pop("resume")) if data["resume"] else None
        return Checkpoint(**{**data, "counts": Counts(**data["counts"]), "resume": resume})


def _open_at(path: Path, size_bytes: int) -> IO[bytes]:
    """`path` for appending after its first `size_bytes`; what lies behind them is cut off."""
    stream = path.open("r+b" if path.exists() else "w+b")
    stream.truncate(size_bytes)
    stream.seek(size_bytes)
    return stream


def _flush(stream: IO[bytes]) -> int:
    try:
        stream.flush()
        os.fsync(stream.fileno())
    except OSError as error:
        raise DiskFull(str(stream.name)) from error
    return stream.tell()


def _csv_line(cells: Any) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue().encode()


def _cell(value: Any) -> Any:
    """Lists and objects as JSON; a text that a spreadsheet would run as a formula is led by an apostrophe (OWASP)."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
