"""Running a command over files: one after the other, each to a copy that appears only when it is whole."""

import fcntl
import hashlib
import io
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from graftwork.apps.store_errors import as_store_error
from graftwork.cli.privacy_journal import JournalWriter, data_key, journal_of, read_journal, scope_name
from graftwork.cli.privacy_progress import FileProgress
from graftwork.cli.privacy_sources import Source, check_output, sources, target_of
from graftwork.config.workspace import Workspace
from graftwork.core.errors import (
    ExportExists,
    FormSurprise,
    GraftworkError,
    InputError,
    InputUnreadable,
    OutputBusy,
    SealBroken,
)
from graftwork.core.privacy.book import scope_of
from graftwork.core.privacy.forms import files
from graftwork.core.privacy.forms.masking import Finder, Masker, Restorer, Tally
from graftwork.core.privacy.forms.notices import Notices
from graftwork.core.privacy.forms.pieces import undo
from graftwork.core.privacy.forms.rules import Rules
from graftwork.core.privacy.sinks import DEFAULT, SinkPolicy

_CHUNK_BYTES = 1 << 16
WITHHELD = "placeholders left in links and images (--sinks link, --sinks image restore them)"


@dataclass
class Outcome:
    """What came of one file: how many values of each kind, by whom, and what its reader must know. Never a value."""

    name: str
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    notices: dict[str, int] = field(default_factory=dict)
    error: GraftworkError | None = None

    @property
    def values(self) -> int:
        return sum(self.counts.values())

    @property
    def found(self) -> list[tuple[tuple[str, str], int]]:
        return sorted(self.counts.items())

    def as_json(self) -> dict[str, object]:
        return {
            "file": self.name,
            "found": [{"kind": kind, "found_by": by, "count": count} for (kind, by), count in self.found],
            "notices": self.notices,
            "error": {"code": self.error.code, "message": self.error.message} if self.error else None,
        }


class Batch(Protocol):
    """One command: how a file becomes its copy."""

    def open(self) -> Any: ...

    def rewrite(self, source: BinaryIO, target: BinaryIO, outcome: Outcome, progress: FileProgress) -> None:
        """Write the copy. What must be stored before anybody may see it is stored here."""
        ...


def run(batch: Batch, paths: Sequence[Path], output: Path | None, *, force: bool) -> list[Outcome]:
    """Every file of `paths`, in order. Raises `OutputIsInput`, `InputNotFound`; what is wrong with one file is told."""
    found = sources(paths)
    if output is not None:
        check_output(found, paths, output)
    outcomes: list[Outcome] = []
    with batch.open(), FileProgress(sum(one.size_bytes for one in found), len(found)) as progress:
        for source in found:
            outcome = Outcome(str(source.path), error=source.problem)
            outcomes.append(outcome)
            if outcome.error is None:
                target = target_of(source, found, output) if output is not None else None
                _one(batch, source, target, outcome, progress, force=force)
            progress.done(source.size_bytes)
    return outcomes


def _one(
    batch: Batch, source: Source, target: Path | None, outcome: Outcome, progress: FileProgress, *, force: bool
) -> None:
    try:
        with _opened(source.path) as reading, _copy(target, force=force) as writing:
            batch.rewrite(reading, writing, outcome, progress)
    except InputError as error:
        outcome.error, outcome.counts = error, Counter()
    except GraftworkError:
        raise
    except Exception as error:  # noqa: BLE001 - a file that a library stumbles over ends no batch, and shows no text
        if (ours := as_store_error(error)) is not None:
            raise ours from None
        outcome.error, outcome.counts = FormSurprise(outcome.name, type(error).__name__), Counter()


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputUnreadable(str(path), (error.strerror or "error of the disk").lower()) from None
    with file:
        yield file


