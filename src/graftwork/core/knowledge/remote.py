"""Vectors from any server with an OpenAI-compatible `/embeddings`.

On http.client of the standard library: the callers are threads that wait, so that an asynchronous client would gain
nothing, and no further dependency is needed. Whether texts may go to that server is decided by who opens it.
"""

import json
import ssl
import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from graftwork.core.knowledge.embedding import Vectors, unit_length
from graftwork.core.knowledge.errors import EmbeddingRefused, EmbeddingUnavailable

BATCH = 64
# Busy or broken for now; every other refusal would be the same the next time.
_TRY_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_LARGEST_ANSWER_BYTES = 256 << 20
_LONGEST_WAIT_SECONDS = 30.0


class RemoteEmbedder:
    """An `Embedder`. `url` is the base of the API, such as https://gpu-box/v1; `model` is the server's name for it.

    `query_prefix` and `passage_prefix` stand before each text, for models that were trained so ("query: " of E5).
    The first call asks the server for the number of `dimensions` where it is not given. Safe to use from threads.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        api_key: str | None = None,
        dimensions: int | None = None,
        batch: int = BATCH,
        timeout_seconds: float = 60.0,
        attempts: int = 4,
        query_prefix: str = "",
        passage_prefix: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(url)
        self._parts, self._model, self._api_key = parts, model, api_key
        self._batch, self._timeout_seconds, self._attempts = batch, timeout_seconds, attempts
        self._prefixes = (query_prefix, passage_prefix)
        self._sleep = sleep
        self._server = parts.netloc.rpartition("@")[2]
        self._dimensions = dimensions
        self.name = f"{model}@{self._server}"

    @property
    def dimensions(self) -> int:
        """Raises as `embed_passages`, where the server has to be asked."""
        if self._dimensions is None:
            self._dimensions = self._ask(["dimensions"]).shape[1]
        return self._dimensions

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Raises `EmbeddingUnavailable` after the last try, and `EmbeddingRefused`."""
        prefixed = [self._prefixes[1] + text for text in texts]
        return self._embed(prefixed)

    def embed_query(self, text: str) -> Vectors:
        """Raises as `embed_passages`."""
        vector: Vectors = self._embed([self._prefixes[0] + text])[0]
        return vector

    def _embed(self, texts: Sequence[str]) -> Vectors:
        pieces = [self._ask(texts[first : first + self._batch]) for first in range(0, len(texts), self._batch)]
        vectors = np.concatenate(pieces) if pieces else np.empty((0, self.dimensions), np.float32)
        if vectors.shape[1] != self.dimensions:
            raise EmbeddingRefused(self._server, f"vectors of {vectors.shape[1]} numbers, {self.dimensions} before")
        return vectors

    def _ask(self, texts: Sequence[str]) -> Vectors:
        # An empty text is an error to some servers, and none at all to others.
        body = {"model": self._model, "input": [text or " " for text in texts], "encoding_format": "float"}
        reason = ""
        for attempt in range(self._attempts):
            try:
                status, retry_after, answer = self._post(json.dumps(body).encode())
            except (OSError, HTTPException) as error:
                # The text of a foreign exception may quote what was sent.
                reason = f"no answer ({type(error).__name__})"
            else:
                if status == 200:
                    return self._vectors(answer, len(texts))
                reason = f"HTTP {status}"
                if status not in _TRY_AGAIN:
                    raise EmbeddingRefused(self._server, reason)
            if attempt + 1 < self._attempts:
                self._sleep(_wait_seconds(attempt, retry_after if reason.startswith("HTTP") else None))
        raise EmbeddingUnavailable(self._server, reason)

    def _post(self, body: bytes) -> tuple[int, str | None, bytes]:
        headers = {"Content-Type": "application/json", "User-Agent": "graftwork"}
        if self._api_key:
            headers["Authorization"] = f"Bearer {self._api_key}"
        connection = self._connection()
        try:
            connection.request("POST", f"{self._parts.path.rstrip('/')}/embeddings", body, headers)
            response = connection.getresponse()
            return response.status, response.headers.get("Retry-After"), response.read(_LARGEST_ANSWER_BYTES)
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        host = self._parts.hostname or ""
        if self._parts.scheme == "https":
            context = ssl.create_default_context()
            return HTTPSConnection(host, self._parts.port, timeout=self._timeout_seconds, context=context)
        return HTTPConnection(host, self._parts.port, timeout=self._timeout_seconds)

    def _vectors(self, answer: bytes, count: int) -> Vectors:
        try:
            rows: list[dict[str, Any]] = json.loads(answer)["data"]
            # The order is that of `index`; the standard does not promise that of the list.
            ordered = sorted(rows, key=lambda row: row.get("index", 0))
            vectors = np.array([row["embedding"] for row in ordered], dtype=np.float32)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise EmbeddingRefused(self._server, "its answer holds no vectors") from None
        if vectors.ndim != 2 or len(vectors) != count or not np.isfinite(vectors).all():
            raise EmbeddingRefused(self._server, f"{len(vectors)} vectors for {count} texts, or broken ones")
        return unit_length(vectors)


def _wait_seconds(attempt: int, retry_after: str | None) -> float:
    """What the server asks for, else twice as long each time."""
    asked = float(retry_after) if retry_after and retry_after.isdigit() else 0.5 * 2**attempt
    return min(asked, _LONGEST_WAIT_SECONDS)
