"""In another currency everything costs so many times as much, and every limit says the same."""

import copy
import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from hypothesis import given

from engine.decide import Decisions
from engine.policy import NUMBERS
from engine.rules import LIMITS
from tests.properties.customers import Asker
from tests.properties.rulebooks import BEGINNING, Documents, World, house_documents, with_numbers
from tests.properties.test_relations import ROWS, asked, decided, relation, seeds

TIMES = 3
GRAIN = 600
"""Cents: of a multiple of it VAT at 20 %, a fee of a quarter and a hundredth of what is net are whole cents too."""
MOST = 1_000_000 // TIMES
TESTS = ("at_least", "at_most", "equals")

Change = Callable[[int], int]


def dearer(cents: int) -> int:
    return cents * TIMES


def whole(cents: int) -> int:
    return min(cents, MOST) // GRAIN * GRAIN


def priced(value: Any, change: Change, name: str = "") -> Any:
    """The same entry of a file with other amounts."""
    if isinstance(value, Mapping):
        of_money = str(value.get("fact", "")).endswith("_cents")
        return {
            key: priced(item, change, "_cents" if of_money and key in TESTS else key) for key, item in value.items()
        }
    if isinstance(value, list):
        return [priced(item, change, name) for item in value]
    return change(value) if name.endswith("_cents") else value


def with_amounts(documents: Documents, of_prices: Change, of_numbers: Callable[[str, int], int]) -> Documents:
    """The same rulebook with other prices, costs and numbers in cents."""
    policy = copy.deepcopy(documents["policy.toml"])
    for name, entry in policy.items():
        if entry["unit"] == "cents":
            entry["values"] = [{**line, "value": of_numbers(name, line["value"])} for line in entry["values"]]
    goods = {name: priced(documents[name], of_prices) for name in ("offers.toml", "devices.toml", "tariffs.toml")}
    return {**documents, **goods, "policy.toml": policy}


def without_roundings(world: World) -> World:
    """The same world in France at 20 % VAT, where no amount has to be rounded."""

    def within(name: str, cents: int) -> int:
        low, high = int(NUMBERS[name].low), int(NUMBERS[name].high)
        return max(-(-low // TIMES), min(cents, high // TIMES))

    law = copy.deepcopy(house_documents()["law-fr.toml"])
    law["FR-VAT"]["values"] = [{"from": BEGINNING, "share": 0.2}]
    documents = with_numbers({**world.documents, "law-fr.toml": law}, {"market": "FR", "floor_share": 0.11})
    return dataclasses.replace(world, documents=with_amounts(documents, whole, within))


def who_pay(askers: list[Asker], change: Change) -> list[Asker]:
    """The same customers, whose price, cost and granted concessions are others."""
    names = ("price_cents", "cost_to_serve_cents", "account_granted_cents")
    return [
        dataclasses.replace(asker, facts={**asker.facts, **{name: change(asker.facts[name]) for name in names}})
        for asker in askers
    ]


def judged(decisions: Decisions, times: int) -> list[dict[tuple[int, ...], tuple[int, int]]]:
    """Of every customer what each listed candidate secures, and the limits that refuse it, by its terms."""
    catalogue = decisions.question.in_force.catalogue
    terms = {
        name: column[0, : len(catalogue.offer_ids)] for name, column in vars(catalogue.listed.priced.terms).items()
    }
    columns = [column // times if name.endswith("_cents") else column for name, column in terms.items()]
    keys = [tuple(key) for key in np.stack(columns, axis=1).tolist()]
    found = []
    for row in range(ROWS):
        page, at = decisions.at(row)
        secured = page.sheet.secured_cents[at, : len(keys)].tolist()
        limits = [bits & LIMITS for bits in decisions.verdicts(row)[0].tolist()]
        found.append(dict(zip(keys, zip(secured, limits, strict=True), strict=True)))
    return found


@relation
@given(seed=seeds)
def test_in_another_currency_all_is_so_many_times_as_much_and_every_limit_says_the_same(seed: int) -> None:
    _, world, askers = asked(seed)
    world, askers = without_roundings(world), who_pay(askers, whole)
    abroad = with_amounts(world.documents, dearer, lambda _, cents: cents * TIMES)
    here, there = decided(world, askers), decided(world, who_pay(askers, dearer), abroad)
    as_here = [{key: (cents * TIMES, limits) for key, (cents, limits) in of.items()} for of in judged(here, 1)]
    assert judged(there, TIMES) == as_here
