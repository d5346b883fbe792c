"""The catalog: what is packaged, and what a workspace adds."""

from pathlib import Path

import pytest

from graftwork.core.engines.catalog import (
    FileSource,
    ModelEntry,
    UrlSource,
    WheelSource,
    append_entry,
    load_catalog,
    models_folder,
)
from graftwork.core.errors import ModelNotFound, SettingInvalid
from graftwork.core.usecase_tables import DEFAULT_MODEL

DIGEST = "0" * 64
ENTRY = ModelEntry(
    name="our-model",
    title='The "big" one',
    licence="MIT",
    size_bytes=3,
    sha256=DIGEST,
    context_tokens=2048,
    good_for="Ours: \\ ü",
    sources=(UrlSource(url="https://models.example/m.gguf"), FileSource(path="/tmp/m.gguf")),
)
TABLE = f'title = "t"\nlicence = "MIT"\nsize_bytes = 3\nsha256 = "{DIGEST}"\n'


def test_the_default_model_is_packaged_and_the_parts_of_each_wheel_source_differ() -> None:
    catalog = load_catalog()
    assert DEFAULT_MODEL in catalog.entries
    for entry in catalog.entries.values():
        for source in entry.sources:
            if isinstance(source, WheelSource):
                assert len({part.member for part in source.parts}) == len(source.parts)


def test_an_unknown_name_names_the_nearest() -> None:
    with pytest.raises(ModelNotFound, match="did you mean `smollm2-135m`"):
        load_catalog().get("smollm-135m")


def test_what_a_workspace_adds_is_read_back_as_it_was(tmp_path: Path) -> None:
    extra = tmp_path / "models.toml"
    extra.write_text(f"# ours\n[models.first]\n{TABLE}")
    append_entry(extra, ENTRY)
    catalog = load_catalog(extra)
    assert catalog.get("our-model") == ENTRY
    assert catalog.get("first").context_tokens is None
    assert extra.read_text().startswith("# ours\n")


def test_a_name_that_is_taken_is_not_added_again(tmp_path: Path) -> None:
    append_entry(tmp_path / "models.toml", ENTRY)
    with pytest.raises(SettingInvalid, match="already"):
        append_entry(tmp_path / "models.toml", ENTRY)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f"[models.{DEFAULT_MODEL.replace('.', '')}x]\n{TABLE}size = 3\n", "size"),
        (f'[models."{DEFAULT_MODEL}"]\n{TABLE}', DEFAULT_MODEL),
        (f'[models."../up"]\n{TABLE}', "name"),
        ('[models.a]\ntitle = "t"\n', "licence"),
        ("[models]\na = 1\n", "models.a"),
        ("[model.a]\n", "model"),
        ("not toml", "whole file"),
        (f'[models.a]\n{TABLE}sources = [{{ kind = "ftp" }}]\n', "sources"),
        (f'[models.a]\n{TABLE}sources = [{{ kind = "url", url = "file:///etc/passwd" }}]\n', "url"),
        (f'[models.a]\n{TABLE}sources = [{{ kind = "wheel", parts = [] }}]\n', "parts"),
    ],
)
def test_a_broken_file_is_refused_with_the_key(tmp_path: Path, text: str, key: str) -> None:
    (tmp_path / "models.toml").write_text(text)
    with pytest.raises(SettingInvalid) as caught:
        load_catalog(tmp_path / "models.toml")
    assert key in caught.value.key


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"GRAFTWORK_MODELS": "/srv/models"}, "/srv/models"),
        ({"XDG_CACHE_HOME": "/var/cache/me"}, "/var/cache/me/graftwork/models"),
        ({"XDG_CACHE_HOME": "relative"}, "/home/me/.cache/graftwork/models"),
        ({}, "/home/me/.cache/graftwork/models"),
    ],
)
def test_the_models_folder_follows_the_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str
) -> None:
    for name in ("GRAFTWORK_MODELS", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert models_folder() == Path(folder)
