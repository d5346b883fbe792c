"""From a choice to an engine."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from graftwork.core.engines.attachments import Attachment, attachments_from_env, attachments_to_env
from graftwork.core.engines.catalog import load_catalog
from graftwork.core.engines.echo import EchoEngine
from graftwork.core.engines.embedded import EmbeddedEngine
from graftwork.core.engines.openai import OpenAICompatible
from graftwork.core.engines.opening import open_engine
from graftwork.core.errors import EngineKeyMissing, ModelNotFound, ModelNotPulled
from graftwork.core.ports import Engine
from graftwork.core.types import Zone
from graftwork.core.usecase_tables import EngineChoice
from graftwork.core.zones import is_in_the_clear, zone_of

ATTACHED = Attachment("http://127.0.0.1:9/v1", "sk-secret", slots=4, context_tokens=2048)


def opened(folder: Path = Path("/nowhere"), attached: dict[str, Attachment] | None = None, **choice: Any) -> Engine:
    return open_engine(
        EngineChoice(**choice), name="e", models_folder=folder, catalog=load_catalog(), attached=attached
    )


@pytest.mark.parametrize(
    ("url", "zone"),
    [
        ("http://127.0.0.1:8000/v1", "local"),
        ("http://[::1]:8000/v1", "local"),
        ("http://10.1.2.3/v1", "local"),
        ("http://192.168.1.5/v1", "local"),
        ("http://11.1.2.3/v1", "managed"),
        ("http://8.8.8.8/v1", "managed"),
        ("http://vllm:8000/v1", "local"),
        ("http://localhost/v1", "local"),
        ("https://gpu.internal/v1", "local"),
        ("https://gpu.local/v1", "local"),
        ("https://internal.example.com/v1", "managed"),
        ("https://gpu.local.example.com/v1", "managed"),
        ("https://api.example.com/v1", "managed"),
        ("https://localhost.example.com/v1", "managed"),
        ("https://10.1.2.3.example.com/v1", "managed"),
        ("https://localhost@api.example.com/v1", "managed"),
    ],
)
def test_a_url_is_local_only_where_its_host_must_be_ours(url: str, zone: str) -> None:
    assert zone_of(url) == zone


@pytest.mark.parametrize(
    ("url", "zone", "clear"),
    [
        ("http://api.example.com/v1", "managed", True),
        ("HTTP://8.8.8.8/v1", "managed", True),
        ("http://10.1.2.3/v1", "managed", True),
        ("http://localhost.example.com/v1", "managed", True),
        ("http://api.example.com/v1", "local", False),
        ("https://api.example.com/v1", "managed", False),
        ("http://127.0.0.1:8000/v1", "managed", False),
        ("http://[::1]:8000/v1", "managed", False),
        ("http://localhost:8000/v1", "managed", False),
    ],
)
def test_plain_http_goes_to_no_third_party(url: str, zone: Zone, clear: bool) -> None:
    assert is_in_the_clear(url, zone) is clear


def test_the_use_case_may_say_whose_machine_it_is() -> None:
    assert opened(url="https://api.example.com/v1", zone="local").zone == "local"
    assert opened(url="https://api.example.com/v1").zone == "managed"


def test_echo_needs_nothing() -> None:
    assert isinstance(opened(echo=True), EchoEngine)


def test_the_key_comes_from_the_variable_and_its_absence_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    choice = {"url": "https://api.example.com/v1", "api_key_env": "OUR_KEY"}
    monkeypatch.delenv("OUR_KEY", raising=False)
    with pytest.raises(EngineKeyMissing, match="OUR_KEY"):
        opened(**choice)
    monkeypatch.setenv("OUR_KEY", "sk-x")
    assert isinstance(opened(**choice), OpenAICompatible)


def test_prices_keep_their_decimals() -> None:
    engine = opened(url="http://h/v1", input_price_per_million=0.1, output_price_per_million=0.2)
    assert isinstance(engine, OpenAICompatible)
    assert engine._prices.cost(3_000_000, 0) == Decimal("0.3")


def test_a_server_that_runs_already_is_used() -> None:
    engine = opened(model="smollm2-135m", attached={"smollm2-135m": ATTACHED})
    assert isinstance(engine, EmbeddedEngine)
    assert (engine.slots, engine.context_tokens, engine.zone) == (4, 2048, "local")


def test_a_model_that_is_not_here_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelNotPulled, match="models pull smollm2-135m"):
        opened(tmp_path, model="smollm2-135m", attached={"qwen2.5-coder-0.5b": ATTACHED})


def test_a_model_that_nobody_knows_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="did you mean"):
        opened(tmp_path, model="smollm2-135")


def test_a_model_that_embeds_generates_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="minilm-l6-v2"):
        opened(tmp_path, model="minilm-l6-v2")


def test_attachments_travel_through_the_environment() -> None:
    env: dict[str, str] = {}
    attachments_to_env({"m": ATTACHED}, env)
    assert attachments_from_env(env) == {"m": ATTACHED}
    assert attachments_from_env({}) == {}
    assert "sk-secret" not in repr(ATTACHED)
