"""Other people's detectors as readers: what they find is ours, what they break stops everything."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from graftwork.core.errors import DetectorFailed, DetectorUnavailable
from graftwork.core.privacy.adapters.gliner import OVERLAP_CHARACTERS, PIECE_CHARACTERS, Gliner
from graftwork.core.privacy.adapters.http import HttpDetector
from graftwork.core.privacy.adapters.labels import kind_of
from graftwork.core.privacy.adapters.presidio import Presidio
from graftwork.core.privacy.normalise import normalise

TEXT = "Please ask Ada Quill about it."
Serve = Callable[[int, bytes], str]


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("PERSON", "person"),
        ("US_SSN", "national_id"),
        ("street address", "address"),
        ("health_id", "health_id"),
        ("SOMETHING_NEW", "id"),
    ],
)
def test_a_label_nobody_knows_is_still_masked(label: str, kind: str) -> None:
    assert kind_of(label) == kind


def test_presidio_results_become_findings() -> None:
    result = SimpleNamespace(start=11, end=20, entity_type="PERSON", score=0.85)
    analyzer = SimpleNamespace(analyze=lambda *_, **__: [result])
    (found,) = Presidio(analyzer).find(normalise(TEXT))
    assert (TEXT[found.start : found.end], found.kind, found.score) == ("Ada Quill", "person", 0.85)


def test_a_crash_inside_presidio_is_an_error_that_quotes_nothing() -> None:
    def crash(text: str, **_: Any) -> None:
        raise ValueError(text)

    with pytest.raises(DetectorFailed) as raised:
        list(Presidio(SimpleNamespace(analyze=crash)).find(normalise(TEXT)))
    assert "Ada" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_gliner_finds_a_name_that_lies_over_the_edge_of_a_piece() -> None:
    class Model:
        def predict_entities(self, text: str, labels: list[str], threshold: float) -> list[dict[str, Any]]:
            at = text.find("Ada Quill")
            return [] if at < 0 else [{"start": at, "end": at + 9, "label": "person", "score": 0.9}]

    text = "x" * (PIECE_CHARACTERS - 4) + "Ada Quill" + "x" * OVERLAP_CHARACTERS
    (found,) = Gliner(Model()).find(normalise(text))
    assert text[found.start : found.end] == "Ada Quill"


def test_gliner_fetches_no_weights(tmp_path: Any) -> None:
    with pytest.raises(DetectorUnavailable):
        Gliner(tmp_path / "absent")


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[HTTPServer] = []

    def start(status: int, body: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        server = HTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/analyze"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_detector_behind_a_url_finds(serve: Serve) -> None:
    answer = json.dumps([{"start": 11, "end": 20, "entity_type": "PERSON", "score": 0.7}]).encode()
    (found,) = HttpDetector(serve(200, answer)).find(normalise(TEXT))
    assert (found.start, found.end, found.kind) == (11, 20, "person")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"[]"),
        (302, b"[]"),
        (200, b"oops"),
        (200, b'{"a": 1}'),
        (200, b'[{"start": 0}]'),
        (200, b'[{"start": 0, "end": 999, "entity_type": "PERSON"}]'),
        (200, b'[{"start": 5, "end": 5, "entity_type": "PERSON"}]'),
    ],
)
def test_anything_but_a_proper_answer_raises(serve: Serve, status: int, body: bytes) -> None:
    with pytest.raises(DetectorFailed):
        list(HttpDetector(serve(status, body)).find(normalise(TEXT)))


def test_a_detector_that_is_not_there_raises() -> None:
    with pytest.raises(DetectorFailed):
        list(HttpDetector("http://127.0.0.1:9/analyze", timeout_seconds=0.5).find(normalise(TEXT)))
