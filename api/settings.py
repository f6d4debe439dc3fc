"""What a server is told by its environment, read once, every fault at once."""

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import Fault, Faults
from models import NO_RELEASE

PREFIX = "COUNTEROFFER_"
DEFAULTS = {
    "DATABASE": "sqlite:///var/counteroffer.db",
    "RELEASES": "var/releases",
    "KEYS": "var/keys",
    "ANCHORS": "var/anchors.jsonl",
    "RULEBOOK": "rulebook",
    "HOSTS": "localhost,127.0.0.1,[::1]",
    "TIME_ZONE": "Europe/Paris",
}
"""Every setting without its prefix, and what holds when it is not set; the anchors lie beside the keys."""


@dataclass(frozen=True)
class Settings:
    """Where store, releases, keys, anchors and rulebook lie, which hosts are ours, and whose calendar counts days."""

    database: str
    releases: Path | None
    keys: Path
    anchors: Path
    rulebook: Path
    hosts: tuple[str, ...]
    zone: zoneinfo.ZoneInfo


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
    )


def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
