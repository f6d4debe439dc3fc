"""The contenders learn what is there to be learned, and earn no more than the best policy."""

import dataclasses

import numpy as np
import pytest

from benchmarks.contest import product, risk, single, trees
from benchmarks.contest.choice import NOTHING, Choice, Policy, best_above_nothing, nothing_for_all
from benchmarks.markets import Contacts, Market, Shelf, make_market, read_shelf
from benchmarks.markets.market import REACTIONS
from benchmarks.markets.people import Floats
from benchmarks.markets.shelf import cases_of
from engine.chance import Shares

ACCEPTED, DECLINED = REACTIONS.index("accepted"), REACTIONS.index("declined")


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return read_shelf()


@pytest.fixture(scope="module")
def market(shelf: Shelf) -> Market:
    return make_market("smooth", 0, shelf)


@pytest.fixture(scope="module")
def contacts(market: Market) -> Contacts:
    return market.draw_contacts(4_000, np.random.default_rng(1))


def accepting(contacts: Contacts, chance: Floats) -> Contacts:
    """The same contacts, had offers been accepted with these chances [n], and nobody else changed."""
    called = contacts.offered >= 0
    accepted = called & (np.random.default_rng(2).random(len(contacts)) < chance)
    reaction = np.where(accepted, ACCEPTED, np.where(called, DECLINED, 0))
    return dataclasses.replace(contacts, reaction=reaction, left=contacts.left & ~accepted)


def loved(shelf: Shelf) -> np.ndarray:
    """The offers of one template, [C]: a discount and extras."""
    names = [template.id for template in shelf.in_force.catalogue.templates]
    template: np.ndarray = shelf.in_force.catalogue.listed.priced.terms.template[0]
    return template == names.index("discount-extras")


def test_the_best_single_offer_is_found_where_there_is_one(contacts: Contacts, shelf: Shelf, market: Market) -> None:
    chance = np.where(loved(shelf), 0.7, 0.02)[contacts.offered]
    choice = single.learn(accepting(contacts, chance), shelf)(market.people(300, np.random.default_rng(3)))
    (offered,) = set(choice.offered) - {NOTHING}
    assert loved(shelf)[offered]
    assert (choice.offered != NOTHING).mean() > 0.5


def test_no_single_offer_is_made_where_none_earns(contacts: Contacts, shelf: Shelf, market: Market) -> None:
    people = market.people(300, np.random.default_rng(3))
    nobody = accepting(contacts, np.zeros(len(contacts)))
    assert set(single.learn(nobody, shelf)(people).offered) == {NOTHING}
    assert set(risk.learn(nobody, shelf)(people).offered) == {NOTHING}


def test_who_targets_risk_calls_those_who_leave(contacts: Contacts, shelf: Shelf, market: Market) -> None:
    risky = contacts.people.facts["price_cents"] > 2_100
    hurt = np.where(contacts.offered >= 0, 0.2, 0.02)
    left = np.random.default_rng(4).random(len(contacts)) < np.where(risky, 0.5, hurt)
    planted = accepting(
        dataclasses.replace(contacts, left=left), risky * np.where(loved(shelf), 0.8, 0.3)[contacts.offered]
    )
    people = market.people(600, np.random.default_rng(5))
    called = risk.learn(planted, shelf)(people).offered != NOTHING
    dear = people.facts["price_cents"] > 2_100
    assert called[dear].mean() > 0.5
    assert called[~dear].mean() < 0.2


def test_trees_offer_what_is_liked_to_those_who_like_it(contacts: Contacts, shelf: Shelf, market: Market) -> None:
    heavy = contacts.people.facts["data_mb_per_month"] > 8_000
    planted = accepting(contacts, np.where(heavy & loved(shelf)[contacts.offered], 0.9, 0.01))
    people = market.people(300, np.random.default_rng(6))
    choice = trees.learn(planted, shelf)(people)
    users = people.facts["data_mb_per_month"] > 8_000
    may = shelf.allowed(people)[:, loved(shelf)].any(axis=1)
    assert loved(shelf)[choice.offered[users & may]].mean() > 0.8
    assert (choice.offered[~users] == NOTHING).mean() > 0.8


@pytest.mark.parametrize("learn", [single.learn, risk.learn, trees.learn, product.learn_on_priors])
def test_nobody_offers_what_a_hard_limit_refuses(
    learn: object, contacts: Contacts, shelf: Shelf, market: Market
) -> None:
    people = market.people(120, np.random.default_rng(7))
    policy: Policy = learn(contacts, shelf)  # type: ignore[operator]
    choice, values = policy(people), market.true_values(people)
    made = choice.offered != NOTHING
    earned = np.where(made, values[np.arange(120), choice.offered], 0.0)
    assert np.isfinite(earned).all()
    assert (earned <= np.maximum(values.max(axis=1), 0) + 1e-9).all()
    if choice.promised is not None:
        assert (choice.promised[~made] == 0).all()
        assert (choice.promised[made] > 0).all()


def test_the_product_chooses_without_chance(shelf: Shelf, market: Market) -> None:
    calm = product.without_chance(shelf.rulebook)
    day = product.TODAY
    assert Shares.of(calm.as_of(day).policy) == Shares(control=0, explore=0)
    texts = {name: text for name, text in calm.texts.items() if name != "policy.toml"}
    assert texts == {name: text for name, text in shelf.rulebook.texts.items() if name != "policy.toml"}
    assert cases_of(market.people(3, np.random.default_rng(0))).rows == 3


def test_the_best_above_nothing_is_nothing_where_nothing_is_best() -> None:
    choice = best_above_nothing(np.array([[-1.0, -2.0], [3.0, 5.0], [-np.inf, -np.inf]]))
    assert choice.offered.tolist() == [NOTHING, 1, NOTHING]
    assert choice.promised is not None
    assert choice.promised.tolist() == [0.0, 5.0, 0.0]


def test_calling_nobody_promises_nothing(market: Market) -> None:
    choice = nothing_for_all(market.people(4, np.random.default_rng(0)))
    assert isinstance(choice, Choice)
    assert set(choice.offered) == {NOTHING}
