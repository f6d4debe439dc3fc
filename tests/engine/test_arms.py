"""What each arm is offered, and with what chance on record: exact, whatever was drawn."""

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest

from engine.tables import MICRO
from engine.terms import NONE
from tests.engine.chances import Z, alike, chi_square, decided, left_to_chance, most_chi_square
from tests.engine.questions import asked
from tests.properties.rulebooks import as_rulebook, house_documents

Logged = list[tuple[str, str, int]]


@pytest.fixture(scope="module")
def logged() -> Logged:
    """Twenty thousand customers who come to us, alike but for the account."""
    return decided(left_to_chance(), alike(20_000))


@pytest.mark.parametrize("channel", ["phone_in", "phone_out"])
def test_each_main_offer_comes_as_often_as_its_chance_on_record_says(channel: str, logged: Logged) -> None:
    """20,000 customers alike but for the account: all chances on record are those of one distribution, and it holds."""
    found = logged if channel == "phone_in" else decided(left_to_chance(), alike(20_000, channel=channel))
    counted = Counter(main for main, _, _ in found)
    chances = {main: chance for main, _, chance in found}
    assert {(main, chance) for main, _, chance in found} == set(chances.items())
    assert len(chances) >= 3
    assert sum(chances.values()) == MICRO
    expected = [len(found) * chance / MICRO for chance in chances.values()]
    assert min(expected) >= 5
    assert chi_square([counted[main] for main in chances], expected) <= most_chi_square(len(chances) - 1)


def test_who_explores_picks_evenly_among_allowed_offers_of_near_equal_value(logged: Logged) -> None:
    picks = Counter(main for main, arm, _ in logged if arm == "explore")
    decisions = asked(left_to_chance(), *alike(1))
    page, at = decisions.at(0)
    sheet = page.sheet
    allowed = (sheet.refused[at] == 0) & ~sheet.marks.entitlement[0]
    highest = sheet.value_cents[at][allowed].max()
    near = set(decisions.question.in_force.catalogue.offer_ids[allowed & (sheet.value_cents[at] >= highest - 2_000)])
    assert set(picks) == near
    expected = [picks.total() / len(near)] * len(near)
    assert chi_square(list(picks.values()), expected) <= most_chi_square(len(near) - 1)


def test_weighing_by_the_chance_on_record_recovers_what_another_rulebook_would_earn(logged: Logged) -> None:
    """The reward of each offer is known: what "always this offer" would earn comes back by inverse chances."""
    rewards = {main: 10.0 + index for index, main in enumerate(sorted({main for main, _, _ in logged}))}
    for wanted, truth in rewards.items():
        weighed = [truth * MICRO / chance if main == wanted else 0.0 for main, _, chance in logged]
        error = np.std(weighed) / math.sqrt(len(weighed))
        assert abs(np.mean(weighed) - truth) <= Z * error


def test_the_control_group_gets_the_first_standard_offer_and_is_not_called() -> None:
    everybody = left_to_chance(control=0.5, explore=0.5)
    inbound, outbound = (
        {main for main, arm, _ in decided(everybody, alike(200, channel=channel)) if arm == "control"}
        for channel in ("phone_in", "phone_out")
    )
    assert inbound == {"standard-discount.12m.-600x12"}
    assert outbound == {""}


def test_a_wish_is_answered_in_every_arm_with_certainty() -> None:
    decisions = asked(left_to_chance(control=0.5, explore=0.5), *alike(64, wants_device="galaxy-a17"))
    page = decisions.pages[0]
    assert (page.table.wish != NONE).all()
    assert (page.table.offers[:, 0] == page.table.wish).all()
    assert {decisions.drawn(row) for row in range(64)} == {("control", MICRO), ("best", MICRO)}


@pytest.mark.parametrize(
    "facts", [{"open_fault": "no signal"}, {"objects_to_profiling": True}, {"unkept_promise": "repair"}]
)
def test_repair_promises_and_objections_are_left_to_no_chance(facts: dict[str, Any]) -> None:
    on, off = left_to_chance(control=0.5, explore=0.5), left_to_chance(control=0.0, explore=0.0)
    rows = alike(64, **facts)
    assert {(main, MICRO) for main, _, _ in decided(off, rows)} == {(main, p) for main, _, p in decided(on, rows)}


def test_dues_and_verdicts_are_the_same_in_every_arm() -> None:
    on, off = (asked(left_to_chance(share, share), *alike(64)) for share in (0.5, 0.0))
    for row in range(64):
        assert all((ours == theirs).all() for ours, theirs in zip(on.verdicts(row), off.verdicts(row), strict=True))


def test_beside_a_main_offer_that_chance_chose_nothing_is_worth_more() -> None:
    decisions = asked(left_to_chance(control=0.3, explore=0.5), *alike(400))
    page, arms = decisions.pages[0], Counter(decisions.drawn(row)[0] for row in range(400))
    assert arms["explore"] > 100
    assert arms["control"] > 50
    for row in range(400):
        worth = [page.sheet.value_cents[row, column] for column in page.table.offers[row] if column != NONE]
        assert worth == sorted(worth, reverse=True)


def test_as_shipped_nothing_is_left_to_chance() -> None:
    assert {drawn[1:] for drawn in decided(as_rulebook(house_documents()), alike(64))} == {("best", MICRO)}
