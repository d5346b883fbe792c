"""OAuth 2 access tokens for systems that take them (RFC 6749), without a browser: nobody sits at a server.

Three grants: client credentials (section 4.4), a refresh token that a person allowed once (section 6), and a signed
assertion of a service account (RFC 7523, section 2.1).
"""

import json
import re
import threading
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote_plus, urlencode, urlsplit

from pydantic import AfterValidator, Field, model_validator

from graftwork.core.usecase_tables import Part
from graftwork.core.zones import zone_of
from graftwork.systems.errors import TargetDenied
from graftwork.systems.oauth_refresh import RefreshToken
from graftwork.systems.oauth_request import post_form, sign_rs256
from graftwork.systems.secret import SecretPlace, keep_out_of_logs, read_secret

Grant = Literal["client_credentials", "refresh_token", "jwt_bearer"]

# Not sent to the last second: the clock of the other side may be ahead, and a call takes its time.
EARLY_SECONDS = 60.0
LIFETIME_WHERE_UNSAID_SECONDS = 300.0

# Visible ASCII: anything else could add headers of its own where the token is sent.
_TOKEN = re.compile(r"[\x21-\x7e]+")


def check_token_url(url: str) -> str:
    """Raises `ValueError`: secrets are sent there, so only our own network may be reached in the clear."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises where the port is none
    except ValueError:
        raise ValueError("must be a URL") from None
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise ValueError("must be a URL with a host and without a user, a password or a fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and zone_of(url) == "local"):
        raise ValueError("must begin with https://; http:// only to a host of your own network")
    return url


class OAuth2(Part):
    """The table `[oauth2]` of a connector's file."""

    token_url: Annotated[str, AfterValidator(check_token_url)] = Field(description="where access tokens are handed out")
    grant: Grant = Field("client_credentials", description="client_credentials, refresh_token or jwt_bearer")
    client_id: str = Field("", max_length=500, description="what the provider calls this application")
    client_secret: SecretPlace = Field("", description="place of the client's secret")
    client_auth: Literal["post", "basic"] = Field(
        "post", description="the client's id and secret as form fields, or as HTTP Basic"
    )
    refresh_token: SecretPlace = Field("", description="place of the refresh token; grant refresh_token")
    scope: str = Field("", max_length=2_000, description="what the token is for, as the provider words it")
    private_key: SecretPlace = Field("", description="place of the RSA key in PEM; grant jwt_bearer")
    issuer: str = Field("", max_length=500, description="`iss` of the assertion; `client_id` where empty")
    subject: str = Field("", max_length=500, description="`sub` of the assertion: for whom we act")
    audience: str = Field("", max_length=500, description="`aud` of the assertion; `token_url` where empty")
    parameters: dict[str, str] = Field({}, description="further form fields that the provider asks for; no secrets")

    @model_validator(mode="after")
    def _has_what_its_grant_needs(self) -> "OAuth2":
        needed = {
            "client_credentials": ("client_id", "client_secret"),
            "refresh_token": ("client_id", "refresh_token"),
            "jwt_bearer": ("private_key",),
        }[self.grant]
        if missing := [name for name in needed if not getattr(self, name)]:
            raise ValueError(f"grant {self.grant} needs `{missing[0]}`")
        if self.grant == "jwt_bearer" and not (self.issuer or self.client_id):
            raise ValueError("grant jwt_bearer needs `issuer` or `client_id`")
        return self

    def source(self, folder: Path) -> "TokenSource":
        return TokenSource(
            self.token_url,
            self.client_id,
            self.client_secret,
            self.refresh_token,
            self.scope,
            folder=folder,
            grant=self.grant,
            client_auth=self.client_auth,
            parameters=self.parameters,
            private_key_place=self.private_key,
            claims={
                "iss": self.issuer or self.client_id,
                "aud": self.audience or self.token_url,
                **({"sub": self.subject} if self.subject else {}),
            },
        )


