"""Time on texts of 1,000 characters: CPU time of one core, so that other work on the machine does not count."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.parts.privacy_sets import load

CHARS = 1_000


@dataclass(frozen=True, slots=True)
class Speed:
    chars_per_second: float
    p95_ms: float
    texts: int


def sample(
    texts: int, sets: Sequence[str] = ("tab_144_en", "wikigold", "panorama_151_en")
) -> tuple[list[str], list[str]]:
    """Texts of 1,000 characters from all sets: those to warm up with, and those to time, never read before.

    A process that has read nothing builds its automata while it reads, and is up to ten times slower for its first
    texts; one that has read the very texts it is timed on is faster than it will be on others.
    """
    pieces: list[str] = []
    for name in sets:
        whole = "\n".join(row.text for row in load(name))
        pieces += [whole[at : at + CHARS] for at in range(0, len(whole) - CHARS, CHARS)][: 2 * texts // len(sets)]
    return pieces[::2], pieces[1::2]


def measure(detect: Callable[[str], object], warm_up: Sequence[str], texts: Sequence[str]) -> Speed:
    """`detect` on each of `texts`, one by one, after `warm_up`."""
    for text in warm_up:
        detect(text)
    seconds = []
    for text in texts:
        started = time.process_time()
        detect(text)
        seconds.append(time.process_time() - started)
    return Speed(sum(map(len, texts)) / sum(seconds), statistics.quantiles(seconds, n=20)[-1] * 1_000, len(texts))


def one_core() -> None:
    """Numeric libraries use one thread; has to be called before they are imported."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS"):
        os.environ[name] = "1"
