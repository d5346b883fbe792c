"""The same folder in three places: on the disk, in an S3 bucket and on an SFTP server."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from graftwork.core.document import Block, Document
from graftwork.core.documents.errors import DocumentBroken
from graftwork.systems.contract import Surroundings
from graftwork.systems.folder.file import FolderConnector
from graftwork.systems.folder.system import FolderSystem
from support import sftp as sftp_support
from support.objectstore import KEY, SECRET, ObjectStore, object_store
from support.sftp import SftpServer, sftp_server
from support.systems import NOW, surroundings

LONG_AGO = datetime(2026, 1, 2, 3, 4, 5).astimezone()


@pytest.fixture(scope="session")
def s3() -> Iterator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture(scope="session")
def sshd() -> Iterator[SftpServer]:
    if not sftp_support.is_installed():
        pytest.skip("openssh-server is not installed")
    with sftp_server() as server:
        yield server


def read_text(content: bytes, name: str) -> Document:
    """Quick, for tests that are not about documents: the text of a file is its bytes."""
    if content.startswith(b"BROKEN"):
        raise DocumentBroken(name, "it is broken")
    text = content.decode()
    return Document(name, "text", "", text, (Block("paragraph", 0, len(text), 1),), "0" * 64)


@dataclass
class Place:
    """Where the files are, and how others write and read them there."""

    kind: str
    folder: Path
    workspace: Path
    settings: dict[str, Any]
    store: ObjectStore | None = None
    prefix: str = ""
    around: Surroundings = field(init=False)

    def __post_init__(self) -> None:
        self.around = replace(surroundings(self.workspace), read_document=read_text)

    def put(self, name: str, content: bytes, when: datetime = LONG_AGO) -> None:
        if self.store is not None:
            self.store.put(f"{self.prefix}/{name}", content)
            return
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (when.timestamp(), when.timestamp()))

    def get(self, name: str) -> bytes:
        return self.store.get(f"{self.prefix}/{name}") if self.store else (self.folder / name).read_bytes()

    def remove(self, name: str) -> None:
        if self.store is not None:
            self.store.client.delete_object(Bucket=self.store.bucket, Key=f"{self.prefix}/{name}")
        else:
            (self.folder / name).unlink()

    def names(self) -> list[str]:
        if self.store is not None:
            names = self.store.names()
            return [name.removeprefix(f"{self.prefix}/") for name in names if name.startswith(f"{self.prefix}/")]
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())

    def file(
        self, pull: dict[str, Any] | None = None, push: dict[str, Any] | None = None, **more: Any
    ) -> FolderConnector:
        tables = {"pull": {} if pull is None else pull, "push": {} if push is None else push}
        data = {"name": "scans", "use_case": "report_summary", "system": "folder", **self.settings, **tables, **more}
        return FolderConnector.model_validate(data)

    def system(self, *, now: datetime = NOW, **tables: Any) -> FolderSystem:
        return FolderSystem(self.file(**tables), replace(self.around, clock=lambda: now))


@pytest.fixture
def local(tmp_path: Path) -> Place:
    (tmp_path / "inbox").mkdir()
    return Place("local", tmp_path / "inbox", tmp_path, {"url": "inbox"})


@pytest.fixture
def bucket(s3: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("S3_KEY", KEY)
    monkeypatch.setenv("S3_SECRET", SECRET)
    prefix = tmp_path.name
    access = {"endpoint_url": s3.endpoint_url, "region": "us-east-1", "key": "env:S3_KEY", "secret": "env:S3_SECRET"}
    return Place("s3", tmp_path, tmp_path, {"url": f"s3://{s3.bucket}/{prefix}", "s3": access}, s3, prefix)


@pytest.fixture
def remote(sshd: SftpServer, tmp_path: Path) -> Place:
    folder = tmp_path / "remote"
    folder.mkdir()
    access = {"key_file": str(sshd.key_file), "known_hosts": str(sshd.known_hosts)}
    return Place("sftp", folder, tmp_path, {"url": sshd.url(folder), "sftp": access, "timeout_seconds": 10})


@pytest.fixture(params=["local", "bucket", "remote"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    return found
