"""A clone of what is committed, with nothing installed in it."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OF_THIS_RUN = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "VIRTUAL_ENV", "PYTHONPATH", "OMP_NUM_THREADS")


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment of a person who has just opened a terminal."""
    return {name: value for name, value in os.environ.items() if name not in OF_THIS_RUN}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh clone of the checkout's last commit."""
    target = tmp_path / "counteroffer"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, target], check=True, timeout=120)
    return target
