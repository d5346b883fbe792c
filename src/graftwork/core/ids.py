"""Identifiers that sort by time, so that an index on them grows at its end and the oldest comes first."""

import os
import threading
import time
from datetime import datetime
from uuid import UUID

_lock = threading.Lock()
_last = [0]


def uuid7() -> UUID:
    """A version 7 UUID (RFC 9562): 48 bits of milliseconds, 12 of their fraction (section 6.2, method 3), 62 random.

    Each is greater than the one before it in this process, also within one tick of the clock.
    """
    with _lock:
        ticks = max(_ticks(), _last[0] + 1)
        _last[0] = ticks
    random = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    return UUID(int=(ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | random)


def first_uuid7(moment: datetime) -> UUID:
    """What every version 7 UUID of `moment` or later sorts after, and every earlier one before."""
    return UUID(int=max(0, int(moment.timestamp() * 1_000)) << 80)


def _ticks() -> int:
    """Time in 1/4096 of a millisecond."""
    return time.time_ns() * 4096 // 1_000_000
