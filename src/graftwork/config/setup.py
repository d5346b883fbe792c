"""Starting up: a workspace is made, Django is loaded, the database is brought to this version."""

import os
from pathlib import Path

from graftwork.config.workspace import FILE_NAME, Workspace, open_workspace

WORKSPACE_FILE = """\
# The settings of this workspace. All have defaults; docs/reference/settings.md lists every one.
# Each can also be given as an environment variable: GRAFTWORK_<TABLE>_<KEY>.

[database]
# SQLite, in this folder. For PostgreSQL: url = "postgres://graftwork@db.internal/graftwork"
url = "sqlite:///data/graftwork.sqlite3"

[web]
host = "127.0.0.1"
port = 8000
"""


def create_workspace(folder: Path) -> Workspace:
    """Make what is missing of a workspace at `folder`: settings, folders, a key ring. Nothing that is there changes."""
    from graftwork.apps.keyring import in_environment, new_ring, write_ring

    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE_NAME
    is_new = not file.exists()
    if is_new:
        file.write_text(WORKSPACE_FILE, encoding="utf-8")
    workspace = open_workspace(folder)
    workspace.usecases_folder.mkdir(exist_ok=True)
    workspace.data_folder.mkdir(mode=0o700, exist_ok=True)
    ignore = workspace.data_folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("# keys and data stay out of version control\n*\n", encoding="utf-8")
    # A database without its keys must never get new ones: what it holds would stay unreadable, and unnoticed. What a
    # server's database holds cannot be seen from here, so there only a workspace that is made now gets keys.
    may_hold_data = not is_new if _is_on_a_server(workspace) else _has_database(workspace)
    if not in_environment() and not workspace.key_file.exists() and not may_hold_data:
        write_ring(new_ring(), workspace.key_file)
    return workspace


def load_django(workspace: Workspace) -> None:
    """Make `workspace` the one of this process and load the apps. Raises `KeyFileInvalid` where its keys are gone."""
    os.environ["GRAFTWORK_WORKSPACE"] = str(workspace.folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "graftwork.config.settings"
    import django

    django.setup()
    from graftwork.apps.keyring import keyring

    keyring()


def migrate() -> None:
    """Bring the database to this version. On PostgreSQL the first process works and the others wait; on SQLite
    `cli.session` sees to that.
    """
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor != "postgresql":
        call_command("migrate", verbosity=0, interactive=False)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


# Any number that no other program on the same database uses: SHA-256("graftwork migrate"), its first 63 bits.
MIGRATION_LOCK = 0x49C81C3C1FB25830


def _is_on_a_server(workspace: Workspace) -> bool:
    return not workspace.settings.database.url.startswith("sqlite:///")


def _has_database(workspace: Workspace) -> bool:
    return (workspace.folder / workspace.settings.database.url.removeprefix("sqlite:///")).exists()
