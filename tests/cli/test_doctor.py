"""`doctor` names each missing thing with what mends it, and never a secret."""

import json
import shutil
import socket
import sqlite3
import threading
from collections import namedtuple
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from graftwork.apps.keyring import keyring, new_ring
from graftwork.apps.vault.models import ScopeKey
from graftwork.cli import doctor as module
from graftwork.cli import doctor_engines, doctor_store, session

SECRET = "hunter2-correct-horse"
USE_CASE = 'name = "mine"\ntitle = "M"\n[input.fields.t]\n[instructions]\nsystem = "Do."\n[engine]\n'


@pytest.fixture(autouse=True)
def no_models(tmp_path, monkeypatch):
    monkeypatch.setenv("GRAFTWORK_MODELS", str(tmp_path / "models"))


@pytest.fixture
def checks(graftwork):
    """The findings by name, and the exit code."""

    def run():
        result = graftwork("doctor", "--json")
        answer = json.loads(result.stdout)
        assert answer["ok"] == (result.exit_code == 0) == all(one["state"] != "missing" for one in answer["checks"])
        return {one["check"]: one for one in answer["checks"]}

    return run


@pytest.fixture
def write_engine(fresh_workspace):
    def write(text):
        (fresh_workspace / "usecases" / "mine.toml").write_text(USE_CASE + text, encoding="utf-8")

    return write


def _is(finding, state, found="", mend=""):
    assert finding["state"] == state, finding
    assert found in finding["found"], finding
    assert mend in finding["mend"], finding
    assert bool(finding["mend"]) == (state != "ok"), finding


def test_without_a_workspace_it_says_how_to_start_one(graftwork, checks, tmp_path, monkeypatch):
    monkeypatch.delenv("GRAFTWORK_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    _is(checks()["workspace"], "missing", "no graftwork.toml", "graftwork new NAME")
    _is(checks()["python"], "ok", "3.")
    plain = graftwork("doctor")
    assert plain.exit_code == 1
    assert "missing  workspace: " in plain.stdout
    assert "-> graftwork new NAME" in plain.stdout


def test_a_fresh_workspace_lacks_only_the_model(checks, fresh_workspace, monkeypatch):
    monkeypatch.setenv("GRAFTWORK_WEB_PORT", str(_free_port()))
    found = checks()
    lacking = {name: one["mend"] for name, one in found.items() if one["state"] != "ok"}
    assert lacking == {"engine of the use cases that ship": "graftwork models pull qwen2.5-coder-0.5b"}
    _is(found["database"], "ok", "not made yet")
    assert not (fresh_workspace / "data" / "graftwork.sqlite3").exists()


def _no_key_file(folder):
    (folder / "data" / "keys.json").unlink()


def _open_key_file(folder):
    (folder / "data" / "keys.json").chmod(0o644)


def _broken_key_file(folder):
    (folder / "data" / "keys.json").write_text("{}", encoding="utf-8")


def _lost_key_file_beside_a_database(folder):
    _no_key_file(folder)
    sqlite3.connect(folder / "data" / "graftwork.sqlite3").close()


def _no_database_but_text(folder):
    (folder / "data" / "graftwork.sqlite3").write_text("not a database, but long enough to be looked at" * 99)


def _unknown_setting(folder):
    (folder / "graftwork.toml").write_text("[web]\nprt = 1\n", encoding="utf-8")


def _no_data_folder(folder):
    shutil.rmtree(folder / "data")


def _broken_use_case(folder):
    (folder / "usecases" / "bad.toml").write_text('name = "bad"\n', encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "check", "found", "mend"),
    [
        (_no_key_file, "keys", "the key file is missing", "graftwork new NAME"),
        (_lost_key_file_beside_a_database, "keys", "the key file is missing", "from your backup"),
        (_open_key_file, "keys", "0644", "chmod 600 "),
        (_broken_key_file, "keys", "not a key ring", "from your backup"),
        (_no_database_but_text, "database", "not a database", "from your backup"),
        (_unknown_setting, "settings", "did you mean `port`?", "edit "),
        (_no_data_folder, "data folder", "is not there", "mkdir -m 700 "),
        (_broken_use_case, "use case bad", "is required", "graftwork usecase check"),
    ],
)
def test_each_missing_thing_is_named_with_what_mends_it(checks, fresh_workspace, damage, check, found, mend):
    damage(fresh_workspace)
    _is(checks()[check], "missing", found, mend)


def test_little_space_is_a_warning(checks, fresh_workspace, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: usage(10, 10, 999_999_999))
    _is(checks()["disk"], "warning", "1.0 GB free", "free some space")
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: usage(10, 10, 1_000_000_000))
    _is(checks()["disk"], "ok")


