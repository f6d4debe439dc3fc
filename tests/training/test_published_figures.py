"""What `counteroffer train` reaches on three real sets: the figures the card shows, against those we promise."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = (ROOT / "../shared/data").resolve()


def figures(folder: Path, mapping: str, *tables: str) -> dict[str, float]:
    """The metrics on the card after exactly the command that a user runs."""
    data = [str(DATA / f"{table}.csv.gz") for table in tables]
    options = ["--mapping", f"mappings/{mapping}.toml", "--out", str(folder), "--keys", str(folder / "keys"), "--json"]
    command = [sys.executable, "-m", "training", "train", "--data", *data, *options]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    card = json.loads((Path(json.loads(run.stdout)["release"]) / "card.json").read_text())
    assert card["protocol"]["seeds"] == [0, 1, 2, 3, 4]
    assert card["protocol"]["folds"] == 5
    found = {name: figure["value"] for name, figure in card["metrics"].items()}
    print(mapping, card["chosen"], found)
    return {**found, "rows": card["protocol"]["judged_rows"], "leavers": card["protocol"]["judged_leavers"]}


@pytest.mark.long
def test_telco_ibm_reaches_its_figures(tmp_path: Path) -> None:
    found = figures(tmp_path, "telco_ibm", "telco_ibm")
    assert (found["rows"], found["leavers"]) == (7_043, 1_869)
    assert found["auc"] >= 0.848
    assert found["log_loss"] <= 0.4135
    assert found["ece"] <= 0.015


@pytest.mark.long
def test_mlc_churn_reaches_its_figures(tmp_path: Path) -> None:
    found = figures(tmp_path, "mlc_churn", "mlc_churn")
    assert (found["rows"], found["leavers"]) == (5_000, 707)
    assert found["auc"] >= 0.922
    assert found["log_loss"] <= 0.155


@pytest.mark.long
def test_interconnect_forward_in_time_reaches_its_figures(tmp_path: Path) -> None:
    tables = [f"interconnect_{part}" for part in ("contract", "internet", "phone")]
    found = figures(tmp_path, "interconnect", *tables)
    assert (found["rows"], found["leavers"]) == (5_390, 460)
    assert found["auc"] >= 0.860
    assert found["ece"] <= 0.020