@contextmanager
def _copy(target: Path | None, *, force: bool) -> Iterator[BinaryIO]:
    """A file beside `target` that takes its name in the end, and goes away on any other way out."""
    if target is None:
        yield _Nowhere()
        return
    if target.exists() and not force:
        raise ExportExists(str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


class _Nowhere(io.BytesIO):
    """Where a report writes."""

    def write(self, raw: Any, /) -> int:
        return len(raw)


class ReportBatch:
    def __init__(self, detector: Finder, rules: Rules) -> None:
        self._detector, self._rules = detector, rules

    @contextmanager
    def open(self) -> Iterator[None]:
        yield

    def rewrite(self, source: BinaryIO, target: BinaryIO, outcome: Outcome, progress: FileProgress) -> None:
        tally, notices = Tally(self._detector), Notices()
        job = files.Job(tally, self._rules, notices=notices, on_bytes=progress.within, is_report=True)
        files.rewrite(source, target, outcome.name, job)
        outcome.counts.update(tally.counts)


class _ScopeBatch:
    """A command that needs the values of one scope. One run at a time: two would give one number to two values."""

    def __init__(self, workspace: Workspace, scope: str) -> None:
        self._folder = workspace.data_folder / "privacy"
        self._name, self.scope = scope, scope_of("files", scope)

    @contextmanager
    def open(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest = scope_name(self.scope)[:16]
        with (self._folder / f".{digest}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise OutputBusy(f"scope {self._name}") from None
            yield


class MaskBatch(_ScopeBatch):
    def __init__(self, workspace: Workspace, scope: str, days: int, detector: Finder, rules: Rules) -> None:
        super().__init__(workspace, scope)
        self._rules, self._detector = rules, detector
        _forget_expired()  # with values that have expired goes the key that the journals are sealed with
        self._key = data_key(self.scope)
        self._book = _open_book(self.scope, days)
        self._masker = Masker(detector, self._book)

    def rewrite(self, source: BinaryIO, target: BinaryIO, outcome: Outcome, progress: FileProgress) -> None:
        before = Counter(self._masker.counts)
        with JournalWriter(self._folder, self.scope, self._key) as journal:
            notices = Notices()
            notices.add("values in the file's own name, which is kept", self._in_name(outcome.name))
            job = files.Job(self._masker, self._rules, journal, notices, progress.within)
            files.rewrite(source, target, outcome.name, job)
            # Values first: a masked file whose values are lost would be no better than a deleted one.
            _save_book(self._book)
            journal.keep(_digest(target))
        made = self._masker.counts - before
        outcome.counts.update({(kind, ""): count for kind, count in made.items()})
        outcome.notices.update(notices.counts)

    @property
    def told(self) -> list[str]:
        """What the detector told of all the texts together, once each."""
        return sorted(self._masker.notices)

    def _in_name(self, name: str) -> int:
        words = Path(name).stem.replace("_", " ").replace("-", " ")
        return len(self._detector.find(words).findings)


class RestoreBatch(_ScopeBatch):
    def __init__(self, workspace: Workspace, scope: str, sinks: SinkPolicy = DEFAULT) -> None:
        super().__init__(workspace, scope)
        self._key = data_key(self.scope)
        self._restorer = Restorer(_open_book(self.scope, None), sinks)

    def rewrite(self, source: BinaryIO, target: BinaryIO, outcome: Outcome, progress: FileProgress) -> None:
        journal = journal_of(self._folder, _digest(source), self.scope)
        source.seek(0)
        if journal is not None and (count := self._holds(journal)) is not None:
            undo(source, read_journal(journal, self._key), target)
            outcome.counts["exact", ""] = count
            return
        before, unknown, withheld = self._restorer.restored, self._restorer.unknown, self._restorer.withheld
        job = files.Job(self._restorer, Rules(by_name=False), on_bytes=progress.within, is_restoring=True)
        files.rewrite(source, target, outcome.name, job)
        outcome.counts["restored", ""] = self._restorer.restored - before
        if self._restorer.unknown > unknown:
            outcome.notices["placeholders that this scope does not know"] = self._restorer.unknown - unknown
        if self._restorer.withheld > withheld:
            outcome.notices[WITHHELD] = self._restorer.withheld - withheld

    def _holds(self, journal: Path) -> int | None:
        """How many patches it has; `None` where its key has gone with the scope's values, or it was changed."""
        try:
            return sum(1 for _ in read_journal(journal, self._key))
        except SealBroken:
            return None


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _open_book(scope: str, days: int | None) -> Any:
    from django.utils import timezone

    from graftwork.apps.vault.placeholders import open_book

    return open_book(scope, timezone.now(), timedelta(days=days or 90))


def _forget_expired() -> None:
    from django.utils import timezone

    from graftwork.apps.vault.placeholders import forget_expired_books

    forget_expired_books(timezone.now())


def _save_book(book: Any) -> None:
    from django.utils import timezone

    from graftwork.apps.vault.placeholders import save_book

    save_book(book, timezone.now())
