"""Which release serves, who put it there and when: one signed file beside the releases, replaced whole.

`registry.json` lists every act in its order, and the acts say what serves and what is proposed. So one rename both
records a change and makes it hold: a crash leaves the old file or the new one. How many acts there have been stands
once more beside the key, outside the releases, so that an older file, signed as it is, cannot be put back.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.errors import Fault, Faults
from models.files import read_regular, refused, replace_durably
from models.keys import signing_key, verification_key
from models.manifest import sign_manifest, verify_manifest
from models.store import VERSION_PATTERN, Release, load_release

REGISTRY, HEAD = "registry.json", "release-registry.head"
KIND, FORMAT = "registry", 1
LARGEST_BYTES = 16 * 1024 * 1024
SET, PROPOSED, APPROVED, ROLLED_BACK = "set", "proposed", "approved", "rolled_back"

Act = Mapping[str, Any]


class Overtaken(Exception):
    """Somebody else has changed the registry meanwhile; nothing was written."""


@dataclass(frozen=True)
class Period:
    """A time in which a version served: moments in UTC, `until` None while it lasts."""

    version: str
    since: str
    until: str | None


@dataclass(frozen=True)
class Registry:
    """Every act in its order: its kind (`act`), `version`, `by`, `at` (UTC), and what else belongs to it.

    The version of a rollback is the one that serves again.
    """

    acts: tuple[Act, ...] = ()

    @property
    def sequence(self) -> int:
        """How many acts there have been."""
        return len(self.acts)

    @property
    def serving(self) -> str | None:
        """The version that serves; None before the first."""
        return self._in_force[-1] if self._in_force else None

    @property
    def before(self) -> str | None:
        """The version that a rollback puts back; what was rolled back does not count."""
        return self._in_force[-2] if len(self._in_force) > 1 else None

    @property
    def proposed(self) -> Act | None:
        """The proposal that waits for a second person; whatever is done after it takes it off the table."""
        return self.acts[-1] if self.acts and self.acts[-1]["act"] == PROPOSED else None

    @property
    def served(self) -> list[Period]:
        """Which version served from when until when, the first first; the last still does."""
        changes = [act for act in self.acts if act["act"] != PROPOSED]
        ends = [*(act["at"] for act in changes[1:]), None]
        return [Period(act["version"], act["at"], end) for act, end in zip(changes, ends, strict=True)]

    @cached_property
    def _in_force(self) -> list[str]:
        versions: list[str] = []
        for act in self.acts:
            if act["act"] in (SET, APPROVED):
                versions.append(act["version"])
            elif act["act"] == ROLLED_BACK:
                versions.pop()
        return versions


def read_registry(releases: Path, keys: Path) -> Registry:
    """The registry beside some releases, empty before the first act. Raises Faults for one that is not ours or older
    than the last one written here, OSError."""
    path, least = releases / REGISTRY, _head(keys)
    there = path.is_symlink() or path.exists()
    members: dict[str, Any] = _verified(path, keys) if there else {"kind": KIND, "format": FORMAT, "acts": []}
    if (members.get("kind"), members.get("format")) != (KIND, FORMAT):
        raise Faults([refused("registry-wrong-format", path, "no registry of releases", f"{KIND}, format {FORMAT}")])
    registry = Registry(tuple(members["acts"]))
    if registry.sequence < least:
        raise Faults([older(path, registry.sequence, least, keys)])
    return registry


def add_act(releases: Path, keys: Path, act: Act, over: int) -> Registry:
    """Write one act more, and wait until it is on disk. `over`: the acts there were when it was decided on.

    Raises Overtaken when there are more by now, Faults, OSError. A crash leaves the acts before, or all of them.
    """
    key = signing_key(keys)
    with _held(releases):
        _sweep(releases)
        registry = read_registry(releases, keys)
        if registry.sequence != over:
            raise Overtaken
        found = Registry((*registry.acts, act))
        signed = sign_manifest({"kind": KIND, "format": FORMAT, "acts": list(found.acts)}, key)
        replace_durably(releases / REGISTRY, signed)
        replace_durably(keys / HEAD, f"{found.sequence}\n".encode())
    return found


def set_current(releases: Path, keys: Path, version: str, by: str, at: str) -> Registry:
    """Let a version serve without a comparison: the first of an installation. Raises Faults, OSError."""
    over = read_registry(releases, keys).sequence
    return add_act(releases, keys, {"act": SET, "version": version, "by": by, "at": at}, over)


def load_serving(releases: Path, keys: Path, registry: Registry | None = None) -> Release | None:
    """The release that serves by the registry; None before the first. Raises Faults, OSError."""
    version = (registry or read_registry(releases, keys)).serving
    return None if version is None else load_version(releases, keys, version)


def load_version(releases: Path, keys: Path, version: str) -> Release:
    """A release by its version. Raises Faults where there is none, it is refused, or another lies in its folder."""
    path = releases / version
    if not VERSION_PATTERN.fullmatch(version):
        raise Faults([refused("release-name", Path(version), "no release is called so", "see counteroffer models")])
    release = load_release(path, verification_key(keys))
    if release.version != version:
        raise Faults([refused("artefact-other-version", path, f"holds {release.version}", version)])
    return release


def older(path: Path, sequence: int, least: int, keys: Path) -> Fault:
    """The fault of a registry with fewer acts than there have been."""
    what, fix = f"holds {sequence} acts", f"put the newer one back; after a restore from a backup, remove {keys / HEAD}"
    return Fault("registry-older", str(path), what, f"the {least} there have been", fix)


def _verified(path: Path, keys: Path) -> dict[str, Any]:
    return verify_manifest(read_regular(path, LARGEST_BYTES), verification_key(keys), str(path))


def _head(keys: Path) -> int:
    try:
        return int((keys / HEAD).read_text("ascii"))
    except FileNotFoundError:
        return 0
    except ValueError:
        raise Faults([Fault("key-damaged", str(keys / HEAD), "not a number", fix="restore it from a backup")]) from None


def _sweep(releases: Path) -> None:
    """Remove what a killed process left half written; who holds the folder is the only one who writes."""
    for left in releases.glob(f".{REGISTRY}.*"):
        left.unlink()


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """One at a time, over all processes; a killed one lets go."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
