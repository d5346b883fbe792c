"""Which decisions a connector's file asks for."""

from graftwork.systems.contract import Event
from graftwork.systems.file import ConnectorFile

EVENTS: dict[str, Event] = {
    "accepted": "approved",
    "edited": "approved",
    "rejected": "rejected",
    "escalated": "escalated",
}


def wants(file: ConnectorFile, use_case: str, event: str, brought_by: str) -> bool:
    """Whether `file` delivers such a decision on an item that the connector `brought_by` brought."""
    if file.push is None or file.use_case != use_case or event not in file.push.on:
        return False
    return file.push.of == "all" or brought_by == file.name
