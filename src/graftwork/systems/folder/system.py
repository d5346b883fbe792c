"""A folder, an object store or an SFTP server as a system: documents come in, results are written beside them."""

import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from graftwork.systems.contract import Cursor, Delivery, Pulled, Receipt, Record, Surroundings
from graftwork.systems.errors import Conflict, Rejected, TargetDenied, TargetError
from graftwork.systems.folder.file import FolderConnector, FolderPull, FolderPush
from graftwork.systems.folder.known import Round
from graftwork.systems.folder.local import LocalStore
from graftwork.systems.folder.names import is_hidden, is_result, is_safe, matches, plain_name, result_path
from graftwork.systems.folder.objects import ObjectStore, s3_options
from graftwork.systems.folder.reading import read_record
from graftwork.systems.folder.results import content_of, standing
from graftwork.systems.folder.settling import Settling
from graftwork.systems.folder.sftp import Account, SftpStore
from graftwork.systems.folder.store import Found, Store
from graftwork.systems.secret import SecretPlace, read_secret

# A batch ends with the first of these, so that what is read is soon stored, and little of it is held at once.
BATCH_SECONDS = 20.0
BATCH_BYTES = 100_000_000


class FolderSystem:
    """Nothing is moved, renamed or deleted in the folder: what is known is known by the cursor (see `known`)."""

    def __init__(self, file: FolderConnector, around: Surroundings) -> None:
        self._file, self._around = file, around
        self._store = _store(file, around)
        self._round: Round | None = None
        self._cursor: Cursor | None = None
        self._settling = Settling(self._store, file.pull.settle_seconds if file.pull else 0.0)

    def pull(self, cursor: Cursor | None, limit: int) -> Pulled:
        """Lists the folder once for all batches of a look; a process that starts in between lists it again."""
        pull = self._file.pull
        if pull is None:
            return Pulled((), cursor or {})
        if self._round is None or cursor != self._cursor or self._round.first() is None:
            self._round = self._look(pull, cursor)
        records = self._batch(pull, self._round, limit)
        self._cursor = {**self._round.cursor(), **self._settling.cursor()}
        return Pulled(records, self._cursor, self._round.first() is not None)

    def settle(self, records: Sequence[Record]) -> None:
        """The folder belongs to others: nothing in it shows what was read."""

    def push(self, delivery: Delivery) -> Receipt:
        push = self._file.push
        if push is None:
            raise Rejected("this connector writes no results")
        document = delivery.origin.get("path") or plain_name(delivery.external_id)
        path = result_path(push.template, push.folder, document, delivery.key)
        if not is_safe(document) or not is_safe(path):
            raise Rejected("the path of the result would lie outside the folder")
        content = content_of(delivery, push.format, name_reviewer=push.name_reviewer)
        mark = sha256(delivery.key.encode()).hexdigest()[:16]
        try:
            return self._deliver(delivery, push, path, content, mark)
        except FileNotFoundError:
            raise Conflict("the folder of the document") from None
        except PermissionError:
            raise TargetDenied("the result may not be written or compared") from None

    def check(self) -> Sequence[str]:
        found = [self._store.check()]
        if self._file.pull is not None:
            count = sum(1 for _ in self._documents(self._file.pull))
            found.append(f"{count:,} documents match")
        return found

    def close(self) -> None:
        self._round = None
        self._store.close()

    def _look(self, pull: FolderPull, cursor: Cursor | None) -> Round:
        documents = self._documents(pull)
        looked = Round(cursor, documents)
        unsettled = self._settling.unsettled(looked.left(), cursor, self._around.clock())
        return Round(cursor, [file for file in documents if file.fingerprint not in unsettled]) if unsettled else looked

    def _documents(self, pull: FolderPull) -> list[Found]:
        template = self._file.push.template if self._file.push else ""
        return [
            file
            for file in self._store.files(recursive=pull.recursive)
            if matches(file.name, pull.pattern) and not is_hidden(file.name) and not is_result(file.name, template)
        ]

    def _batch(self, pull: FolderPull, look: Round, limit: int) -> list[Record]:
        """What was read before the store failed is handed over; the failure comes again with the next batch."""
        records: list[Record] = []
        ends, size_bytes = time.monotonic() + BATCH_SECONDS, 0
        while (file := look.first()) is not None and len(records) < limit and not self._around.stopping():
            try:
                record = read_record(
                    self._store, file, self._around, versions=pull.versions, limit_bytes=pull.max_bytes
                )
            except TargetError:
                if not records:
                    raise
                break
            look.take()
            if record is not None:
                records.append(record)
            size_bytes += file.size_bytes
            if size_bytes > BATCH_BYTES or time.monotonic() > ends:
                break
        return records

    def _deliver(self, delivery: Delivery, push: FolderPush, path: str, content: bytes, mark: str) -> Receipt:
        if delivery.unsure:
            self._store.tidy(path, mark)
        there = self._standing(path, content, delivery)
        if there == "same":
            return Receipt(already=True)
        if there == "foreign" and not delivery.overwrite:
            raise Conflict("the file of the result")
        if push.check_document and not delivery.overwrite:
            self._check_document(delivery.origin)
        if there:
            self._store.replace(path, content, mark)
            return Receipt()
        try:
            self._store.create(path, content, mark)
        except FileExistsError:  # somebody was faster
            if self._standing(path, content, delivery) == "same":
                return Receipt(already=True)
            raise Conflict("the file of the result") from None
        return Receipt()

    def _standing(self, path: str, content: bytes, delivery: Delivery) -> str:
        """Empty where nothing is there. One byte more than ours is enough to see that it is another."""
        try:
            existing = self._store.read(path, max(len(content) * 4, 1_000_000))
        except FileNotFoundError:
            return ""
        return standing(existing, content, delivery)

    def _check_document(self, origin: Mapping[str, Any]) -> None:
        """Raises `Conflict` where the document is gone, or has another content. A new date alone changes nothing."""
        path, digest = origin.get("path"), origin.get("sha256")
        if not path or not digest:
            return
        try:
            now = self._store.find(path)
            if now.tag and now.tag == origin.get("tag"):
                return
            # Size and date are not enough: programs that copy or unpack set the date as they like.
            content = self._store.read(path, now.size_bytes) if now.size_bytes == origin.get("size_bytes") else b""
        except FileNotFoundError:
            raise Conflict("the document was taken away") from None
        if sha256(content).hexdigest() != digest:
            raise Conflict("the content of the document")


