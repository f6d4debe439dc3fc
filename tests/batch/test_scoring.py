"""Every row read is decided, not due, or quarantined; the day and the versions stand in every row."""

import csv
import datetime
import errno
import os
from collections.abc import Iterable
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from batch.scoring import Tally, quarantine_of, score_contracts
from engine.errors import Faults
from intake.mapping import read_mapping
from intake.reading import Reading
from models.store import Release
from tests.batch.world import DATA, ROOT, TODAY, ignore, job, open_small, ordinary, small_rulebook, write_csv

DIRTY = [
    ordinary(1),
    ordinary(2, price="dear"),
    ordinary(3, since="2026-02-30", price=""),
    ordinary(4)[:-1],
    ordinary(5, contract="=cmd()"),
    ordinary(1, price="9.90"),
    ordinary(6, objects="perhaps"),
    ordinary(7, p_churn="1.5"),
    ordinary(8),
]


def decided(tmp_path: Path, rows: Iterable[Iterable[Any]], **changes: Any) -> tuple[pl.DataFrame, Tally]:
    out = tmp_path / "out.parquet"
    source, mapping = open_small(write_csv(tmp_path / "contracts.csv", rows), tmp_path)
    tally = score_contracts(source, job(assumptions=mapping.carried, **changes), out, ignore)
    return pl.read_parquet(out), tally


def quarantined(tmp_path: Path) -> list[dict[str, str]]:
    with quarantine_of(tmp_path / "out.parquet").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_bad_rows_are_quarantined_with_line_contract_column_and_reason_and_good_rows_are_done(tmp_path: Path) -> None:
    frame, tally = decided(tmp_path, DIRTY)
    assert frame["contract_id"].to_list() == ["C-1", "C-8"]
    assert (tally.rows, tally.decided, tally.quarantined, tally.not_due) == (9, 2, 7, 0)
    bad = quarantined(tmp_path)
    assert [(row["line"], row["contract_id"], row["column"]) for row in bad] == [
        ("3", "C-2", "price"),
        ("4", "C-3", "price"),
        ("5", "", ""),
        ("6", "", "contract"),
        ("7", "C-1", "contract_id"),
        ("8", "C-6", "objects"),
        ("9", "C-7", "p_churn"),
    ]
    assert "dear" in bad[0]["reason"]
    assert "since" in bad[1]["reason"]
    assert bad[2]["reason"] == "15 cells where the header has 16"
    assert "already on line 2" in bad[4]["reason"]


@pytest.mark.parametrize("chunk_rows", [1, 2, 3, 100])
def test_the_accounts_are_the_same_for_every_chunking(tmp_path: Path, chunk_rows: int) -> None:
    source, _ = open_small(write_csv(tmp_path / "contracts.csv", DIRTY), tmp_path)
    tally = score_contracts(source, job(), tmp_path / "out.parquet", ignore, chunk_rows)
    assert (tally.rows, tally.decided, tally.quarantined) == (9, 2, 7)
    assert [row["line"] for row in quarantined(tmp_path)] == ["3", "4", "5", "6", "7", "8", "9"]


def test_a_file_without_a_good_row_gives_a_table_without_rows(tmp_path: Path) -> None:
    frame, tally = decided(tmp_path, [ordinary(1, price="dear")])
    assert (frame.height, tally.quarantined) == (0, 1)


def test_a_clean_run_empties_the_quarantine_of_the_run_before(tmp_path: Path) -> None:
    decided(tmp_path, DIRTY)
    decided(tmp_path, [ordinary(1)])
    assert quarantined(tmp_path) == []


def test_the_day_and_every_version_stand_in_every_row(tmp_path: Path) -> None:
    frame, _ = decided(tmp_path, [ordinary(1), ordinary(2, fault="no signal"), ordinary(3, objects="yes")])
    assert frame["decided_on"].to_list() == [datetime.date(2026, 11, 23)] * 3
    assert frame["model_version"].to_list() == ["random-1"] * 3
    assert frame["rulebook_digest"].to_list() == [small_rulebook().digest] * 3
    assert frame["engine_version"].to_list() == ["0.1.0"] * 3
    assert '"about":"cost_to_serve_cents","assumed":400' in frame["assumptions"][2]


