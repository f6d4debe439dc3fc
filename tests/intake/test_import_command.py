"""`counteroffer import` as a person or a script runs it."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.here import Said, call_here
from tests.intake.small_files import SMALL, file_of

COUNTEROFFER = Path(sys.executable).with_name("counteroffer")
AS_OF = ("--as-of", "2026-11-22")
GOOD = "id,price,since,usage,plan\nA1,17.90,2016-11-05,3.5,x\nA2,9.99,,,y\n"


def asked(folder: Path, mapping: str, days: tuple[str, ...]) -> list[str]:
    """What is said of every import: into a database in the folder, by a mapping there."""
    (folder / "small.toml").write_text(mapping)
    return ["--mapping", "small.toml", "--database", f"sqlite:///{folder}/store.db", *days]


def call(folder: Path, *arguments: str, mapping: str = SMALL, days: tuple[str, ...] = AS_OF, **settings: str) -> Said:
    return call_here("import", *arguments, *asked(folder, mapping, days), folder=folder, **settings)


def call_in_a_process(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The same as a person's shell starts it."""
    command = [COUNTEROFFER, "import", *arguments, *asked(folder, SMALL, AS_OF)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def stored(folder: Path) -> dict[str, tuple[dict[str, object], dict[str, object]]]:
    """(facts, features) of every contract on file."""
    with sqlite3.connect(folder / "store.db") as connection:
        rows = connection.execute("SELECT contract_id, facts, features FROM contracts").fetchall()
    return {name: (json.loads(facts), json.loads(features)) for name, facts, features in rows}


def test_contracts_are_put_on_file_with_their_features(tmp_path: Path) -> None:
    file_of(tmp_path, GOOD)
    done = call_in_a_process(tmp_path, "--contracts", "data.csv")
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        ["2 rows: 2 imported, 0 quarantined", "assumed: cost_to_serve_cents: 400"],
    )
    facts, features = stored(tmp_path)["A1"]
    assert (facts["price_cents"], facts["cost_to_serve_cents"], facts["customer_since"]) == (1790, 400, "2016-11-05")
    assert features == {"usage": 3.5, "plan": "x"}
    assert not (tmp_path / "data.quarantine.csv").exists()
    assert "data.csv: recognised: comma between cells" in done.stderr


def test_no_stored_score_of_who_objects_to_profiling_reaches_the_store(tmp_path: Path) -> None:
    facts = 'objects_to_profiling = "objects"\np_churn = { column = "chance", window_months = 6 }\n\n[assumptions]'
    file_of(tmp_path, "id,price,since,usage,plan,objects,chance\nA1,9,,1,x,oui,0.9\nA2,9,,1,x,non,0.9\n")
    assert call(tmp_path, "--contracts", "data.csv", mapping=SMALL.replace("[assumptions]", facts)).returncode == 0
    kept = {name: (facts["p_churn"], facts["p_churn_window_months"]) for name, (facts, _) in stored(tmp_path).items()}
    assert kept == {"A1": (None, -1), "A2": (0.9, 6)}


def test_a_file_without_a_day_speaks_of_today_in_the_zone_of_the_operator(tmp_path: Path) -> None:
    mapping = SMALL.replace('"since"', '{ column = "since", unit = "days before as-of" }')
    (tmp_path / "rulebook").mkdir()
    found = set()
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # 25 hours apart: never on the same day
        file_of(tmp_path, "id,price,since,usage,plan\nA1,9,0,1,x\n")
        done = call(tmp_path, "--contracts", "data.csv", mapping=mapping, days=(), COUNTEROFFER_TIME_ZONE=zone)
        assert done.returncode == 0, done.stderr
        facts, _ = stored(tmp_path)["A1"]
        found.add(facts["customer_since"])
    assert len(found) == 2


def test_bad_rows_go_to_a_file_beside_the_input_and_the_exit_is_65(tmp_path: Path) -> None:
    file_of(tmp_path, GOOD + "A3,cheap,,,z\nA1,1,,,x\n")
    done = call(tmp_path, "--contracts", "data.csv", "--json")
    assert done.returncode == 65
    summary = json.loads(done.stdout)
    assert (summary["rows"], summary["imported"], summary["quarantined"]) == (4, 2, 2)
    assert json.loads(done.stderr.splitlines()[-1])["code"] == "quarantined"
    assert (tmp_path / summary["quarantine"]).read_text().splitlines() == [
        "line,contract_id,column,reason",
        '4,A3,price,"price: ""cheap"" is not an amount"',
        "5,A1,contract_id,contract_id: it is already on line 2",
    ]
    assert set(stored(tmp_path)) == {"A1", "A2"}


@pytest.mark.parametrize("place", ["nowhere/bad.csv", "taken"])
def test_a_quarantine_file_that_cannot_be_written_is_said_before_anything_is_imported(
    place: str, tmp_path: Path
) -> None:
    (tmp_path / "taken").mkdir()
    file_of(tmp_path, GOOD)
    done = call(tmp_path, "--contracts", "data.csv", "--quarantine", place)
    assert (done.returncode, done.stdout) == (73, "")
    assert f"error[cannot-write] {place}: " in done.stderr
    assert not (tmp_path / "store.db").exists()


def test_the_quarantine_file_can_lie_elsewhere(tmp_path: Path) -> None:
    file_of(tmp_path, GOOD + "A3,cheap,,,z\n")
    assert call(tmp_path, "--contracts", "data.csv", "--quarantine", "bad.csv").returncode == 65
    assert (tmp_path / "bad.csv").read_text().count("\n") == 2
    assert not (tmp_path / "data.quarantine.csv").exists()


def test_a_second_import_replaces_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    file_of(tmp_path, GOOD)
    call(tmp_path, "--contracts", "data.csv")
    file_of(tmp_path, "id,price,since,usage,plan\nA2,12.00,,,y\nA3,13.00,,,y\n")
    assert call(tmp_path, "--contracts", "data.csv").returncode == 0
    prices = {name: facts["price_cents"] for name, (facts, _) in stored(tmp_path).items()}
    assert prices == {"A1": 1790, "A2": 1200, "A3": 1300}


REFUSED = {
    "a file that is not there": (None, 66, "data.csv"),
    "a file without its columns": ("id,price\nA1,1\n", 65, "error[missing-column] data.csv:1"),
    "a quote that does not close": (GOOD + 'A3,1,,,"x\n', 65, "error[unclosed-quote] data.csv:4"),
    "an empty file": ("", 65, "error[empty-file] data.csv:1"),
}


@pytest.mark.parametrize("title", REFUSED)
def test_nothing_is_imported_from(title: str, tmp_path: Path) -> None:
    content, code, said = REFUSED[title]
    if content is not None:
        file_of(tmp_path, content)
    done = call(tmp_path, "--contracts", "data.csv")
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "store.db").exists()


def test_a_directory_is_no_file_of_contracts(tmp_path: Path) -> None:
    (tmp_path / "data.csv").mkdir()
    assert call(tmp_path, "--contracts", "data.csv").returncode == 66


def test_without_a_file_it_says_how_to_name_one(tmp_path: Path) -> None:
    done = call(tmp_path)
    assert done.returncode == 64
    assert "--contracts FILE" in done.stderr
