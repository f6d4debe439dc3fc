"""`counteroffer bands` counts what customers get by tenure."""

import json
from pathlib import Path

import polars as pl
import pytest

from batch.bands import BANDS, by_tenure
from tests.batch.test_score_command import score
from tests.batch.world import ordinary, write_csv, write_mapping
from tests.commands.here import call_here


@pytest.fixture
def decided(tmp_path: Path) -> Path:
    write_mapping(tmp_path)
    since = ("2026-06-23", "2025-11-24", "2025-11-23", "2021-11-23", "2006-01-01", "")
    write_csv(tmp_path / "contracts.csv", [ordinary(number, since=day) for number, day in enumerate(since)])
    done = score(tmp_path, "--out", tmp_path / "out.parquet", "--as-of", "2026-11-23")
    assert done.returncode == 0, done.stderr
    return tmp_path / "out.parquet"


def test_every_customer_stands_in_one_band_and_dues_are_counted_apart(decided: Path) -> None:
    told = {row["tenure"]: row for row in by_tenure(decided).to_dicts()}
    assert {name: row["customers"] for name, row in told.items()} == {
        "under 1 year": 2,
        "1 year": 1,
        "5 to 9 years": 1,
        "10 years and more": 1,
        "unknown": 1,
    }
    rows = pl.read_parquet(decided).to_dicts()
    oldest = next(row for row in rows if row["tenure_months"] and row["tenure_months"] >= 120)
    assert oldest["entitlements"].split(";")[1:] == ["loyalty-2-years.0m.data_5gb", "loyalty-5-years.0m.credit500"]
    assert oldest["dues_cents"] == told["10 years and more"]["mean_dues_cents"] == 12 * 250 + 6 * 60 + 417
    assert told["under 1 year"]["mean_dues_cents"] == 12 * 250
    assert sum(row["with_an_offer"] for row in told.values()) == sum(row["offer_id"] is not None for row in rows)


def test_bands_begin_where_they_say() -> None:
    assert list(BANDS.values()) == sorted(set(BANDS.values()))


@pytest.mark.parametrize(("name", "exits"), [("out.txt", 64), ("none.csv", 66), ("other.csv", 65)])
def test_a_file_that_score_did_not_write_is_refused(tmp_path: Path, name: str, exits: int) -> None:
    (tmp_path / "out.txt").write_text("x")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    done = call_here("bands", tmp_path / name)
    assert (done.returncode, done.stdout) == (exits, "")
    assert done.stderr.startswith("error[")
    assert len(done.stderr.splitlines()) == 1


def test_the_figures_are_told_as_one_object(decided: Path) -> None:
    done = call_here("bands", decided, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["bands"] == by_tenure(decided).to_dicts()
