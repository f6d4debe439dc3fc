"""The release that serves: loaded when `current` is set, and again whenever it is set anew."""

import threading
from pathlib import Path

from engine.errors import Faults
from models.keys import verification_key
from models.store import CURRENT, Release, load_release, read_current

Stamp = tuple[int, int]


class Releases:
    """Watches `directory/current`; a release that is refused leaves the last one serving. None: no model at all."""

    def __init__(self, directory: Path | None, keys: Path) -> None:
        self._directory = directory
        self._keys = keys
        self._stamp: Stamp | None = None
        self._release: Release | None = None
        self._lock = threading.Lock()
        self.refusal: Faults | OSError | None = None

    @property
    def wanted(self) -> bool:
        """False when this server was told to do without a model."""
        return self._directory is not None

    def current(self) -> Release | None:
        """The release to score with now; one look at the pointer when nothing has changed."""
        if self._directory is None or (stamp := _stamp_of(self._directory / CURRENT)) == self._stamp:
            return self._release
        with self._lock:
            if stamp != self._stamp:
                self._load(self._directory)
                self._stamp = stamp
        return self._release

    def _load(self, directory: Path) -> None:
        try:
            pointed_to = read_current(directory)
            if pointed_to is not None:
                self._release = load_release(pointed_to, verification_key(self._keys))
            self.refusal = None
        except (Faults, OSError) as refusal:
            self.refusal = refusal


def _stamp_of(pointer: Path) -> Stamp | None:
    try:
        status = pointer.lstat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns
