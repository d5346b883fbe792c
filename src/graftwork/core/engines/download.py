"""One file from one address to one place on disk, continued where an earlier try stopped."""

import errno
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from graftwork.core.errors import DiskFull

CHUNK_BYTES = 1 << 20
# A silent server is given up after this; a slow one that keeps sending is not.
SILENCE_SECONDS = 20.0

OnBytes = Callable[[int], None]


class SourceError(Exception):
    """One source cannot give the file; its text says why in a few words. Another source may still do."""


def download(url: str, target: Path, *, limit_bytes: int, on_bytes: OnBytes) -> None:
    """Fetch `url` into `target`, whole. A partial `target` is continued with a Range request where the server can.

    `on_bytes` gets how many bytes came, the kept ones first. urllib is enough here, and honours the proxy variables.
    Raises `SourceError`, also when more than `limit_bytes` come, and `DiskFull`.
    """
    have = target.stat().st_size if target.exists() else 0
    headers = {"User-Agent": "graftwork", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        with urlopen(Request(url, headers=headers), timeout=SILENCE_SECONDS) as response:  # noqa: S310 - http(s), or pip's file:
            append = have > 0 and response.status == 206 and _begins_at(response.headers, have)
            _save(response, target, append=append, have=have, limit_bytes=limit_bytes, on_bytes=on_bytes)
    except HTTPError as error:
        if error.code == 416 and have:  # nothing is left to send: the digest decides whether what lies here is the file
            on_bytes(have)
            return
        raise SourceError(f"HTTP {error.code}") from None
    except (OSError, HTTPException) as error:
        raise SourceError(_reason(error)) from None


def copy_file(source: Path, target: Path, *, on_bytes: OnBytes) -> None:
    """Copy a file of this machine. Raises `SourceError` and `DiskFull`."""
    try:
        reader = source.open("rb")
    except OSError as error:
        raise SourceError(_reason(error)) from None
    with reader, writing(target):
        copy(reader, target.open("wb"), on_bytes=on_bytes)


def copy(reader: IO[bytes], writer: IO[bytes], *, on_bytes: OnBytes, limit_bytes: int | None = None) -> None:
    """Stream `reader` into `writer`, and close the writer."""
    with writer:
        for chunk in chunks(reader):
            write(writer, chunk)
            on_bytes(len(chunk))
            if limit_bytes is not None and writer.tell() > limit_bytes:
                raise SourceError(f"more than the {limit_bytes} bytes expected")


def write(writer: IO[bytes], chunk: bytes) -> None:
    """The only place that writes model bytes, so that a test can fill the disk."""
    writer.write(chunk)


def chunks(reader: IO[bytes]) -> Iterator[bytes]:
    while chunk := reader.read(CHUNK_BYTES):
        yield chunk


def sha256_of(path: Path) -> str:
    """In hexadecimal."""
    with path.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the system's "no space left" (or quota) into `DiskFull`, and other disk trouble into `SourceError`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(str(path.parent)) from None
        raise SourceError(_reason(error)) from None


def _save(response: IO[bytes], target: Path, *, append: bool, have: int, limit_bytes: int, on_bytes: OnBytes) -> None:
    if append:
        on_bytes(have)
    with writing(target):
        expected = _length(response)
        copy(response, target.open("ab" if append else "wb"), on_bytes=on_bytes, limit_bytes=limit_bytes)
        got = target.stat().st_size - (have if append else 0)
    if expected is not None and got < expected:
        raise SourceError(f"the connection ended after {got} of {expected} bytes")


def _length(response: IO[bytes]) -> int | None:
    headers: HTTPMessage | None = getattr(response, "headers", None)
    length = headers.get("Content-Length") if headers else None
    return int(length) if length and length.isdigit() else None


def _begins_at(headers: HTTPMessage, have: int) -> bool:
    return headers.get("Content-Range", "").startswith(f"bytes {have}-")


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", error)  # URLError wraps the socket's error
    if isinstance(reason, TimeoutError):
        return f"no answer within {SILENCE_SECONDS:g} s"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror.lower()
    return type(reason).__name__ if isinstance(reason, Exception) else str(reason)
