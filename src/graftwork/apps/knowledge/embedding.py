"""What embeds passages and questions in this process: opened when first asked for, and kept."""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from graftwork.config.workspace import KnowledgeSettings
from graftwork.core.engines.catalog import ModelEntry, load_catalog, models_folder
from graftwork.core.engines.pull import locate, locate_companion
from graftwork.core.errors import EngineKeyMissing, ModelNotFound, did_you_mean
from graftwork.core.knowledge.chunking import CHUNKER_VERSION
from graftwork.core.types import Zone
from graftwork.core.usecase import UseCase

if TYPE_CHECKING:
    from graftwork.core.knowledge.embedding import Embedder, Vectors

# What takes the model some seconds: enough to keep it busy, and little enough that a kill loses little.
BATCH_PASSAGES = 64


class Embedding:
    """The embedder that the settings name. Its own name is known without the model, which the first text loads."""

    def __init__(self, chosen: KnowledgeSettings, name: str) -> None:
        self._chosen = chosen
        self._lock = threading.Lock()
        self._embedder: Embedder | None = None
        self.name = name

    @property
    def made_with(self) -> str:
        """How passages are cut and embedded. What was made otherwise cannot stand in one index with the rest."""
        return f"{self.name}, passages {CHUNKER_VERSION}"

    @property
    def zone(self) -> Zone:
        """Where texts go that are embedded."""
        return self._chosen.effective_zone

    def embedder(self) -> "Embedder":
        """Raises `ModelNotPulled` where the model is not on this machine."""
        with self._lock:
            if self._embedder is None:
                self._embedder = open_embedder(self._chosen)
            return self._embedder

    def in_pieces(self, texts: Sequence[str], piece: int) -> "Iterator[Vectors]":
        """The vectors of `texts`, some rows at a time, so that progress can be told. Raises a `KnowledgeError`."""
        for first in range(0, len(texts), piece):
            yield self.embedder().embed_passages(texts[first : first + piece])

    def joined(self, pieces: "Sequence[Vectors]") -> "Vectors":
        """One row each; none without pieces, for which the model is not loaded."""
        import numpy as np  # noqa: PLC0415 - only who embeds or searches loads it

        return np.concatenate(pieces) if pieces else np.empty((0, 0), np.float32)


def may_be_asked(use_case: UseCase, embedding: Embedding) -> bool:
    """Whether questions of `use_case` may go to what embeds them.

    A question is the item's own text, and it is embedded as it is: masked, it would not find what it asks for. So what
    keeps any class of items in the house keeps all questions there.
    """
    rules = use_case.privacy
    may_leave = rules.managed == "allowed" and all(treatment == "allowed" for treatment in rules.classes.values())
    return embedding.zone != "managed" or may_leave


def embedding_of_settings() -> Embedding:
    """One for each process and choice."""
    workspace = settings.GRAFTWORK_WORKSPACE
    return _embedding(workspace.settings.knowledge, str(workspace.folder))


@lru_cache(maxsize=4)
def _embedding(chosen: KnowledgeSettings, workspace: str) -> Embedding:
    del workspace  # the catalog is that of the workspace
    return Embedding(chosen, name_of(chosen))


def name_of(chosen: KnowledgeSettings) -> str:
    """Names the model by its digest, or by the server that has it: vectors of two models cannot be compared.

    Nor can those that were made with another prefix, so where there is one, a digest of both follows.
    """
    if chosen.embeddings_url:
        prefixes = (chosen.query_prefix, chosen.passage_prefix)
        mark = f" {sha256(json.dumps(prefixes).encode()).hexdigest()[:8]}" if any(prefixes) else ""
        return f"{chosen.embeddings_model}@{urlsplit(chosen.embeddings_url).netloc}{mark}"
    entry = _entry(chosen)
    return f"{entry.name}@{entry.sha256[:16]}"


def open_embedder(chosen: KnowledgeSettings) -> "Embedder":
    """Raises `ModelNotPulled` or `ModelDigestMismatch`, and `EngineKeyMissing` where the server's key is not there."""
    if chosen.embeddings_url:
        return _server(chosen)
    # Takes 90 MB with its model, which only who embeds or searches should pay.
    from graftwork.core.knowledge.minilm import MiniLM  # noqa: PLC0415 - as above

    entry, folder = _entry(chosen), models_folder()
    return MiniLM(locate(entry, folder), locate_companion(entry, "tokenizer.json", folder))


def _server(chosen: KnowledgeSettings) -> "Embedder":
    from graftwork.core.knowledge.remote import RemoteEmbedder  # noqa: PLC0415 - loads numpy, as above

    key = os.environ.get(chosen.api_key_env, "").strip() if chosen.api_key_env else None
    if chosen.api_key_env and not key:
        raise EngineKeyMissing(urlsplit(chosen.embeddings_url).netloc, chosen.api_key_env)
    return RemoteEmbedder(
        chosen.embeddings_url,
        chosen.embeddings_model,
        api_key=key,
        query_prefix=chosen.query_prefix,
        passage_prefix=chosen.passage_prefix,
    )


def _entry(chosen: KnowledgeSettings) -> ModelEntry:
    """Raises `ModelNotFound` for a model that does not embed too."""
    catalog = load_catalog(settings.GRAFTWORK_WORKSPACE.folder / "models.toml")
    entry = catalog.get(chosen.embedding_model)
    if entry.kind != "embedding":
        known = [one.name for one in catalog.entries.values() if one.kind == "embedding"]
        raise ModelNotFound(entry.name, did_you_mean(entry.name, known))
    return entry
