"""Vectors from a server on this machine, one that fails in all the ways that servers fail."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import numpy as np
import pytest

from graftwork.core.knowledge.errors import EmbeddingRefused, EmbeddingUnavailable
from graftwork.core.knowledge.remote import RemoteEmbedder


class Server(BaseHTTPRequestHandler):
    """Answers with the length of each text; `trouble` are statuses or bodies that come first."""

    trouble: ClassVar[list[int | bytes]] = []
    asked: ClassVar[list[dict[str, Any]]] = []
    keys: ClassVar[list[str | None]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append({"path": self.path, **body})
        self.keys.append(self.headers.get("Authorization"))
        trouble = self.trouble.pop(0) if self.trouble else 200
        if isinstance(trouble, int) and trouble != 200:
            self.send_response(trouble)
            self.send_header("Retry-After", "7")
            self.end_headers()
            return
        rows = [{"index": n, "embedding": [len(text), 1.0, 0.0]} for n, text in enumerate(body["input"])]
        answer = trouble if isinstance(trouble, bytes) else json.dumps({"data": rows[::-1]}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def url() -> Iterator[str]:
    Server.trouble, Server.asked, Server.keys = [], [], []
    running = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}/v1"
    running.shutdown()
    running.server_close()


def test_vectors_come_in_order_with_unit_length_in_batches(url: str) -> None:
    embedder = RemoteEmbedder(url, "m", api_key="sk-1", batch=2)
    vectors = embedder.embed_passages(["a", "bb", "ccc"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert list(vectors[:, 0] / vectors[:, 1]) == pytest.approx([1, 2, 3])
    assert [len(one["input"]) for one in Server.asked[:2]] == [2, 1]
    assert {one["path"] for one in Server.asked} == {"/v1/embeddings"}
    assert set(Server.keys) == {"Bearer sk-1"}
    assert embedder.dimensions == 3


def test_questions_and_passages_get_their_prefixes(url: str) -> None:
    embedder = RemoteEmbedder(url, "m", dimensions=3, query_prefix="query: ", passage_prefix="passage: ")
    embedder.embed_query("q")
    embedder.embed_passages(["p"])
    assert [one["input"] for one in Server.asked] == [["query: q"], ["passage: p"]]


def test_no_text_asks_nothing(url: str) -> None:
    assert RemoteEmbedder(url, "m", dimensions=3).embed_passages([]).shape == (0, 3)
    assert Server.asked == []


def test_a_busy_server_is_asked_again_after_what_it_asks_for(url: str) -> None:
    Server.trouble = [429, 503]
    waits: list[float] = []
    RemoteEmbedder(url, "m", dimensions=3, sleep=waits.append).embed_query("q")
    assert waits == [7.0, 7.0]


def test_a_server_that_stays_down_is_named_after_the_last_try(url: str) -> None:
    Server.trouble = [503] * 9
    with pytest.raises(EmbeddingUnavailable, match="HTTP 503"):
        RemoteEmbedder(url, "m", dimensions=3, attempts=3, sleep=lambda _: None).embed_query("q")
    assert len(Server.asked) == 3


def test_nobody_there_is_unavailable() -> None:
    embedder = RemoteEmbedder("http://127.0.0.1:9/v1", "m", dimensions=3, attempts=2, sleep=lambda _: None)
    with pytest.raises(EmbeddingUnavailable, match=r"127\.0\.0\.1:9"):
        embedder.embed_query("the question itself")


@pytest.mark.parametrize(
    "trouble",
    [
        401,
        404,
        b"not json",
        b"{}",
        b'{"data": []}',
        b'{"data": [{"index": 0}]}',
        b'{"data": [{"index": 0, "embedding": ["x"]}]}',
        b'{"data": [{"index": 0, "embedding": [NaN, 1]}]}',
        b'{"data": [{"index": 0, "embedding": [1, 2, 3, 4]}]}',
    ],
)
def test_an_answer_that_will_not_get_better_is_refused_at_once_without_the_text(url: str, trouble: int | bytes) -> None:
    Server.trouble = [trouble]
    with pytest.raises(EmbeddingRefused) as caught:
        RemoteEmbedder(url, "m", dimensions=3).embed_query("the question itself")
    assert "the question itself" not in str(caught.value)
    assert len(Server.asked) == 1
