"""A detector of the company's own on loopback: it finds the words it is given, and keeps what it was asked."""

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class DetectorService:
    """Answers as Presidio's analyzer service does. `close` ends it; its port then refuses connections."""

    def __init__(self, words: Sequence[str], label: str = "PERSON", score: float = 0.9) -> None:
        self.asked: list[dict[str, Any]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                service.asked.append(asked)
                found = [
                    {"start": at, "end": at + len(word), "entity_type": label, "score": score}
                    for word in words
                    if (at := asked["text"].find(word)) >= 0
                ]
                body = json.dumps(found).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/analyze"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
