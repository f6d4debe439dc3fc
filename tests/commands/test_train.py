"""`counteroffer train` as a person runs it."""

import json
from pathlib import Path

import numpy as np
import pytest

from models.registry import read_registry
from tests.commands.here import Said, call_here

ROOT = Path(__file__).parents[2]
MAPPING = """
format = 1
name = "small"
description = "A small book"

[facts]
contract_id = "id"
price_cents = { column = "price", unit = "EUR incl. VAT" }

[assumptions]
cost_to_serve_cents = { value = 400, because = "not on file" }

[features]
numeric = ["price", "months"]
categorical = ["net"]

[label]
column = "left"
left = ["yes"]
stayed = ["no"]
window_months = 3
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    rows = ["id,price,months,net,left"]
    for number in range(600):
        months, net = int(rng.integers(1, 60)), rng.choice(["dsl", "fibre"])
        left = "yes" if rng.random() < (0.5 if months < 20 else 0.1) else "no"
        rows.append(f"c{number},{rng.uniform(10, 60):.2f},{months},{net},{left}")
    (tmp_path / "book.csv").write_text("\n".join([*rows, "c0,20,3,dsl,perhaps"]) + "\n")
    (tmp_path / "small.toml").write_text(MAPPING)
    return tmp_path


def train(book: Path, *options: str) -> Said:
    return call_here("train", "--mapping", "small.toml", "--out", "releases", *options, folder=book)


@pytest.mark.long
def test_one_command_writes_a_signed_release_with_its_card(book: Path) -> None:
    run = train(book, "--data", "book.csv", "--shuffles", "1", "--json")
    assert run.returncode == 0, run.stderr
    made = json.loads(run.stdout)
    release = book / made["release"]
    assert release == book / "releases" / made["version"]
    assert sorted(path.name for path in release.iterdir()) == [
        "card.html",
        "card.json",
        "manifest.json",
        "model.joblib",
    ]
    assert json.loads((release / "manifest.json").read_text())["window_months"] == 3
    assert made["rows_left_out"] == 1
    assert "line 602" in run.stderr
    assert (book / "var/keys/release-signing.key").stat().st_mode & 0o777 == 0o600
    assert read_registry(book / "releases", book / "var/keys").serving is None
    again = json.loads(train(book, "--data", "book.csv", "--shuffles", "1", "--json", "--current").stdout)
    assert again == made
    assert read_registry(book / "releases", book / "var/keys").serving == release.name
    run = train(book, "--data", "book.csv", "--shuffles", "1", "--current")
    assert (run.returncode, "counteroffer promote" in run.stderr) == (64, True)


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ((), 64, "--data"),
        (("--data", "absent.csv"), 66, "absent.csv"),
        (("--data", "book.csv", "--true-rate", "nan"), 64, "--true-rate"),
        (("--data", "book.csv", "--true-rate", "1"), 64, "--true-rate"),
        (("--data", "book.csv", "--true-rate", "half"), 64, "--true-rate"),
        (("--data", "book.csv", "--shuffles", "0"), 64, "--shuffles"),
        (("--data", "book.csv", "--out", "book.csv"), 73, "error[cannot-write] book.csv: "),
        (("--data", "book.csv", "--out", "book.csv/below"), 73, "error[cannot-write] book.csv/below: "),
        (("--data", "book.csv", "--out", "/proc/releases"), 73, "error[cannot-write] /proc/releases: "),
        (("--data", "book.csv", "--out", ".", "--keys", "book.csv/keys"), 73, "error[cannot-write] book.csv/keys: "),
    ],
)
def test_what_cannot_be_trained_is_said_in_one_line(book: Path, options: tuple[str, ...], code: int, says: str) -> None:
    run = train(book, *options)
    assert run.returncode == code
    [line] = [line for line in run.stderr.splitlines() if not line.startswith(("book.csv: recognised", "left out"))]
    assert line.startswith("error[")
    assert says in line
    assert not (book / "releases").exists()
