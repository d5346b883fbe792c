"""Which embedder the settings name, and where texts may go."""

import pytest
from pydantic import ValidationError

from graftwork.apps.knowledge.embedding import name_of, open_embedder
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
