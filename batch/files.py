"""Files that are there whole or not at all: a run that is killed leaves the old one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import Fault, Faults
from models.files import sync_directory


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """An empty file to write to; it becomes `target` when the block ends well, and is gone when it does not.

    Raises Faults before anything is written where `target` cannot be a file.
    """
    if target.is_dir() or not target.parent.is_dir():
        what = "it is a folder" if target.is_dir() else f"there is no folder {target.parent}"
        raise Faults([Fault("cannot-write", str(target), what, "a file in a folder that exists")])
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        temporary.touch()
        yield temporary
        _wait_for_disk(temporary)
        os.replace(temporary, target)
        sync_directory(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _wait_for_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
