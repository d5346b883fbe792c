"""The kinds of systems that ship, and where each is found. Loaded when a connector asks for it: drivers are big."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from graftwork.systems.contract import Surroundings, System
from graftwork.systems.file import ConnectorFile


@dataclass(frozen=True, slots=True)
class Kind:
    """`schema` and `opener` name an importable thing as `module:name`."""

    name: str
    title: str
    schema: str
    opener: str

    def file_model(self) -> type[ConnectorFile]:
        model: type[ConnectorFile] = _named(self.schema)
        return model

    def open(self, file: ConnectorFile, around: Surroundings) -> System:
        """Opens nothing yet: the first call does. Raises `DriverMissing` or `SecretMissing`."""
        opener: Callable[[ConnectorFile, Surroundings], System] = _named(self.opener)
        return opener(file, around)


def _kind(name: str, title: str, prefix: str) -> Kind:
    return Kind(
        name,
        title,
        f"graftwork.systems.{name}.file:{prefix}Connector",
        f"graftwork.systems.{name}.system:{prefix}System",
    )


KINDS = {
    kind.name: kind
    for kind in (
        _kind("sql", "SQL database", "Sql"),
        _kind("mail", "mailbox (IMAP and SMTP)", "Mail"),
        _kind("folder", "folder or object store", "Folder"),
        _kind("webhook", "webhook", "Webhook"),
        _kind("http", "HTTP interface", "Http"),
        Kind("python", "class of your own", "graftwork.systems.own:OwnConnector", "graftwork.systems.own:open_own"),
    )
}


def _named(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
