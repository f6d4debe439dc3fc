"""A contest is resumed where it was stopped, and its tables say what was measured."""

import dataclasses
import json
from pathlib import Path

import pytest

from benchmarks.contest import running
from benchmarks.contest.running import RESULTS, Cell, Result, read_results, run
from benchmarks.contest.telling import tell

CELL = Cell("classes", 400, 0)


def result(contender: str, seed: int, share: float, promised: float | None = None) -> Result:
    return Result("classes", 400, seed, contender, share, share * 5, promised, 5.0, 0.3, 1.0)


def test_a_cell_is_run_once_and_read_ever_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PEOPLE", 200)
    first = run([CELL], ["single", "risk"], tmp_path)
    assert [one.contender for one in first] == ["single", "risk"]
    assert all(one.earned <= one.best for one in first)
    monkeypatch.setattr(running, "compete", lambda *_: pytest.fail("run again"))
    assert run([CELL], ["single", "risk"], tmp_path) == first == read_results(tmp_path)


def test_what_was_run_again_counts(tmp_path: Path) -> None:
    lines = [json.dumps(dataclasses.asdict(result("single", 0, share))) for share in (0.1, 0.2)]
    (tmp_path / RESULTS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert [one.share for one in run([CELL], ["single"], tmp_path)] == [0.2]


def test_the_tables_tell_means_differences_and_kept_promises() -> None:
    ours = [result("ours", seed, share, promised=2.0) for seed, share in enumerate((0.3, 0.5, 0.4))]
    theirs = [result("theirs", seed, share) for seed, share in enumerate((0.1, 0.2, -0.3))]
    text = "\n".join(tell([*theirs, *ours], "ours"))
    assert "classes, 400 contacts, 3 seeds" in text
    assert "0.400 ± 0.058" in text
    assert "3/3" in text
    assert "2/3" in text
    assert "1.00" in text
    # differences 0.2, 0.3, 0.7: mean 0.4, standard error 0.15275, t(2) 4.3027
    assert "+0.400 [-0.257, +1.057]" in text


def test_promises_of_who_loses_money_are_told_as_that() -> None:
    lost = [result("lost", seed, -0.2, promised=3.0) for seed in range(2)]
    assert "lost money" in "\n".join(tell(lost, "lost"))
