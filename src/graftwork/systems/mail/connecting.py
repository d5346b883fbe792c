"""Opening the line to a server, with a deadline for all of it: a greeting can come byte by byte for days."""

import imaplib
import smtplib
import socket
import ssl
import threading
from contextlib import suppress

# Of the timeout for one answer.
TIMES = 3


class Deadline:
    """Cuts the connection that it was given last, once its time is over. `over` ends it."""

    def __init__(self, seconds: float) -> None:
        self._sock: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def watch(self, sock: socket.socket) -> None:
        self._sock = sock

    def over(self) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        if self._sock is not None:
            with suppress(OSError):
                # Not of the TLS layer, whose state belongs to the thread that reads.
                socket.socket.shutdown(self._sock, socket.SHUT_RDWR)


class ImapLine(imaplib.IMAP4):
    """In the clear where there is no `context`, else with TLS from the first byte."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, seconds: float) -> None:
        self._context, self._deadline = context, Deadline(seconds * TIMES)
        try:
            super().__init__(host, port, seconds)
        finally:
            self._deadline.over()

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return connected(self.host, self.port, timeout, self._context, self._deadline)


class SmtpLine(smtplib.SMTP):
    """As `ImapLine`. It tells the server nothing of this machine's name, and does not look that up."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, seconds: float) -> None:
        self._context, self._deadline = context, Deadline(seconds * TIMES)
        try:
            super().__init__(host, port, "[127.0.0.1]", seconds)
        finally:
            self._deadline.over()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return connected(host, port, timeout, self._context, self._deadline)


def connected(
    host: str, port: int, seconds: float | None, context: ssl.SSLContext | None, deadline: Deadline
) -> socket.socket:
    sock = socket.create_connection((host, port), seconds)
    deadline.watch(sock)
    if context is None:
        return sock
    # The handshake by itself: before it ends, nobody else could name the connection.
    secured = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
    deadline.watch(secured)
    try:
        secured.do_handshake()
    except BaseException:
        secured.close()
        raise
    return secured
