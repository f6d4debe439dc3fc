"""A verb called in this process: to import what it needs anew would cost a second a call.

What only a process of its own shows stays with those who start one: `test_main`, kills, full disks, bytes that are no
text, and one call each of `score`, `import` and `keys`.
"""

import contextlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest

from commands.main import main


@dataclass(frozen=True)
class Said:
    """What one call said, and the exit code it left with."""

    returncode: int
    stdout: str
    stderr: str


def call_here(*arguments: object, folder: Path | None = None, **settings: str) -> Said:
    """`counteroffer ARGUMENTS` in a folder, under more settings; what is no fault but an exception is raised."""
    out, err = io.StringIO(), io.StringIO()
    told = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
    place = contextlib.chdir(folder) if folder else contextlib.nullcontext()
    with place, patch.dict(os.environ, settings), told[0], told[1], pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return Said(int(str(left.value.code)), out.getvalue(), err.getvalue())
