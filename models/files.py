"""Files of a release: read only if plain and not too large, written so that a crash leaves them whole or absent."""

import errno
import os
import secrets
import stat
from pathlib import Path

from engine.errors import Fault, Faults

NO_FILE_TO_OPEN = (errno.ELOOP, errno.ENXIO)
"""What opening a symbolic link and a socket answers."""


def refused(code: str, path: Path, what: str, expected: str) -> Fault:
    """The fault of a release that will not be served."""
    return Fault(code, str(path), what, expected, "train it again here, or restore it from a backup")


def read_regular(path: Path, most_bytes: int) -> bytes:
    """The bytes of a plain file, through one handle; raises Faults for links, pipes, folders and larger files."""
    handle = _open(path)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Faults([_not_a_file(path)])
        if status.st_size > most_bytes:
            raise Faults([refused("artefact-too-large", path, f"{status.st_size} bytes", f"at most {most_bytes}")])
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(most_bytes)
    finally:
        os.close(handle)


def write_durably(path: Path, content: bytes) -> None:
    """Write a file and wait until it is on disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_durably(path: Path, content: bytes) -> None:
    """Put a file in the place of another in one step: whoever looks, and whoever crashes, sees the one or the other."""
    building = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    write_durably(building, content)
    os.replace(building, path)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Wait until the names in a directory are on disk."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Faults([refused("artefact-missing", path, "there is no such file", "a release folder")]) from None
    except OSError as error:
        if error.errno not in NO_FILE_TO_OPEN:
            raise
        raise Faults([_not_a_file(path)]) from None


def _not_a_file(path: Path) -> Fault:
    return refused("artefact-not-a-file", path, "not a plain file", "a plain file, no link, pipe, socket or folder")
