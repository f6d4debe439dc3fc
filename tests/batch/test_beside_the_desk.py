"""A batch beside the desk: what the desk has heard counts in it, and a row of it is contested there."""

import datetime
import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl
import pytest
from sqlalchemy import Engine, select

from batch.columns import OF_THE_ANSWER
from batch.deciding import decide_rows
from batch.heard import Heard
from engine.tables import Cases
from ledger import queries, writer
from ledger.snapshots import read_features, read_snapshots
from ledger.store import reading, writing
from ledger.tables import contracts
from tests.api.calls import Call, later
from tests.api.world import NOON, Operator, fill_store, make_operator
from tests.batch.test_score_command import score
from tests.batch.world import job, ordinary, small_rulebook, write_csv, write_mapping
from tests.engine.questions import customers

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
THE_DAY_AFTER = (NOON + datetime.timedelta(days=1)).astimezone(PARIS)
DIGEST = list(OF_THE_ANSWER).index("answer_sha256")

Said = list[tuple[str, dict[str, Any]]]
SAID: dict[str, Said] = {
    "an objection": [("objection", {})],
    "a fault": [("fault_opened", {"text": "no signal"})],
    "a fault that is repaired": [("fault_opened", {"text": "no signal"}), ("fault_closed", {})],
    "a complaint in public": [("public_complaint", {"where": "forum", "reach": 10})],
    "a port": [("port_requested", {})],
    "four calls that nobody answered": [("no_answer", {})] * 4,
    "a refusal in a call": [("call_refused", {})],
    "a refusal, and then a call back that was asked for": [("call_refused", {}), ("callback", {})],
    "no wish to be called": [("do_not_call", {})],
    "no wish to be called, and then consent": [("do_not_call", {}), ("calls_consented", {})],
}


@pytest.fixture
def operator(database: str) -> Iterator[Operator]:
    store = fill_store(database)
    yield make_operator(store, small_rulebook())
    store.dispose()


def in_a_file(store: Engine, contract_id: str) -> tuple[Cases, dict[str, Any]]:
    """A contract as an operator's file holds it: as it was imported."""
    with reading(store) as connection:
        row = connection.execute(select(contracts).where(contracts.c.contract_id == contract_id)).one()
    return read_snapshots([orjson.loads(row.facts)]), read_features([orjson.loads(row.features)])


def digest_in_batch(store: Engine, channel: str, contract_id: str = "C-1") -> str:
    cases, features = in_a_file(store, contract_id)
    cases, _ = Heard(store, "FR", THE_DAY_AFTER).overlay(cases)
    then = {"today": THE_DAY_AFTER.date(), "at": THE_DAY_AFTER, "channel": channel}
    [row] = decide_rows(job(release=None, **then), cases, features)
    return str(row[DIGEST])


def digest_on_record(store: Engine, decision_id: str) -> str:
    with reading(store) as connection:
        found = queries.find_decision(connection, decision_id)
    assert found is not None
    return str(orjson.loads(found.record)["outcome_digest"])


@pytest.mark.parametrize("channel", ["phone_in", "phone_out"])
@pytest.mark.parametrize("title", SAID)
def test_a_batch_decides_as_the_desk_does_after(operator: Operator, title: str, channel: str) -> None:
    for kind, more in SAID[title]:
        Call(operator).signal(kind, **more)
    store = operator.service.store
    decided = digest_in_batch(store, channel)
    asked = Call(later(operator, days=1), channel=channel).ask()
    assert decided == digest_on_record(store, asked["decision_id"])


def test_what_is_said_of_calls_on_one_line_counts_on_all_lines_of_the_customer(operator: Operator) -> None:
    store = operator.service.store
    other = {"contract_id": "C-2", "customer_id": "K-1", "p_churn": 0.4, "p_churn_window_months": 6}
    with writing(store) as connection:
        writer.save_contracts(connection, customers(other), {}, writer.Source("m" * 64, NOON.date()))
    Call(operator).signal("do_not_call")
    decided = digest_in_batch(store, "phone_out", "C-2")
    asked = Call(later(operator, days=1), contract_id="C-2", channel="phone_out").ask()
    assert asked["call"]["rules"] == ["HOUSE-DND"]
    assert decided == digest_on_record(store, asked["decision_id"])


def test_of_whom_nothing_was_heard_a_file_stays_as_it_is(operator: Operator) -> None:
    Call(operator).ask()
    cases, _ = in_a_file(operator.service.store, "C-1")
    same, heard_of = Heard(operator.service.store, "FR", THE_DAY_AFTER).overlay(cases)
    assert (same is cases, heard_of) == (True, 0)


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.long)])
def test_no_batch_scores_who_has_objected_at_the_desk(tmp_path: Path, jobs: int) -> None:
    database = f"sqlite:///{tmp_path}/store.db"
    operator = make_operator(fill_store(database), small_rulebook())
    Call(operator).signal("objection")
    operator.service.store.dispose()
    write_mapping(tmp_path)
    write_csv(tmp_path / "contracts.csv", [ordinary(1, p_churn="0.4"), ordinary(2, p_churn="0.4")])
    options = ("--out", tmp_path / "out.parquet", "--as-of", "2026-11-24", "--jobs", jobs)
    done = score(tmp_path, *options, environment={"COUNTEROFFER_DATABASE": database})
    assert done.returncode == 0, done.stderr
    assert "1 with what the desk has heard since" in done.stdout
    rows = pl.read_parquet(tmp_path / "out.parquet")
    assert rows["stance"].to_list() == ["standard_only", "offer"]
    assert rows["p_churn"].to_list() == [None, 0.4]
    assert np.count_nonzero(rows["p_accept"].is_null()) == 1


def test_a_row_of_a_batch_is_contested_through_the_decision_on_its_contract(operator: Operator) -> None:
    store = operator.service.store
    cases, features = in_a_file(store, "C-1")
    [row] = decide_rows(job(release=None, channel="phone_in"), cases, features)
    call = Call(operator)
    asked = call.ask()
    assert row[DIGEST] == digest_on_record(store, asked["decision_id"])
    door = f"/decision/{asked['decision_id']}"
    contest = call.post(f"{door}/contest", {"reason": "the list of 23 November"}).get_json()
    assert call.get(f"{door}/why").status_code == 200
    verdict = {"outcome": "changed", "note": "by hand"}
    settled = Call(operator, "supervisor").post(f"/contest/{contest['contest_id']}", verdict)
    assert (settled.status_code, settled.get_json()["outcome"]) == (200, "changed")
