"""One signed-in connection to a mailbox (RFC 9051, RFC 3501), with imapclient underneath."""

import imaplib
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graftwork.systems.errors import TargetDenied, TargetDown
from graftwork.systems.mail.border import border, code_of, deadline, is_at_end, keep_alive, tls_context
from graftwork.systems.mail.connecting import TIMES, ImapLine
from graftwork.systems.mail.file import Imap
from graftwork.systems.mail.signing_in import bearer, with_token
from graftwork.systems.oauth import TokenSource
from graftwork.systems.secret import read_secret

if TYPE_CHECKING:
    from imapclient import IMAPClient  # type: ignore[import-untyped]  # it brings none

SERVER = "the mailbox"
# For all of one call: enough for large mails on slow lines, short beside a day of silence.
MOST_SECONDS = 600.0
ALIVE_SECONDS = 10.0
# Its answer is one line, and imaplib reads no longer ones than a million bytes.
WINDOW_UIDS = 100_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder as it was when it was selected. UIDs mean nothing once `validity` is another."""

    validity: int
    next_uid: int
    mails: int
    keywords: bool


class ImapSession:
    """Every method raises a `TargetError` and nothing else."""

    def __init__(self, client: "IMAPClient") -> None:
        self._client = client

    def select(self, folder: str, *, readonly: bool) -> Opened:
        with self._doing(f"opening the folder {folder}"):
            found = self._selected(folder, readonly)
            return Opened(
                int(found.get(b"UIDVALIDITY", 0)),
                int(found.get(b"UIDNEXT", 0)),
                int(found.get(b"EXISTS", 0)),
                b"\\*" in found.get(b"PERMANENTFLAGS", ()),
            )

    def uids(self, first: int, last: int, since: date | None, search: Sequence[str]) -> list[int]:
        """What of the folder matches, in order. `last` 0 is the newest."""
        keys: list[Any] = ["UID", f"{first}:{last or '*'}", *(["SINCE", since] if since else []), *search]
        charset = None if all(key.isascii() for key in search) else "UTF-8"
        with self._doing("searching"):
            # `n:*` finds the newest even where its UID is below n (RFC 9051, section 6.4.4).
            return sorted(uid for uid in self._client.search(keys, charset) if uid >= first)

    def fetch(self, uids: Sequence[int], *items: str) -> Mapping[int, Mapping[bytes, Any]]:
        """Without any mark on the mails; those that are gone are left out."""
        if not uids:
            return {}
        with self._doing("reading"):
            found: Mapping[int, Mapping[bytes, Any]] = self._client.fetch(list(uids), list(items))
            return found

    def find(self, folder: str, message_id: str) -> bool:
        """Whether a mail of this message id lies there."""
        self.select(folder, readonly=True)
        with self._doing("searching"):
            return bool(self._client.search(["HEADER", "Message-ID", message_id]))

    def append(self, folder: str, content: bytes, *flags: bytes) -> None:
        with self._doing(f"writing to the folder {folder}"):
            self._client.append(folder, content, flags)

    def add_flag(self, uids: Sequence[int], flag: str) -> None:
        with self._doing("marking"):
            self._client.add_flags(list(uids), [flag.encode()], silent=True)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """RFC 6851, or its three steps. Without UIDPLUS a mail stays marked as deleted: others' marks are not ours."""
        with self._doing(f"moving to the folder {folder}"):
            if self._client.has_capability("MOVE"):
                self._client.move(list(uids), folder)
                return
            self._client.copy(list(uids), folder)
            self._client.add_flags(list(uids), [b"\\Deleted"], silent=True)
            if self._client.has_capability("UIDPLUS"):
                self._client.uid_expunge(list(uids))

    def folder_of_role(self, role: bytes, usual: str) -> str:
        """The folder that the server calls by this role (RFC 6154), or the one of the usual name."""
        with self._doing("looking for folders"):
            for flags, _, name in self._client.list_folders():
                if role in flags:
                    return str(name)
            return usual

    def can_idle(self) -> bool:
        with self._doing("asking what the server can do"):
            return bool(self._client.has_capability("IDLE"))

    def begin_idle(self) -> None:
        """RFC 2177. Until `end_idle` only `news` may be called."""
        with self._doing("beginning to wait"):
            self._client.idle()

    def news(self, seconds: float) -> bool:
        """Whether new mail was told of within `seconds`."""
        with border(SERVER, "waiting"):
            said = self._client.idle_check(seconds)
            if not said and is_at_end(self._client.socket()):
                raise TargetDown(f"{SERVER}: the connection broke (waiting)")
            if any(part[0] == b"BYE" for part in said):
                raise TargetDown(f"{SERVER}: the server ends the connection")
            return _tells_of_mail(said)

    def end_idle(self) -> bool:
        """Whether new mail was told of at the last moment."""
        with self._doing("ending to wait"):
            _, said = self._client.idle_done()
            return _tells_of_mail(said)

    def alive(self) -> bool:
        try:
            with border(SERVER, "asking"), deadline(self._client.socket(), ALIVE_SECONDS):
                self._client.noop()
        except (TargetDown, TargetDenied):
            return False
        return True

    def close(self) -> None:
        with suppress(Exception), deadline(self._client.socket(), ALIVE_SECONDS):
            self._client.logout()
        with suppress(Exception):
            self._client.shutdown()

    def _selected(self, folder: str, readonly: bool) -> Mapping[bytes, Any]:
        try:
            found: Mapping[bytes, Any] = self._client.select_folder(folder, readonly=readonly)
        except imaplib.IMAP4.readonly:
            raise TargetDenied(f"{SERVER}: the folder {folder} can only be read") from None
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            if self._client.folder_exists(folder):
                raise
            raise TargetDenied(f"{SERVER}: there is no folder {folder}") from None
        return found

    @contextmanager
    def _doing(self, doing: str) -> Iterator[None]:
        with border(SERVER, doing), deadline(self._client.socket(), MOST_SECONDS):
            yield