def _store(file: FolderConnector, around: Surroundings) -> Store:
    match file.protocol:
        case "":
            return LocalStore((around.folder / file.url).absolute())
        case "file":
            return LocalStore(Path(unquote(urlsplit(file.url).path)).absolute())
        case "sftp":
            return _sftp_store(file, around)
        case "s3":
            options = _s3_options(file, around)
        case _:
            secrets = {name: read_secret(place, around.folder) for name, place in file.secret_options.items()}
            options = {**file.options, **secrets}
    return ObjectStore(file.url, file.protocol, options)


def _s3_options(file: FolderConnector, around: Surroundings) -> Mapping[str, Any]:
    if file.s3 is None:
        return s3_options("", "", None, None, file.timeout_seconds)
    key, secret = (_secret(place, around) or None for place in (file.s3.key, file.s3.secret))
    return s3_options(file.s3.endpoint_url, file.s3.region, key, secret, file.timeout_seconds)


def _sftp_store(file: FolderConnector, around: Surroundings) -> SftpStore:
    parts = urlsplit(file.url)
    sftp = file.sftp
    known_hosts = sftp.known_hosts if sftp else "~/.ssh/known_hosts"
    account = Account(
        parts.hostname or "",
        parts.port or 22,
        unquote(parts.username or ""),
        around.folder / Path(known_hosts).expanduser(),
        _secret(sftp.password, around) if sftp else "",
        around.folder / Path(sftp.key_file).expanduser() if sftp and sftp.key_file else None,
        _secret(sftp.key_passphrase, around) if sftp else "",
        file.timeout_seconds,
    )
    return SftpStore(account, unquote(parts.path) or ".")


def _secret(place: SecretPlace | None, around: Surroundings) -> str:
    return read_secret(place, around.folder) if place else ""
