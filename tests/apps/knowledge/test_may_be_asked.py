"""Whether an item's own text may go to a server that embeds it: `run` and `evaluate` decide alike."""

from pathlib import Path

import pytest

from graftwork.apps.knowledge.embedding import embedding_of_settings
from graftwork.apps.knowledge.retrieval import StoredRetriever
from graftwork.cli.evaluate_sources import lookup_in
from graftwork.config.workspace import KnowledgeSettings
from graftwork.core.errors import NoEngineAllowed
from graftwork.core.scoring.errors import QuestionsMayNotLeave
from graftwork.core.types import ItemContent

pytestmark = pytest.mark.django_db

USE_CASE = """\
name = "note_reply"
title = "Reply"
[input.fields.text]
[instructions]
system = "Answer."
[engine]
echo = true
[knowledge]
sources = ["policies"]
"""
ELSEWHERE = {"embeddings_url": "https://api.example.com/v1", "embeddings_model": "e", "managed": "allowed"}


@pytest.mark.parametrize(
    ("zone", "privacy", "allowed"),
    [
        ("managed", "", False),
        ("managed", '[privacy]\nmanaged = "masked"\n', False),
        ("managed", '[privacy]\nmanaged = "allowed"\n', True),
        ("managed", '[privacy]\nmanaged = "allowed"\n[privacy.classes]\nhealth = "local"\n', False),
        ("managed", '[privacy]\nmanaged = "allowed"\n[privacy.classes]\nhealth = "masked"\n', False),
        ("managed", '[privacy]\nmanaged = "allowed"\n[privacy.classes]\nhealth = "allowed"\n', True),
        ("local", '[privacy.classes]\nhealth = "local"\n', True),
    ],
)
def test_an_evaluation_asks_where_a_run_would(add, folder, write_usecase, monkeypatch, zone, privacy, allowed):
    add("policies", folder)
    monkeypatch.setattr(embedding_of_settings(), "_chosen", KnowledgeSettings(**ELSEWHERE, zone=zone))
    use_case = write_usecase(USE_CASE + privacy)
    beside = folder.parent / "beside"
    (beside / "policies").mkdir(parents=True)
    if allowed:
        assert StoredRetriever().retrieve(use_case, ItemContent({"text": "zipper"})).snapshot
        assert lookup_in(use_case, Path("note_reply.toml"), beside)
    else:
        with pytest.raises(NoEngineAllowed):
            StoredRetriever().retrieve(use_case, ItemContent({"text": "zipper"}))
        with pytest.raises(QuestionsMayNotLeave):
            lookup_in(use_case, Path("note_reply.toml"), beside)
