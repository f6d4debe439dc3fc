"""Folders that a verb writes into, made before its work begins: a wrong name costs nobody an hour."""

import errno
import os
from pathlib import Path

from engine.errors import Fault, Faults


def make_folder(path: Path) -> None:
    """Makes a folder and those above it. Raises Faults where none can be, PermissionError where we may not write."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except PermissionError:
        raise
    except OSError as error:
        what = f"no folder can be made here: {error.strerror}"
        raise Faults([Fault("cannot-write", str(path), what, "a folder, or a name where one can be")]) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
