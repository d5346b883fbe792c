"""What the gateway needs of masking, as a port."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from graftwork.core.privacy.policy import Ruling
from graftwork.core.types import Sensitivity

Sink = Literal["text", "json"]
"""Where a restored value lands: in running text, or inside the string of a JSON text, where it has to be escaped."""


@dataclass(frozen=True, slots=True)
class RequestScope:
    """Whose placeholders a request sees. Without a thread they are forgotten when the call is over."""

    tenant: str
    thread: str = ""
    use_case: str = ""


class Restorer(Protocol):
    """Puts values back into one stream of text. May hold back as much as a placeholder is long."""

    def feed(self, text: str) -> str: ...

    def close(self) -> str: ...


class Session(Protocol):
    """One conversation. Masking comes first, part by part in the order of the prompt, then `keep`, then restoring."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many values of each kind were masked so far."""

    @property
    def classes(self) -> Collection[Sensitivity]:
        """Of what sensitive classes the texts were so far, where the rules tell classes apart."""

    @property
    def held_by(self) -> Ruling | None:
        """What sensitive data brought on the conversation earlier."""

    def hold(self, rule: Ruling) -> None:
        """Bring `rule` on the conversation, from now on. May block."""

    def mask_text(self, text: str) -> str:
        """`text` with a placeholder for every sensitive value. Raises anything at all where it cannot tell."""

    def mask_terms(self, text: str) -> str:
        """The same for the words of the company's own dictionaries only: for tool definitions and schemas."""

    def kinds_in(self, text: str) -> Mapping[str, float]:
        """What a text that has to stay as it is holds: the kinds, each with the highest score (0 to 1) of it."""

    def keep(self) -> None:
        """Store what has to outlive the call. Called before anything is sent; may block."""

    def restorer(self, sink: Sink) -> Restorer: ...


class Guard(Protocol):
    """`quick` says that masking a short text takes a millisecond or so, and may be done in the event loop."""

    quick: bool

    def open(self, scope: RequestScope) -> Session:
        """May block where `scope` has a thread. Raises anything at all where the vault does not answer."""


def restore_whole(session: Session, text: str, sink: Sink = "text") -> str:
    restorer = session.restorer(sink)
    return restorer.feed(text) + restorer.close()
