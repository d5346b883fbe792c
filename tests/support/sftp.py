"""An SSH server of our own on loopback (Debian's openssh-server) that lets one key in, for SFTP."""

import getpass
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
SUBSYSTEM = Path("/usr/lib/openssh/sftp-server")


@dataclass(slots=True)
class SftpServer:
    """`known_hosts` names its key; `foreign_hosts` names another one for the same address."""

    port: int
    user: str
    key_file: Path
    known_hosts: Path
    foreign_hosts: Path
    process: subprocess.Popen[bytes]

    def url(self, folder: Path) -> str:
        return f"sftp://{self.user}@127.0.0.1:{self.port}{folder}"


def is_installed() -> bool:
    return Path(SSHD).exists() and SUBSYSTEM.exists() and shutil.which("ssh-keygen") is not None


@contextmanager
def sftp_server() -> Iterator[SftpServer]:
    folder = Path(tempfile.mkdtemp(prefix="graftwork-sshd-"))
    folder.chmod(0o755)
    for name in ("host", "foreign", "user"):
        _make_key(folder / name)
    port = _free_port()
    keys = folder / "authorized_keys"
    shutil.copy(folder / "user.pub", keys)
    keys.chmod(0o600)
    for name in ("host", "foreign"):
        kind, key = (folder / f"{name}.pub").read_text().split()[:2]
        (folder / f"{name}_known").write_text(f"[127.0.0.1]:{port} {kind} {key}\n")
    config = folder / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host'}\nPidFile {folder / 'pid'}\n"
        f"AuthorizedKeysFile {keys}\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\n"
        f"MaxStartups 100\nLogLevel ERROR\nSubsystem sftp {SUBSYSTEM}\n"
    )
    Path("/run/sshd").mkdir(exist_ok=True)  # for the separation of privileges; a package's service makes it otherwise
    process = subprocess.Popen(
        [SSHD, "-D", "-e", "-f", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port, process)
        yield SftpServer(
            port, getpass.getuser(), folder / "user", folder / "host_known", folder / "foreign_known", process
        )
    finally:
        process.terminate()
        process.wait(timeout=10)
        shutil.rmtree(folder, ignore_errors=True)


def _make_key(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(100):
        assert process.poll() is None, "sshd ended at once"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("sshd did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
