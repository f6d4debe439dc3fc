"""Policies on logged contacts, in a market whose truth is known and whose economics are written elsewhere."""

import dataclasses
from functools import cache

import numpy as np
import pytest

from benchmarks.markets import Contacts as Drawn
from benchmarks.markets import Shelf, make_market, read_shelf
from benchmarks.markets.economics import worth
from benchmarks.markets.files import as_history
from benchmarks.markets.market import Market
from benchmarks.markets.shelf import TODAY
from engine.decide import decide
from intake.contacts import ACCEPTED, CALLED, CONTROL, DECLINED, NONE, Contacts
from models.scorer import score
from training.evaluation.acting import act, as_contacted, leave_alone, offering
from training.evaluation.evaluate import METHODS, Evaluated, evaluate
from training.evaluation.rewards import done_in, realised_cents, worth_of

SHELF = read_shelf()
CONTROL_SHARE = 0.2


@cache
def market() -> Market:
    return make_market("classes", 3, SHELF)


def few_arms() -> np.ndarray:
    """Six listed candidates that differ in kind."""
    return np.linspace(5, len(SHELF) - 5, 6).astype(np.int64)


@cache
def drawn(rows: int, seed: int) -> Drawn:
    """Contacts over six candidates and none."""
    rng = np.random.default_rng(seed)
    people = market().people(rows, rng)
    offered = np.where(rng.random(rows) < CONTROL_SHARE, -1, rng.choice(few_arms(), rows))
    probability = np.where(offered < 0, CONTROL_SHARE, (1 - CONTROL_SHARE) / len(few_arms()))
    reaction, left = market().react(people, offered, rng)
    return Drawn(people, offered, probability, reaction, left)


def history(rows: int = 3_000, seed: int = 1) -> Contacts:
    return as_history(drawn(rows, seed), SHELF)


def worth_in(contacts: Contacts) -> np.ndarray:
    return realised_cents(
        contacts,
        worth_of(done_in(contacts), as_contacted(contacts, TODAY), contacts.window_months, SHELF.in_force),
    )


def test_what_a_contact_came_to_is_what_economics_written_elsewhere_say() -> None:
    contacts, log = history(), drawn(3_000, 1)
    theirs = worth(log.people, SHELF).realised(log.offered, log.reaction == 1, log.left)
    assert worth_in(contacts) == pytest.approx(100 * theirs, abs=40)  # prices are rounded to cents before 48 months
    assert set(contacts.reaction) == {ACCEPTED, DECLINED, NONE}


def test_who_accepts_and_leaves_all_the_same_has_cost_what_was_given() -> None:
    contacts = history()
    accepted = np.flatnonzero(contacts.reaction == ACCEPTED)
    left = contacts.left.copy()
    left[accepted] = True
    after_all = worth_in(dataclasses.replace(contacts, left=left))[accepted]
    assert (after_all < worth_in(contacts)[accepted]).all()
    refused = np.full_like(contacts.reaction, DECLINED)
    neither = worth_in(dataclasses.replace(contacts, left=left, reaction=refused))[accepted]
    once = SHELF.in_force.catalogue.listed.priced.once_cents[0, drawn(3_000, 1).offered[accepted]]
    assert (after_all - neither <= once).all()


def test_a_call_without_an_offer_costs_the_call_and_nothing_else() -> None:
    contacts = history()
    alone = contacts.group == CONTROL
    called = dataclasses.replace(contacts, group=np.where(alone, CALLED, contacts.group))
    cost = SHELF.in_force.policy["contact_cost_cents"]
    assert cost > 0
    assert (worth_in(contacts) - worth_in(called)).tolist() == np.where(alone, cost, 0).tolist()


def test_an_old_device_costs_the_share_that_devices_cost() -> None:
    contacts = history()
    goods = SHELF.in_force.catalogue.goods
    device = contacts.terms.device[0]
    known = np.flatnonzero((device >= 0) & (contacts.reaction == ACCEPTED))
    forgotten = dataclasses.replace(contacts, terms=dataclasses.replace(contacts.terms, device=np.full((1, 3_000), -1)))
    more = worth_in(forgotten)[known] - worth_in(contacts)[known]
    vat = 1 + SHELF.in_force.law.vat_micro / 1e6
    share = goods.device_cost_cents[:-1].sum() / (goods.device_price_cents[:-1] / vat).sum()
    guessed = goods.device_price_cents[device[known]] / vat * share
    assert more == pytest.approx(goods.device_cost_cents[device[known]] - guessed, abs=2)


