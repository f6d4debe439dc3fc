"""Releases under attack while they are loaded, after a fork, and over many swaps."""

import io
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import joblib
import numpy as np
import pytest

from api.releases import Releases
from engine.errors import Faults
from models.store import MODEL, load_release
from tests.models.test_registry import House
from tests.models.test_release_store import CHURN, CUSTOMERS, PUBLIC, Payload, written

ROOT = Path(__file__).parents[2]
MOST_GROWTH = 1.05
REFUSALS = {"artefact-digest-mismatch", "artefact-wrong-size", "artefact-not-a-file", "artefact-missing"}


@pytest.mark.parametrize("loads", [60, pytest.param(1_000, marks=pytest.mark.long)])
def test_what_is_swapped_while_it_is_read_is_never_what_runs(tmp_path: Path, loads: int) -> None:
    release, trace = written(tmp_path / "releases"), tmp_path / "trace"
    sound, stop, rng = (release / MODEL).read_bytes(), threading.Event(), np.random.default_rng(8)
    buffer = io.BytesIO()
    joblib.dump(Payload(trace), buffer)
    (tmp_path / "bad").write_bytes((buffer.getvalue() + bytes(len(sound)))[: len(sound)])
    (tmp_path / "sound").write_bytes(sound)

    def swap() -> None:
        while not stop.is_set():
            for name in ("bad", "sound"):
                if rng.random() < 0.2:
                    (tmp_path / "next").symlink_to(tmp_path / name)
                else:
                    shutil.copy(tmp_path / name, tmp_path / "next")
                os.replace(tmp_path / "next", release / MODEL)

    swapping, outcomes = threading.Thread(target=swap), set()
    swapping.start()
    for _ in range(loads):
        try:
            found = load_release(release, PUBLIC)
            outcomes.add("loaded")
            assert found.churn.logit(CUSTOMERS).tobytes() == CHURN.logit(CUSTOMERS).tobytes()
        except Faults as refusal:
            outcomes |= {fault.code for fault in refusal.faults}
    stop.set()
    swapping.join()
    assert {"loaded"} < outcomes <= {"loaded", *REFUSALS}
    assert not trace.exists()


FORKED = """
import os, signal, sys, time
from pathlib import Path
from models.registry import load_serving
from tests.models.learned import random_customers
releases, keys, predicts_before = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "before"
release = load_serving(releases, keys) if predicts_before else None
if release is not None:
    release.churn.probability(random_customers(release.churn, 5_000, 1))
children = []
for number in range(4):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        mine = release or load_serving(releases, keys)
        began = time.monotonic()
        one = random_customers(mine.churn, 1, number)
        for _ in range(1_000):
            mine.churn.probability(one)
        os._exit(0 if time.monotonic() - began < 5 else 1)
    children.append(child)
sys.exit(max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0 for child in children))
"""


@pytest.mark.long
@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("predicts", ["before", "after"])
def test_a_forked_worker_scores_whether_or_not_its_parent_has(tmp_path: Path, threads: str, predicts: str) -> None:
    house = House(tmp_path)
    house.serve(house.first)
    command = [sys.executable, "-c", FORKED, house.releases, house.keys, predicts]
    environment = {**os.environ, "OMP_NUM_THREADS": threads}
    assert subprocess.run(command, cwd=ROOT, env=environment, timeout=60, check=False).returncode == 0


@pytest.mark.long
def test_five_hundred_swaps_leak_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)
    releases = Releases(house.releases, house.keys)

    def swap(times: int) -> None:
        for number in range(times):
            version = (house.first, house.second)[number % 2]
            house.serve(version)
            found = releases.current()
            assert found is not None
            assert found.version == version

    swap(100)  # what is loaded once and kept is no leak
    before = resident_bytes(), open_files(), threading.active_count()
    swap(500)
    after = resident_bytes(), open_files(), threading.active_count()
    assert after[0] < MOST_GROWTH * before[0]
    assert after[1:] == before[1:]


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))
