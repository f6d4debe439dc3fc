"""Promises against what came: slow loops, the kernel's own values, and a market whose truth is known."""

import dataclasses

import numpy as np
import pytest

from benchmarks.markets import Contacts as Drawn
from benchmarks.markets import make_market, read_shelf
from benchmarks.markets.economics import worth
from benchmarks.markets.files import as_history
from benchmarks.markets.shelf import TODAY
from engine.decide import decide
from intake.contacts import ACCEPTED, CONTROL, OFFERED, Contacts
from models.scorer import score
from training.evaluation.acting import as_contacted
from training.evaluation.cross_fit import folds_of
from training.evaluation.promises import (
    Kept,
    Promised,
    cross_fitted_promises,
    kept_by_reaction,
    kept_by_value,
    of_known_terms,
    promised_of,
)
from training.evaluation.rewards import done_in, realised_cents, worth_of
from training.evaluation.telling import promises_as_lines, promises_as_plain
from training.interval import Interval

SHELF = read_shelf()


def drawn(rows: int, seed: int = 1) -> tuple[Drawn, Contacts]:
    log = make_market("classes", 2, SHELF).draw_contacts(rows, np.random.default_rng(seed))
    return log, as_history(log, SHELF)


def made_up(rows: int, seed: int) -> tuple[Contacts, Promised, np.ndarray]:
    """Contacts, promises that say nothing, and rewards."""
    rng = np.random.default_rng(seed)
    _, contacts = drawn(rows, seed)
    chances = rng.dirichlet([1.0, 1.0, 3.0], rows)
    promised = Promised(rng.normal(0, 900, rows), rng.normal(20_000, 500, rows), chances[:, 0], chances[:, 1])
    return contacts, promised, rng.normal(20_500, 3_000, rows)


@pytest.mark.parametrize("seed", range(3))
def test_promised_and_realised_agree_with_slow_loops(seed: int) -> None:
    contacts, promised, rewards = made_up(1_500, seed)
    without = weights = 0.0
    for row in np.flatnonzero(contacts.group == CONTROL):
        without += (rewards[row] - promised.uncalled_cents[row]) / contacts.probability[row]
        weights += 1 / contacts.probability[row]
    found = {one.name: one for one in kept_by_value(contacts, promised, rewards)}
    offers = np.flatnonzero(contacts.group == OFFERED)
    by_promise = offers[np.argsort(promised.more_cents[offers], kind="stable")]
    groups = {"all offers": offers, "promised above nothing": [row for row in offers if promised.more_cents[row] > 0]}
    groups |= {f"decile {place + 1}": some for place, some in enumerate(np.array_split(by_promise, 10))}
    assert list(found) == list(groups)
    assert sum(one.offers for name, one in found.items() if name.startswith("decile")) == len(offers)
    for name in ("all offers", "promised above nothing"):
        rows = groups[name]
        came = sum(rewards[row] - promised.uncalled_cents[row] for row in rows) / len(rows) - without / weights
        assert found[name].realised.value == pytest.approx(came)
        assert found[name].promised == pytest.approx(sum(promised.more_cents[row] for row in rows) / len(rows))
    for place in range(10):
        one, rows = found[f"decile {place + 1}"], groups[f"decile {place + 1}"]
        assert abs(one.offers - len(rows)) <= 1
        assert one.promised == pytest.approx(promised.more_cents[rows].mean(), abs=20)


def test_reactions_add_up_to_what_offers_came_to() -> None:
    contacts, promised, rewards = made_up(1_000, 4)
    worths = worth_of(done_in(contacts), as_contacted(contacts, TODAY), 6, SHELF.in_force)
    found = {one.name: one for one in kept_by_reaction(contacts, promised, rewards, worths)}
    offered = contacts.group == OFFERED
    parts = [found[name] for name in ("accepted", "left", "stayed without accepting")]
    assert sum(one.realised.value for one in parts) == pytest.approx(rewards[offered].mean())
    accepted = offered & (contacts.reaction == ACCEPTED)
    assert found["accepted"].realised.value == pytest.approx(rewards[accepted].sum() / offered.sum())
    assert found["accepted"].promised == pytest.approx((promised.accepts * worths.accepted)[offered].mean())
    assert found["not called"].promised == pytest.approx(promised.uncalled_cents[~offered].mean())
    assert found["not called"].realised.value == pytest.approx(rewards[~offered].mean())


def test_a_ratio_is_told_only_where_the_realised_is_clear() -> None:
    assert Kept("unclear", 9, 5.0, Interval(1.0, -1.0, 3.0)).over is None
    assert Kept("clear", 9, 5.0, Interval(4.0, 2.0, 5.0)).over == Interval(1.25, 1.0, 2.5)
    assert Kept("lost", 9, -5.0, Interval(-4.0, -5.0, -2.0)).over == Interval(1.25, 1.0, 2.5)


