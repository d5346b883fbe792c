"""An object store or another place that fsspec reaches: S3 first of all."""

import errno
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, TypeVar

from graftwork.systems.errors import DriverMissing, TargetDenied, TargetDown, TryFailed
from graftwork.systems.folder.names import is_safe
from graftwork.systems.folder.store import Found

# Their objects appear whole, by one PUT.
_WHOLE = ("s3", "gs", "gcs", "az", "abfs", "adl", "oci", "memory")

Answer = TypeVar("Answer")


class _CannotError(Exception):
    """Internal: the store does not know this kind of request."""


def s3_options(
    endpoint_url: str, region: str, key: str | None, secret: str | None, timeout_seconds: float
) -> Mapping[str, Any]:
    """One try for each request: when to try again is for the connector to say."""
    return {
        "key": key,
        "secret": secret,
        "endpoint_url": endpoint_url or None,
        "client_kwargs": {"region_name": region} if region else {},
        "config_kwargs": {
            "connect_timeout": timeout_seconds,
            "read_timeout": timeout_seconds,
            "retries": {"max_attempts": 0},
        },
    }


class ObjectStore:
    """May be used from several threads: fsspec's own loop does the work."""

    own_clock = False

    def __init__(self, url: str, protocol: str, options: Mapping[str, Any]) -> None:
        self.whole_files = protocol in _WHOLE
        self._options, self._protocol, self._url = options, protocol, url
        self._opened: tuple[Any, str] | None = None

    def files(self, *, recursive: bool) -> Iterator[Found]:
        files, root = self._open()
        if recursive:
            found = self._ask(lambda: list(files.find(root, detail=True).values()))
        else:
            found = self._ask(lambda: files.ls(root, detail=True))
        for info in found:
            name = info["name"].removeprefix(f"{root}/")
            if info.get("type") == "file" and name != info["name"]:
                yield _found(name, info)

    def find(self, name: str) -> Found:
        files, path = self._place(name)
        info = self._ask(lambda: files.info(path), names_a_file=True)
        if info.get("type") != "file":
            raise FileNotFoundError
        return _found(name, info)

    def read(self, name: str, limit_bytes: int) -> bytes:
        """Looks first how much it is: a range is refused for an empty object."""
        size_bytes = self.find(name).size_bytes
        if size_bytes == 0:
            return b""
        files, path = self._place(name)
        end = min(size_bytes, limit_bytes + 1)
        content: bytes = self._ask(lambda: files.cat_file(path, start=0, end=end), names_a_file=True)
        return content

    def create(self, name: str, content: bytes, mark: str) -> None:
        """One PUT under the condition that nothing is there (RFC 9110, section 13.1.2), where the store knows it."""
        del mark
        files, path = self._place(name)
        if self._protocol == "s3":
            with suppress(_CannotError):
                self._ask(lambda: files.pipe_file(path, content, mode="create"), names_a_file=True, writes=True)
                return
        if self._ask(lambda: files.exists(path)):
            raise FileExistsError
        self._ask(lambda: files.pipe_file(path, content), names_a_file=True, writes=True)

    def replace(self, name: str, content: bytes, mark: str) -> None:
        del mark
        files, path = self._place(name)
        self._ask(lambda: files.pipe_file(path, content), names_a_file=True, writes=True)

    def tidy(self, name: str, mark: str) -> None:
        """Nothing is ever half done."""

    def check(self) -> str:
        files, root = self._open()
        self._ask(lambda: files.ls(root, detail=True))
        return "the store answers, and its files can be listed"

    def close(self) -> None:
        self._opened = None

    def _open(self) -> tuple[Any, str]:
        if self._opened is None:
            fsspec = _driver("fsspec", self._protocol)
            if self._protocol == "s3":
                _driver("s3fs", "s3")
            kept = {"skip_instance_cache": True, "use_listings_cache": False}
            files = self._ask(lambda: fsspec.filesystem(self._protocol, **self._options, **kept))
            files.retries = 1  # s3fs waits and tries again by itself otherwise
            self._opened = files, files._strip_protocol(self._url).rstrip("/")
        return self._opened

    def _place(self, name: str) -> tuple[Any, str]:
        if not is_safe(name):
            raise FileNotFoundError
        files, root = self._open()
        return files, f"{root}/{name}"

    def _ask(self, call: Callable[[], Answer], *, names_a_file: bool = False, writes: bool = False) -> Answer:
        """Whatever the drivers raise, without their words: they quote names, addresses and keys."""
        try:
            return call()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            if names_a_file and not writes:
                raise FileNotFoundError from None
            raise TargetDown("the bucket or folder is not there") from None
        except FileExistsError:
            raise FileExistsError from None
        except ImportError:
            raise DriverMissing(f"{self._protocol}://", f"for {self._protocol}", "s3") from None
        except Exception as error:  # noqa: BLE001 - each protocol has a tree of errors of its own
            raise _meant_by(error, writes=writes) from None


def _meant_by(error: Exception, *, writes: bool) -> Exception:
    code = _code(error)
    if code in ("PreconditionFailed", "412", "ConditionalRequestConflict"):
        return FileExistsError()
    if code in ("NotImplemented", "501") or isinstance(error, NotImplementedError):
        return _CannotError()
    if isinstance(error, PermissionError) or type(error).__name__ in ("NoCredentialsError", "PartialCredentialsError"):
        return TargetDenied(code or "no permission")
    if isinstance(error, OSError) and error.errno not in (None, errno.EBUSY) and code:
        return TryFailed(f"the store answers {code}", unsure=writes)
    return TargetDown(code or f"no answer ({type(error).__name__})")


def _code(error: BaseException) -> str:
    """The code of an S3 error, such as `SlowDown`: the one word of it that quotes nothing."""
    response = getattr(error.__cause__ or error, "response", None)
    code = response.get("Error", {}).get("Code", "") if isinstance(response, dict) else ""
    return code if isinstance(code, str) and code.isalnum() and len(code) < 60 else ""


def _found(name: str, info: Mapping[str, Any]) -> Found:
    changed = next(
        (info[key] for key in ("LastModified", "mtime", "modified", "last_modified", "created") if info.get(key)), 0
    )
    if isinstance(changed, datetime):
        moment = changed if changed.tzinfo else changed.replace(tzinfo=UTC)
        changed = moment.timestamp()
    seconds = changed if isinstance(changed, int | float) else 0
    tag = next((info[key] for key in ("ETag", "etag", "md5Hash", "content_md5") if info.get(key)), "")
    return Found(name, int(info.get("size") or 0), int(seconds * 1_000_000) * 1_000, str(tag).strip('"'))


def _driver(package: str, extra: str) -> Any:
    try:
        return import_module(package)  # big, and only such a connector needs it
    except ImportError:
        raise DriverMissing(f"{extra}://", package, "s3") from None
