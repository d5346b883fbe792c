"""Sealing content fields: AES-256-GCM (NIST SP 800-38D) under the data key of the scope.

The label of the field (table, column, row) is authenticated too, so that a value moved to another row does not open.
Random 96-bit nonces are safe for 2**32 values a key; a scope is one thread.
"""

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from graftwork.apps.keyring import KeyRing
from graftwork.apps.vault.models import ScopeKey
from graftwork.core.errors import SealBroken

NONCE_BYTES = 12
DATA_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class DataKey:
    """The unwrapped key of one scope. Lives in memory only."""

    cipher: AESGCM

    def seal(self, text: str, label: str) -> bytes:
        return self.seal_bytes(text.encode(), label)

    def seal_bytes(self, content: bytes, label: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self.cipher.encrypt(nonce, content, label.encode())

    def unseal(self, sealed: bytes | memoryview, label: str) -> str:
        """Raises `SealBroken` where the value was changed or belongs to another field."""
        try:
            return self.unseal_bytes(sealed, label).decode()
        except ValueError:
            raise SealBroken(label) from None

    def unseal_bytes(self, sealed: bytes | memoryview, label: str) -> bytes:
        """Raises `SealBroken` as `unseal` does."""
        raw = bytes(sealed)
        try:
            return self.cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], label.encode())
        except (InvalidTag, ValueError):
            raise SealBroken(label) from None


def unwrap(scope_key: ScopeKey, ring: KeyRing) -> DataKey:
    """Raises `KeyMissing` where the ring lacks the master key, `SealBroken` where the row was changed."""
    return DataKey(AESGCM(unwrap_raw(scope_key, ring)))


def unwrap_raw(scope_key: ScopeKey, ring: KeyRing) -> bytes:
    master, wrapped = AESGCM(ring.master(scope_key.master_key_id)), bytes(scope_key.wrapped)
    try:
        return master.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], scope_key.scope.encode())
    except (InvalidTag, ValueError):
        raise SealBroken(f"scope key {scope_key.pk}") from None


def wrap(raw: bytes, scope: str, ring: KeyRing) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(ring.active).encrypt(nonce, raw, scope.encode())
