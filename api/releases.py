"""The release that serves: loaded as the registry says, and again whenever the registry changes."""

import json
import logging
import threading
from pathlib import Path

from engine.errors import Faults
from models.registry import REGISTRY, load_serving, load_version, older, read_registry
from models.store import VERSION_PATTERN, Release

Stamp = tuple[int, int]
PASSING = frozenset({"no-input", "artefact-missing"})
"""Refusals that may mend by themselves: a file that is not there yet. The others hold until the registry changes."""

_log = logging.getLogger(__name__)


class Releases:
    """Watches `directory/registry.json`; what is refused leaves the last release serving. None: no model at all."""

    def __init__(self, directory: Path | None, keys: Path) -> None:
        self._directory = directory
        self._keys = keys
        self._stamp: Stamp | None = None
        self._acts = 0
        self._release: Release | None = None
        self._lock = threading.Lock()
        self.refusal: Faults | OSError | None = None

    @property
    def wanted(self) -> bool:
        """False when this server was told to do without a model."""
        return self._directory is not None

    def current(self) -> Release | None:
        """The release to score with now; one look at the registry when nothing has changed."""
        if self._directory is None:
            return None
        try:
            self._follow(self._directory)
        except (Faults, OSError) as refusal:
            self._refuse(refusal)
        return self._release

    def of(self, version: str) -> Release | None:
        """The release of a version: the one that serves, or another of the folder; None where it is gone or refused."""
        serving = self.current()
        if serving is not None and serving.version == version:
            return serving
        if self._directory is None or not VERSION_PATTERN.fullmatch(version):
            return None
        try:
            return load_version(self._directory, self._keys, version)
        except (Faults, OSError):
            return None

    @property
    def refused_because(self) -> str | None:
        """The codes of why the release that is set does not serve, None when it does; paths stay in the log."""
        if isinstance(self.refusal, Faults):
            return ", ".join(sorted({fault.code for fault in self.refusal.faults}))
        return None if self.refusal is None else "unreadable"

    def _follow(self, directory: Path) -> None:
        """Loads what serves when the registry has changed. Raises Faults or OSError: tried again at the next call when
        the reason may pass, and else when the registry changes."""
        if (stamp := _stamp_of(directory / REGISTRY)) == self._stamp:
            return
        with self._lock:
            if stamp == self._stamp:
                return
            try:
                self._load(directory)
            except Faults as refusal:
                if PASSING.isdisjoint(fault.code for fault in refusal.faults):
                    self._stamp = stamp
                raise
            self._stamp = stamp

    def _load(self, directory: Path) -> None:
        registry = read_registry(directory, self._keys)
        if registry.sequence < self._acts:
            raise Faults([older(directory / REGISTRY, registry.sequence, self._acts, self._keys)])
        self._release = load_serving(directory, self._keys, registry) or self._release
        self._acts, self.refusal = registry.sequence, None

    def _refuse(self, refusal: Faults | OSError) -> None:
        """Remembers why, and logs it once as one line of JSON."""
        if str(refusal) != str(self.refusal):
            serving = self._release and self._release.version
            _log.error(json.dumps({"event": "release-refused", "why": str(refusal), "serving": serving}))
        self.refusal = refusal


def _stamp_of(registry: Path) -> Stamp | None:
    try:
        status = registry.lstat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns
