"""Ports that are taken, said before anything is started."""

import socket
from collections.abc import Iterator
from typing import Literal

from graftwork.cli.findings import Finding, missing, ok, warning
from graftwork.core.errors import PortTaken

Section = Literal["web", "gateway", "mcp"]


def refuse_taken_port(host: str, port: int, section: Section) -> None:
    """Raises `PortTaken`, which names the setting in `section` of graftwork.toml."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortTaken(host, port, f"{section}.port", f"GRAFTWORK_{section.upper()}_PORT") from None


def look_at_port(check: str, host: str, port: int, section: Section) -> Iterator[Finding]:
    """The same for the doctor, who names what else can be wrong with an address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            yield missing(check, f"this user may not listen on port {port}", f"set `{section}.port` to 1024 or higher")
        except socket.gaierror:
            yield missing(check, f"{host} is no address", f"set `{section}.host` to an address of this machine")
        except OSError as error:
            yield warning(
                check, f"{host}:{port}: {error.strerror}",
                f"nothing, if Graftwork is up already; else stop what listens there, or set `{section}.port`",
            )  # fmt: skip
        else:
            yield ok(check, f"{host}:{port} is free")
