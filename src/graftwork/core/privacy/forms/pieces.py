"""Writing a text file piece by piece, with a journal of what was swapped, so that the very bytes can be had back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO

from graftwork.core.privacy.forms.rewriter import Swap


@dataclass(frozen=True, slots=True, repr=False)
class Swapped:
    """A stretch of the file that is written anew: `old` is what stood there, `new` what stands there now."""

    old: str
    new: str


Piece = str | Swapped


@dataclass(frozen=True, slots=True, repr=False)
class Patch:
    """Undoes one swap: the `length` bytes at `offset` of the written file were `old`."""

    offset: int
    length: int
    old: bytes


Journal = Callable[[Patch], None]


def write_pieces(pieces: Iterable[Piece], target: BinaryIO, encode: Callable[[str], bytes], journal: Journal) -> None:
    """Write `pieces`; each swap goes to `journal`."""
    offset = target.tell()
    for piece in pieces:
        raw = encode(piece if isinstance(piece, str) else piece.new)
        if isinstance(piece, Swapped):
            journal(Patch(offset, len(raw), encode(piece.old)))
        target.write(raw)
        offset += len(raw)


def undo(source: BinaryIO, patches: Iterable[Patch], target: BinaryIO) -> None:
    """Write the file that `source` was made from. `patches` are in the order of their offsets."""
    for patch in patches:
        _copy(source, target, patch.offset - source.tell())
        source.seek(patch.length, 1)
        target.write(patch.old)
    while chunk := source.read(_CHUNK_BYTES):
        target.write(chunk)


_CHUNK_BYTES = 1 << 16


def _copy(source: BinaryIO, target: BinaryIO, count: int) -> None:
    while count > 0:
        chunk = source.read(min(count, _CHUNK_BYTES))
        if not chunk:
            return
        target.write(chunk)
        count -= len(chunk)


def swapped_pieces(text: str, swaps: Iterable[Swap], escape: Callable[[str], str] = str) -> Iterable[Piece]:
    """`text` with its swaps, in pieces."""
    done = 0
    for swap in swaps:
        if swap.start > done:
            yield text[done : swap.start]
        yield Swapped(text[swap.start : swap.end], escape(swap.new))
        done = swap.end
    if done < len(text):
        yield text[done:]
