"""A connector over HTTP that is opened on a fake, from the text of a file."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graftwork.systems.contract import Pulled, Record
from graftwork.systems.http.file import HttpConnector
from graftwork.systems.http.system import HttpSystem
from graftwork.systems.toml_files import checked
from support.httpfake import HttpFake
from support.systems import surroundings

PULL = """
[pull]
path = "/tickets"
items = "tickets"
key = "id"
fields = { subject = "subject", conversation = "body" }
"""

PUSH = """
[[push.requests]]
path = "/tickets/{origin.key}/notes"
body = { body = "{text}", mark = "{key}" }
reference = "id"
"""


def connector(text: str, url: str = "http://127.0.0.1:1") -> HttpConnector:
    """A file with `text` in it; `[http]` and what every file needs are added where they are not there."""
    data: dict[str, Any] = {"name": "acme", "use_case": "support_reply", "system": "http", **tomllib.loads(text)}
    data["http"] = {"base_url": url, **data.get("http", {})}
    found = checked(Path("connectors/acme.toml"), HttpConnector, data)
    assert isinstance(found, HttpConnector)
    return found


def opened(fake: HttpFake, folder: Path, text: str) -> HttpSystem:
    return HttpSystem(connector(text, fake.url), surroundings(folder))


def pull_all(system: HttpSystem, limit: int = 200, cursor: Mapping[str, Any] | None = None) -> tuple[list[Record], Any]:
    """What one look brings in, and the cursor after it; every cursor passes through JSON as the store does."""
    records: list[Record] = []
    for _ in range(100):
        pulled: Pulled = system.pull(cursor, limit)
        records += pulled.records
        cursor = dict(pulled.cursor)
        if not pulled.more:
            return records, cursor
    raise AssertionError("it has always more")
