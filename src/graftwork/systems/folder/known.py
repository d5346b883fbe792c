"""Which files of a listing are new, by a cursor that is small however many are known.

Files are put in order of the time of their last change, and cut into stretches of some hundred. Of each stretch the
cursor keeps where it ends, how many files it holds, and the exclusive or of their fingerprints. A stretch that still
adds up is known; what lies behind the last one is new. So nothing depends on the times: a file with an old date that is
moved in later makes its stretch not add up. Where one file was added or taken away, the difference of the fingerprints
says which (as in an invertible Bloom lookup table: Goodrich and Mitzenmacher 2011). Where it was several, all of that
stretch are given again, and whoever stores them knows them by their keys: it costs a reading, and loses nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from math import isqrt

from graftwork.systems.contract import Cursor
from graftwork.systems.folder.store import Found

FEWEST_IN_A_STRETCH = 50

Place = tuple[int, int]  # time of the last change, print


@dataclass(frozen=True, slots=True)
class Sum:
    """How many prints, and what they add up to. Two sums of 96 bits: a wrong match is one in 10^28."""

    count: int = 0
    prints: int = 0
    checks: int = 0

    def plus(self, one: int) -> "Sum":
        return Sum(self.count + 1, self.prints ^ one, self.checks ^ _check(one))

    def joined(self, other: "Sum") -> "Sum":
        return Sum(self.count + other.count, self.prints ^ other.prints, self.checks ^ other.checks)


def _check(one: int) -> int:
    return int.from_bytes(blake2b(one.to_bytes(8), digest_size=4).digest())


def _place(file: Found) -> Place:
    return file.changed_ns, file.fingerprint


@dataclass(slots=True)
class _Stretch:
    """`known` is the sum of its files that are stored; `new` are the others, in order."""

    end: Place
    known: Sum
    new: list[Found] = field(default_factory=list, repr=False)
    known_end: Place | None = None  # of the part that is known, where the rest of it is new and follows it


class Round:
    """One look at a folder: its new files in order, and the cursor for when the first so many of them are stored."""

    def __init__(self, cursor: Cursor | None, files: Sequence[Found]) -> None:
        ordered = sorted(((_place(file), file) for file in files), key=lambda pair: pair[0])
        length = max(FEWEST_IN_A_STRETCH, isqrt(len(ordered)))
        self._stretches = _joined(list(_stretches(_read(cursor), ordered, length)), length)
        self._next = 0

    def first(self) -> Found | None:
        """The oldest of the new files that are left."""
        while self._next < len(self._stretches) and not self._stretches[self._next].new:
            self._next += 1
        return self._stretches[self._next].new[0] if self._next < len(self._stretches) else None

    def take(self) -> None:
        """The first one is as good as stored."""
        stretch = self._stretches[self._next]
        file = stretch.new.pop(0)
        stretch.known = stretch.known.plus(file.fingerprint)
        stretch.known_end = _place(file)

    def left(self) -> list[Found]:
        return [file for stretch in self._stretches for file in stretch.new]

    def cursor(self) -> Cursor:
        """Stands for all that was known, and all that was taken."""
        lines: list[str] = []
        kept = 0
        for stretch in self._stretches:
            if not stretch.new:
                lines.append(_line(stretch.end, stretch.known))
                kept = len(lines)
                continue
            if stretch.known_end is not None:
                lines.append(_line(stretch.known_end, stretch.known))
                kept = len(lines)
                lines.append(_line(stretch.end, Sum()))
            elif stretch.known.count:  # one new file among known ones, which the sum finds again
                lines.append(_line(stretch.end, stretch.known))
                kept = len(lines)
            else:
                lines.append(_line(stretch.end, Sum()))
        return {"stretches": lines[:kept]}


def _stretches(
    old: Sequence[tuple[Place, Sum]], ordered: Sequence[tuple[Place, Found]], length: int
) -> Iterator[_Stretch]:
    start = 0
    for end, known in old:
        stop = start
        while stop < len(ordered) and ordered[stop][0] <= end:
            stop += 1
        yield _compared(end, known, [file for _, file in ordered[start:stop]])
        start = stop
    for first in range(start, len(ordered), length):
        files = [file for _, file in ordered[first : first + length]]
        yield _Stretch(_place(files[-1]), Sum(), files)


def _compared(end: Place, known: Sum, files: list[Found]) -> _Stretch:
    present = Sum()
    for file in files:
        present = present.plus(file.fingerprint)
    difference = present.prints ^ known.prints
    if present == known or (
        present.count == known.count - 1 and _check(difference) == present.checks ^ known.checks
    ):  # the same, or without one of them
        return _Stretch(end, present)
    if present.count == known.count + 1 and known.count:
        added = [file for file in files if file.fingerprint == difference]
        if added and _check(difference) == present.checks ^ known.checks:
            return _Stretch(end, known, added)
    return _Stretch(end, Sum(), files)


def _joined(stretches: Sequence[_Stretch], length: int) -> list[_Stretch]:
    """Neighbours in which nothing is new become one while they are short: single files that came one by one."""
    found: list[_Stretch] = []
    for stretch in stretches:
        before = found[-1] if found else None
        if before and not before.new and not stretch.new and before.known.count + stretch.known.count <= length:
            found[-1] = _Stretch(stretch.end, before.known.joined(stretch.known))
        else:
            found.append(stretch)
    return found


def _line(end: Place, known: Sum) -> str:
    return f"{end[0]:x} {end[1]:x} {known.count:x} {known.prints:x} {known.checks:x}"


def _read(cursor: Cursor | None) -> list[tuple[Place, Sum]]:
    """A cursor of another make is none: everything is found again, and known by its key."""
    try:
        lines = [[int(part, 16) for part in line.split()] for line in (cursor or {}).get("stretches", [])]
        return sorted(((time, one), Sum(count, prints, checks)) for time, one, count, prints, checks in lines)
    except (ValueError, TypeError, AttributeError):
        return []
