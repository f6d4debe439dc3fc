"""Whole files or none, and no text that a spreadsheet would run."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from batch.files import replacing
from batch.outputs import Add, format_of, inert
from engine.errors import Faults
from tests.batch.world import DATA, ROOT

COUNTEROFFER = Path(sys.executable).with_name("counteroffer")
FRAME = pl.DataFrame({"text": ["=1+1", "a"], "cents": [-5, 7], "share": [-0.5, None]})


@contextmanager
def writing(path: Path, empty: pl.DataFrame) -> Iterator[Add]:
    format_of_it = format_of(path)
    with replacing(path) as (temporary,), format_of_it(temporary) as add:
        add(empty)
        yield add


@pytest.mark.parametrize("start", list("=+-@\t\r\0＝＋－＠"))
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert inert(pl.DataFrame({"text": [f"{start}cmd|' /C calc'!A0"]}))["text"][0] == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("text", ["", "a=1", "1-2", "'quoted", "été", " =1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert inert(pl.DataFrame({"text": [text, None]}))["text"].to_list() == [text, None]


def test_negative_numbers_stay_numbers(tmp_path: Path) -> None:
    with writing(tmp_path / "out.csv", FRAME.clear()) as add:
        add(FRAME)
    assert (tmp_path / "out.csv").read_text() == '"text","cents","share"\n"\'=1+1",-5,-0.5\n"a",7,\n'


def test_frames_follow_one_another_under_one_header(tmp_path: Path) -> None:
    for name in ("out.csv", "out.parquet"):
        with writing(tmp_path / name, FRAME.clear()) as add:
            add(FRAME[1:])
            add(FRAME.clear())
            add(FRAME[1:])
    expected = pl.concat([FRAME[1:], FRAME[1:]])
    assert pl.read_parquet(tmp_path / "out.parquet").equals(expected)
    assert pl.read_csv(tmp_path / "out.csv", schema=FRAME.schema).equals(expected)


@pytest.mark.parametrize("name", ["out.xlsx", "out", "out.csv.gz"])
def test_an_unknown_ending_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(Faults) as refused, writing(tmp_path / name, FRAME.clear()):
        pass
    assert refused.value.faults[0].code == "usage"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_run_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("old")
    with pytest.raises(pl.exceptions.PolarsError), writing(tmp_path / name, FRAME.clear()) as add:
        add(FRAME.select(pl.col("no such column")))
    assert (tmp_path / name).read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_a_folder_or_a_missing_folder_is_refused(tmp_path: Path) -> None:
    for target in (tmp_path, tmp_path / "missing" / "out.csv"):
        with pytest.raises(Faults) as refused, replacing(target):
            pass
        assert refused.value.faults[0].code == "cannot-write"


def _parts(folder: Path, least_bytes: int) -> list[Path]:
    return [part for part in folder.glob(".out.*.part") if part.is_dir() or part.stat().st_size >= least_bytes]


@pytest.mark.parametrize(("name", "jobs"), [("out.csv", 1), ("out.parquet", 1), ("out.csv", 2)])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_killed_leaves_the_old_file_and_no_process(
    tmp_path: Path, name: str, how: signal.Signals, jobs: int
) -> None:
    out = tmp_path / name
    out.write_text("old")
    files = ["--contracts", DATA / "telco_ibm.csv.gz", "--mapping", "mappings/telco_ibm.toml", "--out", out]
    command = [COUNTEROFFER, "score", *files, "--release", "none", "--jobs", str(jobs)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        until = time.monotonic() + 30
        least = 100_000 if jobs > 1 else 0  # bytes: more than a header, so the other processes have begun
        while not _parts(tmp_path, least) and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.3)
        running.send_signal(how)
        assert running.stderr
        assert b"Traceback" not in running.stderr.read()  # ends when no process holds the pipe any more
        assert running.wait() != 0
    assert out.read_text() == "old"
    if how == signal.SIGINT:
        assert [one.name for one in tmp_path.iterdir()] == [name]