def _tells_of_mail(said: Sequence[tuple[Any, ...]]) -> bool:
    return any(len(part) > 1 and part[1] in (b"EXISTS", b"RECENT") for part in said)


def open_mailbox(account: Imap, tokens: TokenSource | None, folder: Path) -> ImapSession:
    # Only processes that read mail load it.
    import imapclient  # noqa: PLC0415

    # It logs what is said on the line, mails and all, where somebody asks for debugging.
    logging.getLogger("imapclient").setLevel(logging.WARNING)
    context = None if account.tls == "none" else tls_context(str(folder / account.ca_file) if account.ca_file else "")
    seconds = account.timeout_seconds
    with border(SERVER, "connecting"):
        line = ImapLine(account.host, account.at_port, None if account.tls == "starttls" else context, seconds)
        # imapclient connects in its constructor; this line is connected already.
        client = type("Client", (imapclient.IMAPClient,), {"_create_IMAP4": lambda _: line})(
            account.host, account.at_port, ssl=account.tls == "implicit", timeout=seconds
        )
    session = ImapSession(client)
    try:
        with border(SERVER, "signing in"), deadline(client.socket(), seconds * TIMES):
            if account.tls == "starttls":
                if not client.has_capability("STARTTLS"):
                    raise TargetDenied(f"{SERVER}: does not offer STARTTLS")
                client.starttls(context)
            keep_alive(client.socket())
            _sign_in(client, account, tokens, folder)
    except BaseException:
        session.close()
        raise
    return session


def _sign_in(client: "IMAPClient", account: Imap, tokens: TokenSource | None, folder: Path) -> None:
    if account.auth == "password":
        _with_password(client, account.user, read_secret(account.password, folder))
        return
    assert tokens is not None  # the file's check
    if not with_token(tokens, lambda token: _with_token(client, account, token)):
        raise TargetDenied(f"{SERVER}: the access token is not taken for this user")


def _with_password(client: "IMAPClient", user: str, password: str) -> None:
    try:
        # LOGIN carries ASCII only (RFC 3501); what has umlauts needs PLAIN.
        if client.has_capability("AUTH=PLAIN"):
            client.plain_login(user, password)
        else:
            client.login(user, password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        _refused(error)


def _with_token(client: "IMAPClient", account: Imap, token: str) -> bool:
    mechanism, response = bearer(account, token)
    # A refusal comes as a challenge first, which is answered by nothing (RFC 7628, section 3.2.3).
    answers = iter((response,))
    try:
        client.sasl_login(mechanism, lambda _: next(answers, ""))
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        if code_of(error) == "UNAVAILABLE":
            _refused(error)
        return False
    return True


def _refused(error: Exception) -> None:
    code = code_of(error)
    if code in ("UNAVAILABLE", "INUSE", "LIMIT"):
        raise TargetDown(f"{SERVER}: nobody can sign in at the moment ({code})")
    raise TargetDenied(f"{SERVER}: the user or the password is not taken{f' ({code})' if code else ''}")
