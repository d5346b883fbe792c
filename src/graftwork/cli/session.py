"""What every command that touches the store does first."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Literal
from urllib.parse import urlsplit

import click

from graftwork.apps.store_errors import as_store_error
from graftwork.cli.findings import host_of
from graftwork.config.setup import load_django, migrate
from graftwork.config.workspace import FILE_NAME, Workspace, open_workspace
from graftwork.core.errors import DatabaseUnavailable, SettingInvalid

Tables = Literal["none", "older", "current", "newer"]
CONNECT_SECONDS = 3
DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql")
POSTGRES_INSTALL = "pip install 'graftwork[postgres]'"


def open_store() -> Workspace:
    """The workspace, with Django loaded and the tables of this version (made or brought up where they are not).

    Raises `WorkspaceNotFound`, `SettingInvalid`, `KeyFileInvalid`, or `DatabaseUnavailable` where there is no
    connection or a newer version of Graftwork has written the tables.
    """
    workspace = open_workspace()
    check_database_setting(workspace)
    if not is_sqlite(workspace):
        postgresql_version(workspace)
    load_django(workspace)
    with store_errors():
        state = tables()
        if state in ("none", "older"):
            with _one_process_at_a_time(workspace):
                if tables() != "current":
                    _bring_up(state)
        elif state == "newer":
            raise DatabaseUnavailable(
                "its tables were written by a newer version of Graftwork; install that one: pip install -U graftwork"
            )
    return workspace


def check_database_setting(workspace: Workspace) -> None:
    """Refuse what Django would answer with a traceback. The URL may hold a password, so it is never shown."""
    url, file = workspace.settings.database.url, str(workspace.folder / FILE_NAME)
    try:
        parts = urlsplit(url)
        scheme, _ = parts.scheme, parts.port
    except ValueError:
        raise SettingInvalid(file, "database.url", "is not a URL; write / @ : of a password as %2F %40 %3A") from None
    if scheme not in DATABASE_SCHEMES or (scheme == "sqlite" and not url.startswith("sqlite:///")):
        raise SettingInvalid(file, "database.url", "must begin with sqlite:/// or postgres://")
    if scheme != "sqlite" and find_spec("psycopg") is None:
        raise DatabaseUnavailable(f"the PostgreSQL driver is not installed; {POSTGRES_INSTALL}")


def is_sqlite(workspace: Workspace) -> bool:
    return workspace.settings.database.url.startswith("sqlite:")


def postgresql_version(workspace: Workspace) -> int:
    """The server's major version. Raises `DatabaseUnavailable` within seconds.

    Asked for before Django's connection pool is opened, which would try for longer and log every try.
    """
    import psycopg

    url = workspace.settings.database.url
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_SECONDS) as connection:
            return connection.info.server_version // 10_000
    except psycopg.Error as error:
        raise DatabaseUnavailable(f"PostgreSQL at {host_of(url)}: {connection_problem(str(error))}") from None


def connection_problem(text: str) -> str:
    """Why there is no connection, in our words: the server's may quote what stands in the URL."""
    if "password" in text or "authentication" in text:
        return "it refuses this user or password"
    if "does not exist" in text:
        return "it has no such database or user"
    return f"no answer within {CONNECT_SECONDS} s"


def tables() -> Tables:
    """How the tables stand to this version. Needs Django to be loaded."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    ours = {app for app, _ in loader.disk_migrations or {}}
    applied = {key for key in loader.applied_migrations or {} if key[0] in ours}
    known = set(loader.disk_migrations or {}) | set(loader.replacements)
    if applied - known:
        return "newer"
    if not applied:
        return "none"
    return "older" if set(loader.graph.nodes) - applied else "current"


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn the database's own errors into ours, so that no user's mistake prints a traceback."""
    try:
        yield
    except Exception as error:
        ours = as_store_error(error)
        if ours is None:
            raise
        raise ours from None


def _bring_up(state: Tables) -> None:
    if state == "older":
        click.echo("Bringing the database to this version ...", err=True)
    migrate()


@contextmanager
def _one_process_at_a_time(workspace: Workspace) -> Iterator[None]:
    """PostgreSQL has its own lock for this (`migrate` takes it); two commands on a fresh SQLite file would collide."""
    with (workspace.data_folder / ".migrating").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
