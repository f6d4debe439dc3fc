"""Reports of which there is little to tell: nobody decided on, a customer erased, a list of an earlier report."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.rulebook import Rulebook
from ledger import writer
from ledger.followed import around, first_decisions
from ledger.promised import Period
from ledger.store import reading, writing
from tests.training.value.desk import LEAVES, MORNING, Customer, Desk, open_desk, with_control
from tests.training.value.test_report import run
from training.value.cohort import Cohort, Lookback, follow, gather

RULEBOOK = with_control("0.5")


@pytest.fixture
def desk(database: str) -> Iterator[Desk]:
    three = [Customer("C-1", treated=LEAVES, control=LEAVES), Customer("C-2"), Customer("C-3")]
    with open_desk(database, RULEBOOK, three, {}) as opened:
        for one in three:
            opened.serve(one)
        yield opened


def cohort_of(desk: Desk, rulebook: Rulebook = RULEBOOK) -> Cohort:
    cohort = Cohort(Period(MORNING.date(), MORNING.date(), MORNING.replace(year=2026).date()))
    day = MORNING.date().isoformat()
    with reading(desk.operator.service.store) as connection:
        for page in first_decisions(connection, day, day):
            gather(connection, page, cohort, lambda digest: {rulebook.digest: rulebook}[digest])
    return cohort


def test_the_erased_are_counted_and_nothing_else_is_told_of_them(desk: Desk) -> None:
    assert [one.ending for one in cohort_of(desk).followed] == ["left", "stayed", "stayed"]
    with writing(desk.operator.service.store) as connection:
        assert writer.erase(connection, "C-2", MORNING.replace(year=2025))
    cohort = cohort_of(desk)
    assert (cohort.gone, [one.ending for one in cohort.followed]) == (1, ["left", "stayed"])
    assert {one.decision_id for one in cohort.followed} == {desk.asked["C-1"], desk.asked["C-3"]}


def test_what_was_accepted_on_a_record_that_is_gone_cannot_be_told(desk: Desk) -> None:
    back = Lookback(MORNING.replace(year=2026).date(), lambda _: RULEBOOK)
    with reading(desk.operator.service.store) as connection:
        [[row, *_]] = first_decisions(connection, "2024-01-01", "2024-12-31")
        told = around(connection, [row.subject_id])[row.subject_id]
    without = SimpleNamespace(accepted_at=row.decided_at, record=None)
    assert follow(row, told, "discount", back) is not None
    assert follow(row, replace(told, acceptances=[without]), "discount", back) is None


def test_who_explored_counts_under_what_would_have_been_best(tmp_path: Path) -> None:
    some = [Customer(f"C-{n}", price_cents=1_490 + 300 * n, p_churn=0.4) for n in range(12)]
    exploring, best = with_control("0.2", explore="0.5"), {}
    with open_desk(f"sqlite:///{tmp_path}/best.db", with_control("0.0"), some, {}) as undrawn:
        for one in some:
            answer = undrawn.ask(one)
            best[one.name] = answer["offers"][0]["template"] if answer["offers"] else answer["stance"]
    with open_desk(f"sqlite:///{tmp_path}/drawn.db", exploring, some, {}) as desk:
        for one in some:
            desk.serve(one)
        followed = {one.decision_id: one for one in cohort_of(desk, exploring).followed}
    mine = {name: followed[asked] for name, asked in desk.asked.items()}
    assert {one.arm for one in mine.values()} == {"control", "explore", "best"}
    assert {name: one.best for name, one in mine.items()} == best
    assert any(one.offered_first != one.best for one in mine.values())
    assert {one.control for one in mine.values() if one.arm == "explore"} == {False}


def test_of_fewer_than_ten_customers_nothing_is_told(desk: Desk, tmp_path: Path) -> None:
    assert run(desk, tmp_path / "out").exit_code == 0
    told = json.loads((tmp_path / "out" / "report.json").read_text())
    assert told["earned"] is told["promises"] is None
    assert told["by_offer"] == told["service"]["exposures"] == told["cautions"] == []
    assert set(map(len, told["by"].values())) == {0}
    assert "nothing is told" in (tmp_path / "out" / "report.html").read_text()


def test_a_list_of_an_earlier_report_does_not_stay(desk: Desk, tmp_path: Path) -> None:
    old = tmp_path / "out" / "decisions" / "team-south.csv"
    old.parent.mkdir(parents=True)
    old.write_text("decision_id,side\n")
    assert run(desk, tmp_path / "out").exit_code == 0
    assert not old.exists()


def test_days_in_the_wrong_order_are_refused(desk: Desk, tmp_path: Path) -> None:
    done = run(desk, tmp_path / "out", "--until", "2024-02-01")
    assert done.exit_code != 0
    assert not (tmp_path / "out").exists()
