"""Embedded servers of another process, and how it tells its children of them.

Apart from what opens engines, so that a process that only asks over HTTP does not load all of that.
"""

import json
import os
from collections.abc import Mapping, MutableMapping
from dataclasses import asdict, dataclass, field

ATTACHMENTS_VARIABLE = "GRAFTWORK_EMBEDDED"


@dataclass(frozen=True, slots=True)
class Attachment:
    """An embedded server that another process of this machine runs, to be used instead of starting one more."""

    url: str
    api_key: str = field(repr=False)
    slots: int
    context_tokens: int
    slots_folder: str | None = None
    model_sha256: str | None = None


def attachments_to_env(attached: Mapping[str, Attachment], env: MutableMapping[str, str]) -> None:
    """Write `attached` where child processes find it. It holds keys, so `env` is never logged."""
    env[ATTACHMENTS_VARIABLE] = json.dumps({model: asdict(attachment) for model, attachment in attached.items()})


def attachments_from_env(env: Mapping[str, str] | None = None) -> dict[str, Attachment]:
    """What a parent process wrote with `attachments_to_env`; empty where there is none."""
    rows = json.loads((os.environ if env is None else env).get(ATTACHMENTS_VARIABLE) or "{}")
    return {model: Attachment(**row) for model, row in rows.items()}
