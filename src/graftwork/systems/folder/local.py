"""A folder of this machine. Every step into it is taken from an open folder, and none through a link."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from graftwork.systems.errors import TargetDenied, TargetDown, TryFailed
from graftwork.systems.folder.names import is_hidden, is_safe
from graftwork.systems.folder.store import Found

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EOPNOTSUPP)


class LocalStore:
    whole_files = False
    own_clock = True

    def __init__(self, root: Path) -> None:
        self._root = root

    def files(self, *, recursive: bool) -> Iterator[Found]:
        """Folders that may not be read are passed over; a root that may not, or is not there, is an error."""
        os.close(self._open_root())
        for folder, folders, names, descriptor in os.fwalk(self._root):
            inside = "" if folder == str(self._root) else f"{os.path.relpath(folder, self._root)}/"
            folders[:] = [name for name in folders if recursive and not is_hidden(name)]
            for name in names:
                with suppress(OSError):  # gone since it was listed
                    found = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                    if stat.S_ISREG(found.st_mode):
                        yield Found(f"{inside}{name}", found.st_size, found.st_mtime_ns)

    def find(self, name: str) -> Found:
        with self._parent(name) as (folder, last):
            found = os.stat(last, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISREG(found.st_mode):
            raise FileNotFoundError
        return Found(name, found.st_size, found.st_mtime_ns)

    def read(self, name: str, limit_bytes: int) -> bytes:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # opening a pipe would wait for its writer
        with self._parent(name) as (folder, last):
            descriptor = os.open(last, flags, dir_fd=folder)
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise FileNotFoundError
                return file.read(limit_bytes + 1)

    def create(self, name: str, content: bytes, mark: str) -> None:
        with self._parent(name, make=True) as (folder, last):
            temporary = _written(folder, mark, content)
            try:
                _put_new(folder, temporary, last)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=folder)
            os.fsync(folder)

    def replace(self, name: str, content: bytes, mark: str) -> None:
        with self._parent(name, make=True) as (folder, last):
            temporary = _written(folder, mark, content)
            os.replace(temporary, last, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)

    def tidy(self, name: str, mark: str) -> None:
        with suppress(FileNotFoundError), self._parent(name) as (folder, _):
            os.unlink(_temporary(mark), dir_fd=folder)

    def check(self) -> str:
        os.close(self._open_root())
        if not os.access(self._root, os.W_OK):
            return "the folder can be read, and not written to"
        return "the folder can be read and written to"

    def close(self) -> None:
        pass

    def _open_root(self) -> int:
        """Raises `TargetDown` where it is not there: it may be a share that is not mounted, and is never made."""
        try:
            return os.open(self._root, _FOLDER)
        except PermissionError:
            raise TargetDenied("the folder may not be opened") from None
        except OSError:
            raise TargetDown("the folder is not there") from None

    @contextmanager
    def _parent(self, name: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """The open folder that `name` lies in, and its last part."""
        if not is_safe(name):
            raise FileNotFoundError
        *folders, last = name.split("/")
        descriptor = self._open_root()
        try:
            for part in folders:
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(part, dir_fd=descriptor)
                inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = inner
            yield descriptor, last
        except (FileNotFoundError, FileExistsError, PermissionError) as error:
            raise type(error)(error.errno, "") from None
        except OSError as error:
            raise _meant_by(error) from None
        finally:
            os.close(descriptor)


def _meant_by(error: OSError) -> Exception:
    if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):  # a link, or a file where a folder should be
        return FileNotFoundError(error.errno, "")
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        return TargetDown("the disk is full or takes no changes")
    return TryFailed(f"the disk answers {errno.errorcode.get(error.errno or 0, 'an error')}")


def _temporary(mark: str) -> str:
    return f".{mark}.graftwork-tmp"


def _written(folder: int, mark: str, content: bytes) -> str:
    name = _temporary(mark)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(name, flags, 0o660, dir_fd=folder), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return name


def _put_new(folder: int, temporary: str, last: str) -> None:
    """A hard link is the one step that gives a name and fails where it is taken. Not every file system has them."""
    try:
        os.link(temporary, last, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        raise TryFailed("another process delivered the same at the same moment", unsure=True) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        with suppress(FileNotFoundError):
            os.stat(last, dir_fd=folder, follow_symlinks=False)
            raise FileExistsError from None
        os.replace(temporary, last, src_dir_fd=folder, dst_dir_fd=folder)
