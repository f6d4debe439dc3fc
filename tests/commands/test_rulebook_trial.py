"""What a rulebook would do, before it is in force: differences, coverage, and a trial on what was decided."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from ledger.store import writing
from ledger.tables import bodies
from tests.api.world import NOON
from tests.commands.caller import BERT, WHY
from tests.commands.manager import Manager, at_the_command_line

DAY = NOON.date().isoformat()
WISH = {"device": "galaxy-a17", "max_commitment_months": 12}


@pytest.fixture
def manager(database: str, tmp_path: Path) -> Iterator[Manager]:
    with at_the_command_line(database, tmp_path / "rulebook") as found:
        yield found


def ask_everybody(manager: Manager) -> None:
    for contract_id in ("C-1", "C-fault", "C-objects"):
        manager.ask(contract_id)
    manager.ask("C-wish", wants=WISH)


def tried(manager: Manager, *more: str) -> Any:
    return manager.said("try", "--rulebook", str(manager.folder), "--since", DAY, *more)


def test_a_difference_is_a_sentence_in_the_language_of_who_reads_it(manager: Manager) -> None:
    manager.set_number("floor_cents_24", "4_000")
    said = [manager.call("diff", "active", str(manager.folder), "--language", lang).stdout for lang in ("en", "fr")]
    assert said == [
        "policy.toml: floor_cents_24 was €36.00, becomes €40.00, from 1 January 2020 on\n",
        "policy.toml : floor_cents_24 était 36,00\u00a0€, devient 40,00\u00a0€, à partir du 1er janvier 2020\n",
    ]


def test_a_rulebook_is_compared_with_itself_by_digest(manager: Manager) -> None:
    assert manager.in_force is not None
    found = manager.call("diff", manager.in_force[:8], "active", "--language", "nl")
    assert found.stdout == "Beide zeggen hetzelfde.\n"
    assert manager.faults("diff", "0" * 12, "active") == [("no-input", "0" * 12)]
    assert manager.faults("diff", "nowhere", "active") == [("no-input", "nowhere")]


def test_the_same_rulebook_changes_nothing(manager: Manager) -> None:
    ask_everybody(manager)
    found = tried(manager)
    assert (found["asked"], found["changed"], found["other_offer"]) == (4, 0, 0)
    assert found["before"] == found["after"]
    assert found["before"]["offered"] == 3
    assert sum(group["asked"] for group in found["tenure_months"].values()) == 4
    assert found["tenure_months"]["120+"]["asked"] == 1
    assert {name: group["asked"] for name, group in found["language"].items()} == {"fr": 4}


def test_a_floor_nobody_reaches_takes_every_offer_away(manager: Manager) -> None:
    ask_everybody(manager)
    for months in (0, 12, 24):
        manager.set_number(f"floor_cents_{months}", "900_000")
    found = tried(manager)
    assert found["after"] == {
        "offered": 0,
        "secured_cents": 0,
        "concession_cents": 0,
        "value_cents": 0,
        "expected_acceptances": 0.0,
    }
    assert found["changed"] == 3
    assert {move["after"] for move in found["moves"]} == {"none"}
    assert len(found["examples"]) == 3


def test_the_report_is_one_page_with_pictures_and_names_nobody(manager: Manager, tmp_path: Path) -> None:
    ask_everybody(manager)
    manager.set_number("floor_cents_24", "20_000")
    found = tried(manager, "--out", str(tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.count("<svg") == 4
    assert not any(fetched in page for fetched in ("src=", 'href="http', "url(http", "@import", "<script"))
    assert not any(name in page for name in ("C-1", "C-wish", "K-1"))
    assert str(found["changed"]) in page
    assert "Each decision stands alone" in page


def test_what_is_announced_is_tried_as_of_its_day(manager: Manager, tmp_path: Path) -> None:
    ask_everybody(manager)
    manager.edit(
        "policy.toml",
        r"(\[floor_cents_0\]\n.*?value = -1_000 \})",
        r"\1, { from = 2098-01-01, value = 900_000 }",
    )
    manager.set_number("floor_cents_12", "900_000")
    manager.set_number("floor_cents_24", "900_000")
    today = tried(manager)
    announced = tried(manager, "--as-of", "2098-01-01", "--out", str(tmp_path / "report.html"))
    assert (today["as_of"], announced["as_of"]) == (None, "2098-01-01")
    assert "2098-01-01" in announced["changes_ahead"]
    assert today["after"]["offered"] > announced["after"]["offered"] == 0
    assert announced["before"]["offered"] > 0
    assert "as of 2098-01-01" in (tmp_path / "report.html").read_text("utf-8")


def test_where_the_report_cannot_be_written_nothing_is_tried(manager: Manager, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere" / "report.html")
    said = ("try", "--rulebook", "active", "--since", DAY, "--out", nowhere)
    assert manager.faults(*said) == [("cannot-write", nowhere)]


def test_a_trial_of_no_decisions_is_a_page_all_the_same(manager: Manager, tmp_path: Path) -> None:
    found = tried(manager, "--out", str(tmp_path / "report.html"))
    assert found["asked"] == 0
    assert (tmp_path / "report.html").exists()


def test_decisions_before_the_day_are_left_out(manager: Manager) -> None:
    ask_everybody(manager)
    assert manager.said("try", "--rulebook", "active", "--since", "2026-11-24")["asked"] == 0


def test_a_record_that_was_tampered_with_ends_the_trial(manager: Manager) -> None:
    answer = manager.ask()
    with writing(manager.operator.service.store) as connection:
        other = json.dumps({**answer, "stance": "leave_alone"}).encode()
        connection.execute(update(bodies).where(bodies.c.answer.is_not(None)).values(answer=other))
    assert manager.faults("try", "--rulebook", "active", "--since", DAY) == [("replay-differs", answer["decision_id"])]


def test_each_decision_is_first_taken_again_under_the_rulebook_that_took_it(manager: Manager) -> None:
    manager.ask()
    manager.set_number("rulebook_impact_share", "1.0")
    manager.activate()
    manager.set_number("floor_cents_12", "20_000")
    manager.set_number("floor_cents_24", "20_000")
    manager.activate()
    manager.ask("C-wish")
    manager.said("rollback", "--by", BERT, "--note", WHY)
    found = manager.said("try", "--rulebook", "active", "--since", DAY)
    assert (found["asked"], found["changed"]) == (2, 1)


def test_coverage_counts_what_each_rule_refuses_on_record(manager: Manager) -> None:
    ask_everybody(manager)
    found = manager.said("coverage", "--ledger")
    rules = {row["rule"]: row for row in found["rules"]}
    assert found["asked"] == 4
    assert rules["HOUSE-REPAIR-FIRST"]["customers"] == 1
    assert rules["GDPR-21"]["customers"] == 1
    assert "FR-MAX24" in found["never"]
    assert found["elsewhere"] == ["BE-DNCM", "BE-24", "BE-VOID"]
    assert not {*found["never"]} & {*found["elsewhere"]}
    assert rules["BE-24"]["candidates"] == 0
    assert all(row["alone"] <= row["candidates"] == sum(row["offers"].values()) for row in found["rules"])


@pytest.mark.parametrize("arguments", [[], ["--ledger", "--data", "x.csv"], ["--data", "x.csv"], ["--mapping", "x"]])
def test_coverage_wants_a_file_with_its_mapping_or_the_ledger(manager: Manager, arguments: list[str]) -> None:
    done = manager.call("coverage", *arguments)
    assert done.exit_code == 2
    assert "--ledger, or --data FILE and --mapping FILE" in done.output
