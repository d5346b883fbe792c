"""Secrets of connectors: a file names where one lies, never the secret itself.

`env:NAME` is an environment variable, `file:PATH` the content of a file (such as those that Docker and systemd put
beside a process). What was read once is kept out of logs by `scrub`, wherever it turns up.
"""

import base64
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from pydantic import AfterValidator

from graftwork.systems.errors import SecretMissing

HIDDEN = "•••"
# Shorter ones stand in ordinary words, and hiding those would garble the log.
MIN_CHARACTERS = 6

_PLACE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:[^\x00\n]+")
_revealed: set[str] = set()


def _check_place(place: str) -> str:
    if _PLACE.fullmatch(place) is None:
        raise ValueError("must say where the secret lies, as env:NAME or file:PATH; a secret never stands in this file")
    if place.upper().startswith("ENV:GRAFTWORK_"):
        raise ValueError("must not name a variable of Graftwork's own: it would be sent to the system")
    return place


# What stands here by mistake may be the secret itself: no message of ours quotes it.
SecretPlace = Annotated[str, AfterValidator(_check_place)]


def read_secret(place: str, folder: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The secret at `place`, read anew each time, so that a rotated one is taken up. Raises `SecretMissing`."""
    kind, _, name = place.partition(":")
    try:
        found = environ.get(name, "") if kind == "env" else (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        found = ""
    secret = found.strip()
    if not secret:
        raise SecretMissing(place)
    keep_out_of_logs(secret)
    return secret


def keep_out_of_logs(secret: str) -> None:
    """For secrets that are made on the way, such as the tokens that a sign-in server hands out. In the usual forms."""
    if len(secret) >= MIN_CHARACTERS:
        _revealed.update((secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret, safe="")))
        _revealed.add(base64.b64encode(secret.encode(errors="replace")).decode().rstrip("="))


def scrub(text: str) -> str:
    """`text` without any secret that this process has read."""
    for secret in sorted(_revealed, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text