def test_an_old_python_is_named(checks, fresh_workspace, monkeypatch):
    monkeypatch.setattr(module, "OLDEST_PYTHON", (99, 0))
    _is(checks()["python"], "missing", "3.", "install Python")


def test_a_port_in_use_is_a_warning_and_a_strange_host_is_missing(checks, fresh_workspace, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("GRAFTWORK_WEB_PORT", str(taken.getsockname()[1]))
        _is(checks()["port"], "warning", "in use", "web.port")
    monkeypatch.setenv("GRAFTWORK_WEB_HOST", "not-an-address.invalid")
    _is(checks()["port"], "missing", "no address", "web.host")


# --- database ---------------------------------------------------------------------------------------------------------


def test_a_missing_driver_is_named(checks, fresh_workspace, monkeypatch):
    monkeypatch.setenv("GRAFTWORK_DATABASE_URL", f"postgres://u:{SECRET}@127.0.0.1:1/d")
    monkeypatch.setattr(session, "find_spec", lambda name: None)
    assert "pip install 'graftwork[postgres]'" in json.dumps(checks()["database"])


def test_a_server_that_does_not_answer_is_named_by_its_host(checks, fresh_workspace, monkeypatch):
    monkeypatch.setenv("GRAFTWORK_DATABASE_URL", f"postgres://u:{SECRET}@127.0.0.1:1/d")
    _is(checks()["database"], "missing", "PostgreSQL at 127.0.0.1:1: no answer", "database.url")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('FATAL:  password authentication failed for user "rita"', "refuses this user or password"),
        ('FATAL:  database "prod" does not exist', "no such database or user"),
        ("connection refused", "no answer"),
    ],
)
def test_the_servers_words_are_not_passed_on(text, reason):
    assert reason in session.connection_problem(text)


def test_sqlite_outside_wal_mode_is_a_warning(checks, workspace_folder, db):
    file = workspace_folder / "data" / "graftwork.sqlite3"
    try:
        sqlite3.connect(file).execute("CREATE TABLE t (x)").connection.close()
        _is(checks()["database"], "warning", "not in WAL mode", "PRAGMA journal_mode=WAL")
    finally:
        file.unlink()


@pytest.fixture
def database_file(workspace_folder):
    """Something for the doctor to look into; what it asks Django goes to the tests' own database."""
    file = workspace_folder / "data" / "graftwork.sqlite3"
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    yield
    for one in file.parent.glob("graftwork.sqlite3*"):
        one.unlink()


@pytest.mark.django_db
def test_keys_are_tried_on_what_is_stored(checks, make_items, database_file, monkeypatch):
    _is(checks()["stored content"], "ok", "none yet")
    make_items(2)
    _is(checks()["stored content"], "ok", "opens with these keys")
    ScopeKey.objects.filter(pk=ScopeKey.objects.first().pk).update(master_key_id="klost")
    _is(checks()["stored content"], "missing", "1 threads need the key klost", "backup")
    ScopeKey.objects.update(master_key_id=keyring().active_id, wrapped=bytes(60))
    _is(checks()["stored content"], "missing", "does not open", "backup")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "shown", "mend"),
    [("current", "ok", ""), ("older", "warning", "graftwork up"), ("newer", "missing", "pip install -U graftwork")],
)
def test_tables_of_another_version_are_named(checks, database_file, monkeypatch, state, shown, mend):
    monkeypatch.setattr(doctor_store, "tables", lambda: state)
    _is(checks()["tables"], shown, "", mend)


# --- engines ----------------------------------------------------------------------------------------------------------


class _Server(BaseHTTPRequestHandler):
    asked: list[tuple[str, str | None]] = []

    def do_GET(self):
        self.asked.append((self.path, self.headers.get("Authorization")))
        self.send_response(int(self.path.split("/")[1]))
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    serving = HTTPServer(("127.0.0.1", 0), _Server)
    threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
    _Server.asked.clear()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    serving.server_close()


@pytest.mark.parametrize(
    ("status", "state", "mend"),
    [
        (200, "ok", ""), (404, "ok", ""), (302, "ok", ""),
        (401, "missing", "ENGINE_KEY"), (403, "missing", "ENGINE_KEY"), (503, "warning", "log"),
    ],
)  # fmt: skip
def test_a_server_is_asked_once_with_its_key(checks, write_engine, server, monkeypatch, status, state, mend):
    monkeypatch.setenv("ENGINE_KEY", SECRET)
    write_engine(f'url = "{server}/{status}/v1?key={SECRET}"\nmodel = "m"\napi_key_env = "ENGINE_KEY"\n')
    finding = checks()["engine of mine"]
    _is(finding, state, f"m at {server.removeprefix('http://')}", mend)
    assert SECRET not in json.dumps(finding)
    assert [key for _, key in _Server.asked] == [f"Bearer {SECRET}"]


