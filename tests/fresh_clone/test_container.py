"""The Dockerfile's own COPY and install steps, carried out in an empty folder and a fresh environment."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """Each instruction and its arguments, continued lines joined."""
    joined = dockerfile.read_text("utf-8").replace("\\\n", " ")
    return re.findall(r"^([A-Z]+)\s+(.+)$", joined, re.M)


def copy(words: list[str], source: Path, target: Path) -> None:
    *names, last = words
    for name in names:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / last)
        else:
            shutil.copy(source / name, target / last)


def test_the_install_steps_leave_a_command_that_runs(clone: Path, environment: dict[str, str], tmp_path: Path) -> None:
    image, installed = tmp_path / "image", tmp_path / "environment"
    image.mkdir()
    subprocess.run([sys.executable, "-m", "venv", installed], check=True, timeout=120)
    environment["PATH"] = f"{installed / 'bin'}:{os.environ['PATH']}"
    steps = instructions(clone / "Dockerfile")
    installs = 0
    for instruction, arguments in steps:
        if instruction == "COPY":
            copy(arguments.split(), clone, image)
        elif instruction == "RUN" and "pip install" in arguments:
            subprocess.run(["sh", "-c", arguments], cwd=image, env=environment, check=True, timeout=900)
            installs += 1
    assert installs == 2
    for verb in ("serve", "score", "train"):
        done = subprocess.run(
            ["counteroffer", verb, "--help"], cwd=image, env=environment, capture_output=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr


def test_the_image_runs_as_nobody_in_particular_and_says_whether_it_is_ready(clone: Path) -> None:
    steps = dict(instructions(clone / "Dockerfile"))
    assert int(steps["USER"]) > 0
    assert "/ready" in steps["HEALTHCHECK"]
    assert "counteroffer" in steps["CMD"]
    assert "serve" in steps["CMD"]
