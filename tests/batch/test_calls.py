"""When and whom one may call, case by case, over the file door."""

import csv
import itertools
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from batch.deciding import Job
from batch.scoring import score_contracts
from intake.mapping import read_mapping
from intake.reading import Reading
from tests.batch.test_score_command import score
from tests.batch.world import ROOT, ignore
from tests.call_cases import CASES, RULEBOOKS, expected, facts_of, market_of, moment_of, title

MAPPING = """
format = 1
name = "calls"

[dialect]
separator = ","
decimal = "."
dates = "YYYY-MM-DD"

[facts]
contract_id = "contract_id"
price_cents = { column = "price_cents", unit = "cents incl. VAT" }
cost_to_serve_cents = { column = "cost_to_serve_cents", unit = "cents net" }
customer_since = "customer_since"
p_churn = "p_churn"
p_churn_window_months = "p_churn_window_months"
reason_for_contact = "reason_for_contact"
time_zone = "time_zone"
department = "department"
calls_made = "calls_made"
call_refused_on = "call_refused_on"
calls_consented_on = "calls_consented_on"
do_not_call = "do_not_call"
on_do_not_call_list = "on_do_not_call_list"
contract_ended_on = "contract_ended_on"
best_tariff_notice_on = "best_tariff_notice_on"
"""
COLUMNS = [line.split(" = ")[0] for line in MAPPING.split("[facts]")[1].strip().splitlines()]


def written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ";".join(value) if isinstance(value, tuple) else str(value)


def exported(path: Path, numbers: list[int]) -> Path:
    rows = [{name: written(value) for name, value in facts_of(CASES[number], number).items()} for number in numbers]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every case, decided in one run for each moment and market."""
    folder, found = tmp_path_factory.mktemp("calls"), {}
    (folder / "calls.toml").write_text(MAPPING)
    mapping = read_mapping(folder / "calls.toml")

    def run_of(number: int) -> tuple[str, str]:
        return market_of(CASES[number]), CASES[number]["at"]

    for (market, at), numbers in itertools.groupby(sorted(range(len(CASES)), key=run_of), key=run_of):
        listed = list(numbers)
        begins = moment_of(CASES[listed[0]])
        reading = Reading([exported(folder / "contracts.csv", listed)], mapping, begins.date())
        job = Job(None, RULEBOOKS[market], begins.date(), channel="phone_out", at=begins)
        out = folder / "offers.parquet"
        assert score_contracts(reading, job, out, ignore).quarantined == 0, (market, at)
        found.update({row["contract_id"]: row for row in pl.read_parquet(out).iter_rows(named=True)})
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: title(CASES[number]))
def test_when_and_whom_one_may_call(decided: dict[str, dict[str, Any]], number: int) -> None:
    row, call = decided[f"C-{number}"], expected(CASES[number])
    assert row["call_rules"] == (";".join(call["rules"]) or None)
    assert row["call_unchecked"] == (";".join(call["unchecked"]) or None)
    assert row["call_not_before"] == call["not_before"]
    assert (row["stance"], row["offer_id"] is None) == (("offer", False) if call["allowed"] else ("leave_alone", True))


def test_the_command_calls_everybody_at_one_minute(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(MAPPING)
    exported(tmp_path / "contracts.csv", [0])
    out = tmp_path / "offers.parquet"
    for at, rules in (("2026-07-10T09:59", "FR-CALL-H"), ("2026-07-10T10:00", None)):
        rulebook = ("--rulebook", ROOT / "rulebook")
        done = score(tmp_path, "--out", out, "--channel", "phone_out", "--at", at, *rulebook)
        assert done.returncode == 0, done.stderr
        assert ("1 not to be called" in done.stdout) == (rules is not None)
        assert pl.read_parquet(out)["call_rules"].to_list() == [rules]


def test_without_a_minute_the_output_says_from_when_each_may_be_called(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(MAPPING)
    exported(tmp_path / "contracts.csv", [0])
    done = score(tmp_path, "--out", tmp_path / "offers.parquet", "--as-of", "2026-07-12")
    assert done.returncode == 0, done.stderr
    row = pl.read_parquet(tmp_path / "offers.parquet").row(0, named=True)
    told = row["call_rules"], row["call_unchecked"], row["call_not_before"], row["call_time_zone"]
    assert told == (None, "FR-CALL-H", "2026-07-13T10:00", "Europe/Paris")


def test_a_day_and_a_minute_of_another_day_are_refused(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(MAPPING)
    exported(tmp_path / "contracts.csv", [0])
    days = ("--as-of", "2026-07-12", "--at", "2026-07-13T10:00")
    done = score(tmp_path, "--out", tmp_path / "offers.parquet", *days)
    assert (done.returncode, "the minute names its day" in done.stderr) == (64, True)


def test_places_and_days_that_do_not_exist_are_quarantined(tmp_path: Path) -> None:
    mapping = tmp_path / "calls.toml"
    mapping.write_text(MAPPING)
    good = {"contract_id": "C-1", "price_cents": "1790", "cost_to_serve_cents": "400"}
    bad = (
        {"time_zone": "Europe/Nowhere"},
        {"department": "99"},
        {"calls_made": "2026-07-01;soon"},
        {"calls_made": "2026-02-30"},
    )
    rows = [{**good, **one, "contract_id": f"C-{number}"} for number, one in enumerate(({}, *bad))]
    with (tmp_path / "contracts.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    day = moment_of(CASES[0])
    reading = Reading([tmp_path / "contracts.csv"], read_mapping(mapping), day.date())
    chunks = list(reading.chunks())
    assert [row.contract_id for chunk in chunks for row in chunk.bad] == ["C-1", "C-2", "C-3", "C-4"]
    assert [name for chunk in chunks for name in chunk.cases["contract_id"]] == ["C-0"]
