"""Ten thousand random policies and catalogues, five customers each: the kernel decides what the slow reference decides.

Most customers get an offer, limits lie a cent from what is offered, every rule refuses something: `pytest -rP` shows
how many. `FIRST_SEED=n` moves the worlds to others.
"""

import os
from collections import Counter
from random import Random

import pytest

from engine.chance import ARMS
from engine.rules import RULES
from tests.properties.against_reference import Reading, differences, readings
from tests.properties.kinder_worlds import kinder_world

FIRST_SEED = int(os.environ.get("FIRST_SEED", "1"))
WORLDS, CUSTOMERS, PARTS = 1_000, 5, 10
ONLY_GIVEN_TERMS = {"HOUSE-CATALOGUE"}
"""Rules that refuse what somebody composed by hand, never what the rulebook lists."""
SELDOM = {"FR-CALL-OPTIN", "FR-CALL-60"}
"""Want a call of ours to who left without consent, or to who refused one lately: many worlds hold no such row."""
LEAST_SHARE_WITH_OFFERS, LEAST_SHARE_AT_A_LIMIT, LEAST_SHARE_OF_AN_ARM = 0.5, 0.3, 0.01


@pytest.mark.parametrize("seed", [103_069, 105_310, 106_722, 107_437])
def test_a_call_without_a_day_is_judged_on_the_day_of_the_question(seed: int) -> None:
    """Worlds in which kernel and reference once parted: the weekday of no day was that of none."""
    world, askers = kinder_world(Random(seed), CUSTOMERS)
    for row, (ours, theirs) in enumerate(readings(world, askers)):
        assert not list(differences(row, ours, theirs)), f"row {row}"


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_kernel_and_slow_reference_agree_in_ten_thousand_worlds(part: int) -> None:
    first = FIRST_SEED + 100_000 + part * WORLDS
    met: Counter[str] = Counter()
    for seed in range(first, first + WORLDS):
        world, askers = kinder_world(Random(seed), CUSTOMERS)
        floors = {months: _floor(world.documents["policy.toml"], months) for months in (0, 12, 24)}
        for row, (ours, theirs) in enumerate(readings(world, askers)):
            assert not list(differences(row, ours, theirs)), f"seed {seed}"
            met.update(_met(theirs, floors))
    _report(first, met)
    assert ONLY_GIVEN_TERMS <= {rule.id for rule in RULES} - set(met) <= ONLY_GIVEN_TERMS | SELDOM
    assert min(met[arm] for arm in ARMS) >= LEAST_SHARE_OF_AN_ARM * WORLDS * CUSTOMERS
    assert met["an offer"] >= LEAST_SHARE_WITH_OFFERS * WORLDS * CUSTOMERS
    assert met["a floor within a cent"] >= LEAST_SHARE_AT_A_LIMIT * WORLDS * CUSTOMERS


def _floor(policy: Reading, months: int) -> int:
    return int(policy[f"floor_cents_{months}"]["values"][0]["value"])


def _met(reading: Reading, floors: dict[int, int]) -> set[str]:
    """What one customer met: an offer, an arm, each rule that refused something, a candidate at the very floor."""
    judged = [*reading["listed"].values(), *reading["personal"].values()]
    found = {rule for one in judged for rule in one["refused_by"]}
    found |= {"an offer"} if reading["offers"] else set()
    found.add(reading["drawn"][0])
    near = any(abs(one["secured_cents"] - floor) <= 1 for one in judged for floor in floors.values())
    return found | ({"a floor within a cent"} if near else set())


def _report(first: int, met: Counter[str]) -> None:
    print(f"seeds {first} to {first + WORLDS - 1}, {CUSTOMERS} customers each; share of customers who met")
    for name, count in met.most_common():
        print(f"  {name}: {count / (WORLDS * CUSTOMERS):.1%}")
