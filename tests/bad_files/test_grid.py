"""Every bad file gets its exact exit code, fault and place from every verb that reads it, quickly and in one line."""

import csv
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.api.world import put_in_force
from tests.bad_files.corpus import DOORS, FAMILIES, Bad, corpus, prepare
from tests.bad_files.doors import VERBS, VERBS_OF, Said, call, few_seconds_and_little_memory
from tests.batch.world import small_rulebook
from tests.databases import open_migrated

CORPUS = list(corpus())
QUARANTINES = {"import": "data.quarantine.csv", "score": "out.csv.quarantine.csv"}
MOST_SECONDS, MOST_BYTES, MOST_CHARACTERS = 2.0, 256 * 1024**2, 1_500


@pytest.fixture(scope="module")
def store_in_use(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of SQLite with the shipped rulebook in force, which quicker says what it is than a folder does."""
    path = tmp_path_factory.mktemp("store") / "store.db"
    store = open_migrated(f"sqlite:///{path}")
    put_in_force(store, small_rulebook())
    store.dispose()
    return path.read_bytes()


@pytest.mark.parametrize("bad", CORPUS, ids=lambda bad: f"{bad.door}, {bad.family} {FAMILIES[bad.family]}: {bad.title}")
def test_a_bad_file_gets_its_exact_faults_from_every_verb(
    bad: Bad, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store_in_use: bytes
) -> None:
    prepare(tmp_path)
    if bad.door != "rulebook":
        (tmp_path / "store.db").write_bytes(store_in_use)
    faults = bad.make(tmp_path)
    for verb in VERBS_OF[bad.door]:
        with few_seconds_and_little_memory(MOST_SECONDS, MOST_BYTES):
            said = call(verb, tmp_path, monkeypatch)
        assert "Traceback" not in said.err
        assert all(len(line) < MOST_CHARACTERS for line in said.err.splitlines())
        if any(fault.startswith("row ") for fault in faults):
            assert_rows_are_left_out(verb, said, faults, tmp_path)
        else:
            assert (verb, said.faults, said.exit_code, said.out) == (verb, faults, bad.exit_code, "")


def assert_rows_are_left_out(verb: str, said: Said, rows: set[str], folder: Path) -> None:
    """Import and score put exactly these rows into quarantine; train says their lines and finds too few others."""
    assert said.exit_code == os.EX_DATAERR
    if verb == "train":
        lines = {row.split(" ")[1] for row in rows if not row.endswith(" price")}  # no fact of a decision is learned
        assert said.faults == {"too-few-rows small"}
        assert all(f"left out: line {line}: " in said.err for line in lines)
        return
    assert said.faults == {f"quarantined {QUARANTINES[verb]}"}
    with (folder / QUARANTINES[verb]).open(encoding="utf-8", newline="") as stream:
        assert {f"row {row['line']} {row['column']}" for row in csv.DictReader(stream)} == rows


def test_every_cell_that_applies_holds_at_least_ten() -> None:
    cells = Counter((bad.door, bad.family) for bad in CORPUS)
    assert {cell for cell in cells if cells[cell] < 10} == set()
    assert set(cells) == {(door, family) for door in DOORS for family in (1, 2, 3, 4, 5, 6, 7, 8, 12)}


def test_no_title_stands_for_two_cases() -> None:
    assert len({(bad.door, bad.family, bad.title) for bad in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("door", DOORS)
def test_the_command_on_the_disk_says_the_same(door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = next(bad for bad in CORPUS if (bad.door, bad.family) == (door, 5))
    prepare(tmp_path)
    bad.make(tmp_path)
    here = call("score", tmp_path, monkeypatch)
    command = [Path(sys.executable).with_name("counteroffer"), "score", *VERBS["score"]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (here.exit_code, here.out)
    assert [line for line in done.stderr.splitlines() if line.startswith("error")] == [
        line for line in here.err.splitlines() if line.startswith("error")
    ]
