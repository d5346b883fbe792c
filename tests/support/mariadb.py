"""A MariaDB server of our own for as long as a test needs it."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_SECONDS = 60


def server() -> Path | None:
    """Debian puts it where only root looks."""
    found = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return Path(found) if found and shutil.which("mariadb-install-db") else None


@dataclass(frozen=True)
class MariaDb:
    """`url` is that of the database `graftwork`; its owner `graftwork` may do everything and has no password."""

    port: int
    process_id: int

    @property
    def url(self) -> str:
        return f"mariadb://graftwork@127.0.0.1:{self.port}/graftwork"

    def run(self, *statements: str | tuple[str, Any]) -> list[tuple[Any, ...]]:
        """Run statements one after the other, each by itself; the rows of the last one."""
        with self.connect() as connection, connection.cursor() as cursor:
            for statement in statements:
                text, values = (statement, None) if isinstance(statement, str) else statement
                cursor.execute(text, values)
            return list(cursor.fetchall())

    def connect(self, **changes: Any) -> Any:
        import pymysql  # an optional driver

        told = {"host": "127.0.0.1", "port": self.port, "user": "graftwork", "database": "graftwork"}
        return pymysql.connect(**{**told, "autocommit": True, "charset": "utf8mb4", **changes})


@contextmanager
def temporary_mariadb(*options: str) -> Iterator[MariaDb]:
    """An empty database on a free port of this machine. `options` are those of the server, such as `--sql-mode=`."""
    program = server()
    assert program is not None, "MariaDB is not installed"
    folder = Path(tempfile.mkdtemp(prefix="graftwork-mariadb-"))
    as_user = _server_user()
    if as_user:
        shutil.chown(folder, as_user)
    prefix = ["runuser", "-u", as_user, "--"] if as_user else []
    data = folder / "data"
    subprocess.run(
        [*prefix, "mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db",
         "--auth-root-authentication-method=normal"],
        check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    socket_path, port = folder / "socket", _free_port()
    process = subprocess.Popen(
        [*prefix, str(program), "--no-defaults", f"--datadir={data}", f"--socket={socket_path}", f"--port={port}",
         "--bind-address=127.0.0.1", "--skip-name-resolve", "--innodb-buffer-pool-size=32M", *options],
        cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _prepare(socket_path, process)
        yield MariaDb(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(socket_path: Path, process: "subprocess.Popen[bytes]") -> None:
    import pymysql  # an optional driver

    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            connection = pymysql.connect(unix_socket=str(socket_path), user="root", autocommit=True)
            break
        except pymysql.err.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE graftwork CHARACTER SET utf8mb4")
        cursor.execute("CREATE USER graftwork@'127.0.0.1'")
        cursor.execute("GRANT ALL ON *.* TO graftwork@'127.0.0.1' WITH GRANT OPTION")


def _server_user() -> str | None:
    """MariaDB refuses to run as root; Debian's package brings a user for it."""
    if os.geteuid() != 0:
        return None
    pwd.getpwnam("mysql")
    return "mysql"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