@pytest.mark.parametrize(
    ("text", "found", "mend"),
    [
        ('url = "http://127.0.0.1:1/v1"\n', "no answer within 3 s", "start it"),
        ('url = "http://127.0.0.1:1/v1"\napi_key_env = "ENGINE_KEY"\n', "ENGINE_KEY is not set", "export ENGINE_KEY="),
        ('model = "qwen2.5-coder-0.7b"\n', "did you mean", "graftwork models list"),
        ('model = "smollm2-135m"\n', "is not on this machine", "graftwork models pull smollm2-135m"),
    ],
)
def test_an_engine_that_cannot_draft_is_named(checks, write_engine, text, found, mend):
    write_engine(text)
    _is(checks()["engine of mine"], "missing", found, mend)


def test_a_damaged_model_is_pulled_again(checks, write_engine, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "smollm2-135m.gguf").write_bytes(b"half of it")
    write_engine('model = "smollm2-135m"\n')
    _is(checks()["engine of mine"], "missing", "damaged", "graftwork models pull smollm2-135m")


def test_an_engine_that_two_use_cases_share_is_looked_at_once(checks, write_engine, fresh_workspace):
    write_engine("echo = true\n")
    second = USE_CASE.replace('"mine"', '"yours"') + "echo = true\n"
    (fresh_workspace / "usecases" / "yours.toml").write_text(second, encoding="utf-8")
    _is(checks()["engine of mine, yours"], "ok", "echo")


def test_without_the_embedded_engine_it_says_how_to_install_it(checks, fresh_workspace, monkeypatch):
    monkeypatch.setattr(doctor_engines, "find_spec", lambda name: None)
    _is(checks()["engine of the use cases that ship"], "missing", "xllamacpp", "pip install")


def test_no_secret_is_ever_shown(graftwork, write_engine, fresh_workspace, monkeypatch):
    ring = new_ring()
    write_engine(f'url = "http://user:{SECRET}@127.0.0.1:1/v1?key={SECRET}"\napi_key_env = "ENGINE_KEY"\n')
    monkeypatch.setenv("ENGINE_KEY", SECRET)
    for url in (f"postgres://u:{SECRET}@127.0.0.1:1/d", f"mysql://u:{SECRET}@h/d", f"postgres://u:{SECRET}@h:x/d"):
        monkeypatch.setenv("GRAFTWORK_DATABASE_URL", url)
        for args in (["doctor"], ["doctor", "--json"]):
            output = graftwork(*args).output
            assert SECRET not in output
            assert "database" in output
    stored = json.loads((fresh_workspace / "data" / "keys.json").read_text(encoding="utf-8"))
    assert not any(key in output for key in stored["master_keys"].values())
    assert ring.active_id not in output


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# --- gateway ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def with_gateway(fresh_workspace, monkeypatch):
    monkeypatch.setenv("GRAFTWORK_GATEWAY_ENABLED", "true")
    monkeypatch.setenv("GRAFTWORK_GATEWAY_PORT", str(_free_port()))
    return lambda text: (fresh_workspace / "engines.toml").write_text(text, encoding="utf-8")


def test_a_gateway_that_is_not_enabled_is_not_looked_at(checks, fresh_workspace):
    (fresh_workspace / "engines.toml").write_text("[away", encoding="utf-8")
    assert not any(name.startswith("gateway") for name in checks())


def test_the_gateway_is_looked_at_with_engines_keys_port_and_masking(checks, with_gateway, monkeypatch):
    with_gateway('[away]\nurl = "https://api.example.com/v1"\napi_key_env = "AWAY_KEY"\n')
    found = checks()
    _is(found["gateway port"], "ok", "is free")
    _is(found["gateway engines"], "ok", "1 engine: away")
    _is(found["gateway engine away"], "missing", "AWAY_KEY is not set", "export AWAY_KEY=")
    _is(found["gateway masking"], "ok", "profile gdpr")
    monkeypatch.setenv("AWAY_KEY", SECRET)
    assert "gateway engine away" not in checks()


def test_what_is_wrong_with_the_gateway_is_named(checks, with_gateway, monkeypatch):
    _is(checks()["gateway engines"], "warning", "none in", "embedded models")
    with_gateway('[away]\nurll = "https://api.example.com/v1"\n')
    monkeypatch.setenv("GRAFTWORK_GATEWAY_PROFILE", "gdrp")
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("GRAFTWORK_GATEWAY_PORT", str(other.getsockname()[1]))
        found = checks()
    _is(found["gateway engines"], "missing", "did you mean `url`?", "edit ")
    _is(found["gateway masking"], "missing", "no privacy profile `gdrp`; did you mean `gdpr`?", "Name a packaged")
    _is(found["gateway port"], "warning", "in use", "gateway.port")
