"""The signed evidence file of a pilot: its figures, what they rest on, and who had them written when."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from graftwork import __version__
from graftwork.apps.actors import Actor
from graftwork.apps.keyring import KeyRing, keyring
from graftwork.apps.pilots.exports import signing
from graftwork.apps.pilots.exports.json import iso
from graftwork.apps.pilots.exports.provenance import code_digests
from graftwork.apps.pilots.exports.signing import Verified
from graftwork.core.errors import KeyFileInvalid

SCHEMA = "graftwork.pilot-evidence/1"


def evidence(
    actor: Actor, figures: Mapping[str, Any], queries: Sequence[Mapping[str, Any]], now: datetime, ring: KeyRing
) -> bytes:
    """The file: readable JSON in UTF-8, whose `signature` covers `body` in canonical form.

    It names the kind of who exported ("user", "cli"), never the person; the charter names people as its author wrote.
    """
    body = {
        "schema": SCHEMA,
        "simulated": figures["simulated"],
        "as_of": figures["as_of"],
        "exported_at": iso(now),
        "exported_by": actor_kind(actor),
        "charter_sha256": figures["charter_sha256"],
        "code": {"graftwork": __version__, "sha256": code_digests()},
        "queries": list(queries),
        "figures": dict(figures),
    }
    envelope = signing.sign(body, signing.signing_key(ring))
    return (json.dumps(envelope, indent=1, ensure_ascii=False) + "\n").encode()


def actor_kind(actor: Actor) -> str:
    """What acts, without its number: "user", "user via token", "cli", "worker"."""
    return " via ".join(part.partition(":")[0] for part in actor.name.split(" via "))


def verify(content: bytes) -> Verified:
    """Whether an evidence file is as it was signed, and by whose key. Never raises for what the file holds.

    Without a key ring, as on a machine that has no workspace, `ours` is `None`.
    """
    try:
        own = fingerprint()
    except KeyFileInvalid:
        own = None
    return signing.check(content, own, SCHEMA)


def fingerprint() -> str:
    """The fingerprint of this installation's key, which it tells to whoever gets its files."""
    return signing.fingerprint(keyring())
