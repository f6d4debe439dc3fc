"""What is said of a refusal is true: the stated change turns the answer, a step or a part of it less does not (C6)."""

import os
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from engine.explanation.readings import READ
from engine.explanation.turns import TURNS
from engine.rules import RULES
from tests.properties.customers import random_askers
from tests.properties.kinder_worlds import kinder_world
from tests.properties.restated import TERMS, Asked, Told, candidates_of, one_less, outcome
from tests.properties.rulebooks import World, house_documents, random_world

PHRASES = house_documents()["texts/fr.toml"]
SAID = {*PHRASES["change"], *PHRASES["fact"]}
FIRST_SEED = int(os.environ.get("FIRST_SEED", "1"))


def sampled(first: int, pairs: int) -> Iterator[tuple[str, Asked]]:
    """Refused candidates of random decisions, of wild worlds and of kinder ones in turn."""
    found = 0
    for seed in range(first, first + pairs):
        random = Random(seed)
        world, askers = kinder_world(random, 2) if seed % 2 else _wild(random)
        for asked in candidates_of(world, askers, random, 2):
            if found < pairs:
                found += 1
                yield f"seed {seed}, {asked.asker.facts['contract_id']}, {asked.candidate}", asked


def _wild(random: Random) -> tuple[World, list[Any]]:
    world = random_world(random)
    return world, random_askers(random, world, 2)


def misses(where: str, asked: Asked, counted: Counter[str]) -> list[str]:
    """Everything that the explanation of one candidate says and that is not so."""
    told = asked.told()
    counted["explained"] += 1
    found = []
    if [rule["id"] for rule in told["rules"]] != asked.verdict():
        found.append(f"{where}: refused by {asked.verdict()}, said {told['rules']}")
    if not told["turns"]:
        counted["no turn"] += 1
    for turn in told["turns"]:
        found += _untrue(where, asked, told, turn, counted)
    return found


def _untrue(where: str, asked: Asked, told: Told, turn: Told, counted: Counter[str]) -> list[str]:
    assert {change["name"] for change in turn["changes"]} <= SAID, where
    changes, said = turn["changes"], [(one["name"], one["from"], one["to"]) for one in turn["changes"]]
    counted["turns"] += 1
    counted[f"of {len(changes)}"] += 1
    found = []
    if rules := outcome(asked, told, changes, turn["offer"]):
        found.append(f"{where}: {said} leaves {rules}")
    for index, change in enumerate(changes):
        others = [*changes[:index], *changes[index + 1 :]]
        if not outcome(asked, told, others, _terms(told, turn, change, change["from"])):
            found.append(f"{where}: {said} needs no {change['name']}")
        if less := one_less(change):
            counted["one less"] += 1
            short = [*changes[:index], less, *changes[index + 1 :]]
            if not outcome(asked, told, short, _terms(told, turn, change, less["to"])):
                found.append(f"{where}: {said} more than needed: {less['to']} of {change['name']} turns it too")
    return found


def _terms(told: Told, turn: Told, change: Told, to: Any) -> Told:
    """The terms that the turn ends in, with one of its changes less far, or not at all."""
    if change["name"] not in TERMS:
        return turn["offer"]
    if change["name"] != "commitment_months":
        return {**turn["offer"], change["name"]: to}
    lasting = ("commitment_months", "discount_months", "extras_months")
    return {**turn["offer"], **{name: told["offer"][name] for name in lasting}}


def report(missed: list[str], counted: Counter[str]) -> None:
    """Says what was sampled, and every miss."""
    print(", ".join(f"{name} {count}" for name, count in sorted(counted.items())))
    print("\n".join(missed))
    assert len(missed) <= counted["turns"] // 100, missed


def test_every_rule_says_what_it_reads_and_what_would_turn_it() -> None:
    ids = {rule.id for rule in RULES}
    assert set(READ) == ids
    assert set(TURNS) == ids


def test_thirty_sampled_explanations_are_true_and_smallest() -> None:
    missed, counted = [], Counter[str]()
    for where, asked in sampled(FIRST_SEED + 880_000, 30):
        missed += misses(where, asked, counted)
    report(missed, counted)


@pytest.mark.long
@pytest.mark.parametrize("part", range(5))
def test_a_thousand_sampled_explanations_are_true_and_smallest(part: int) -> None:
    missed, counted = [], Counter[str]()
    for where, asked in sampled(FIRST_SEED + 890_000 + part * 1_000, 200):
        missed += misses(where, asked, counted)
    report(missed, counted)
