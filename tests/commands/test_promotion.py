"""The life of a release on the command line: proposed, approved, serving, rolled back; gates, and who may pass them."""

import itertools
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.rulebook import Rulebook
from intake.rulebook import read_rulebook
from tests.api.world import ROOT, fill_store, make_operator
from tests.commands.caller import ANNE, BERT, WHY
from tests.commands.promoter import Promoter, noise
from tests.training.made_up import made_up_rows
from training.governance.gates import FILE, read_limits

pytestmark = pytest.mark.long

ROWS = made_up_rows(6_000, 1)


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return read_rulebook(ROOT / "rulebook")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, rulebook: Rulebook) -> tuple[Path, str, str, str]:
    """Releases trained once: the first, a good second, and one that learned nothing."""
    folder = tmp_path_factory.mktemp("trained")
    promoter = Promoter(make_operator(fill_store(f"sqlite:///{folder}/store.db"), rulebook), "sqlite://", folder)
    first = promoter.train(made_up_rows(3_000, 2))
    promoter.serve(first)
    return folder, first, promoter.train(ROWS), promoter.train(noise(ROWS, 3), left_out=4_000)


@pytest.fixture
def promoter(
    database: str, tmp_path: Path, rulebook: Rulebook, trained: tuple[Path, str, str, str]
) -> Iterator[Promoter]:
    for name in ("releases", "keys"):
        shutil.copytree(trained[0] / name, tmp_path / name)
    store = fill_store(database)
    yield Promoter(make_operator(store, rulebook), database, tmp_path)
    store.dispose()


@pytest.fixture
def first(trained: tuple[Path, str, str, str]) -> str:
    return trained[1]


@pytest.fixture
def second(trained: tuple[Path, str, str, str]) -> str:
    return trained[2]


@pytest.fixture
def bad(trained: tuple[Path, str, str, str]) -> str:
    return trained[3]


def approve(version: str, by: str = BERT) -> list[str]:
    return ["promote", version, "--approve", "--by", by]


def test_one_proposes_another_approves_and_the_service_follows_without_a_restart(
    promoter: Promoter, first: str, second: str
) -> None:
    assert promoter.ask()["versions"]["model"] == first
    assert promoter.propose(second) == [("needs-approval", second)]
    assert promoter.operator.client.get("/ready").json["release"] == first
    assert promoter.said(*approve(second))["state"] == "serves"
    assert promoter.operator.client.get("/ready").json["release"] == second
    assert promoter.ask("C-wish")["versions"]["model"] in (first, second)  # the same question is the same decision


def test_one_command_puts_the_release_before_back(promoter: Promoter, first: str, second: str) -> None:
    promoter.propose(second)
    promoter.said(*approve(second))
    assert promoter.said("rollback", "--by", BERT, "--note", WHY)["version"] == first
    assert promoter.operator.client.get("/ready").json["release"] == first
    assert promoter.faults("rollback", "--by", BERT, "--note", WHY) == [("no-input", "registry")]
    assert (promoter.releases / second / "model.joblib").exists()


@pytest.mark.parametrize(("proposer_forces", "approver_forces"), list(itertools.product((False, True), repeat=2)))
def test_what_fails_a_gate_serves_only_if_both_say_so(
    promoter: Promoter, first: str, bad: str, proposer_forces: bool, approver_forces: bool
) -> None:
    force = {True: ("--force",), False: ()}
    proposed = promoter.propose(bad, *force[proposer_forces])
    if proposer_forces:
        assert proposed == [("needs-approval", bad)]
        done = promoter.call(*approve(bad), *force[approver_forces])
        assert (done.exit_code == 0) == approver_forces
    else:
        assert {code for code, _ in proposed} == {"gate-failed"}
        assert promoter.faults(*approve(bad), *force[approver_forces]) == [("no-input", bad)]
    assert promoter.registry.serving == (bad if proposer_forces and approver_forces else first)


@pytest.mark.parametrize("name", [ANNE, "  a.  MARTIN "])
def test_nobody_is_their_own_second_person(promoter: Promoter, first: str, second: str, bad: str, name: str) -> None:
    promoter.propose(second)
    assert promoter.faults(*approve(second, name)) == [("not-a-second-person", "--by")]
    promoter.propose(bad, "--force")
    assert promoter.faults(*approve(bad, name), "--force") == [("not-a-second-person", "--by")]
    assert promoter.registry.serving == first


@pytest.mark.parametrize("name", ["-", "x" * 65])
def test_nobody_without_a_name_changes_what_serves(promoter: Promoter, second: str, name: str) -> None:
    assert promoter.propose(second, by=name) == [("usage", "--by")]
    promoter.propose(second)
    assert promoter.faults(*approve(second, name)) == [("usage", "--by")]
    assert promoter.faults("rollback", "--by", name, "--note", WHY) in ([("usage", "--by")], [("no-input", "registry")])


