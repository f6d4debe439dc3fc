"""The life of a rulebook on the command line: checked, proposed, approved, in force, rolled back."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from commands.main import counteroffer
from commands.rulebook import VERBS, rulebook
from engine.errors import Faults
from tests.commands.caller import ANNE, BERT, WHY
from tests.commands.manager import Manager, at_the_command_line


@pytest.fixture
def manager(database: str, tmp_path: Path) -> Iterator[Manager]:
    with at_the_command_line(database, tmp_path / "rulebook") as found:
        yield found


def test_a_check_says_what_a_good_rulebook_holds(manager: Manager) -> None:
    found = json.loads(manager.call("check").stdout)
    assert found["digest"] == manager.in_force
    assert found["candidates"] > 1_000
    assert found["rules"] > 20
    assert "2023-01-01" in found["changes_on"]


def test_a_check_says_every_fault_with_its_line(manager: Manager) -> None:
    manager.folder.joinpath("policy.toml").write_text("broken")
    manager.folder.joinpath("texts/fr.toml").unlink()
    found = manager.faults("check")
    assert ("broken-toml", "policy.toml:1") in found
    assert ("file-missing", "texts/fr.toml:1") in found


def test_a_number_that_will_end_without_another_is_a_fault_today(manager: Manager) -> None:
    manager.edit("policy.toml", r"(\[floor_share\].*?from = 2020-01-01), value", r"\1, to = 2098-12-31, value")
    [(code, where)] = manager.faults("check")
    assert (code, where) == ("number-missing", "policy.toml")


def test_a_changed_folder_does_nothing_until_it_is_activated(manager: Manager) -> None:
    before = manager.in_force
    changed = manager.set_number("rulebook_impact_share", "0.5")
    assert manager.ask()["versions"]["rulebook"] == before
    manager.activate()
    assert manager.ask("C-wish")["versions"]["rulebook"] == changed.digest
    assert manager.operator.client.get("/ready").json["rulebook"] == changed.digest


def test_what_changes_too_many_answers_waits_for_a_second_person(manager: Manager) -> None:
    before, _ = manager.in_force, manager.ask()
    changed = manager.set_number("floor_cents_24", "900_000")
    manager.set_number("floor_cents_12", "900_000")
    changed = manager.set_number("floor_cents_0", "900_000")
    done = manager.call("activate", str(manager.folder), "--by", ANNE, "--note", WHY, "--json")
    found = json.loads(done.stdout)
    assert (found["state"], found["asked"], found["changed"], done.exit_code) == ("proposed", 1, 1, 1)
    assert isinstance(done.exception, Faults)
    assert manager.in_force == before
    digest = changed.digest[:12]
    assert manager.faults("approve", digest, "--by", "  a.  MARTIN ") == [("not-a-second-person", "--by")]
    assert manager.faults("approve", "0" * 12, "--by", BERT) == [("no-input", "0" * 12)]
    assert manager.said("approve", digest, "--by", BERT)["digest"] == changed.digest
    assert manager.in_force == changed.digest
    assert manager.ask()["stance"] == "leave_alone"


def test_what_is_announced_for_a_later_day_counts_as_much_as_what_holds_today(manager: Manager) -> None:
    manager.ask()
    manager.edit(
        "policy.toml",
        r"(\[floor_cents_24\].*?\{ from = 2020-01-01, value = [0-9_]+ \})",
        r"\1, { from = 2098-01-01, value = 900_000 }",
    )
    assert manager.faults("activate", str(manager.folder), "--by", ANNE, "--note", WHY)[0][0] == "needs-approval"


def test_a_later_proposal_takes_the_place_of_an_earlier_one(manager: Manager) -> None:
    manager.ask()
    first = manager.set_number("floor_cents_24", "900_000")
    assert manager.faults("activate", str(manager.folder), "--by", ANNE, "--note", WHY)[0][0] == "needs-approval"
    second = manager.set_number("floor_cents_24", "800_000")
    assert manager.faults("activate", str(manager.folder), "--by", ANNE, "--note", WHY)[0][0] == "needs-approval"
    assert manager.faults("approve", first.digest[:12], "--by", BERT) == [("no-input", first.digest[:12])]
    manager.said("approve", second.digest[:12], "--by", BERT)
    assert [row["state"] for row in manager.said("list")] == ["past", "dropped", "in_force"]


def test_one_command_puts_the_rulebook_before_back_and_another_the_one_before_that(manager: Manager) -> None:
    first = manager.in_force
    second = manager.set_number("offer_valid_days", "20")
    manager.activate()
    manager.set_number("offer_valid_days", "21")
    manager.activate()
    back: Callable[[], Any] = lambda: manager.said("rollback", "--by", BERT, "--note", WHY)  # noqa: E731
    assert back()["digest"] == second.digest == manager.in_force
    assert back()["digest"] == first == manager.in_force
    assert manager.faults("rollback", "--by", BERT, "--note", WHY) == [("no-input", "store")]
    assert [row["state"] for row in manager.said("list")] == ["in_force", "rolled_back", "rolled_back"]


def test_what_was_approved_late_is_rolled_back_to_what_it_replaced(manager: Manager) -> None:
    manager.ask()
    proposed = manager.set_number("floor_cents_24", "900_000")
    assert manager.faults("activate", str(manager.folder), "--by", ANNE, "--note", WHY)[0][0] == "needs-approval"
    manager.set_number("floor_cents_24", "3_600")
    between = manager.set_number("offer_valid_days", "20")
    manager.set_number("rulebook_impact_share", "1.0")
    between = manager.set_number("offer_valid_days", "14")
    manager.activate()
    manager.said("approve", proposed.digest[:12], "--by", BERT)
    assert manager.said("rollback", "--by", BERT, "--note", WHY)["digest"] == between.digest


def test_a_broken_rulebook_is_refused_whole_and_the_old_one_serves(manager: Manager) -> None:
    before = manager.ask()
    manager.folder.joinpath("offers.toml").write_text("broken")
    assert manager.faults("activate", str(manager.folder), "--by", ANNE, "--note", WHY) == [
        ("broken-toml", "offers.toml:1")
    ]
    assert manager.ask() == before


def test_the_rulebook_in_force_is_not_activated_again(manager: Manager) -> None:
    assert manager.faults("activate", str(manager.folder), "--by", ANNE, "--note", WHY)[0][0] == "usage"


@pytest.mark.parametrize("by", ["", "   ", "-", "x" * 65, "a\x00b"])
def test_nobody_without_a_name_changes_anything(manager: Manager, by: str) -> None:
    manager.set_number("offer_valid_days", "20")
    assert manager.faults("activate", str(manager.folder), "--by", by, "--note", WHY) == [("usage", "--by")]
    assert len(manager.said("list")) == 1


def test_every_step_stands_in_the_journal_with_who_and_why(manager: Manager) -> None:
    manager.set_number("offer_valid_days", "20")
    manager.activate()
    found = manager.said("list")[-1]
    assert (found["proposed_by"], found["note"], found["state"]) == (ANNE, WHY, "in_force")


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_every_verb_shows_an_example_and_explains_every_option(verb: str) -> None:
    done = CliRunner().invoke(counteroffer, ["rulebook", verb, "--help"])
    assert f"counteroffer rulebook {verb}" in done.stdout.split("Example:")[1]
    command = rulebook.get_command(click.Context(rulebook), verb)
    assert command is not None
    options = [option for option in command.params if isinstance(option, click.Option)]
    assert not [option.name for option in options if not option.help]
