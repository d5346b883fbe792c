"""A mail server of our own for as long as a test needs it: Dovecot for IMAP, aiosmtpd for SMTP, on loopback.

Mail to the mailbox's own address lands in its INBOX; mail to anybody else is kept as a file, and can be read here.
"""

import asyncio
import base64
import grp
import hashlib
import imaplib
import logging
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from support.mailtokens import TokenServer, temporary_token_server

USER = "support@example.com"
PASSWORD = "app-password-of-the-tests"
FAR_FROM_DONE = 1_000_000

Fault = Literal["", "drop_before_storing", "drop_after_storing", "refuse_now", "refuse_ever", "slow", "refuse_address"]


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail that the SMTP server took for somebody outside."""

    sender: str
    recipients: tuple[str, ...]
    message: Message


@dataclass
class MailServer:
    """`fault` applies to the next `fault_times` mails. `smtp_down` and `smtp_up` close and open the port."""

    imap_port: int
    imaps_port: int
    smtp_port: int
    user: str
    password: str
    folder: Path
    ca_file: Path
    tokens: TokenServer
    fault: Fault = ""
    fault_times: int = FAR_FROM_DONE
    slow_seconds: float = 5.0
    commands: list[str] = field(default_factory=list)
    controller: Any = None
    dovecot: subprocess.Popen[bytes] | None = None

    @property
    def maildir(self) -> Path:
        return self.folder / "home" / self.user / "Maildir"

    def smtp_down(self) -> None:
        self.controller.stop()
        self.controller = None

    def smtp_up(self) -> None:
        self.controller = _smtp(self)

    def imap_down(self) -> None:
        """All connections break. The mailbox stays, and mail can be put there meanwhile."""
        assert self.dovecot is not None
        self.dovecot.terminate()
        self.dovecot.wait(20)
        with suppress(ProcessLookupError):  # the processes of open connections outlive the first one
            os.killpg(self.dovecot.pid, signal.SIGKILL)
        self.dovecot = None

    def imap_up(self) -> None:
        self.dovecot = _start_dovecot(self)
        _await_port(self.imap_port)

    def put(self, *mails: bytes) -> None:
        """Into the INBOX, as a delivery agent does: written under tmp/, then renamed into new/."""
        for mail in mails:
            put_into(self.maildir, mail)

    def folder_of(self, name: str) -> Path:
        return self.maildir if name == "INBOX" else self.maildir / f".{name}"

    def mails_in(self, name: str) -> list[tuple[bytes, str]]:
        """Content and the flags of the file's name, of each mail in a folder; oldest first."""
        files = [path for part in ("new", "cur") for path in (self.folder_of(name) / part).glob("*")]
        ordered = sorted(files, key=lambda path: path.name)
        return [(path.read_bytes(), path.name.partition(":2,")[2]) for path in ordered]

    def sent(self) -> list[Sent]:
        """What was taken for people outside, in the order of its arrival."""
        return sent_from(self.folder)


def sent_from(folder: Path) -> list[Sent]:
    """For tests whose server runs in another process: `folder` is that of the `MailServer`."""
    return [_read_sent(path) for path in sorted((folder / "outside").glob("*.eml"))]


def put_into(maildir: Path, mail: bytes) -> None:
    name = f"{time.time_ns()}.{os.getpid()}_{os.urandom(4).hex()}.tests"
    fresh = maildir / "tmp" / name
    fresh.write_bytes(mail)
    fresh.chmod(0o666)
    fresh.rename(maildir / "new" / name)


def put_many(server: MailServer, count: int, *, first: int = 1) -> list[str]:
    """`count` small mails of different customers; the message ids in order, without brackets."""
    ids = [f"mail-{number:05}@customers.example" for number in range(first, first + count)]
    server.put(*(small_mail(message_id) for message_id in ids))
    return ids


