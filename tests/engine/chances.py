"""Worlds in which something is left to chance, and how far a count may lie from what chance says."""

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

import numpy as np

from engine.decide import Decisions
from engine.rulebook import Rulebook
from engine.terms import NONE
from tests.engine.questions import asked
from tests.properties.rulebooks import as_rulebook, house_documents, with_numbers

CONTROL, EXPLORE = 0.05, 0.25

LEAVER = {
    "channel": "phone_in",
    "reason_for_contact": "wants_to_leave",
    "p_churn": 0.3,
    "customer_since": np.datetime64("2020-11-01"),
    "price_cents": 1_490,
}
Z = NormalDist().inv_cdf(0.9995)
"""Both tails of 99.9 %."""


def left_to_chance(control: float = CONTROL, explore: float = EXPLORE, **numbers: Any) -> Rulebook:
    """The shipped rulebook with chance switched on."""
    shares = {"control_share": control, "explore_share": explore, "near_value_cents": 2_000}
    return as_rulebook(with_numbers(house_documents(), {**shares, **numbers}))


def within_binomial(count: int, draws: int, share: float) -> bool:
    """Whether a count lies in the 99.9 % interval of so many draws."""
    return abs(count - draws * share) <= Z * math.sqrt(draws * share * (1 - share)) + 1


def most_chi_square(degrees: int) -> float:
    """The 99.9 % point of the chi-square distribution (Wilson and Hilferty)."""
    z = NormalDist().inv_cdf(0.999)
    return float(degrees * (1 - 2 / (9 * degrees) + z * math.sqrt(2 / (9 * degrees))) ** 3)


def chi_square(counted: list[int], expected: list[float]) -> float:
    return sum((found - wanted) ** 2 / wanted for found, wanted in zip(counted, expected, strict=True))


def mains(decisions: Decisions) -> list[tuple[str, str, int]]:
    """(the main offer's id or "", its arm, its chance) of each customer."""
    found = []
    ids = decisions.question.in_force.catalogue.offer_ids
    for row in range(len(decisions.question.profiled)):
        page, at = decisions.at(row)
        main = int(page.table.offers[at, 0])
        found.append(("" if main == NONE else str(ids[main]), *decisions.drawn(row)))
    return found


def alike(count: int, **facts: Any) -> list[dict[str, Any]]:
    """Customers who are alike but for their account."""
    return [{**LEAVER, **facts, "contract_id": f"C-{index}", "customer_id": f"P-{index}"} for index in range(count)]


def decided(rulebook: Rulebook, rows: list[dict[str, Any]], **more: Any) -> list[tuple[str, str, int]]:
    slices = (rows[start : start + 64] for start in range(0, len(rows), 64))
    return [one for some in slices for one in mains(asked(rulebook, *some, **more))]


def texts_left_to_chance(
    texts: Mapping[str, str], control: float = CONTROL, explore: float = EXPLORE
) -> dict[str, str]:
    """The same files of a rulebook with chance switched on in policy.toml, as a manager would."""
    policy = texts["policy.toml"]
    for name, share in (("control_share", control), ("explore_share", explore)):
        entry = policy.index(f"[{name}]")
        begins, ends = policy.index("values = ", entry), policy.index("\n", policy.index("values = ", entry))
        policy = f"{policy[:begins]}values = [{{ from = 2020-01-01, value = {share} }}]{policy[ends:]}"
    return {**texts, "policy.toml": policy}
