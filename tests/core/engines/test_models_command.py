"""`graftwork models`, without a network."""

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from graftwork.cli.models import models
from graftwork.core.engines.catalog import load_catalog
from graftwork.core.errors import GraftworkError, ModelDigestMismatch, SettingInvalid, WorkspaceNotFound

BYTES = b"GGUF and more"
DIGEST = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace and an empty models folder of its own; `ours.gguf` lies beside."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "graftwork.toml").write_text("")
    (tmp_path / "ours.gguf").write_bytes(BYTES)
    monkeypatch.setenv("GRAFTWORK_WORKSPACE", str(folder))
    monkeypatch.setenv("GRAFTWORK_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("COLUMNS", "200")
    return folder


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(models, arguments)
    if isinstance(result.exception, GraftworkError):
        raise result.exception
    return result


def listed() -> dict[str, dict[str, object]]:
    return {row["name"]: row for row in json.loads(run("list", "--json").stdout)}


def test_the_list_says_what_is_here(workspace: Path) -> None:
    table = run("list").stdout
    rows = [line.split() for line in table.splitlines()]
    assert ["qwen2.5-coder-0.5b", "491", "MB", "Apache-2.0", "no"] in [row[:5] for row in rows]
    assert listed()["smollm2-135m"]["here"] is False


def test_a_file_that_is_added_is_ready_at_once(workspace: Path, tmp_path: Path) -> None:
    result = run("add", "ours", "--file", str(tmp_path / "ours.gguf"), "--licence", "MIT")
    assert "ours is here" in result.stdout
    entry = load_catalog(workspace / "models.toml").get("ours")
    assert (entry.sha256, entry.size_bytes, entry.licence, entry.context_tokens) == (DIGEST, len(BYTES), "MIT", None)
    assert listed()["ours"]["here"] is True
    assert (tmp_path / "models" / "ours.gguf").read_bytes() == BYTES


def test_a_file_with_another_digest_than_given_is_refused(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelDigestMismatch):
        run("add", "ours", "--file", str(tmp_path / "ours.gguf"), "--sha256", "0" * 64)
    assert not (workspace / "models.toml").exists()


def test_a_file_may_not_pass_for_a_packaged_model(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelDigestMismatch):
        run("add", "smollm2-135m", "--file", str(tmp_path / "ours.gguf"))
    assert listed()["smollm2-135m"]["here"] is False


def test_an_address_needs_a_digest_and_a_size(workspace: Path) -> None:
    url = ("add", "ours", "--url", "https://models.example/ours.gguf")
    assert "--sha256" in run(*url).output
    assert run(*url, "--sha256", DIGEST, "--size-bytes", "13").exit_code == 0
    assert listed()["ours"]["state"] == "no"


def test_a_name_that_is_no_file_name_is_refused(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match="name"):
        run("add", "../ours", "--file", str(tmp_path / "ours.gguf"))


def test_outside_a_workspace_a_new_entry_has_no_place(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRAFTWORK_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WorkspaceNotFound):
        run("add", "ours", "--file", str(tmp_path / "ours.gguf"))


def test_a_pull_says_which_sources_it_tried(workspace: Path, tmp_path: Path) -> None:
    run("add", "ours", "--file", str(tmp_path / "ours.gguf"))
    (tmp_path / "models" / "ours.gguf").unlink()
    result = run("pull", "ours")
    assert f"trying file {tmp_path}/ours.gguf" in result.stderr
    assert "ours is here" in result.stdout
