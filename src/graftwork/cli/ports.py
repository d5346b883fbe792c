"""Ports that are taken, said before anything is started."""

import socket
from typing import Literal

from graftwork.core.errors import PortTaken


def refuse_taken_port(host: str, port: int, section: Literal["web", "gateway"]) -> None:
    """Raises `PortTaken`, which names the setting in `section` of graftwork.toml."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortTaken(host, port, f"{section}.port", f"GRAFTWORK_{section.upper()}_PORT") from None