def test_the_gates_that_fail_are_named_with_their_numbers(promoter: Promoter, bad: str) -> None:
    failed = {where for _, where in promoter.propose(bad)}
    assert {"not_worse_than_champion.auc", "alone.rows_left_out_share"} <= failed
    assert promoter.registry.sequence == 1


def test_a_proposal_is_dropped_by_a_later_one_and_by_a_rollback(
    promoter: Promoter, first: str, second: str, bad: str
) -> None:
    promoter.propose(second)
    promoter.propose(bad, "--force")
    assert promoter.faults(*approve(second)) == [("no-input", second)]
    promoter.said(*approve(bad), "--force")
    assert promoter.propose(second) == [("overtaken", second)]  # it was compared with the first, which serves no more
    promoter.said("rollback", "--by", BERT, "--note", WHY)
    promoter.propose(second)
    assert promoter.said(*approve(second))["version"] == second


def test_what_serves_and_what_is_unknown_is_not_proposed(promoter: Promoter, first: str) -> None:
    assert promoter.propose(first) == [("usage", first)]
    for version in ("../keys", "nothing-such", "registry.json"):
        assert promoter.propose(version)[0][0] in ("release-name", "artefact-missing")


def test_a_damaged_release_is_neither_proposed_nor_approved_nor_gone_back_to(
    promoter: Promoter, first: str, second: str
) -> None:
    promoter.propose(second)
    model = promoter.releases / second / "model.joblib"
    sound = model.read_bytes()
    model.write_bytes(sound[:-1] + b"?")
    assert promoter.propose(second)[0][0] == "artefact-digest-mismatch"
    assert promoter.faults(*approve(second))[0][0] == "artefact-digest-mismatch"
    assert promoter.registry.serving == first
    model.write_bytes(sound)
    promoter.said(*approve(second))
    shutil.rmtree(promoter.releases / first)
    assert promoter.faults("rollback", "--by", BERT, "--note", WHY)[0][0] == "artefact-missing"
    assert promoter.registry.serving == second


def test_a_review_that_is_missing_or_another_ones_stops_a_proposal(promoter: Promoter, second: str, bad: str) -> None:
    review = promoter.releases / "reviews" / f"{bad}.json"
    review.write_bytes((promoter.releases / "reviews" / f"{second}.json").read_bytes())
    assert promoter.propose(bad, "--force")[0][0] == "review-wrong"
    review.write_bytes(review.read_bytes().replace(b"0", b"1", 1))
    assert promoter.propose(bad, "--force")[0][0] == "artefact-unsigned"
    review.unlink()
    assert promoter.propose(bad, "--force")[0][0] == "no-input"


def test_the_models_are_listed_with_who_did_what_and_who_served_when(
    promoter: Promoter, first: str, second: str, bad: str
) -> None:
    promoter.propose(second)
    promoter.said(*approve(second))
    found = promoter.said("models")
    assert {row["version"]: row["state"] for row in found["models"]} == {first: "before", second: "serves", bad: "-"}
    kinds = [(act["act"], act["version"], act["by"]) for act in found["acts"]]
    assert kinds == [("set", first, "counteroffer train"), ("proposed", second, ANNE), ("approved", second, BERT)]
    assert found["acts"][1]["note"] == WHY
    assert {gate["name"] for gate in found["acts"][1]["gates"]} >= {"alone.ece", "drift.psi"}
    assert promoter.call("models").stdout.count("\n") == 3


def test_a_shadow_says_what_would_have_been_offered_and_changes_nothing(promoter: Promoter, second: str) -> None:
    asked = [promoter.ask(contract_id) for contract_id in ("C-1", "C-wish", "C-objects")]
    found = promoter.said("shadow", second)["shadow"]
    assert (found["decisions"], found["first_day"]) == (3, "2026-11-23")
    assert found["trial"]["asked"] == 3
    assert sum(sum(drift_of) for drift_of in found["chances"].values()) >= 2
    assert [promoter.ask(contract_id) for contract_id in ("C-1", "C-wish", "C-objects")] == asked


def test_the_release_that_serves_would_say_in_the_shadow_what_it_said(promoter: Promoter, first: str) -> None:
    promoter.ask("C-wish")
    found = promoter.said("shadow", first)["shadow"]
    assert (found["trial"]["changed"], found["mean_move"]) == (0, 0.0)


def test_the_report_is_one_page_that_says_every_gate(promoter: Promoter, bad: str, tmp_path: Path) -> None:
    promoter.ask()
    promoter.propose(bad, "--out", str(tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text()
    assert page.count("<svg") >= 4
    assert "FAILS" in page
    assert all(f"not_worse_than_champion.{name}" in page for name in read_limits()["not_worse_than_champion"])
    assert "http-equiv" not in page
    assert "<script" not in page


def test_the_gates_are_numbers_in_one_file_outside_the_rulebook() -> None:
    assert FILE.name == "gates.toml"
    assert not list((ROOT / "rulebook").rglob("gates*"))
    assert json.loads(json.dumps(read_limits()))["not_worse_than_champion"].keys() == {"auc", "log_loss", "ece"}
