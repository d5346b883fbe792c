"""A folder on an SFTP server, which must show the key that is known of it: no key is ever taken on trust."""

import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from graftwork.systems.errors import DriverMissing, Rejected, TargetDenied, TargetDown, TryFailed
from graftwork.systems.folder.names import is_hidden, is_safe
from graftwork.systems.folder.store import Found

KEEPALIVE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Account:
    host: str
    port: int
    user: str
    known_hosts: Path
    password: str = field(default="", repr=False)
    key_file: Path | None = None
    passphrase: str = field(default="", repr=False)
    timeout_seconds: float = 30.0


class SftpStore:
    """One connection, used by one thread at a time: paramiko's client may not be shared."""

    whole_files = False
    own_clock = False

    def __init__(self, account: Account, root: str) -> None:
        self._account, self._root = account, root.rstrip("/") or "/"
        self._lock = threading.RLock()
        self._client: Any = None
        self._sftp: Any = None

    def files(self, *, recursive: bool) -> Iterator[Found]:
        waiting = [""]
        while waiting:
            inside = waiting.pop()
            for entry in self._listing(inside):
                name = f"{inside}{entry.filename}"
                if stat.S_ISDIR(entry.st_mode or 0):
                    if recursive and not is_hidden(entry.filename):
                        waiting.append(f"{name}/")
                elif stat.S_ISREG(entry.st_mode or 0):
                    yield _found(name, entry)

    def find(self, name: str) -> Found:
        with self._session() as sftp:
            return _found(name, _regular(sftp.lstat(self._path(sftp, name))))

    def read(self, name: str, limit_bytes: int) -> bytes:
        with self._session() as sftp:
            path = self._path(sftp, name)
            size_bytes = _regular(sftp.lstat(path)).st_size or 0
            with sftp.open(path, "rb") as file:
                file.prefetch(min(size_bytes, limit_bytes + 1))
                content: bytes = file.read(limit_bytes + 1)
                return content

    def create(self, name: str, content: bytes, mark: str) -> None:
        """The plain `rename` of SFTP 3 fails where the name is taken; some servers overwrite, hence the look before."""
        with self._session() as sftp:
            path = self._path(sftp, name, make=True)
            if _exists(sftp, path):
                raise FileExistsError
            temporary = _written(sftp, path, mark, content)
            try:
                sftp.rename(temporary, path)
            except OSError as error:
                with suppress(OSError):
                    sftp.remove(temporary)
                if error.errno is None and _exists(sftp, path):
                    raise FileExistsError from None
                raise

    def replace(self, name: str, content: bytes, mark: str) -> None:
        with self._session() as sftp:
            path = self._path(sftp, name, make=True)
            temporary = _written(sftp, path, mark, content)
            try:
                sftp.posix_rename(temporary, path)
            except OSError:
                with suppress(OSError):
                    sftp.remove(temporary)
                raise Rejected("the server cannot replace a file in one step") from None

    def tidy(self, name: str, mark: str) -> None:
        with suppress(FileNotFoundError), self._session() as sftp:
            sftp.remove(_temporary(self._path(sftp, name), mark))

    def check(self) -> str:
        self._listing("")
        return "the server is the one that is known, lets us in, and its folder can be listed"

    def close(self) -> None:
        with self._lock, suppress(Exception):  # what is closed already may say so in many ways
            client, self._client, self._sftp = self._client, None, None
            if client is not None:
                client.close()

    def _listing(self, inside: str) -> list[Any]:
        """Of the root, or of a folder that was there a moment ago."""
        try:
            with self._session() as sftp:
                entries: list[Any] = sftp.listdir_attr(f"{self._root}/{inside}")
                return entries
        except FileNotFoundError:
            if inside:
                return []
            raise TargetDown("the folder is not there") from None
        except PermissionError:
            if inside:
                return []
            raise TargetDenied("the folder may not be opened") from None

    def _path(self, sftp: Any, name: str, *, make: bool = False) -> str:
        """The full path, once the server says that its folder lies inside the root, whatever links there are."""
        if not is_safe(name):
            raise FileNotFoundError
        folder, _, last = f"{self._root}/{name}".rpartition("/")
        if make:
            self._make_folders(sftp, name)
        root, place = sftp.normalize(self._root).rstrip("/"), sftp.normalize(folder).rstrip("/")
        if place != root and not place.startswith(f"{root}/"):
            raise FileNotFoundError
        return f"{folder}/{last}"

    def _make_folders(self, sftp: Any, name: str) -> None:
        path = self._root
        for part in name.split("/")[:-1]:
            path = f"{path}/{part}"
            if not _exists(sftp, path):
                sftp.mkdir(path)

    @contextmanager
    def _session(self) -> Iterator[Any]:
        """The connection, opened anew where it was lost; what goes wrong on it, without the server's words."""
        with self._lock:
            try:
                if self._sftp is None:
                    self._connect()
                yield self._sftp
            except (FileNotFoundError, FileExistsError, PermissionError) as error:
                raise type(error) from None
            except (TargetDenied, TargetDown, Rejected, TryFailed, DriverMissing):
                raise
            except OSError as error:
                if error.errno is None and not isinstance(error, TimeoutError | ConnectionError) and self._is_open():
                    raise TryFailed("the server reports a failure", unsure=True) from None
                self.close()
                raise TargetDown(f"the connection was lost ({type(error).__name__})") from None
            except Exception as error:  # noqa: BLE001 - paramiko raises its own, EOFError and more when a line breaks
                self.close()
                raise TargetDown(f"the connection was lost ({type(error).__name__})") from None

    def _is_open(self) -> bool:
        return self._sftp is not None and not self._sftp.get_channel().closed

    def _connect(self) -> None:
        paramiko = _paramiko()
        account, client = self._account, paramiko.SSHClient()
        try:
            client.load_host_keys(str(account.known_hosts))
        except (OSError, paramiko.SSHException):
            raise TargetDenied("the file `known_hosts` cannot be read") from None
        client.set_missing_host_key_policy(_refusing(paramiko))
        own = account.password != "" or account.key_file is not None
        try:
            client.connect(
                account.host, account.port, account.user,
                password=account.password or None,
                key_filename=str(account.key_file) if account.key_file else None,
                passphrase=account.passphrase or None,
                timeout=account.timeout_seconds, banner_timeout=account.timeout_seconds,
                auth_timeout=account.timeout_seconds, channel_timeout=account.timeout_seconds,
                allow_agent=not own, look_for_keys=not own,
            )  # fmt: skip
            client.get_transport().set_keepalive(KEEPALIVE_SECONDS)
            sftp = client.open_sftp()
            sftp.get_channel().settimeout(account.timeout_seconds)
        except Exception as error:  # noqa: BLE001 - see `_session`
            client.close()
            raise _refused_or_down(paramiko, error) from None
        self._client, self._sftp = client, sftp


