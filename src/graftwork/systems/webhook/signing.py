"""Signatures of webhooks (HMAC-SHA256), as several senders form them: who puts what where.

A scheme is plain data. What is signed is a template of `{id}`, `{timestamp}` and `{body}`; the signature is hexadecimal
or base64, with a prefix or none, in a header of its own or among `name=value` pairs. Sources, for names and forms only:
the Standard Webhooks specification 1.0, and the developer documentation of the senders that a preset is named after.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal

from graftwork.systems.errors import CallRefused

Encoding = Literal["hex", "base64"]
KeyForm = Literal["text", "base64", "whsec"]

WHSEC = "whsec_"
MAX_SIGNATURES = 20
MAX_ID_CHARACTERS = 200

_PLACEHOLDER = re.compile(r"\{(id|timestamp|body)\}")
_SECONDS = re.compile(r"\d{1,12}(\.\d{1,9})?")


@dataclass(frozen=True, slots=True)
class Scheme:
    """Header names in lower case; an empty one is not used.

    `pairs` names the keys of timestamp and signature where both stand in one header, as in `t=1,v1=abc`.
    """

    header: str
    signed: str
    encoding: Encoding = "hex"
    prefix: str = ""
    timestamp_header: str = ""
    id_header: str = ""
    pairs: tuple[str, str] | None = None
    key_form: KeyForm = "text"

    @property
    def has_timestamp(self) -> bool:
        """Whether a call says when it was sent, under the signature: without, an old call cannot be told from a new."""
        return "{timestamp}" in self.signed

    @property
    def names_calls(self) -> bool:
        """Whether the id in the header may be believed: only where it is signed, or anybody could change it."""
        return self.id_header != "" and "{id}" in self.signed


SCHEMES: Mapping[str, Scheme] = {
    "standard": Scheme(
        "webhook-signature", "{id}.{timestamp}.{body}", "base64", "v1,",
        timestamp_header="webhook-timestamp", id_header="webhook-id", key_form="whsec",
    ),
    "simple": Scheme(
        "x-graftwork-signature", "{timestamp}.{body}", "hex", "sha256=",
        timestamp_header="x-graftwork-timestamp", id_header="x-graftwork-id",
    ),
    "github": Scheme("x-hub-signature-256", "{body}", "hex", "sha256=", id_header="x-github-delivery"),
    "shopify": Scheme("x-shopify-hmac-sha256", "{body}", "base64", id_header="x-shopify-webhook-id"),
    "slack": Scheme(
        "x-slack-signature", "v0:{timestamp}:{body}", "hex", "v0=", timestamp_header="x-slack-request-timestamp"
    ),
    "stripe": Scheme("stripe-signature", "{timestamp}.{body}", "hex", pairs=("t", "v1")),
    "zendesk": Scheme(
        "x-zendesk-webhook-signature", "{timestamp}{body}", "base64",
        timestamp_header="x-zendesk-webhook-signature-timestamp", id_header="x-zendesk-webhook-invocation-id",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verified:
    """A call whose signature holds. `name` is the same for the same call, whenever it is repeated."""

    name: str


def key_bytes(secret: str, form: KeyForm) -> bytes:
    """The key in `secret`. Raises `ValueError` where it is not of that form."""
    if form == "text":
        return secret.encode()
    encoded = secret.removeprefix(WHSEC) if form == "whsec" else secret
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("the secret is not base64") from None


def signature(scheme: Scheme, key: bytes, body: bytes, *, call_id: str = "", timestamp: str = "") -> str:
    """The signature as it stands in its header, with the prefix."""
    values = {"id": call_id.encode(), "timestamp": timestamp.encode(), "body": body}
    digest = hmac.new(key, _filled(scheme.signed, values), sha256).digest()
    return scheme.prefix + (digest.hex() if scheme.encoding == "hex" else base64.b64encode(digest).decode())


def verify(
    scheme: Scheme,
    keys: Sequence[bytes],
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime,
    window_seconds: float,
) -> Verified:
    """Raises `CallRefused`: 401 where no signature holds, 409 where it does but is older (or newer) than the window."""
    timestamp, given = _given(scheme, headers)
    call_id = headers.get(scheme.id_header, "") if scheme.id_header else ""
    if not given:
        raise CallRefused(f"there is no signature in the header {scheme.header}", 401)
    if scheme.has_timestamp and not timestamp:
        raise CallRefused("there is no timestamp", 401)
    if "{id}" in scheme.signed and not call_id:
        raise CallRefused(f"there is no id in the header {scheme.id_header}", 401)
    # All are compared, each in constant time: how long it takes says nothing of which was near.
    wanted = [signature(scheme, key, body, call_id=call_id, timestamp=timestamp).encode() for key in keys]
    matches = [hmac.compare_digest(one, other) for one in wanted for other in given]
    if not any(matches):
        raise CallRefused("the signature does not hold", 401)
    if scheme.has_timestamp:
        _check_age(timestamp, now, window_seconds)
    return Verified(_name(scheme, call_id, timestamp, body))


def _given(scheme: Scheme, headers: Mapping[str, str]) -> tuple[str, list[bytes]]:
    """Timestamp and signatures: several while a sender changes its secret."""
    value = headers.get(scheme.header, "")
    if scheme.pairs is None:
        timestamp = headers.get(scheme.timestamp_header, "").strip() if scheme.timestamp_header else ""
        found = value.split()
    else:
        clock, mark = scheme.pairs
        pairs = [pair.strip().partition("=") for pair in value.split(",")]
        timestamp = next((text for name, _, text in pairs if name == clock), "")
        found = [scheme.prefix + text for name, _, text in pairs if name == mark]
    return timestamp, [_plain(scheme, one) for one in found[:MAX_SIGNATURES] if one.startswith(scheme.prefix)]


def _plain(scheme: Scheme, given: str) -> bytes:
    """Hexadecimal digits may be capitals; base64 may not be changed."""
    plain = given if scheme.encoding == "base64" else scheme.prefix + given.removeprefix(scheme.prefix).lower()
    return plain.encode(errors="replace")


def _check_age(timestamp: str, now: datetime, window_seconds: float) -> None:
    sent = _moment(timestamp)
    if sent is None:
        raise CallRefused("the timestamp is no time", 401)
    if abs(now.timestamp() - sent) > window_seconds:
        raise CallRefused(f"the timestamp is not within {window_seconds:g} s of our clock", 409)


def _moment(timestamp: str) -> float | None:
    """Seconds since 1970, from such a number or a time as ISO 8601 has it."""
    if timestamp.isascii() and _SECONDS.fullmatch(timestamp):
        return float(timestamp)
    try:
        moment = datetime.fromisoformat(timestamp)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _name(scheme: Scheme, call_id: str, timestamp: str, body: bytes) -> str:
    """The sender's id where it may be believed; else a digest of what was signed, which nobody can change."""
    if scheme.names_calls and 0 < len(call_id) <= MAX_ID_CHARACTERS and call_id.isprintable():
        return call_id
    return sha256(_filled(scheme.signed, {"id": b"", "timestamp": timestamp.encode(), "body": body})).hexdigest()


def _filled(template: str, values: Mapping[str, bytes]) -> bytes:
    parts = _PLACEHOLDER.split(template)  # text and names take turns
    return b"".join(values[part] if place % 2 else part.encode() for place, part in enumerate(parts))
