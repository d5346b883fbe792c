"""What every command does first: workspace, settings, keys, tables."""

import fcntl
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from graftwork.cli import session
from graftwork.config.workspace import DatabaseSettings, Settings, Workspace, open_workspace
from graftwork.core.errors import DatabaseUnavailable, SettingInvalid


def _with_url(folder, url):
    return Workspace(folder, Settings(database=DatabaseSettings(url=url)))


@pytest.mark.parametrize("url", ["sqlite:///data/x.sqlite3", "postgres://a@b/c", "postgresql://a:p%40@b:5432/c"])
def test_a_url_of_a_database_that_we_know_is_taken(tmp_path, url):
    session.check_database_setting(_with_url(tmp_path, url))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "data/x.sqlite3",
        "sqlite://x",
        "mysql://u:hunter2@h/d",
        "postgres://u:hunter2@h:port/d",
        "postgres://[hunter2",
    ],
)
def test_another_url_is_refused_without_showing_it(tmp_path, url):
    with pytest.raises(SettingInvalid) as caught:
        session.check_database_setting(_with_url(tmp_path, url))
    assert caught.value.key == "database.url"
    assert "hunter2" not in str(caught.value)


def test_a_missing_driver_is_named_with_what_installs_it(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "find_spec", lambda name: None)
    session.check_database_setting(_with_url(tmp_path, "sqlite:///x"))
    with pytest.raises(DatabaseUnavailable, match=r"pip install 'graftwork\[postgres\]'"):
        session.check_database_setting(_with_url(tmp_path, "postgres://u:hunter2@h/d"))


def test_without_a_workspace_the_next_step_is_named(graftwork, tmp_path, monkeypatch):
    monkeypatch.delenv("GRAFTWORK_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    result = graftwork("user", "list")
    assert result.exit_code == 2
    assert "workspace.not_found" in result.stderr
    assert "graftwork new NAME" in result.stderr


def test_a_silent_server_is_named_at_once_and_without_the_password(graftwork, fresh_workspace, monkeypatch):
    monkeypatch.setenv("GRAFTWORK_DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/d")
    result = graftwork("user", "list")
    assert result.exit_code == 1
    assert "store.unavailable: the database cannot be used: PostgreSQL at 127.0.0.1:1: no answer" in result.stderr
    assert "hunter2" not in result.output


@pytest.fixture
def migrations_run(monkeypatch):
    runs: list[bool] = []
    monkeypatch.setattr(session, "migrate", lambda: runs.append(True))
    return runs


@pytest.mark.django_db
def test_tables_of_this_version_are_left_alone(graftwork, migrations_run):
    assert session.tables() == "current"
    assert graftwork("user", "list").exit_code == 0
    assert migrations_run == []


@pytest.mark.django_db
def test_older_tables_are_brought_up_once_and_it_is_said(graftwork, migrations_run):
    MigrationRecorder(connection).record_unapplied("audit", "0001_initial")
    result = graftwork("user", "list")
    assert migrations_run == [True]
    assert "Bringing the database to this version" in result.stderr


@pytest.mark.django_db
def test_newer_tables_are_refused_and_not_touched(graftwork, migrations_run):
    MigrationRecorder(connection).record_applied("work", "9999_from_the_future")
    result = graftwork("user", "list")
    assert result.exit_code == 1
    assert "newer version of Graftwork" in result.stderr
    assert migrations_run == []


@pytest.mark.django_db
def test_tables_of_other_programs_in_the_same_database_do_not_count(migrations_run):
    MigrationRecorder(connection).record_applied("somebody_elses", "0001_initial")
    assert session.tables() == "current"


def test_two_processes_do_not_bring_up_one_database_at_once(fresh_workspace):
    workspace = open_workspace()
    with (workspace.data_folder / ".migrating").open("w") as other:
        with session._one_process_at_a_time(workspace), pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)  # free again


def test_commands_at_once_on_a_fresh_workspace_agree_on_one_database(in_process_of_its_own, fresh_workspace):
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: in_process_of_its_own("user", "list", folder=fresh_workspace), range(2)))
    assert [(one.returncode, "Nobody yet" in one.stderr) for one in done] == [(0, True)] * 2, done
