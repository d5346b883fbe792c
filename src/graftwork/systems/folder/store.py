"""What a place with files can do, whether it is a disk, an object store or a server. Names are paths inside it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Found:
    """One file. `tag` is what else tells one state of it from another, such as an object's ETag."""

    name: str = field(repr=False)
    size_bytes: int
    changed_ns: int
    tag: str = ""

    @property
    def fingerprint(self) -> int:
        """64 bits that are the same for the same file in the same state."""
        state = f"{self.name}\0{self.size_bytes}\0{self.changed_ns}\0{self.tag}"
        return int.from_bytes(blake2b(state.encode(errors="surrogatepass"), digest_size=8).digest())


class Store(Protocol):
    """A missing file is a `FileNotFoundError`, one that is in the way a `FileExistsError`, one that is closed to us a
    `PermissionError`; all else is raised as a `TargetError`. No message names a file.

    `whole_files`: whether a file can be seen only once it is there completely. `own_clock`: whether the times of its
    files come from the clock of this machine.
    """

    whole_files: bool
    own_clock: bool

    def files(self, *, recursive: bool) -> Iterator[Found]:
        """Every regular file, in any order. Links are left out. Raises `TargetDown` where the folder is not there."""
        ...

    def find(self, name: str) -> Found: ...

    def read(self, name: str, limit_bytes: int) -> bytes:
        """The content, at most `limit_bytes` and one more."""
        ...

    def create(self, name: str, content: bytes, mark: str) -> None:
        """Write a file that is not there yet: others see all of it or nothing. `mark` names what is half done."""
        ...

    def replace(self, name: str, content: bytes, mark: str) -> None: ...

    def tidy(self, name: str, mark: str) -> None:
        """Remove what a killed process may have left half done."""
        ...

    def check(self) -> str:
        """What was found there, in words."""
        ...

    def close(self) -> None: ...
