"""The key ring: the secrets that must never lie in the database. A file of the workspace, or GRAFTWORK_KEYS."""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from graftwork.core.errors import KeyFileInvalid, KeyMissing

SECRET_BYTES = 32


@dataclass(frozen=True)
class KeyRing:
    """Master keys by id, the one that wraps what is new, and the secrets of the audit chain and of sessions."""

    master_keys: dict[str, bytes]
    active_id: str
    audit_secret: bytes
    session_secret: bytes

    def __repr__(self) -> str:
        return f"KeyRing({list(self.master_keys)}, active={self.active_id})"

    @property
    def active(self) -> bytes:
        return self.master(self.active_id)

    def master(self, key_id: str) -> bytes:
        try:
            return self.master_keys[key_id]
        except KeyError:
            raise KeyMissing(key_id) from None

    def with_new_master(self) -> "KeyRing":
        """The same ring with one more master key, which is now the active one."""
        key_id = new_key_id()
        masters = {**self.master_keys, key_id: secrets.token_bytes(SECRET_BYTES)}
        return KeyRing(masters, key_id, self.audit_secret, self.session_secret)


def new_ring() -> KeyRing:
    key_id = new_key_id()
    return KeyRing(
        {key_id: secrets.token_bytes(SECRET_BYTES)},
        key_id,
        audit_secret=secrets.token_bytes(SECRET_BYTES),
        session_secret=secrets.token_bytes(SECRET_BYTES),
    )


def new_key_id() -> str:
    return f"k{secrets.token_hex(4)}"


def keyring() -> KeyRing:
    """The ring of this process. Raises `KeyFileInvalid` where there is none: nothing can be read or written then.

    The file is read again when it changes, so that running processes follow a rotation.
    """
    if in_environment():
        return keyring_from_environment()
    file = Path(settings.GRAFTWORK_KEY_FILE)
    try:
        found = file.stat()
    except OSError:
        raise KeyFileInvalid(str(file), "the key file is missing") from None
    # Two rotations within one tick of the file system's clock differ in their inode.
    return _from_file(file, (found.st_mtime_ns, found.st_ino, found.st_size))


@lru_cache(maxsize=1)
def _from_environment(text: str) -> KeyRing:
    return _parse("GRAFTWORK_KEYS", text)


@lru_cache(maxsize=1)
def _from_file(file: Path, stamp: tuple[int, ...]) -> KeyRing:
    del stamp  # a file that changed is a new cache entry
    return read_ring(file)


def in_environment() -> bool:
    return "GRAFTWORK_KEYS" in os.environ


def keyring_from_environment() -> KeyRing:
    return _from_environment(os.environ["GRAFTWORK_KEYS"])


def read_ring(file: Path) -> KeyRing:
    try:
        return _parse(str(file), file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise KeyFileInvalid(str(file), "the key file is missing") from None
    except (OSError, UnicodeDecodeError):
        raise KeyFileInvalid(str(file), "the key file cannot be read") from None


def write_ring(ring: KeyRing, file: Path) -> None:
    """Replace the file in one step, readable by its owner only, and on disk before this returns."""
    data = {
        "active": ring.active_id,
        "master_keys": {key_id: _encode(key) for key_id, key in ring.master_keys.items()},
        "audit_secret": _encode(ring.audit_secret),
        "session_secret": _encode(ring.session_secret),
    }
    temporary = file.with_name(f".{file.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(data, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:  # without this a power cut could bring the old file back, while the rows already depend on the new key
        os.fsync(folder)
    finally:
        os.close(folder)


def _parse(origin: str, text: str) -> KeyRing:
    try:
        data: dict[str, Any] = json.loads(text)
        ring = KeyRing(
            {str(key_id): _decode(key) for key_id, key in data["master_keys"].items()},
            str(data["active"]),
            _decode(data["audit_secret"]),
            _decode(data["session_secret"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise KeyFileInvalid(origin, "not a key ring, or a broken one") from None
    if ring.active_id not in ring.master_keys:
        raise KeyFileInvalid(origin, "its active key is not among its keys")
    return ring


def _encode(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


def _decode(text: str) -> bytes:
    secret = base64.b64decode(text, validate=True)
    if len(secret) != SECRET_BYTES:
        raise ValueError("a secret has 32 bytes")
    return secret
