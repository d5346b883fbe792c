"""Signing what leaves the house, so that a change to it is seen: Ed25519 (RFC 8032) over canonical JSON (RFC 8785).

The key is derived from the key ring's audit secret (HKDF, RFC 5869), so nothing new has to be kept or backed up. The
public key travels in the file. A file says only that it was not changed since its key signed it: whose key that is, the
fingerprint tells, which an installation shows and a reader compares.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from graftwork.apps.keyring import KeyRing
from graftwork.apps.pilots.exports.canonical import canonical, read

ALGORITHM = "Ed25519"
MAX_BYTES = 50_000_000
_PURPOSE = b"graftwork/pilot-evidence/ed25519/1"
_SIGNATURE_KEYS = {"algorithm", "canonical_form", "public_key", "fingerprint", "value"}
_FORM = "RFC 8785"

# valid: unchanged since its key signed it · changed: not what was signed · unreadable: no such file at all
State = Literal["valid", "changed", "unreadable"]


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at a signed file says. `ours` is `None` where there is no key of this installation to compare with;
    `body` is there for a valid one only, so that nobody reads figures that were changed.
    """

    state: State
    sentence: str
    fingerprint: str = ""
    ours: bool | None = None
    body: dict[str, Any] | None = None

    @property
    def valid(self) -> bool:
        return self.state == "valid"


def signing_key(ring: KeyRing) -> Ed25519PrivateKey:
    """The installation's key: the same as long as its audit secret is, which a rotation of master keys leaves alone."""
    seed = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(ring.audit_secret)
    return Ed25519PrivateKey.from_private_bytes(seed)


def fingerprint_of(public: bytes) -> str:
    """SHA-256 of the 32 bytes of the public key, in groups that can be read out and compared."""
    digest = hashlib.sha256(public).hexdigest()
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def fingerprint(ring: KeyRing) -> str:
    return fingerprint_of(_raw(signing_key(ring).public_key()))


def sign(body: dict[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """`body` in an envelope with its signature. Raises `ValueError` for what canonical JSON cannot hold."""
    public = _raw(key.public_key())
    return {
        "body": body,
        "signature": {
            "algorithm": ALGORITHM,
            "canonical_form": _FORM,
            "public_key": base64.b64encode(public).decode(),
            "fingerprint": fingerprint_of(public),
            "value": base64.b64encode(key.sign(canonical(body))).decode(),
        },
    }


def check(content: bytes, own_fingerprint: str | None, schema: str) -> Verified:
    """Hold a file against its signature. Never raises: a file that is no such file says so.

    Nothing may stand outside of what is signed, no key twice: else a reader could be shown what nobody signed.
    """
    envelope = _envelope(content)
    if envelope is None:
        return Verified("unreadable", "This is not a signed evidence file.")
    body, signature = envelope
    try:
        public = base64.b64decode(signature["public_key"], validate=True)
        key = Ed25519PublicKey.from_public_bytes(public)
        key.verify(base64.b64decode(signature["value"], validate=True), canonical(body))
    except (InvalidSignature, ValueError, binascii.Error):
        return Verified("changed", "This file was changed after it was signed: its figures are not to be relied on.")
    told = fingerprint_of(public)
    if signature["fingerprint"] != told:
        return Verified("changed", "This file was changed after it was signed: it tells another key than it bears.")
    if body.get("schema") != schema:
        return Verified("unreadable", "The signature fits, but what it signs is not the evidence of a pilot.", told)
    return _valid(body, told, own_fingerprint)


def _valid(body: dict[str, Any], told: str, own: str | None) -> Verified:
    if own is None:
        sentence = "The file is as it was signed. Compare the key's fingerprint with the one its issuer tells."
        return Verified("valid", sentence, told, None, body)
    if own == told:
        return Verified("valid", "The file is as it was signed, by the key of this installation.", told, True, body)
    sentence = (
        "The file is as it was signed, but by a key that is not this installation's. Compare the fingerprint with the "
        "one its issuer tells: anybody can sign with a key of their own."
    )
    return Verified("valid", sentence, told, False, body)


def _envelope(content: bytes) -> tuple[dict[str, Any], dict[str, str]] | None:
    if len(content) > MAX_BYTES:
        return None
    try:
        data = read(content)
    except ValueError:
        return None
    if not isinstance(data, dict) or set(data) != {"body", "signature"}:
        return None
    body, signature = data["body"], data["signature"]
    if not isinstance(body, dict) or not isinstance(signature, dict) or set(signature) != _SIGNATURE_KEYS:
        return None
    if not all(isinstance(value, str) for value in signature.values()):
        return None
    return (body, signature) if (signature["algorithm"], signature["canonical_form"]) == (ALGORITHM, _FORM) else None


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
