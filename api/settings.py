"""What a server is told by its environment, read once, every fault at once."""

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from api.courier.destination import WHERE_ORDERS_MAY_GO, Destination, read_destination
from api.courier.signature import read_secret
from engine.errors import Fault, Faults
from models import NO_RELEASE

PREFIX = "COUNTEROFFER_"
NONE = "none"
DEFAULTS = {
    "DATABASE": "sqlite:///var/counteroffer.db",
    "RELEASES": "var/releases",
    "KEYS": "var/keys",
    "ANCHORS": "var/anchors.jsonl",
    "RULEBOOK": "rulebook",
    "HOSTS": "localhost,127.0.0.1,[::1]",
    "TIME_ZONE": "Europe/Paris",
    "ORDERS_URL": NONE,
    "WEBHOOK_SECRET": NONE,
}
"""Every setting without its prefix, and what holds when it is not set; the anchors lie beside the keys."""


@dataclass(frozen=True)
class Settings:
    """Where store, releases, keys, anchors and rulebook lie, our hosts, whose calendar counts, and where orders go."""

    database: str
    releases: Path | None
    keys: Path
    anchors: Path
    rulebook: Path
    hosts: tuple[str, ...]
    zone: zoneinfo.ZoneInfo
    orders: Destination | None = None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings in the environment. Raises Faults for names we do not know and values that cannot be."""
    given = {name.removeprefix(PREFIX): value for name, value in environment.items() if name.startswith(PREFIX)}
    known = ", ".join(PREFIX + name for name in DEFAULTS)
    unknown = [name for name in given if name not in DEFAULTS]
    faults = [Fault("bad-setting", PREFIX + name, "no such setting", f"one of {known}") for name in unknown]
    values = {**DEFAULTS, **given}
    faults += [Fault("bad-setting", PREFIX + name, "empty", "a value") for name in DEFAULTS if not values[name].strip()]
    if not Path(values["RULEBOOK"]).is_dir():
        faults.append(Fault("bad-setting", PREFIX + "RULEBOOK", f"no folder {values['RULEBOOK']}", "a rulebook folder"))
    zone = _zone(values["TIME_ZONE"])
    if zone is None:
        faults.append(Fault("bad-setting", PREFIX + "TIME_ZONE", values["TIME_ZONE"], "a zone such as Europe/Paris"))
    orders, more = _orders(values["ORDERS_URL"], values["WEBHOOK_SECRET"])
    faults += more
    if faults or zone is None:
        raise Faults(faults)
    return Settings(
        database=values["DATABASE"],
        releases=None if values["RELEASES"] == NO_RELEASE else Path(values["RELEASES"]),
        keys=Path(values["KEYS"]),
        anchors=Path(values["ANCHORS"] if "ANCHORS" in given else Path(values["KEYS"]).parent / "anchors.jsonl"),
        rulebook=Path(values["RULEBOOK"]),
        hosts=tuple(host.strip() for host in values["HOSTS"].split(",") if host.strip()),
        zone=zone,
        orders=orders,
    )


def _orders(url: str, secrets_text: str) -> tuple[Destination | None, list[Fault]]:
    """Where orders go, and what is wrong with it; neither address nor secret is repeated in a fault."""
    if url == NONE:
        return None, []
    secrets = [read_secret(each) for each in secrets_text.split()]
    known = [secret for secret in secrets if secret is not None]
    destination, faults = read_destination(url, known), []
    if destination is None:
        faults.append(Fault("bad-setting", PREFIX + "ORDERS_URL", "orders may not go there", WHERE_ORDERS_MAY_GO))
    if len(known) != len(secrets) or not known:
        expected = "whsec_ and 24 to 64 random bytes in base64; two with a space while one replaces the other"
        faults.append(Fault("bad-setting", PREFIX + "WEBHOOK_SECRET", "no secret to sign orders with", expected))
    return destination, faults


def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
