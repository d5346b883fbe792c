"""What undoes the masking of a text file byte by byte: encrypted under the key of its scope, found by its digest.

A journal lies in `data/privacy/` of the workspace. It is read only for a file whose SHA-256 is the one that was
written; a file that was changed by a single byte is restored by its form instead.
"""

import base64
import json
import os
import secrets
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

from graftwork.core.errors import SealBroken
from graftwork.core.privacy.forms.pieces import Patch

if TYPE_CHECKING:
    from graftwork.apps.vault.sealing import DataKey

CHUNK_PATCHES = 500
_LENGTH = struct.Struct(">I")


def data_key(scope: str) -> "DataKey":
    """The key that seals the placeholders of `scope`, made where there is none yet: journals end when the values do."""
    from graftwork.apps.keyring import keyring
    from graftwork.apps.vault.actions import scope_keys
    from graftwork.apps.vault.sealing import unwrap

    return unwrap(next(iter(scope_keys([f"placeholders:{scope_name(scope)}"]).values())), keyring())


class JournalWriter:
    """Takes the patches of one file as they are made. `keep` gives the journal its name; without it nothing stays."""

    def __init__(self, folder: Path, scope: str, key: "DataKey") -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._key = folder, key
        self._id = secrets.token_hex(16)
        self._path = folder / f".{self._id}.part"
        self._waiting: list[Patch] = []
        self._chunks = 0
        self._is_empty = True
        self._file = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._file.write(json.dumps({"id": self._id, "scope": scope_name(scope)}).encode() + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def __call__(self, patch: Patch) -> None:
        self._is_empty = False
        self._waiting.append(patch)
        if len(self._waiting) >= CHUNK_PATCHES:
            self._seal()

    def keep(self, digest: str) -> None:
        """Under the digest of the file that was written. One that has nothing to undo needs no journal."""
        if self._is_empty:
            return
        self._seal()
        self._seal()  # an empty chunk is the end: a journal that was cut short does not have it
        self._file.flush()
        os.fsync(self._file.fileno())
        self._path.replace(self._folder / f"{digest}.journal")

    def _seal(self) -> None:
        rows = [[one.offset, one.length, base64.b64encode(one.old).decode()] for one in self._waiting]
        sealed = self._key.seal(json.dumps(rows), _label(self._id, self._chunks))
        self._file.write(_LENGTH.pack(len(sealed)) + sealed)
        self._waiting, self._chunks = [], self._chunks + 1


def journal_of(folder: Path, digest: str, scope: str) -> Path | None:
    """The journal of the file with this digest, where this scope has one."""
    path = folder / f"{digest}.journal"
    if not path.is_file():
        return None
    with path.open("rb") as file:
        head = _head(file)
    return path if head.get("scope") == scope_name(scope) else None


def forget_journals(folder: Path, scope: str) -> None:
    """Delete what cannot be read any more once the values of `scope` are gone."""
    for path in folder.glob("*.journal"):
        with path.open("rb") as file:
            head = _head(file)
        if head.get("scope") == scope_name(scope):
            path.unlink(missing_ok=True)


def read_journal(path: Path, key: "DataKey") -> Iterator[Patch]:
    """The patches in order. Raises `SealBroken` where the journal was changed or cut."""
    with path.open("rb") as file:
        journal_id = str(_head(file).get("id"))
        number = 0
        while True:
            sealed = _chunk(file, journal_id)
            rows = json.loads(key.unseal(sealed, _label(journal_id, number)))
            if not rows:
                return
            for offset, length, old in rows:
                yield Patch(offset, length, base64.b64decode(old))
            number += 1


def _chunk(file: BinaryIO, journal_id: str) -> bytes:
    size = file.read(_LENGTH.size)
    sealed = file.read(_LENGTH.unpack(size)[0]) if len(size) == _LENGTH.size else b""
    if not sealed:
        raise SealBroken(f"journal {journal_id}")
    return sealed


def _head(file: BinaryIO) -> dict[str, object]:
    try:
        head = json.loads(file.readline(10_000))
    except ValueError:
        return {}
    return head if isinstance(head, dict) else {}


def scope_name(scope: str) -> str:
    """As the vault names scopes, which may be called after people."""
    from graftwork.apps.vault.placeholders import scope_digest

    return scope_digest(scope)


def _label(journal_id: str, number: int) -> str:
    return f"privacy.journal:{journal_id}:{number}"
