"""The kernel decides what the slow reference decides: every number, every verdict, every offer, every entitlement.

`FIRST_SEED=n` moves the worlds to others; a seed that ever fails goes to kept_seeds.toml.
"""

import datetime
import os
import tomllib
from collections import Counter
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from engine.rules import RULES
from tests.properties.against_reference import mismatches, parted
from tests.properties.customers import random_askers
from tests.properties.responses import UNKNOWN_TERMS
from tests.properties.rulebooks import World, house_documents, random_world
from tests.slow_reference.answer import answer
from tests.slow_reference.book import open_book

FIRST_SEED = int(os.environ.get("FIRST_SEED", "1"))
KEPT = tomllib.loads((Path(__file__).parent / "kept_seeds.toml").read_text("utf-8"))["world"]
FEW_WORLDS, FEW_ROWS, FEW_PARTS = 30, 25, 4


def assert_the_same(seeds: range, rows: int) -> None:
    print(f"seeds {seeds.start} to {seeds.stop - 1}, {rows} customers each")
    for seed in seeds:
        assert not list(islice(mismatches(seed, rows), 5))


@pytest.mark.parametrize("part", range(FEW_PARTS))
def test_kernel_and_slow_reference_agree_on_three_thousand_cases(part: int) -> None:
    first = FIRST_SEED + part * FEW_WORLDS
    assert_the_same(range(first, first + FEW_WORLDS), FEW_ROWS)


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: str(kept["seed"]))
def test_worlds_that_once_parted_them_no_longer_do(kept: dict[str, int]) -> None:
    assert_the_same(range(kept["seed"], kept["seed"] + 1), kept["rows"])


def test_a_day_on_which_no_listed_offer_is_in_date_is_decided_too() -> None:
    documents = house_documents()
    ended = [{**offer, "valid_to": datetime.date(2025, 1, 1)} for offer in documents["offers.toml"]["offer"]]
    offers = {**documents["offers.toml"], "offer": ended}
    world = World({**documents, "offers.toml": offers}, datetime.date(2026, 11, 21), wildness=0.1)
    assert not list(parted(world, random_askers(Random(5), world, 20)))


def test_the_random_cases_meet_every_rule_every_stance_and_every_kind_of_answer() -> None:
    met: Counter[str] = Counter()
    for seed in range(FIRST_SEED, FIRST_SEED + 120):
        random = Random(seed)
        world = random_world(random)
        book = open_book(world.documents, world.today)
        for asker in random_askers(random, world, 10):
            found = answer(book, asker.for_reference())
            judged = (*found.listed, *found.personal)
            met.update([found.stance, f"{len(found.offers)} offers", f"wish met {found.wish_met and bool(found.wish)}"])
            met.update(rule for one in judged for rule in one.refused_by)
            met.update(["entitlement"] if found.entitlements else [])
            met.update(["nearest"] if found.wish and not found.wish_met else [])
            learned = asker.response
            met.update([f"{len(learned.share_micro)} points", f"single terms {bool(learned.term_names)}"])
            met.update(name for name in learned.term_names if name in UNKNOWN_TERMS)
    only_given_terms = {"HOUSE-CATALOGUE"}
    expected = {rule.id for rule in RULES} - only_given_terms
    expected |= {"offer", "repair_first", "standard_only", "leave_alone", "entitlement"}
    expected |= {"0 offers", "1 offers", "2 offers", "3 offers", "wish met True", "nearest"}
    expected |= {"1 points", "2 points", "3 points", "4 points", "single terms True", "single terms False"}
    expected |= set(UNKNOWN_TERMS)
    assert expected <= set(met)
    assert met["offer"] > sum(met[stance] for stance in ("repair_first", "standard_only"))
