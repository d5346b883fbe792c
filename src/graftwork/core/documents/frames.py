"""What the sandbox and its child say to each other: a kind and a length, then so many bytes."""

import json
import socket
import struct
import time
from typing import Any, Literal, get_args

from graftwork.core.documents import errors

FrameKind = Literal["ready", "task", "document", "error"]

# The exit code of a child that ran out of memory: it may not even be able to say so.
OUT_OF_MEMORY = 77

_HEADER = struct.Struct("<BQ")
_KINDS: tuple[FrameKind, ...] = get_args(FrameKind)
_PIECE_BYTES = 1 << 20
_LONGEST_REASON = 300
# Only what a reader itself can find; that a child died is for the parent to say.
_ERRORS: dict[str, type[errors.DocumentError]] = {
    error.__name__: error
    for error in (
        errors.DocumentEmpty,
        errors.DocumentFormatUnknown,
        errors.DocumentBroken,
        errors.DocumentEncrypted,
        errors.DocumentTooLarge,
    )
}


class PeerGoneError(Exception):
    """The other side closed its end, or said something that makes no sense."""


def send(peer: socket.socket, kind: FrameKind, content: bytes = b"") -> None:
    peer.sendall(_HEADER.pack(_KINDS.index(kind), len(content)))
    peer.sendall(content)


def receive(peer: socket.socket, largest_bytes: int, deadline: float | None = None) -> tuple[FrameKind, bytes]:
    """The next frame. `deadline` is a time of `time.monotonic`.

    Raises `TimeoutError` past the deadline, and `PeerGoneError`, also for more than `largest_bytes`.
    """
    number, length = _HEADER.unpack(_exactly(peer, _HEADER.size, deadline))
    if number >= len(_KINDS) or length > largest_bytes:
        raise PeerGoneError
    return _KINDS[number], _exactly(peer, length, deadline)


def error_to_bytes(error: errors.DocumentError) -> bytes:
    return json.dumps({"kind": type(error).__name__, "reason": str(getattr(error, "reason", ""))}).encode()


def error_from_bytes(content: bytes, name: str) -> errors.DocumentError:
    """The error that a child reports of the document that is called `name`. Raises `ValueError`."""
    said: Any = json.loads(content)
    cls = _ERRORS.get(said.get("kind", "")) if isinstance(said, dict) else None
    if cls is None:
        raise ValueError("no error of a reader")
    if "reason" not in cls.__dataclass_fields__:
        return cls(name)
    return cls(name, str(said.get("reason", ""))[:_LONGEST_REASON])


def _exactly(peer: socket.socket, length: int, deadline: float | None) -> bytes:
    pieces: list[bytes] = []
    while length:
        if deadline is not None:
            peer.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            piece = peer.recv(min(length, _PIECE_BYTES))
        except TimeoutError:
            raise
        except OSError:
            raise PeerGoneError from None
        if not piece:
            raise PeerGoneError
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)
