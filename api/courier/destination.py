"""Where orders go: one address, and only from the settings. Nothing that anybody asks for can name another."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

_LETTERS = re.compile(r"[!-~]{1,2000}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?|[0-9A-Fa-f:]+")
_PORTS = {"http": 80, "https": 443}
WHERE_ORDERS_MAY_GO = "https://HOST/PATH, or http:// to localhost, without a user and without a fragment"


@dataclass(frozen=True)
class Destination:
    """The order system: where it listens, and the secrets that it verifies signatures with."""

    secure: bool
    host: str
    port: int
    path: str
    secrets: Sequence[bytes] = field(default=(), repr=False)

    def __str__(self) -> str:
        scheme, host = ("https" if self.secure else "http"), f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"


def read_destination(url: str, secrets: Sequence[bytes]) -> Destination | None:
    """The destination at an address; None for one that may not be used: see `WHERE_ORDERS_MAY_GO`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    if not _LETTERS.fullmatch(url) or parts.scheme not in _PORTS or not _HOST.fullmatch(host) or port == 0:
        return None
    if "@" in parts.netloc or "#" in url or (parts.scheme == "http" and not is_loopback(host)):
        return None
    return Destination(parts.scheme == "https", host, port or _PORTS[parts.scheme], _path(parts), tuple(secrets))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name or address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
