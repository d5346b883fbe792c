"""The state of what can be searched, as a digest that a release can name."""

import hashlib
import json
from collections.abc import Iterable

from graftwork.core.knowledge.chunking import CHUNKER_VERSION

DocumentState = tuple[str, str, str]


def snapshot_digest(documents: Iterable[DocumentState], embedder: str) -> str:
    """SHA-256, in hexadecimal, over each document's source, name and digest, the embedder's name and how it is cut.

    The same documents in any order give the same digest; a changed, added or deleted one gives another.
    """
    state = {"documents": sorted(set(documents)), "embedder": embedder, "chunker": CHUNKER_VERSION}
    # JSON keeps the parts apart, so that no name can pass for two.
    return hashlib.sha256(json.dumps(state, ensure_ascii=False).encode(errors="surrogatepass")).hexdigest()