def test_a_person_reads_euros_and_a_program_cents() -> None:
    kept = [
        Kept("all offers", 1_200, 500.0, Interval(400.0, 200.0, 500.0)),
        Kept("few", 3, 1.0, Interval(0.0, -9.0, 9.0)),
    ]
    lines = list(promises_as_lines(kept))
    assert lines[1].split() == ["all", "offers", "1,200", "5.00", "4.00", "[2.00,", "5.00]", "1.25", "[1.00,", "2.50]"]
    assert lines[2].endswith("not clearly above or below 0")
    plain = promises_as_plain(kept)
    assert plain[0]["promised_over_realised"] == {"value": 1.25, "low": 1.0, "high": 2.5}
    assert plain[1]["promised_over_realised"] is None
    assert plain[1]["realised_cents"] == {"value": 0.0, "low": -9.0, "high": 9.0}


def test_what_is_promised_of_a_listed_offer_is_what_the_kernel_promises() -> None:
    log, contacts = drawn(200)
    promised = promised_of(contacts, None, SHELF.rulebook, TODAY)
    cases = as_contacted(contacts, TODAY)
    (page,) = decide(cases, score(None, cases, {}, TODAY), SHELF.rulebook, TODAY).pages
    rows = np.flatnonzero(log.offered >= 0)
    assert len(rows) > 100
    for mine, theirs in (
        (promised.more_cents, page.sheet.value_cents),
        (promised.accepts * 1e6, page.sheet.p_accept_micro),
        (promised.leaves * 1e6, page.sheet.p_leave_micro),
    ):
        assert mine[rows] == pytest.approx(theirs[rows, log.offered[rows]])


def test_offers_of_devices_that_nobody_sells_any_more_are_left_out() -> None:
    log, contacts = drawn(300)
    device = contacts.terms.device.copy()
    device[0, :150] = -1
    old = dataclasses.replace(contacts, terms=dataclasses.replace(contacts.terms, device=device))
    gone = (np.arange(300) < 150) & (SHELF.brand[log.offered] >= 0) & (log.offered >= 0)
    assert gone.any()
    assert of_known_terms(old).tolist() == ((log.offered >= 0) & ~gone).tolist()


@pytest.mark.long
def test_no_promise_has_learned_from_the_customer_it_is_made_to() -> None:
    _, contacts = drawn(1_000)
    fold = folds_of(contacts.customers)
    offered = (fold == 2) & (contacts.group == OFFERED)
    all_accept = np.where(offered, ACCEPTED, contacts.reaction)
    before = cross_fitted_promises(contacts, SHELF.rulebook, TODAY)
    after = cross_fitted_promises(dataclasses.replace(contacts, reaction=all_accept), SHELF.rulebook, TODAY)
    assert (before.more_cents == after.more_cents)[fold == 2].all()
    assert not (before.more_cents == after.more_cents)[fold != 2].all()


@pytest.mark.long
def test_the_truth_is_promised_over_realised_about_one_and_half_as_much_again_is_not() -> None:
    log, contacts = drawn(20_000, 3)
    market, rows = make_market("classes", 2, SHELF), np.arange(20_000)
    chances, ends, at = market.chances(log.people), worth(log.people, SHELF), np.maximum(log.offered, 0)
    accepts, leaves = chances.accept[rows, at], chances.leave[rows, at]
    more = ends.expected(chances.accept, chances.leave, chances.leave_uncontacted)[rows, at]
    alone = chances.leave_uncontacted
    uncalled = ends.margin * (alone * ends.months_left + (1 - alone) * ends.months_uncontacted)
    true = Promised(100 * more, 100 * uncalled, accepts, leaves)
    worths = worth_of(done_in(contacts), as_contacted(contacts, TODAY), 6, SHELF.in_force)
    rewards = realised_cents(contacts, worths)
    kept = [*kept_by_value(contacts, true, rewards), *kept_by_reaction(contacts, true, rewards, worths)]
    for one in kept:
        wider = (one.realised.high - one.realised.low) / 2
        assert one.realised.low - wider <= one.promised <= one.realised.high + wider, one.name
    over = next(one for one in kept if one.name == "all offers").over
    assert over is not None
    assert over.low < 1 < over.high
    boasted = dataclasses.replace(true, accepts=1.5 * accepts)
    accepted = kept_by_reaction(contacts, boasted, rewards, worths)[0].over
    assert accepted is not None
    assert accepted.low > 1.3
