"""Where releases and their key lie, who acts, and what a changed registry means."""

import datetime
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.settings import PREFIX, Settings, read_settings
from commands.persons import one_line
from engine.errors import Fault, Faults
from ledger.records import time_text
from models.registry import Overtaken, Registry, add_act, read_registry


@dataclass(frozen=True)
class House:
    """The releases, the folder of their key, the registry as it was read, and the settings it all comes from."""

    settings: Settings
    releases: Path
    registry: Registry

    @property
    def keys(self) -> Path:
        """The folder of the signing key."""
        return self.settings.keys

    def act(self, kind: str, version: str, by: str, **more: Any) -> Registry:
        """Write one act into the registry. Raises Faults where somebody was faster."""
        act = {"act": kind, "version": version, "by": one_line("--by", by), "at": now_text(), **more}
        with not_overtaken():
            return add_act(self.releases, self.keys, act, self.registry.sequence)


def open_house() -> House:
    """The releases that the settings name. Raises Faults."""
    settings = read_settings(os.environ)
    if settings.releases is None:
        fix = "set it to the folder that counteroffer train writes to"
        raise Faults([Fault("bad-setting", f"{PREFIX}RELEASES", "none: this installation does without", fix=fix)])
    return House(settings, settings.releases, read_registry(settings.releases, settings.keys))


def now_text() -> str:
    """This moment, in UTC."""
    return time_text(datetime.datetime.now(datetime.UTC))


@contextmanager
def not_overtaken() -> Iterator[None]:
    """Turns Overtaken into a fault that says what to do."""
    try:
        yield
    except Overtaken:
        fault = Fault("overtaken", "registry", "what serves or is proposed has just changed", fix="look, and try again")
        raise Faults([fault]) from None
