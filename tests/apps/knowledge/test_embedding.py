"""Which embedder the settings name, and where texts may go."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest
from pydantic import ValidationError

from graftwork.apps.knowledge.embedding import Embedding, name_of, open_embedder
from graftwork.config.workspace import KnowledgeSettings
from graftwork.core.errors import EngineKeyMissing, ModelNotFound, ModelNotPulled

SERVER = {"embeddings_url": "http://gpu-box:8000/v1", "embeddings_model": "bge"}


def test_the_default_is_named_by_its_digest_without_being_loaded(monkeypatch, tmp_path):
    assert name_of(KnowledgeSettings()) == "minilm-l6-v2@8199be6f699a395f"
    monkeypatch.setenv("GRAFTWORK_MODELS", str(tmp_path))
    with pytest.raises(ModelNotPulled):
        open_embedder(KnowledgeSettings())


@pytest.mark.parametrize("model", ["minilm-l6", "smollm2-135m"])
def test_a_model_that_is_not_there_or_does_not_embed_is_refused(model):
    with pytest.raises(ModelNotFound):
        name_of(KnowledgeSettings(embedding_model=model))


def test_a_server_is_named_as_its_own_vectors_are(monkeypatch):
    chosen = KnowledgeSettings(**SERVER)
    assert open_embedder(chosen).name == name_of(chosen) == "bge@gpu-box:8000"
    monkeypatch.delenv("EMBED_KEY", raising=False)
    with pytest.raises(EngineKeyMissing):
        open_embedder(KnowledgeSettings(**SERVER, api_key_env="EMBED_KEY"))
    monkeypatch.setenv("EMBED_KEY", "k")
    assert open_embedder(KnowledgeSettings(**SERVER, api_key_env="EMBED_KEY"))


class Server(BaseHTTPRequestHandler):
    """Answers with one vector for each text, and remembers the texts."""

    heard: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        self.heard.extend(texts)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"data": [{"embedding": [1.0, 0.0]} for _ in texts]}).encode())

    def log_message(self, *args: object) -> None:
        """Nothing to standard error."""


def test_the_prefixes_of_the_settings_reach_the_server():
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        chosen = KnowledgeSettings(
            embeddings_url=f"http://127.0.0.1:{server.server_port}/v1",
            embeddings_model="e5",
            query_prefix="query: ",
            passage_prefix="passage: ",
        )
        embedder = open_embedder(chosen)
        Server.heard.clear()
        embedder.embed_passages(["a parcel"])
        embedder.embed_query("what it costs")
        server.shutdown()
    assert {"passage: a parcel", "query: what it costs"} <= set(Server.heard)


def test_other_prefixes_are_another_way_of_embedding():
    tried = [{}, {"query_prefix": "a"}, {"passage_prefix": "a"}, {"query_prefix": "a", "passage_prefix": "b"}]
    made = [Embedding(one, name_of(one)).made_with for one in (KnowledgeSettings(**SERVER, **more) for more in tried)]
    assert len(set(made)) == len(made)
    assert made[0].startswith("bge@gpu-box:8000, passages ")
    assert name_of(KnowledgeSettings(query_prefix="a")) == name_of(KnowledgeSettings()), "that model takes none"


@pytest.mark.parametrize(
    ("changed", "zone"),
    [
        ({}, "local"),
        ({"embeddings_url": "https://api.example.com/v1", "managed": "allowed"}, "managed"),
        ({"embeddings_url": "https://api.example.com/v1", "zone": "local"}, "local"),
        ({"embeddings_url": "", "embeddings_model": ""}, "local"),
        ({"embeddings_url": "https://api.example.com/v1"}, None),
        ({"zone": "managed"}, None),
        ({"embeddings_url": "http://api.example.com/v1", "managed": "allowed"}, None),
        ({"embeddings_model": ""}, None),
        ({"embeddings_url": "ftp://gpu-box/v1"}, None),
        ({"embeddings_url": "http://user:word@gpu-box/v1"}, None),
        ({"embeddings_url": "http://"}, None),
        ({"api_key_env": "GRAFTWORK_KEYS"}, None),
    ],
)
def test_documents_leave_the_house_only_where_it_is_written_down(changed, zone):
    if zone is None:
        with pytest.raises(ValidationError):
            KnowledgeSettings(**{**SERVER, **changed})
    else:
        assert KnowledgeSettings(**{**SERVER, **changed}).effective_zone == zone
