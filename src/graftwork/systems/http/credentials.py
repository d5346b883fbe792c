"""How a connector shows who it is. Secrets are read for each request, so that a rotated one is taken up."""

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from graftwork.systems.contract import Surroundings
from graftwork.systems.errors import ConnectorInvalid
from graftwork.systems.http.tables import Auth, Setting
from graftwork.systems.http.templates import parse, render
from graftwork.systems.oauth import TokenSource
from graftwork.systems.secret import keep_out_of_logs, read_secret

_VISIBLE = re.compile(r"[\x20-\x7e\xa0-\xff]*")


class Credentials:
    def __init__(self, auth: Auth, settings: Mapping[str, Setting], around: Surroundings, connector: str) -> None:
        self._auth, self._settings, self._around, self._connector = auth, settings, around, connector
        self._tokens = self._token_source() if auth.kind == "oauth2" else None

    def header(self) -> tuple[str, str] | None:
        """Name and value. Raises `SecretMissing`, or as the token server answers."""
        match self._auth.kind:
            case "basic":
                pair = f"{self._filled('user')}:{self._filled('password')}"
                shown = base64.b64encode(pair.encode()).decode()
                keep_out_of_logs(shown)
                return "Authorization", f"Basic {shown}"
            case "bearer":
                return "Authorization", f"Bearer {self._visible('token')}"
            case "header":
                return self._auth.name, self._visible("value")
            case "oauth2":
                assert self._tokens is not None
                return "Authorization", f"Bearer {self._tokens.token()}"
        return None

    @property
    def parameter(self) -> str:
        """The name of the parameter that holds the key, in systems that take it in no other way."""
        return self._auth.name if self._auth.kind == "query" else ""

    def query(self) -> str:
        if not self.parameter:
            return ""
        encoded = quote(self._filled("value"), safe="")
        keep_out_of_logs(encoded)
        return f"{quote(self.parameter, safe='')}={encoded}"

    def renew(self, refused: str) -> bool:
        """After a 401: whether another token can be had."""
        if self._tokens is None:
            return False
        self._tokens.forget(refused.removeprefix("Bearer "))
        return True

    def _visible(self, name: str) -> str:
        value = self._filled(name)
        if _VISIBLE.fullmatch(value) is None:
            raise ConnectorInvalid(self._connector, f"http.auth.{name}", "holds what cannot stand in a header")
        return value

    def _filled(self, name: str) -> str:
        template = parse(getattr(self._auth, name))
        named = {found.name.partition(".")[2] for found in template.placeholders}
        values = {setting: self._value(setting) for setting in named}
        return render(template, {"setting": values}) or ""

    def _value(self, name: str) -> Any:
        setting = self._settings[name]
        return read_secret(str(setting.given), self._around.folder) if setting.secret else setting.given

    def _place(self, name: str) -> str:
        placeholders = parse(getattr(self._auth, name)).placeholders
        return str(self._settings[placeholders[0].name.partition(".")[2]].given) if placeholders else ""

    def _token_source(self) -> TokenSource:
        auth = self._auth
        token_url, client_id = self._filled("token_url"), self._filled("client_id")
        subject = self._filled("subject")
        try:
            return TokenSource(
                token_url,
                client_id,
                self._place("client_secret"),
                self._place("refresh_token"),
                self._filled("scope"),
                folder=self._around.folder,
                grant=auth.grant,
                client_auth=auth.client_auth,
                parameters={name: self._parameter(source) for name, source in auth.parameters.items()},
                private_key_place=self._place("private_key"),
                claims={
                    "iss": self._filled("issuer") or client_id,
                    "aud": self._filled("audience") or token_url,
                    **({"sub": subject} if subject else {}),
                },
            )
        except ValueError as error:
            raise ConnectorInvalid(self._connector, "http.auth.token_url", str(error)) from None

    def _parameter(self, source: str) -> str:
        plain = {name: one.given for name, one in self._settings.items() if not one.secret}
        return render(parse(source), {"setting": plain}) or ""
