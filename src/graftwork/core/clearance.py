"""What was decided about an item before any engine saw it: which engines may have it, and in which form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from graftwork.core.ports import Restoring
from graftwork.core.privacy.routing import Route
from graftwork.core.types import ItemContent, Notice


@dataclass(frozen=True, slots=True)
class MaskedContent:
    """An item in which every detected value is a placeholder; `restorer` makes what puts the values back.

    `counts` are the masked values by kind. The values themselves are in the book that `restorer` holds.
    """

    content: ItemContent
    counts: Mapping[str, int]
    restorer: Callable[[], Restoring] = field(repr=False)

    def restored(self, text: str) -> str:
        """`text` with the values back in it."""
        restorer = self.restorer()
        return restorer.feed(text) + restorer.close()


@dataclass(frozen=True, slots=True)
class Clearance:
    """What was decided about one item. `masked` is there where the route says masked."""

    route: Route
    masked: MaskedContent | None = None
    notices: tuple[Notice, ...] = ()
