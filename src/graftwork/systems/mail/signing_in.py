"""What both servers are shown of us: a password, or an access token."""

from collections.abc import Callable

from graftwork.systems.mail.file import Account
from graftwork.systems.oauth import TokenSource


def xoauth2(user: str, token: str) -> str:
    """The initial response of SASL XOAUTH2, as Google and Microsoft describe it."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01"


def oauthbearer(user: str, token: str) -> str:
    """RFC 7628, section 3.1."""
    name = user.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={name},\x01auth=Bearer {token}\x01\x01"


def bearer(account: Account, token: str) -> tuple[str, str]:
    """The SASL mechanism and its initial response."""
    if account.auth == "xoauth2":
        return "XOAUTH2", xoauth2(account.user, token)
    return "OAUTHBEARER", oauthbearer(account.user, token)


def with_token(tokens: TokenSource, try_in: Callable[[str], bool]) -> bool:
    """Whether `try_in` was let in with a token. One that was taken back before its time is replaced once."""
    for _ in range(2):
        token = tokens.token()
        if try_in(token):
            return True
        tokens.forget(token)
    return False
