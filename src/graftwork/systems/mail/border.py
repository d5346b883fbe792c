"""Between us and the libraries that talk to mail servers: their errors quote what was said, so none gets past here."""

import imaplib
import re
import select
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from graftwork.systems.errors import TargetDenied, TargetDown, TargetError
from graftwork.systems.mail.connecting import Deadline

# RFC 5530 and RFC 9051, section 7.1: what a server may say about a refusal. Other words of it are never shown.
_CODE = re.compile(
    r"\[(UNAVAILABLE|AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED|PRIVACYREQUIRED|CONTACTADMIN|NOPERM|INUSE|"
    r"EXPUNGEISSUED|CORRUPTION|SERVERBUG|CLIENTBUG|CANNOT|LIMIT|OVERQUOTA|ALREADYEXISTS|NONEXISTENT|TRYCREATE)\b"
)
_NEEDS_A_PERSON = frozenset(("NOPERM", "NONEXISTENT", "TRYCREATE", "AUTHORIZATIONFAILED", "EXPIRED", "CONTACTADMIN"))


@contextmanager
def border(server: str, doing: str) -> Iterator[None]:
    """Whatever happens inside becomes a `TargetDown` or a `TargetDenied`. `server` and `doing` are words of ours."""
    try:
        yield
    except TargetError:
        raise
    except ssl.SSLCertVerificationError:
        raise TargetDenied(f"{server}: the certificate does not hold, or is not of this host") from None
    except (TimeoutError, socket.gaierror) as error:
        what = "no answer in time" if isinstance(error, TimeoutError) else "there is no such host"
        raise TargetDown(f"{server}: {what} ({doing})") from None
    except (OSError, EOFError, imaplib.IMAP4.abort, smtplib.SMTPServerDisconnected) as error:
        raise TargetDown(f"{server}: the connection broke ({doing}; {type(error).__name__})") from None
    except imaplib.IMAP4.error as error:
        code = code_of(error)
        kind = TargetDenied if code in _NEEDS_A_PERSON else TargetDown
        raise kind(f"{server}: refused ({doing}{'; ' + code if code else ''})") from None
    except smtplib.SMTPResponseException as error:
        raise TargetDown(f"{server}: answered {error.smtp_code} ({doing})") from None
    except (smtplib.SMTPException, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise TargetDown(f"{server}: an answer that cannot be read ({doing}; {type(error).__name__})") from None


def code_of(error: Exception) -> str:
    """The response code in an IMAP refusal, where it is one of the standard's."""
    found = _CODE.search(str(error))
    return found[1] if found else ""


@contextmanager
def deadline(sock: socket.socket, seconds: float) -> Iterator[None]:
    """The connection is cut after `seconds`: a byte now and then never lets a socket's timeout pass."""

    limit = Deadline(seconds)
    limit.watch(sock)
    try:
        yield
    finally:
        limit.over()


def tls_context(ca_file: str) -> ssl.SSLContext:
    """Raises `TargetDenied` where `ca_file` cannot be read. Names and certificates are checked, TLS is 1.2 at least."""
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ValueError):
        raise TargetDenied("`ca_file` holds no certificates that can be read") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def is_at_end(sock: socket.socket) -> bool:
    """Whether the other side has closed; asked below TLS, and nothing is taken away. Does not wait."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0)) and socket.socket.recv(sock, 1, socket.MSG_PEEK) == b""


def keep_alive(sock: socket.socket) -> None:
    """So that a peer that vanished behind a firewall is noticed during a long wait."""
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 120)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 30)
