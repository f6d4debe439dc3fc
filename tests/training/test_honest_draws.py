"""Honest draws of every kind are taken, however small or lopsided; choices are found from a few hundred rows on."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import Faults
from engine.tables import Cases
from intake.contacts import Contacts
from tests.training.drawn_contacts import DISCOUNTS, contacts_of, customers, history
from training.randomised import check_randomised

SIZES = (60, 300, 2_000)
Draw = Callable[[Cases, np.random.Generator], Contacts]


def risk(cases: Cases) -> NDArray[np.float64]:
    """From 0 to 1: the dearer, the likelier to leave."""
    return np.argsort(np.argsort(cases["price_cents"])) / cases.rows


def everything(cases: Cases) -> NDArray[np.bool_]:
    return np.ones((cases.rows, len(DISCOUNTS)), dtype=bool)


def what_fits(cases: Cases) -> NDArray[np.bool_]:
    """Discounts up to a fifth of the price; the smallest always."""
    return np.maximum(cases["price_cents"][:, None] / 5, 100) >= DISCOUNTS


HONEST: dict[str, Draw] = {
    "a coin for all": lambda cases, rng: contacts_of(cases, np.full(cases.rows, 0.2), everything(cases), rng),
    "a coin for all, then what fits": lambda cases, rng: contacts_of(
        cases, np.full(cases.rows, 0.2), what_fits(cases), rng
    ),
    "a coin that leans by risk": lambda cases, rng: contacts_of(
        cases, 0.05 + 0.9 * risk(cases), everything(cases), rng
    ),
    "a coin that leans far, then what fits": lambda cases, rng: contacts_of(
        cases, np.where(risk(cases) > 0.9, 0.05, 0.6), what_fits(cases), rng
    ),
}


def chosen(logged: NDArray[np.float64], control: NDArray[np.bool_], cases: Cases, rng: np.random.Generator) -> Contacts:
    """Control as somebody chose it, discounts by chance, and the chances that were logged for it."""
    discount = np.where(control, 0, rng.choice(DISCOUNTS, cases.rows))
    return history(cases, discount, np.where(control, logged, (1 - logged) / len(DISCOUNTS)), rng)


def by_risk(cases: Cases, rng: np.random.Generator) -> Contacts:
    control = rng.random(cases.rows) < 0.5 * (1 - risk(cases))
    return chosen(np.full(cases.rows, 0.25), control, cases, rng)


def more_for_the_dear(cases: Cases, rng: np.random.Generator) -> Contacts:
    control = rng.random(cases.rows) < 0.2
    steps = np.clip(10 * risk(cases) + rng.normal(0, 2, cases.rows), 0, 9).astype(np.int64)
    discount = np.where(control, 0, DISCOUNTS[steps])
    return history(cases, discount, np.where(control, 0.2, 0.8 / len(DISCOUNTS)), rng)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", HONEST)
def test_forty_honest_draws_are_all_taken(kind: str, size: int) -> None:
    for seed in range(40):
        rng = np.random.default_rng([seed, size])
        check_randomised(HONEST[kind](customers(size, rng), rng))


@pytest.mark.parametrize("kind", HONEST)
def test_chances_logged_with_few_digits_are_taken(kind: str) -> None:
    rng = np.random.default_rng(9)
    drawn = HONEST[kind](customers(40_000, rng), rng)
    digits = 10 ** np.floor(np.log10(drawn.probability) - 1)
    check_randomised(replace(drawn, probability=np.round(drawn.probability / digits) * digits))


def test_a_fifth_that_was_twenty_one_in_a_hundred_is_let_pass() -> None:
    rng = np.random.default_rng(9)
    cases = customers(60_000, rng)
    check_randomised(chosen(np.full(60_000, 0.2), rng.random(60_000) < 0.21, cases, rng))
    with pytest.raises(Faults, match=r"control is 2[45]\.\d% of the rows, and by its logged chances 20\.0%"):
        check_randomised(chosen(np.full(60_000, 0.2), rng.random(60_000) < 0.245, cases, rng))


@pytest.mark.parametrize("choice", [by_risk, more_for_the_dear])
def test_what_was_chosen_by_risk_is_refused_from_some_hundred_rows_on(choice: Draw) -> None:
    for seed in range(20):
        rng = np.random.default_rng([seed, 7])
        with pytest.raises(Faults, match=r"price_cents \(fact\) differs"):
            check_randomised(choice(customers(800, rng), rng))


def test_chances_by_risk_that_were_not_logged_are_refused() -> None:
    rng = np.random.default_rng(3)
    cases = customers(1_000, rng)
    drawn = HONEST["a coin that leans by risk"](cases, rng)
    flat = np.full(len(drawn), float((drawn.group == 0).mean()))
    with pytest.raises(Faults, match=r"price_cents \(fact\) differs"):
        check_randomised(chosen(flat, drawn.group == 0, cases, rng))
