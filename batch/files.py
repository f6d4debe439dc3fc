"""Files that are there whole or not at all: a run that is killed leaves the old one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import Fault, Faults
from models.files import sync_directory


@contextmanager
def replacing(*targets: Path) -> Iterator[list[Path]]:
    """Empty files to write to; when the block ends well they become `targets`, one right after the other and the last
    one last; when it does not they are gone, and every target is what it was.

    Raises Faults before anything is written where a target cannot be a file.
    """
    if faults := [fault for fault in map(_fault_of, targets) if fault]:
        raise Faults(faults)
    written = [target.with_name(f".{target.name}.{os.getpid()}.part") for target in targets]
    try:
        for temporary in written:
            temporary.touch()
        yield written
        for temporary in written:
            _wait_for_disk(temporary)
        for temporary, target in zip(written, targets, strict=True):
            os.replace(temporary, target)
        for folder in {target.parent for target in targets}:
            sync_directory(folder)
    finally:
        for temporary in written:
            temporary.unlink(missing_ok=True)


def _fault_of(target: Path) -> Fault | None:
    if target.parent.is_dir() and not target.is_dir():
        return None
    what = "it is a folder" if target.is_dir() else f"there is no folder {target.parent}"
    return Fault("cannot-write", str(target), what, "a file in a folder that exists")


def _wait_for_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