class TokenSource:
    """Hands out an access token that is still good, for as many threads as ask.

    `grant` is the refresh token's where a place of one is given. `folder` is where relative places begin.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret_place: str = "",
        refresh_token_place: str = "",
        scope: str = "",
        *,
        folder: Path,
        grant: Grant | None = None,
        client_auth: Literal["post", "basic"] = "post",
        parameters: Mapping[str, str] | None = None,
        private_key_place: str = "",
        claims: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = check_token_url(token_url)
        self._client_id, self._secret_place, self._scope = client_id, client_secret_place, scope
        self._grant: Grant = grant or ("refresh_token" if refresh_token_place else "client_credentials")
        self._basic = client_auth == "basic"
        self._parameters, self._key_place, self._claims = dict(parameters or {}), private_key_place, dict(claims or {})
        self._refresh = RefreshToken(refresh_token_place, folder)
        self._folder, self._clock = folder, clock
        self._lock = threading.Lock()
        self._token, self._good_until = "", 0.0

    def token(self) -> str:
        """Raises `TargetDenied` where the provider refuses us, `TargetDown` where it is silent, or `SecretMissing`."""
        with self._lock:
            if not self._token or self._clock() >= self._good_until:
                self._token, self._good_until = "", 0.0
                self._fetch()
            return self._token

    def forget(self, refused: str = "") -> None:
        """After a 401. With `refused`, another thread's newer token stays."""
        with self._lock:
            if not refused or refused == self._token:
                self._token, self._good_until = "", 0.0

    def _fetch(self) -> None:
        if self._grant == "refresh_token":
            with self._refresh.locked():
                answer = self._ask({"grant_type": "refresh_token", "refresh_token": self._refresh.read()})
                if isinstance(rotated := answer.get("refresh_token"), str) and rotated:
                    self._refresh.keep(rotated)
        elif self._grant == "jwt_bearer":
            grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer"
            answer = self._ask({"grant_type": grant_type, "assertion": self._assertion()})
        else:
            answer = self._ask({"grant_type": "client_credentials"})
        self._take(answer)

    def _take(self, answer: Mapping[str, Any]) -> None:
        token = answer.get("access_token")
        if not isinstance(token, str) or _TOKEN.fullmatch(token) is None:
            raise TargetDenied("the token server's answer holds no access token")
        keep_out_of_logs(token)
        lifetime = _seconds(answer.get("expires_in"))
        self._token = token
        self._good_until = self._clock() + max(lifetime - EARLY_SECONDS, lifetime / 2)

    def _ask(self, fields: Mapping[str, str]) -> dict[str, Any]:
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        form = {**fields, **({"scope": self._scope} if self._scope else {}), **self._parameters}
        secret = read_secret(self._secret_place, self._folder) if self._secret_place else ""
        if self._basic and secret:
            # RFC 6749, section 2.3.1: both are form-encoded before they are joined.
            pair = f"{quote_plus(self._client_id)}:{quote_plus(secret)}".encode()
            headers["Authorization"] = "Basic " + b64encode(pair).decode()
        elif self._client_id:
            form["client_id"] = self._client_id
            if secret:
                form["client_secret"] = secret
        return post_form(self._url, urlencode(form).encode(), headers)

    def _assertion(self) -> str:
        """RFC 7523 and RFC 7515, signed with RS256."""
        now = int(self._clock())
        claims = {**self._claims, "iat": now, "exp": now + 300, **({"scope": self._scope} if self._scope else {})}
        parts = ({"alg": "RS256", "typ": "JWT"}, claims)
        signed = ".".join(_base64url(json.dumps(part).encode()) for part in parts)
        return f"{signed}.{_base64url(sign_rs256(read_secret(self._key_place, self._folder), signed.encode()))}"


def _seconds(expires_in: object) -> float:
    """Some providers send the number as a text."""
    try:
        seconds = float(str(expires_in))
    except ValueError:
        return LIFETIME_WHERE_UNSAID_SECONDS
    return min(seconds, 86_400.0) if seconds > 0 else LIFETIME_WHERE_UNSAID_SECONDS


def _base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