def test_the_policy_does_what_the_kernel_decides_for_a_call_of_ours() -> None:
    contacts = history(300, 2)
    acting = act(contacts, SHELF.rulebook, None, TODAY)
    cases = as_contacted(contacts, TODAY)
    assert set(cases["channel"]) == {"phone_out"}
    (page,) = decide(cases, score(None, cases, {}, TODAY), SHELF.rulebook, TODAY).pages
    column = page.table.offers[:, 0]
    chosen = np.where(column < 0, 0, page.sheet.value_cents[np.arange(300), column])
    assert acting.promised_cents.tolist() == chosen.tolist()
    assert acting.done.contacted.tolist() == (column >= 0).tolist()
    assert 0 < acting.done.contacted.mean() < 1
    assert acting.degraded == 300


def test_wishes_are_left_out_and_days_are_counted_from_the_contact() -> None:
    contacts = history(50, 2)
    wishing = {**contacts.cases, "wants_device": np.full(50, "fairphone-6", dtype=object)}
    earlier = np.full(50, np.datetime64(TODAY) - np.timedelta64(400, "D"))
    moved = {name: column - np.timedelta64(400, "D") for name, column in wishing.items() if column.dtype.kind == "M"}
    asked = dataclasses.replace(contacts, cases=type(contacts.cases)({**wishing, **moved}), dates=earlier)
    assert set(as_contacted(asked, TODAY)["wants_device"]) == {""}
    for name in ("customer_since", "commitment_end"):
        now, then = as_contacted(asked, TODAY)[name], contacts.cases[name]
        assert ((now == then) | np.isnat(then)).all()


def test_the_same_is_the_same_terms_or_nobody_called() -> None:
    contacts, log = history(), drawn(3_000, 1)
    assert offering(log.offered, contacts, SHELF.in_force).same.all()
    assert leave_alone(contacts, SHELF.in_force).same.tolist() == (contacts.group == CONTROL).tolist()
    one = few_arms()[2]
    always = offering(np.full(3_000, one), contacts, SHELF.in_force)
    assert always.same.tolist() == (log.offered == one).tolist()
    bare = dataclasses.replace(contacts, group=np.where(contacts.group == CONTROL, CALLED, contacts.group))
    assert not leave_alone(bare, SHELF.in_force).same.any()


def test_a_device_that_nobody_sells_any_more_is_not_the_same_as_none() -> None:
    contacts, log = history(), drawn(3_000, 1)
    without = next(arm for arm in few_arms() if SHELF.brand[arm] < 0)
    contacts.devices[log.offered == without] = "last-years-phone"
    assert not offering(np.full(3_000, without), contacts, SHELF.in_force).same.any()


def true_cents(shelf: Shelf, log: Drawn, column: np.ndarray) -> float:
    """What a policy earns a customer of these, by the market's own chances."""
    chances, rows = market().chances(log.people), np.arange(len(log))
    ends, at = worth(log.people, shelf), np.maximum(column, 0)
    accepts, leaves = chances.accept[rows, at], chances.leave[rows, at]
    called = accepts * ends.accepted(at) + ends.margin * (
        leaves * ends.months_left + (1 - accepts - leaves) * ends.months_refused
    )
    alone = chances.leave_uncontacted
    uncalled = ends.margin * (alone * ends.months_left + (1 - alone) * ends.months_uncontacted)
    return 100 * float(np.where(column < 0, uncalled, called - ends.contact).mean())


@pytest.mark.long
def test_every_method_finds_what_policies_truly_earn() -> None:
    contacts, log = history(6_000, 4), drawn(6_000, 4)
    dear = contacts.cases["price_cents"] > np.median(contacts.cases["price_cents"])
    columns = {
        "by price": np.where(dear, few_arms()[1], few_arms()[4]),
        "one for all": np.full(6_000, few_arms()[3]),
        "nobody called": np.full(6_000, -1),
    }
    acting = {name: offering(column, contacts, SHELF.in_force) for name, column in columns.items()}
    found = evaluate(contacts, acting, SHELF.in_force, TODAY)
    truth = {name: true_cents(SHELF, log, column) for name, column in columns.items()}
    widths = dict.fromkeys(METHODS, 0.0)
    for name, one in found.items():
        for method in ("snips", "doubly_robust"):
            interval = one.figures[method].interval
            assert interval is not None
            wider = (interval.high - interval.low) / 2
            widths[method] += wider
            assert interval.low - wider <= truth[name] <= interval.high + wider, (name, method)
    assert widths["doubly_robust"] < 0.9 * widths["snips"]
    for other, figures in found["by price"].more.items():
        interval = figures["doubly_robust"].interval
        assert interval is not None
        wider = (interval.high - interval.low) / 2
        assert interval.low - wider <= truth["by price"] - truth[other] <= interval.high + wider
        assert interval.value == pytest.approx(_value(found["by price"]) - _value(found[other]))


def _value(one: Evaluated) -> float:
    interval = one.figures["doubly_robust"].interval
    assert interval is not None
    return interval.value
