"""`counteroffer score` as a person or a script runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from models.keys import signing_key
from models.registry import set_current
from models.store import CARD_DATA, CARD_PAGE, MODEL, golden_rows, model_bytes, write_release
from tests.batch.world import ROOT, drawn, ordinary, release, write_csv, write_mapping
from tests.commands.here import Said, call_here
from tests.models.learned import random_customers

COUNTEROFFER = Path(sys.executable).with_name("counteroffer")


def away_from_the_checkout(folder: Path) -> dict[str, str]:
    """The settings under which nothing is in force and no release served, whatever `make run` has left in var/."""
    return {"COUNTEROFFER_DATABASE": f"sqlite:///{folder}/no-store.db", "COUNTEROFFER_KEYS": f"{folder}/no-keys"}


def settings(folder: Path, environment: dict[str, str] | None) -> dict[str, str]:
    return {**away_from_the_checkout(folder), "COUNTEROFFER_RELEASES": "none", **(environment or {})}


def asked(folder: Path, *more: object) -> list[object]:
    return ["score", "--contracts", folder / "contracts.csv", "--mapping", folder / "small.toml", *more]


def score(folder: Path, *more: object, environment: dict[str, str] | None = None) -> Said:
    """The verb over `folder/contracts.csv` without a model, unless told otherwise."""
    return call_here(*asked(folder, *more), folder=ROOT, **settings(folder, environment))


def score_in_a_process(folder: Path, *more: object) -> subprocess.CompletedProcess[str]:
    """The same as a person's shell starts it."""
    command = [COUNTEROFFER, *map(str, asked(folder, *more))]
    env = {**os.environ, **settings(folder, None)}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_mapping(tmp_path)
    write_csv(tmp_path / "contracts.csv", [ordinary(1), ordinary(2)])
    return tmp_path


def test_a_clean_file_leaves_with_0_and_a_summary(folder: Path) -> None:
    done = score(folder, "--out", folder / "out.csv", "--as-of", "2026-11-23")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 rows: 2 decided, 0 quarantined, 2 decided without a known chance of leaving\n")
    assert "decided on 2026-11-23, model none" in done.stdout


def test_bad_rows_leave_with_65_and_name_their_file_while_good_rows_are_done(folder: Path) -> None:
    write_csv(folder / "contracts.csv", [ordinary(1), ordinary(2, price="dear")])
    done = score_in_a_process(folder, "--out", folder / "out.parquet", "--json")
    assert done.returncode == 65
    told = json.loads(done.stdout)
    assert (told["rows"], told["decided"], told["quarantined"], told["not_due"]) == (2, 1, 1, 0)
    assert json.loads(done.stderr.splitlines()[-1])["code"] == "quarantined"
    assert told["quarantine"] == f"{folder}/out.parquet.quarantine.csv"
    assert Path(told["quarantine"]).read_text().splitlines()[1].startswith("3,C-2,price,")
    assert pl.read_parquet(folder / "out.parquet").height == 1


def test_contracts_that_are_not_due_are_counted(folder: Path) -> None:
    write_csv(folder / "contracts.csv", [ordinary(1), ordinary(2, ends="2028-01-01")])
    done = score(folder, "--out", folder / "out.csv", "--as-of", "2026-11-23", "--ends-within", "60")
    assert done.returncode == 0
    first = "2 rows: 1 decided, 0 quarantined, 1 left out: no commitment that ends within 60 days"
    assert done.stdout.startswith(first)


def test_the_release_that_serves_is_pinned_and_scores(folder: Path) -> None:
    made = release()
    customers = random_customers(made.churn, 5, seed=1)
    manifest = {"window_months": 6, "golden": golden_rows(made.churn, customers)}
    files = {MODEL: model_bytes(made.churn), CARD_DATA: b"{}", CARD_PAGE: b""}
    written = write_release(folder / "releases", "small", files, manifest, signing_key(folder / "keys"))
    set_current(folder / "releases", folder / "keys", written.name, "a test", "2026-11-23T11:00:00Z")
    write_csv(folder / "contracts.csv", drawn(20, 1))
    places = {"COUNTEROFFER_RELEASES": str(folder / "releases"), "COUNTEROFFER_KEYS": str(folder / "keys")}
    for name, more in (("a.csv", []), ("b.csv", ["--release", written]), ("c.csv", ["--keys", folder / "keys"])):
        environment = {**places, "COUNTEROFFER_KEYS": "nowhere"} if name == "c.csv" else places
        done = score(folder, "--out", folder / name, "--as-of", "2026-11-23", *more, environment=environment)
        assert done.returncode == 0, done.stderr
    frame = pl.read_csv(folder / "a.csv")
    assert set(frame["model_version"]) == {written.name}
    assert "model" in set(frame["p_churn_source"])
    assert (folder / "a.csv").read_bytes() == (folder / "b.csv").read_bytes() == (folder / "c.csv").read_bytes()


