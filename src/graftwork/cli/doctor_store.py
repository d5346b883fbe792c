"""The doctor's look at keys and database. Reads only: it makes no database and brings no table up."""

import sqlite3
import stat
from collections.abc import Iterator

from graftwork.apps.keyring import KeyRing, in_environment, keyring_from_environment, read_ring
from graftwork.cli.findings import Finding, guarded, host_of, missing, ok, warning
from graftwork.cli.session import (
    CONNECT_SECONDS,
    Tables,
    check_database_setting,
    is_sqlite,
    postgresql_version,
    store_errors,
    tables,
)
from graftwork.config.setup import load_django
from graftwork.config.workspace import Workspace
from graftwork.core.errors import KeyFileInvalid, SealBroken

# The oldest that Django 5.2 and 6.0 take: docs.djangoproject.com/en/6.0/ref/databases/#sqlite-notes
OLDEST_SQLITE = (3, 31)
_TABLES: dict[Tables, Finding] = {
    "current": ok("tables", "of this version"),
    "none": ok("tables", "not made yet; the first command that needs them makes them"),
    "older": warning("tables", "older than this version", "graftwork up"),
    "newer": missing("tables", "written by a newer version of Graftwork", "pip install -U graftwork"),
}


def check_store(workspace: Workspace) -> Iterator[Finding]:
    ring: KeyRing | None = None
    try:
        ring = _ring(workspace)
    except KeyFileInvalid as error:
        yield missing("keys", error.message, _key_step(workspace, error))
    else:
        yield from _keys_kept_private(workspace, ring)
    reached = list(guarded("database", lambda: _database(workspace)))
    yield from reached
    if ring is None or any(finding.state == "missing" for finding in reached) or not has_database(workspace):
        return
    load_django(workspace)
    yield from guarded("tables", _tables)
    yield from guarded("stored content", lambda: _stored_content(ring))


def _ring(workspace: Workspace) -> KeyRing:
    return keyring_from_environment() if in_environment() else read_ring(workspace.key_file)


def _key_step(workspace: Workspace, error: KeyFileInvalid) -> str:
    """`new` makes a key ring too, but never beside a database: what that holds would stay unreadable."""
    fresh = not in_environment() and not workspace.key_file.exists() and not has_database(workspace)
    return "graftwork new NAME" if fresh else error.hint


def _keys_kept_private(workspace: Workspace, ring: KeyRing) -> Iterator[Finding]:
    count = f"{len(ring.master_keys)} master keys" if len(ring.master_keys) > 1 else "1 master key"
    if in_environment():
        yield ok("keys", f"{count}, from GRAFTWORK_KEYS")
        return
    mode = stat.S_IMODE(workspace.key_file.stat().st_mode)
    if mode & 0o077:
        yield missing("keys", f"others may read {workspace.key_file} ({mode:04o})", f"chmod 600 {workspace.key_file}")
    else:
        yield ok("keys", f"{count}, readable by this user only")


def _database(workspace: Workspace) -> Iterator[Finding]:
    check_database_setting(workspace)
    if is_sqlite(workspace):
        yield from _sqlite(workspace)
        return
    version = postgresql_version(workspace)
    yield ok("database", f"PostgreSQL {version} at {host_of(workspace.settings.database.url)}")


def _sqlite(workspace: Workspace) -> Iterator[Finding]:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        yield missing("database", f"SQLite {sqlite3.sqlite_version} is too old", "use a Python with 3.31 or newer")
        return
    if not has_database(workspace):
        yield ok("database", f"SQLite {sqlite3.sqlite_version}; not made yet, the first command makes it")
        return
    file = workspace.folder / workspace.settings.database.url.removeprefix("sqlite:///")
    try:
        connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=CONNECT_SECONDS)
        try:
            [mode] = connection.execute("PRAGMA journal_mode").fetchone()
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        yield missing("database", f"{file}: {error}", f"restore {file} from your backup, or mend `database.url`")
        return
    if str(mode).lower() != "wal":
        step = f"sqlite3 {file} 'PRAGMA journal_mode=WAL'"
        yield warning("database", f"{file} is not in WAL mode: readers wait for writers", step)
    else:
        yield ok("database", f"SQLite {sqlite3.sqlite_version}, WAL")


def _tables() -> Iterator[Finding]:
    with store_errors():
        yield _TABLES[tables()]


def _stored_content(ring: KeyRing) -> Iterator[Finding]:
    from graftwork.apps.vault.queries import newest_scope_key, scopes_by_master_key
    from graftwork.apps.vault.sealing import unwrap

    with store_errors():
        if tables() == "none":
            return
        used = scopes_by_master_key()
        samples = [newest_scope_key(key_id) for key_id in used]
    back = "put back the key file from your backup"
    for key_id, scopes in used.items():
        if key_id not in ring.master_keys:
            yield missing("stored content", f"{scopes} threads need the key {key_id}, which is not there", back)
    present = [sample for sample in samples if sample is not None and sample.master_key_id in ring.master_keys]
    try:
        for sample in present:
            unwrap(sample, ring)
    except SealBroken:
        yield missing("stored content", "does not open with these keys", back)
        return
    if len(present) == len(used):
        yield ok("stored content", "opens with these keys" if used else "none yet")


def has_database(workspace: Workspace) -> bool:
    """Whether there is one to look into; whether PostgreSQL has one, only a connection can say."""
    url = workspace.settings.database.url
    return not is_sqlite(workspace) or (workspace.folder / url.removeprefix("sqlite:///")).exists()