def _refused_or_down(paramiko: Any, error: Exception) -> Exception:
    if isinstance(error, TargetDenied):
        return error
    if isinstance(error, paramiko.BadHostKeyException):
        return TargetDenied("the server shows another key than the known one")
    if isinstance(error, paramiko.AuthenticationException):
        return TargetDenied("the server refuses the user, the password or the key")
    if isinstance(error, FileNotFoundError | PermissionError):
        return TargetDenied("the file `key_file` cannot be read")
    return TargetDown(f"no connection ({type(error).__name__})")


def _refusing(paramiko: Any) -> Any:
    class Refusing(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]  # a base that is loaded when it is needed
        def missing_host_key(self, *_: Any) -> None:
            raise TargetDenied("the key of the server is not among the known ones; ssh-keyscan shows it")

    return Refusing()


def _regular(entry: Any) -> Any:
    if not stat.S_ISREG(entry.st_mode or 0):
        raise FileNotFoundError
    return entry


def _found(name: str, entry: Any) -> Found:
    return Found(name, entry.st_size or 0, (entry.st_mtime or 0) * 1_000_000_000)


def _exists(sftp: Any, path: str) -> bool:
    try:
        sftp.lstat(path)
    except FileNotFoundError:
        return False
    return True


def _temporary(path: str, mark: str) -> str:
    return f"{path.rpartition('/')[0]}/.{mark}.graftwork-tmp"


def _written(sftp: Any, path: str, mark: str, content: bytes) -> str:
    temporary = _temporary(path, mark)
    with suppress(FileNotFoundError):
        sftp.remove(temporary)  # left by a killed process; never written through, as it could be a link by now
    with sftp.open(temporary, "wbx") as file:
        file.write(content)
    if sftp.lstat(temporary).st_size != len(content):
        raise TryFailed("the server did not keep the whole file")
    return temporary


def _paramiko() -> Any:
    try:
        return import_module("paramiko")  # big, and only such a connector needs it
    except ImportError:
        raise DriverMissing("sftp://", "paramiko", "sftp") from None