def test_without_a_release_it_says_how_to_get_one_or_do_without(folder: Path) -> None:
    empty = {"COUNTEROFFER_RELEASES": str(folder / "releases")}
    done = score(folder, "--out", folder / "out.csv", environment=empty)
    assert done.returncode == 66
    assert done.stderr == (
        f"error[no-input] {folder}/releases/registry.json: no release is set; "
        "train one with --current, name one with --release DIR, or do without with --release none\n"
    )
    assert score(folder, "--out", folder / "out.csv", "--release", "none", environment=empty).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--out", "{folder}/out.xlsx"], 64, "error[usage] --out: out.xlsx; expected a name that ends with"),
        (["--out", "{folder}/contracts.csv"], 64, "error[usage] --out: {folder}/contracts.csv is also read"),
        (["--out", "{folder}/none/out.csv"], 73, "error[cannot-write] {folder}/none/out.csv: there is no folder"),
        (["--out", "{folder}"], 64, "error[usage] --out: "),
        (["--out", "{folder}/o.csv", "--contracts", "nowhere.csv"], 65, "error[wrong-files] small.toml:1: 2 files"),
        (["--out", "{folder}/o.csv", "--mapping", "{folder}/no.toml"], 66, "error[system] {folder}/no.toml: No such"),
        (["--out", "{folder}/o.csv", "--release", "{folder}"], 66, "error[no-input] {folder}/keys/"),
        (["--out", "{folder}/o.csv", "--rulebook", "{folder}/no"], 66, "error[no-input] {folder}/no: there is no such"),
        (["--out", "{folder}/o.csv", "--as-of", "yesterday"], 64, "error[usage] counteroffer score: Invalid value"),
        (["--out", "{folder}/o.csv", "--ends-within", "-1"], 64, "error[usage] counteroffer score: Invalid value"),
        (["--out", "{folder}/o.csv", "--as-of", "2013-12-31"], 65, "error["),
        ([], 64, "error[usage] counteroffer score: Missing option '--out'"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_written(
    folder: Path, arguments: list[str], code: int, said: str
) -> None:
    before = {one.name: one.read_bytes() for one in folder.iterdir()}
    keys = {"COUNTEROFFER_KEYS": f"{folder}/keys"}
    done = score(folder, *[argument.format(folder=folder) for argument in arguments], environment=keys)
    assert done.returncode == code, done.stderr
    assert any(line.startswith(said.format(folder=folder)) for line in done.stderr.splitlines()), done.stderr
    assert "Traceback" not in done.stderr
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == before


def test_a_missing_file_of_contracts_leaves_with_66(folder: Path) -> None:
    (folder / "contracts.csv").unlink()
    done = score(folder, "--out", folder / "out.csv")
    assert done.returncode == 66
    assert done.stderr.count("\n") == 1


def test_a_full_disk_leaves_no_half_file(folder: Path) -> None:
    write_csv(folder / "contracts.csv", drawn(300, 2))
    for name in ("out.csv", "out.parquet"):
        command = f"ulimit -f 8; exec {COUNTEROFFER} score --contracts {folder}/contracts.csv"
        rest = f"--mapping {folder}/small.toml --release none --out {folder}/{name}"
        done = subprocess.run(
            ["/bin/bash", "-c", f"{command} {rest}"],
            cwd=ROOT,
            env={**os.environ, **away_from_the_checkout(folder)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 73, done.stderr
        assert "Traceback" not in done.stderr
    assert {one.name for one in folder.iterdir()} == {"contracts.csv", "small.toml"}


@pytest.mark.parametrize("day", ["9999-12-31", "1999-12-31"])
def test_a_day_that_no_rulebook_knows_is_a_usage_error(folder: Path, day: str) -> None:
    done = score(folder, "--out", folder / "out.csv", "--as-of", day)
    assert done.returncode == 64
    assert "outside the years 2000 to 2199" in done.stderr
    assert "Traceback" not in done.stderr
