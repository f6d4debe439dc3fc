"""What must follow when a question or a rulebook changes: relations between two answers, whatever either says."""

import copy
import dataclasses
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.answers import write_answer
from engine.decide import Decisions, decide
from tests.properties.customers import Asker, cases_of, random_askers, scores_of
from tests.properties.rulebooks import Documents, World, as_rulebook, random_world, without_chance

ROWS = 20
FLOORS = ("floor_cents_0", "floor_cents_12", "floor_cents_24", "floor_share")
DEPTHS = ("depth_cents_agent", "depth_cents_supervisor", "depth_cents_manager")

seeds = st.integers(1, 2**32)
relation = settings(max_examples=100, deadline=None, derandomize=True, database=None, print_blob=True)


def asked(seed: int) -> tuple[Random, World, list[Asker]]:
    random = Random(seed)
    world = random_world(random)
    return random, world, random_askers(random, world, ROWS)


def decided(world: World, askers: list[Asker], documents: Documents | None = None) -> Decisions:
    return decide(cases_of(askers), scores_of(askers), as_rulebook(documents or world.documents), world.today)


def answers(decisions: Decisions, less: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    written = [write_answer(decisions, row) for row in range(ROWS)]
    return [{name: part for name, part in answer.items() if name not in less} for answer in written]


def allowed(decisions: Decisions) -> list[set[str]]:
    ids = decisions.question.in_force.catalogue.offer_ids
    listed = [decisions.verdicts(row)[0] for row in range(ROWS)]
    return [{str(ids[column]) for column in np.flatnonzero(verdicts == 0)} for verdicts in listed]


def shifted(document: dict[str, Any], name: str, shift: Callable[[Any], Any]) -> None:
    lines = [{**line, "value": shift(line["value"])} for line in document[name]["values"]]
    document[name] = {**document[name], "values": lines}


def tighter_floor(random: Random, documents: Documents) -> None:
    policy, name = documents["policy.toml"], random.choice(FLOORS)
    more, highest = (random.uniform(0, 0.5), 1.0) if name == "floor_share" else (random.randint(0, 9_000), 1_000_000)
    shifted(policy, name, lambda value: min(value + more, highest))


def tighter_authority(random: Random, documents: Documents) -> None:
    less = random.randint(0, 30_000)
    shifted(documents["policy.toml"], random.choice(DEPTHS), lambda value: max(0, value - less))


def less_stock(random: Random, documents: Documents) -> None:
    documents["devices.toml"][random.choice(sorted(documents["devices.toml"]))]["stock"] = 0


def shorter_commitments(random: Random, documents: Documents) -> None:
    rules = {**documents["law-eu.toml"], **documents["law-fr.toml"], **documents["law-be.toml"]}
    for line in rules[random.choice(("FR-MAX24", "BE-24", "EU-24"))]["values"]:
        line["months"] = random.randint(0, line["months"])


def stricter_twin(random: Random, documents: Documents) -> None:
    for line in documents["law-fr.toml"]["FR-TWIN12"]["values"]:
        line["months"] = random.randint(0, line["months"])


def nearer_twin(random: Random, documents: Documents) -> None:
    less = random.randint(0, 30_000)
    shifted(documents["policy.toml"], "twin_gap_cents", lambda value: max(0, value - less))


def one_more_condition(random: Random, documents: Documents) -> None:
    template = random.choice(documents["offers.toml"]["offer"])
    template["conditions"] = [*template.get("conditions", []), {"fact": "tenure_months", "at_least": 30}]


@pytest.mark.parametrize(
    "tighten",
    [tighter_floor, tighter_authority, less_stock, shorter_commitments, stricter_twin, nearer_twin, one_more_condition],
)
@relation
@given(seed=seeds)
def test_a_tighter_limit_never_allows_an_offer_more(tighten: Callable[[Random, Documents], None], seed: int) -> None:
    random, world, askers = asked(seed)
    tighter = copy.deepcopy(world.documents)
    tighten(random, tighter)
    before, after = allowed(decided(world, askers)), allowed(decided(world, askers, tighter))
    assert all(now <= then for now, then in zip(after, before, strict=True))


@relation
@given(seed=seeds)
def test_the_order_of_the_catalogue_changes_nothing_but_the_order_after_an_objection(seed: int) -> None:
    random, world, askers = asked(seed)
    world = without_chance(world)
    profiled = [dataclasses.replace(asker, facts={**asker.facts, "objects_to_profiling": False}) for asker in askers]
    offers = world.documents["offers.toml"]
    shuffled = {
        **world.documents,
        "offers.toml": {
            **offers,
            "offer": random.sample(offers["offer"], len(offers["offer"])),
            "extras": dict(random.sample(list(offers["extras"].items()), len(offers["extras"]))),
            "wish": {**offers["wish"], "commitment_months": offers["wish"]["commitment_months"][::-1]},
        },
        "devices.toml": dict(reversed(world.documents["devices.toml"].items())),
    }
    assert answers(decided(world, profiled)) == answers(decided(world, profiled, shuffled))
    assert allowed(decided(world, askers)) == allowed(decided(world, askers, shuffled))


@relation
@given(seed=seeds)
def test_an_offer_that_nobody_may_have_changes_only_the_list_of_refusals(seed: int) -> None:
    random, world, askers = asked(seed)
    offers = world.documents["offers.toml"]
    never = {"id": "never", "conditions": [{"fact": "tenure_months", "at_least": 1_000_000}]}
    more = [*offers["offer"], {**random.choice(offers["offer"]), **never}]
    documents = {**world.documents, "offers.toml": {**offers, "offer": more}}
    less = ("why_not",)
    assert answers(decided(world, askers), less) == answers(decided(world, askers, documents), less)


@relation
@given(seed=seeds)
def test_who_the_customer_is_changes_nothing_but_what_is_left_to_chance(seed: int) -> None:
    _, world, askers = asked(seed)
    world = without_chance(world)
    names = {"customer_id": "somebody-else", "contract_id": "another"}
    others = [dataclasses.replace(asker, facts={**asker.facts, **names}) for asker in askers]
    assert answers(decided(world, askers)) == answers(decided(world, others))


@relation
@given(seed=seeds)
def test_who_else_asks_changes_nothing(seed: int) -> None:
    _, world, askers = asked(seed)
    assert answers(decided(world, askers)) == answers(decided(world, askers[::-1]))[::-1]
