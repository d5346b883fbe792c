"""One mail server for the tests of this folder; each test finds its folders empty."""

import imaplib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from graftwork.core.documents.sandbox import DocumentReader
from graftwork.systems.mail.file import MailConnector
from graftwork.systems.mail.system import MailSystem
from support.mailserver import MailServer, missing, temporary_mailserver
from support.systems import surroundings

Connect = Callable[..., MailSystem]


@pytest.fixture(scope="session")
def _server() -> Iterator[MailServer]:
    if (reason := missing()) and not os.environ.get("GRAFTWORK_NO_SKIP"):
        pytest.skip(reason)
    with temporary_mailserver() as server:
        yield server


@pytest.fixture(scope="session")
def _reader() -> Iterator[DocumentReader]:
    """Its process takes seconds to begin."""
    with DocumentReader() as reader:
        yield reader


@pytest.fixture
def mail(_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> MailServer:
    monkeypatch.setenv("MAIL_TEST_PASSWORD", _server.password)
    monkeypatch.setenv("MAIL_TEST_CLIENT_SECRET", "client-secret-of-the-tests")
    _server.fault, _server.fault_times = "", 1_000_000
    _server.tokens.good.clear()
    for path in (_server.folder / "outside").iterdir():
        path.unlink()
    _empty(_server)
    return _server


@pytest.fixture
def connect(mail: MailServer, tmp_path: Path, _reader: DocumentReader) -> Iterator[Connect]:
    """Opens the mailbox as a file says; tables given by name are merged over one that reads, and replies."""
    opened: list[MailSystem] = []

    def connect(**tables: object) -> MailSystem:
        around = replace(surroundings(tmp_path), read_document=_reader.read_bytes)
        system = MailSystem(connector(mail, **tables), around)
        opened.append(system)
        return system

    yield connect
    for system in opened:
        system.close()


def connector(mail: MailServer, **tables: object) -> MailConnector:
    plain: dict[str, object] = {
        "name": "support_mail",
        "use_case": "support_reply",
        "system": "mail",
        "imap": {"host": "127.0.0.1", "port": mail.imap_port, "tls": "none", "user": mail.user, "timeout_seconds": 5},
        "smtp": {"host": "127.0.0.1", "port": mail.smtp_port, "tls": "none", "timeout_seconds": 5},
        "pull": {},
        "push": {},
    }
    password = {"password": "env:MAIL_TEST_PASSWORD"}
    plain["imap"] = {**plain["imap"], **password}  # type: ignore[dict-item]
    for name, table in tables.items():
        before = plain.get(name)
        plain[name] = {**before, **table} if isinstance(before, dict) and isinstance(table, dict) else table
    return MailConnector.model_validate({name: table for name, table in plain.items() if table is not None})


def _empty(server: MailServer) -> None:
    with imaplib.IMAP4("127.0.0.1", server.imap_port, timeout=20) as client:
        client.login(server.user, server.password)
        for line in client.list()[1]:
            assert isinstance(line, bytes)
            folder = line.rpartition(b'"/" ')[2].decode()
            if int(client.select(folder)[1][0] or b"0"):
                client.store("1:*", "+FLAGS", "\\Deleted")
                client.expunge()
            if folder not in ("INBOX", "Drafts", "Sent", "Trash"):
                client.select("INBOX")
                client.delete(folder)
