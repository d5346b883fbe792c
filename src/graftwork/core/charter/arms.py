"""Which arm a unit is in: a keyed hash into 10,000 buckets, so that the same unit is always in the same arm.

Assisted units are counted from the lowest bucket up, control units from the highest down. So a larger share of the
population takes in units that did not take part, and never moves one from an arm to the other. Kohavi, Tang and Xu,
"Trustworthy Online Controlled Experiments" (2020), chapters 4 and 14, on hashing units into buckets.
"""

import hashlib
import hmac
import math

from graftwork.core.charter.schema import Charter

BUCKETS = 10_000
ASSISTED, CONTROL, OUTSIDE = "assisted", "control", ""


def unit_digest(salt: str, unit: str) -> str:
    """HMAC-SHA-256 (RFC 2104) of `unit` under the pilot's salt, as 64 hex digits: says nothing without the salt."""
    return hmac.new(salt.encode(), unit.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def bucket(salt: str, unit: str) -> int:
    """0 to 9,999. 64 bits of the digest are taken, so that no bucket is likelier than another by more than 1e-15."""
    return int(unit_digest(salt, unit)[:16], 16) % BUCKETS


def ranges(charter: Charter) -> tuple[int, int]:
    """How many buckets are assisted, from 0 up, and how many control, from 9,999 down."""
    enrolled = _rounded(charter.population.share * BUCKETS)
    if charter.arms.design == "before_after":
        return enrolled, 0
    assisted = _rounded(charter.arms.assisted * enrolled)
    return assisted, enrolled - assisted


def drawn_share(charter: Charter) -> float:
    """The share of those who take part that is assisted, as the buckets have it: a small population share leaves few of
    them, and they are whole.
    """
    assisted, control = ranges(charter)
    return assisted / (assisted + control) if assisted + control else charter.arms.assisted


def allocate(charter: Charter, salt: str, unit: str) -> tuple[int, str]:
    """The bucket of `unit`, and its arm: "assisted", "control", or "" where the charter's share leaves it out."""
    drawn = bucket(salt, unit)
    assisted, control = ranges(charter)
    if drawn < assisted:
        return drawn, ASSISTED
    return drawn, CONTROL if drawn >= BUCKETS - control else OUTSIDE


def _rounded(value: float) -> int:
    """Half up: with the rule of `round` a step of less than one could rise by two."""
    return math.floor(value + 0.5)