def test_a_stored_score_of_who_objects_to_profiling_changes_nothing(tmp_path: Path) -> None:
    with_score, _ = decided(tmp_path, [ordinary(3, objects="yes", p_churn="0.9")])
    without, _ = decided(tmp_path, [ordinary(3, objects="yes", p_churn="")])
    assert with_score.equals(without)
    assert with_score["p_churn"].to_list() == [None]


def test_another_day_is_another_answer(tmp_path: Path) -> None:
    late, _ = decided(tmp_path, [ordinary(1)], today=datetime.date(2027, 6, 1))
    assert late["decided_on"].to_list() == [datetime.date(2027, 6, 1)]
    assert late["commitment_ends_on"][0] is None or late["commitment_ends_on"][0] >= datetime.date(2027, 6, 1)


def test_of_who_objected_no_chance_is_computed_and_a_fault_is_repaired_first(tmp_path: Path) -> None:
    rows = [ordinary(1, objects="yes", p_churn="0.4"), ordinary(2, fault="no signal", p_churn="0.4"), ordinary(3)]
    frame, tally = decided(tmp_path, rows)
    assert frame["stance"].to_list()[:2] == ["standard_only", "repair_first"]
    assert frame["p_churn"].to_list()[:2] == [None, 0.4]
    assert frame["p_churn_window_months"].to_list() == [None, "unknown", "6"]
    assert frame["p_churn_source"].to_list() == [None, "stored", "model"]
    assert frame["repair"].to_list()[1] == "no signal"
    assert frame["offer_id"][1] is None
    assert tally.degraded == 0


def test_without_a_release_a_row_says_that_its_chance_is_assumed(tmp_path: Path) -> None:
    frame, tally = decided(tmp_path, [ordinary(1), ordinary(2, p_churn="0.4")], release=None)
    assert frame["degraded"].to_list() == ["p_churn;no-release", None]
    assert frame["model_version"].to_list() == ["none", "none"]
    assert tally.degraded == 1


class Failing:
    """A model that raises for whoever has cable."""

    def probability(self, features: Any) -> Any:
        if "cable" in features["c0"]:
            raise ZeroDivisionError
        return np.full(len(features["c0"]), 0.25)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_model_that_fails_degrades_the_rows_it_fails_on_and_the_run_goes_on(tmp_path: Path, processes: int) -> None:
    rows = [ordinary(1), ordinary(2, c0="cable"), ordinary(3, c0="cable", p_churn="0.4"), ordinary(4)]
    failing = Release("failing", 6, Failing(), {})  # type: ignore[arg-type]
    frame, tally = decided(tmp_path, rows, release=failing, processes=processes)
    assert frame["degraded"].to_list() == [None, "p_churn;score-failed", None, None]
    assert frame["p_churn_source"].to_list() == ["model", "assumed", "stored", "model"]
    assert tally.degraded == 1


def test_an_offer_over_12_months_names_its_twin_and_every_offer_who_has_to_approve(tmp_path: Path) -> None:
    wishes = [{"price": str(price), "device": device} for price in (9, 20, 45) for device in ("", "galaxy-s25")]
    frame, _ = decided(tmp_path, [ordinary(number, **wish) for number, wish in enumerate(wishes)])
    over = (frame["commitment_months"] > 12).to_list()
    assert True in over
    assert [twin is not None for twin in frame["twin_offer_id"]] == [bool(one) for one in over]
    assert [twin is not None for twin in frame["twin_top_up_cents"]] == [bool(one) for one in over]
    offered = frame.filter(pl.col("offer_id").is_not_null())
    expected = ["agent" not in roles.split(";") for roles in offered["may_approve"]]
    assert offered["needs_approval"].to_list() == expected
    assert frame.filter(pl.col("offer_id").is_null())["needs_approval"].null_count() == len(frame) - len(offered)


