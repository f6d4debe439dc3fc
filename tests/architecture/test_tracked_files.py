"""What no file under version control may hold."""

import re
import subprocess

import pytest

from tests.architecture.sources import ROOT

REGISTRY_HOST = re.compile(rb"(pypi|pythonhosted|npmjs|deb\.debian|conda|anaconda)\.(org|com|io|net)\b", re.I)
MACHINE_PATH = re.compile(rb"(?<![\w.}/-])/(work|home|root|opt|Users)/\w")
PRIVATE_KEY = re.compile(rb"BEGIN ([A-Z]+ )?PRIVATE KEY")


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("pattern", [REGISTRY_HOST, MACHINE_PATH, PRIVATE_KEY])
def test_no_tracked_file_names_a_registry_a_machine_or_a_secret(pattern: re.Pattern[bytes]) -> None:
    assert not [name for name in tracked() if pattern.search((ROOT / name).read_bytes())]


def test_locks_pin_every_package_with_a_hash_and_name_no_place_to_find_it() -> None:
    for lock in ("requirements.txt", "requirements-postgres.txt", "requirements-dev.txt"):
        lines = (ROOT / lock).read_text().splitlines()
        pins = [line for line in lines if line and not line.startswith((" ", "#"))]
        assert all(re.fullmatch(r"[a-z0-9._-]+==\S+( ; [^\\]+)? \\", pin) for pin in pins)
        assert all(line.strip().startswith("--hash=sha256:") for line in lines if line.strip().startswith("--"))


def test_all_locks_pin_the_same_version_of_what_runs() -> None:
    pins = [
        set(re.findall(r"^[a-z0-9._-]+==\S+", (ROOT / lock).read_text(), re.M))
        for lock in ("requirements.txt", "requirements-postgres.txt", "requirements-dev.txt")
    ]
    assert pins[0] | pins[1] <= pins[2]


def test_what_runs_and_what_is_trained_stays_out_of_version_control() -> None:
    assert not [name for name in tracked() if name.startswith(("var/", ".venv/")) or name.endswith(".joblib")]
