"""A PostgreSQL server of our own for as long as a test needs it."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """The newest server that Debian's packages (or the path) offer; `None` where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@contextmanager
def temporary_postgres() -> Iterator[str]:
    """Yields the URL of an empty database `graftwork`. Durability is on: the fault tests depend on it."""
    folder = Path(tempfile.mkdtemp(prefix="graftwork-pg-"))
    as_user = _server_user()
    if as_user:
        shutil.chown(folder, as_user)
    port = _free_port()
    tools = binaries()
    assert tools is not None, "PostgreSQL is not installed"

    def call(*command: str) -> None:
        prefix = ["runuser", "-u", as_user, "--"] if as_user else []
        subprocess.run([*prefix, *command], check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    data = str(folder / "data")
    call(str(tools / "initdb"), "-D", data, "-U", "graftwork", "-A", "trust", "--no-sync", "-E", "UTF8")
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c max_connections=100"
    call(str(tools / "pg_ctl"), "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        call(str(tools / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "graftwork", "graftwork")
        yield f"postgres://graftwork@127.0.0.1:{port}/graftwork"
    finally:
        call(str(tools / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root; Debian's package brings a user for it."""
    if os.geteuid() != 0:
        return None
    pwd.getpwnam("postgres")
    return "postgres"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