def full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("name", "broken"),
    [("out.parquet", (pl.LazyFrame, "sink_parquet")), ("out.parquet", (os, "fsync")), ("out.csv", (os, "fsync"))],
)
def test_a_disk_that_is_full_at_the_end_leaves_output_and_quarantine_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, broken: tuple[Any, str]
) -> None:
    out = tmp_path / name
    source, _ = open_small(write_csv(tmp_path / "contracts.csv", DIRTY), tmp_path)
    for path in (out, quarantine_of(out)):
        path.write_text("old")
    monkeypatch.setattr(*broken, full)
    with pytest.raises(OSError, match="No space left"):
        score_contracts(source, job(), out, ignore)
    assert (out.read_text(), quarantine_of(out).read_text()) == ("old", "old")
    assert {one.name for one in tmp_path.iterdir()} == {
        "contracts.csv",
        "small.toml",
        out.name,
        quarantine_of(out).name,
    }


def test_customers_are_spoken_to_in_their_language_and_agents_in_french(tmp_path: Path) -> None:
    rows = [ordinary(n, language=language, price="49.90") for n, language in enumerate(("fr", "nl", "en"))]
    frame, _ = decided(tmp_path, rows)
    starts = [sentence.split()[0] for sentence in frame["sentence_for_customer"]]
    assert starts == ["Nous", "Wij", "We"]
    assert {sentence.split()[0] for sentence in frame["sentence_for_agent"]} == {"Proposez"}


@pytest.mark.parametrize(
    ("ends", "days", "due"),
    [
        ("2026-11-22", 30, False),
        ("2026-11-23", 0, True),
        ("2026-11-24", 0, False),
        ("2026-12-23", 30, True),
        ("2026-12-24", 30, False),
        ("", 30, False),
    ],
)
def test_only_commitments_that_end_within_so_many_days_are_decided(
    tmp_path: Path, ends: str, days: int, due: bool
) -> None:
    rows = [ordinary(1, ends=ends), ordinary(2, ends="2026-11-23"), ordinary(3, price="dear")]
    frame, tally = decided(tmp_path, rows, ends_within_days=days)
    assert frame["contract_id"].to_list() == (["C-1", "C-2"] if due else ["C-2"])
    assert (tally.rows, tally.quarantined, tally.not_due) == (3, 1, 0 if due else 1)


def test_a_file_that_grows_while_it_is_read_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "contracts.csv", [ordinary(1)])
    source, _ = open_small(path, tmp_path)
    write_csv(path, [ordinary(1), ordinary(2)])
    with pytest.raises(Faults) as refused:
        score_contracts(source, job(), tmp_path / "out.csv", ignore)
    assert [fault.code for fault in refused.value.faults] == ["file-changed"]
    assert {one.name for one in tmp_path.iterdir()} == {"contracts.csv", "small.toml"}


def test_a_process_that_is_lost_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    source, _ = open_small(write_csv(tmp_path / "contracts.csv", [ordinary(n) for n in range(300)]), tmp_path)

    def lose_one(done: int) -> None:
        active_children()[0].kill()

    with pytest.raises(Faults) as refused:
        score_contracts(source, job(processes=2), tmp_path / "out.csv", lose_one, 140)
    assert [fault.code for fault in refused.value.faults] == ["process-lost"]
    assert {one.name for one in tmp_path.iterdir()} == {"contracts.csv", "small.toml"}


def test_real_customers_are_decided_without_a_label(tmp_path: Path) -> None:
    mapping = read_mapping(ROOT / "mappings/telco_ibm.toml")
    source = Reading([DATA / "telco_ibm.csv.gz"], mapping, TODAY)
    done: list[int] = []
    within = job(ends_within_days=31, release=None)
    tally = score_contracts(source, within, tmp_path / "out.csv", done.append)
    assert (tally.rows, tally.quarantined) == (7_043, 0)
    assert 0 < tally.decided < tally.not_due
    assert done == sorted(done)
    assert done[-1] == 7_043
