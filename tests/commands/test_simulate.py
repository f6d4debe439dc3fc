"""counteroffer simulate, as a person and a script run it."""

import json
from pathlib import Path

import pytest

from tests.commands.here import Said, call_here


def simulate(*arguments: str | Path) -> Said:
    return call_here("simulate", *arguments)


def test_it_writes_four_files_and_says_how_many_rows(tmp_path: Path) -> None:
    done = simulate("--out", tmp_path / "new" / "market", "--contracts", "150", "--seed", "3", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    written = {path.name: path for path in (tmp_path / "new" / "market").iterdir()}
    assert set(written) == {"contracts.csv", "history.csv", "contacts.csv", "truth.json"}
    assert said["rows"]["contracts.csv"] == 150
    assert said["rows"] == {name: len(written[name].read_text("utf-8").splitlines()) - 1 for name in said["rows"]}
    assert json.loads(written["truth.json"].read_text("utf-8"))["parameters"]["waves"] == 6


def test_a_person_reads_one_line_a_file(tmp_path: Path) -> None:
    done = simulate("--out", tmp_path, "--contracts", "150", "--as-of", "2026-08-31")
    assert done.returncode == 0
    assert f"{tmp_path / 'contracts.csv'}: 150 rows" in done.stdout.splitlines()
    assert ";01/08/2026;" in (tmp_path / "contracts.csv").read_text("utf-8-sig").splitlines()[1]


@pytest.mark.parametrize("out", ["taken", "taken/below", "/proc/market"])
def test_a_folder_that_cannot_be_made_is_said_in_one_line(out: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    done = simulate("--out", tmp_path / out, "--contracts", "150")
    assert done.returncode == 73
    assert done.stderr.startswith(f"error[cannot-write] {tmp_path / out}: no folder can be made here")
    assert done.stderr.count("\n") == 1


def test_too_many_contracts_is_a_usage_error(tmp_path: Path) -> None:
    done = simulate("--out", tmp_path, "--contracts", "1000000000")
    assert done.returncode == 64
    assert "--contracts" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_shows_an_example() -> None:
    done = simulate("--help")
    assert "Example: counteroffer simulate --out" in done.stdout