def small_mail(message_id: str, text: str = "Where is my parcel?", **headers: str) -> bytes:
    """Names of `headers` are written with `_` for `-`; an empty value leaves the header out."""
    customer = message_id.partition("@")[0]
    plain = {
        "Return-Path": f"<{customer}@customers.example>",
        "From": f"Customer <{customer}@customers.example>",
        "To": USER,
        "Subject": f"Question {customer}",
        "Date": "Fri, 20 Nov 2026 09:30:00 +0100",
        "Message-ID": f"<{message_id}>",
        "Content-Type": "text/plain; charset=utf-8",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\n" for name, value in plain.items() if value)
    return f"{head}\n{text}\n".encode()


def missing() -> str:
    """Why there can be no server here; empty where there can."""
    return "" if shutil.which("dovecot", path=_PATH) else "Dovecot is not installed (package dovecot-imapd)"


@contextmanager
def temporary_mailserver(user: str = USER, password: str = PASSWORD) -> Iterator[MailServer]:
    folder = Path(tempfile.mkdtemp(prefix="graftwork-mail-", dir="/tmp"))
    folder.chmod(0o755)
    (folder / "outside").mkdir()
    with temporary_token_server(user) as tokens:
        server = MailServer(_free_port(), _free_port(), _free_port(), user, password, folder, folder / "ca.pem", tokens)
        _write_certificate(folder)
        _write_config(server)
        try:
            server.imap_up()
            _make_folders(server)
            server.smtp_up()
            yield server
        finally:
            if server.controller is not None:
                server.smtp_down()
            if server.dovecot is not None:
                server.imap_down()
            shutil.rmtree(folder, ignore_errors=True)


_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def _write_config(server: MailServer) -> None:
    owner = _unprivileged()
    (server.folder / "run").mkdir()
    (server.folder / "home").mkdir()
    (server.folder / "users").write_text(f"{server.user}:{{PLAIN}}{server.password}\n")
    (server.folder / "oauth2.conf").write_text(
        f"introspection_mode = post\nintrospection_url = {server.tokens.introspection_url}\n"
        "username_attribute = username\nactive_attribute = active\nactive_value = true\n"
    )
    (server.folder / "dovecot.conf").write_text(_config(server, owner))
    if os.geteuid() == 0:
        for path in (server.folder, *server.folder.rglob("*")):
            shutil.chown(path, owner.pw_name, owner.pw_gid)


def _start_dovecot(server: MailServer) -> subprocess.Popen[bytes]:
    command = [str(shutil.which("dovecot", path=_PATH)), "-F", "-c", str(server.folder / "dovecot.conf")]
    owner = _unprivileged()
    as_owner: dict[str, Any] = (
        {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    )
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd="/", stdout=quiet, stderr=quiet, start_new_session=True, **as_owner)


def _config(server: MailServer, owner: pwd.struct_passwd) -> str:
    name, group = owner.pw_name, grp.getgrgid(owner.pw_gid).gr_name
    folder = server.folder
    boxes = "".join(
        f"mailbox {name} {{\n auto = create\n special_use = \\{name}\n}}\n" for name in ("Drafts", "Sent", "Trash")
    )
    return f"""
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {name}
default_internal_group = {group}
default_login_user = {name}
mail_uid = {name}
mail_gid = {group}
first_valid_uid = 1
first_valid_gid = 1
mail_home = {folder}/home/%u
mail_location = maildir:~/Maildir
mail_fsync = never
maildir_stat_dirs = yes
mail_max_userip_connections = 200
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={name} gid={group} home={folder}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  {boxes}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {server.imap_port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {server.imaps_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


def _make_folders(server: MailServer) -> None:
    """Dovecot makes the mailbox at the first login; mail can be put there before anybody reads it."""
    with imaplib.IMAP4("127.0.0.1", server.imap_port, timeout=20) as client:
        client.login(server.user, server.password)
        client.select("INBOX")


class _Handler:  # the names of its methods are aiosmtpd's
    def __init__(self, server: MailServer) -> None:
        self._server, self._lock = server, threading.Lock()

    async def handle_RCPT(  # noqa: N802
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._server.fault == "refuse_address" and self._take_fault():
            return "550 5.1.1 no such mailbox as " + address
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        fault = self._server.fault if self._take_fault() else ""
        if fault == "slow":
            await asyncio.sleep(self._server.slow_seconds)
        if fault == "refuse_now":
            return "451 4.3.0 not now"
        if fault == "refuse_ever":
            return "554 5.6.0 never this one"
        if fault != "drop_before_storing":
            self._store(envelope)
        if fault.startswith("drop"):
            assert smtp.transport is not None
            smtp.transport.abort()
        return "250 2.0.0 OK"

    async def auth_XOAUTH2(self, smtp: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """SMTP takes the same tokens as IMAP."""
        said = base64.b64decode(args[1]).decode() if len(args) > 1 else ""
        token = said.partition("auth=Bearer ")[2].rstrip("\x01")
        good = f"user={self._server.user}\x01" in said and token in self._server.tokens.good
        return AuthResult(success=good, handled=False)

    def authenticate(self, smtp: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        pair = LoginPassword(self._server.user.encode(), self._server.password.encode())
        return AuthResult(success=data == pair, handled=False)

    def _take_fault(self) -> bool:
        with self._lock:
            if not self._server.fault or self._server.fault_times <= 0:
                return False
            self._server.fault_times -= 1
            return True

    def _store(self, envelope: Envelope) -> None:
        content = envelope.content
        assert isinstance(content, bytes)
        mine = [address for address in envelope.rcpt_tos if address == self._server.user]
        if mine:
            self._server.put(f"Return-Path: <{envelope.mail_from}>\n".encode() + content)
        outside = ",".join(address for address in envelope.rcpt_tos if address != self._server.user)
        if outside:
            name = f"{time.time_ns():020}-{hashlib.sha256(content).hexdigest()[:8]}.eml"
            head = f"X-Test-Sender: {envelope.mail_from}\nX-Test-Recipients: {outside}\n".encode()
            fresh = self._server.folder / "outside" / f".{name}"
            fresh.write_bytes(head + content)
            fresh.rename(fresh.with_name(name))


class _Controller(Controller):
    def factory(self) -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made: SMTP = super().factory()
            return made


def _smtp(server: MailServer) -> Controller:
    handler = _Handler(server)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.folder / "server.pem", server.folder / "server.key")
    # It warns of passwords in the clear, which never leave this machine.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    controller = _Controller(
        handler,
        hostname="127.0.0.1",
        port=server.smtp_port,
        authenticator=handler.authenticate,
        auth_required=True,
        auth_require_tls=False,
        tls_context=context,
        require_starttls=False,
    )
    controller.start()
    return controller


def _read_sent(path: Path) -> Sent:
    message = message_from_bytes(path.read_bytes())
    recipients = tuple(str(message["X-Test-Recipients"]).split(","))
    return Sent(str(message["X-Test-Sender"]), recipients, message)


def _write_certificate(folder: Path) -> None:
    """Of `localhost` alone, so that a client that checks names refuses 127.0.0.1."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names: Sequence[str] = ("-addext", "subjectAltName=DNS:localhost")
    files = ("-keyout", str(folder / "server.key"), "-out", str(folder / "server.pem"))
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    shutil.copy(folder / "server.pem", folder / "ca.pem")


def _unprivileged() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _await_port(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("the mail server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
