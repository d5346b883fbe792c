"""Sending one mail (RFC 5321), so that it is known afterwards whether it was sent, or known that nobody knows."""

import base64
import re
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from graftwork.systems.errors import LATE, Rejected, TargetDenied, TargetDown, TryFailed
from graftwork.systems.mail.border import border, deadline, tls_context
from graftwork.systems.mail.connecting import SmtpLine
from graftwork.systems.mail.file import Smtp
from graftwork.systems.mail.reply import Reply
from graftwork.systems.mail.signing_in import bearer, with_token
from graftwork.systems.oauth import TokenSource
from graftwork.systems.secret import read_secret

SERVER = "the SMTP server"
ALIVE_SECONDS = 10.0
# Of RFC 4954 and RFC 5321: who we are, not what we send, is what the server does not like.
_DENIED = frozenset((530, 534, 535, 538))

_DOT = re.compile(rb"^\.", re.MULTILINE)


class SmtpSession:
    def __init__(self, client: smtplib.SMTP, account: Smtp) -> None:
        self._client, self._account = client, account

    def send(self, reply: Reply, is_late: Callable[[], bool] = lambda: False) -> None:
        """Without its last dot where `is_late` by then, and so not sent.

        Raises `TargetDown`, `TargetDenied`, `TryFailed` or `Rejected` where it was certainly not sent.

        `TryFailed` with `unsure` where the server has all of it and did not say what it did with it.
        """
        with self._step("sending"):
            self._expect("MAIL", *self._client.mail(reply.sender))
            for recipient in reply.recipients:
                self._expect("RCPT", *self._client.rcpt(recipient))
            code, answer = self._client.docmd("DATA")
            if code != 354:
                self._expect("DATA", code, answer)
                raise TargetDown(f"{SERVER}: answered {code} to DATA")
            self._client.send(_stuffed(reply.content))
        if is_late():
            raise TryFailed(LATE)
        self._finish()

    def _finish(self) -> None:
        """From the last dot on the mail is the server's (RFC 5321, section 4.2.5). Before it, it never is."""
        account = self._account
        try:
            assert self._client.sock is not None
            self._client.sock.settimeout(account.sent_answer_seconds)
            with border(SERVER, "waiting for the answer"), deadline(self._client.sock, account.sent_answer_seconds * 2):
                self._client.send(b".\r\n")
                code, answer = self._client.getreply()
            self._client.sock.settimeout(account.timeout_seconds)
        except (TargetDown, TargetDenied):
            raise TryFailed("the mail was handed over, and the answer did not come", unsure=True) from None
        if not 200 <= code < 600 or 300 <= code < 400:
            raise TryFailed("the mail was handed over, and the answer cannot be read", unsure=True)
        self._expect("the mail", code, answer)

    def alive(self) -> bool:
        try:
            with border(SERVER, "asking"):
                assert self._client.sock is not None
                with deadline(self._client.sock, ALIVE_SECONDS):
                    return self._client.rset()[0] == 250
        except (TargetDown, TargetDenied, AssertionError):
            return False

    def close(self) -> None:
        with suppress(Exception):
            if self._client.sock is not None:
                with deadline(self._client.sock, ALIVE_SECONDS):
                    self._client.quit()
        self._client.close()

    def _expect(self, what: str, code: int, answer: bytes) -> None:
        """Anything but a success is certain: nothing was sent. Of the answer only its codes are shown."""
        if 200 <= code < 300:
            return
        status = f"{SERVER}: answered {code}{_enhanced(answer)} to {what}"
        if code in _DENIED:
            raise TargetDenied(status)
        if code == 421:
            raise TargetDown(status)
        if 400 <= code < 500:
            raise TryFailed(status)
        if 500 <= code < 600:
            raise Rejected(status)
        raise TargetDown(f"{SERVER}: the connection broke at {what}")

    @contextmanager
    def _step(self, doing: str) -> Iterator[None]:
        with border(SERVER, doing):
            if self._client.sock is None:
                raise TargetDown(f"{SERVER}: the connection broke")
            with deadline(self._client.sock, self._account.timeout_seconds * 6):
                yield


def open_smtp(account: Smtp, tokens: TokenSource | None, folder: Path) -> SmtpSession:
    context = None if account.tls == "none" else tls_context(str(folder / account.ca_file) if account.ca_file else "")
    with border(SERVER, "connecting"):
        first = None if account.tls == "starttls" else context
        client = SmtpLine(account.host, account.at_port, first, account.timeout_seconds)
    session = SmtpSession(client, account)
    try:
        with session._step("signing in"):
            client.ehlo_or_helo_if_needed()
            if account.tls == "starttls":
                if not client.has_extn("starttls"):
                    raise TargetDenied(f"{SERVER}: does not offer STARTTLS")
                client.starttls(context=context)
                client.ehlo()
            _sign_in(client, account, tokens, folder)
    except BaseException:
        session.close()
        raise
    return session


def _sign_in(client: smtplib.SMTP, account: Smtp, tokens: TokenSource | None, folder: Path) -> None:
    if account.auth == "none" or (account.auth == "password" and not account.password):
        return
    if account.auth == "password":
        code = _with_password(client, account.user, read_secret(account.password, folder))
        if code != 235:
            _not_let_in(code)
        return
    assert tokens is not None  # the file's check
    if not with_token(tokens, lambda token: _with_token(client, account, token)):
        raise TargetDenied(f"{SERVER}: the access token is not taken for this user")


def _with_password(client: smtplib.SMTP, user: str, password: str) -> int:
    offered = client.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        code, _ = client.docmd("AUTH", "PLAIN " + _base64(f"\0{user}\0{password}"))
        return code
    if "LOGIN" not in offered:
        raise TargetDenied(f"{SERVER}: takes no passwords; it may need TLS, or a token")
    code, _ = client.docmd("AUTH", "LOGIN")
    for word in (user, password):
        if code == 334:
            code, _ = client.docmd(_base64(word))
    return code


def _with_token(client: smtplib.SMTP, account: Smtp, token: str) -> bool:
    mechanism, response = bearer(account, token)
    code, _ = client.docmd("AUTH", f"{mechanism} {_base64(response)}")
    if code == 334:  # a refusal comes as a challenge first
        code, _ = client.docmd("")
    if code != 235 and 400 <= code < 500:
        _not_let_in(code)
    return code == 235


def _not_let_in(code: int) -> None:
    if code < 0 or 400 <= code < 500:
        raise TargetDown(f"{SERVER}: nobody can sign in at the moment ({code})")
    raise TargetDenied(f"{SERVER}: the user or the password is not taken ({code})")


def _stuffed(content: bytes) -> bytes:
    """RFC 5321, section 4.5.2; it ends with a line's end, so that the last dot stands alone."""
    stuffed = _DOT.sub(b"..", content)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _enhanced(answer: bytes) -> str:
    """RFC 3463."""
    found = re.match(rb"([245]\.\d{1,3}\.\d{1,3})\b", answer)
    return f" ({found[1].decode()})" if found else ""


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
