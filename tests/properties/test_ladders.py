"""A thousand negotiations: what was refused never comes back, each step is better than the last, and it ends."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

from engine.answers import write_answer
from engine.decide import Decisions, decide
from engine.fields import NO_LIMIT, NOTHING_REFUSED_MICRO, REASONS_FOR_REFUSAL
from engine.ladder import Heard, Remembered, remember
from engine.tables import MICRO, TASTES, Scores
from tests.properties.customers import Asker, cases_of, random_askers, scores_of
from tests.properties.rulebooks import World, house_documents, random_world
from tests.properties.test_limits import breaches
from tests.slow_reference.beliefs import (
    believed,
    best_refused_micro,
    shares_after,
    with_shares,
    with_tastes,
)
from tests.slow_reference.book import open_book
from tests.slow_reference.customer import REMEMBERS_NOTHING

Offer = dict[str, Any]


def ladder(random: Random, world: World, asker: Asker) -> Iterator[tuple[Asker, list[Heard], Remembered, Decisions]]:
    """The steps of one negotiation with somebody who refuses everything, until nothing more is offered."""
    rulebook, scores, heard = world.rulebook, scores_of([asker]), list[Heard]()
    decisions = decide(cases_of([asker]), scores, rulebook, world.today)
    while offers := write_answer(decisions, 0)["offers"]:
        offer = offers[0] if random.random() < 0.8 else random.choice(offers)
        heard.append(Heard(offer, random.choice(REASONS_FOR_REFUSAL), newly_stated(random)))
        left = remember(cases_of([asker]), scores, rulebook, world.today, heard)
        asks_again = replace(asker, facts={**asker.facts, **left.fields})
        decisions = decide(cases_of([asks_again]), left.scores, rulebook, world.today)
        yield asks_again, heard, left, decisions


def newly_stated(random: Random) -> dict[str, Any]:
    if random.random() < 0.8:
        return {}
    return random.choice(
        ({"wants_max_upfront_cents": 20_000}, {"wants_max_commitment_months": 12}, {"wants_needs": ()})
    )


def ready(random: Random, world: World, rows: int) -> list[Asker]:
    """Customers on a first contact by phone, nothing out of order."""
    fresh = {**REMEMBERS_NOTHING, "open_fault": "", "channel": "phone_in", "reason_for_contact": "wants_to_leave"}
    return [replace(one, facts={**one.facts, **fresh}) for one in random_askers(random, world, rows)]


def holds_the_wish(facts: dict[str, Any], offer: Offer) -> bool:
    """Whether an offer holds all that is wanted, within every limit that was stated; False where nothing is wanted."""
    device, needs, monthly = facts["wants_device"], facts["wants_needs"], facts["wants_max_monthly_cents"]
    amounts = {
        "wants_max_commitment_months": offer["commitment_months"],
        "wants_max_upfront_cents": offer["top_up_cents"],
        "wants_max_monthly_cents": offer["monthly_cents"],
    }
    wants = bool(device or needs or 0 <= monthly < facts["price_cents"])
    within = all(facts[name] == NO_LIMIT or amount <= facts[name] for name, amount in amounts.items())
    return wants and within and device in ("", offer["device"]) and set(needs) <= set(offer["extras"])


def house_world() -> World:
    return World(house_documents(), random_world(Random(4)).today.replace(year=2026), wildness=0.05)


def worlds(first: int) -> Iterator[tuple[str, Random, World, list[Asker]]]:
    for seed in range(first, first + 25):
        random = Random(seed)
        world = house_world() if seed % 5 == 0 else random_world(random)
        yield f"seed {seed}", random, world, ready(random, world, 20)


@pytest.mark.parametrize("first", [80_000, pytest.param(80_025, marks=pytest.mark.long)])
def test_refused_offers_never_come_back_each_step_is_worth_more_and_the_ladder_ends(first: int) -> None:
    lengths: Counter[int] = Counter()
    for where, random, world, askers in worlds(first):
        most = open_book(world.documents, world.today).numbers["ladder_steps"]
        for row, asker in enumerate(askers):
            steps = 0
            for asks_again, heard, left, decisions in ladder(random, world, asker):
                steps += 1
                at = f"{where}, row {row}, step {steps}"
                answer = write_answer(decisions, 0)
                offered = {offer["offer_id"] for offer in answer["offers"]}
                assert not offered & {one.offer["offer_id"] for one in heard}, at
                assert not {offer["device"] for offer in answer["offers"]} & set(left.fields["unwanted_devices"]), at
                assert not set(breaches(world, asks_again, answer)), at
                least = left.fields["least_worth_micro"]
                for offer in answer["offers"] if least != NOTHING_REFUSED_MICRO else ():
                    asked_for = holds_the_wish(asks_again.facts, offer)
                    assert asked_for or offer["worth_to_customer_cents_a_month"] >= least // MICRO, at
                assert steps <= most, at
                assert (not offered) or steps < most, at
            lengths[steps] += 1
    assert sum(lengths.values()) == 500
    assert sum(lengths[steps] for steps in lengths if steps) > 100
    assert sum(lengths[steps] for steps in lengths if steps > 1) > 30


@pytest.mark.parametrize("first", [81_000])
def test_what_is_believed_after_each_step_is_what_the_slow_loop_believes(first: int) -> None:
    compared = moved = 0
    for seed in range(first, first + 24):
        random = Random(seed)
        world = random_world(random)
        book = open_book(world.documents, world.today)
        for row, asker in enumerate(ready(random, world, 4)):
            for _, heard, left, _ in ladder(random, world, asker):
                if asker.facts["objects_to_profiling"]:
                    assert left.fields["least_worth_micro"] == NOTHING_REFUSED_MICRO
                    continue
                before = asker.for_reference()
                refusals = [(one.offer, one.reason) for one in heard]
                tastes = believed(book, before, refusals)
                at = f"seed {seed}, row {row}, step {len(heard)}"
                ours = dict(zip(TASTES, left.scores.tastes_micro[0].tolist(), strict=True))
                assert all(abs(ours[taste] - tastes[taste]) <= 1 for taste in TASTES), (at, ours, tastes)
                told = with_tastes(before, ours)
                shares, points = shares_after(book, told, refusals), left.scores.responses[0].share_micro
                assert np.abs(np.subtract(points, shares)).max() <= 1, (at, points, shares)
                after = with_shares(told, points)
                unwanted = left.fields["unwanted_devices"]
                assert left.fields["least_worth_micro"] == best_refused_micro(book, after, refusals, unwanted), at
                compared, moved = compared + 1, moved + (points != asker.response.share_micro)
    assert compared > 15
    assert moved > 3


def first_of(one: Scores, others: Scores) -> Scores:
    """The scores of several customers, where the first is another."""
    columns = zip(vars(one).items(), vars(others).values(), strict=True)
    return Scores(**{name: np.concatenate([alone[:1], column[1:]]) for (name, alone), column in columns})


def test_a_refusal_of_many_is_remembered_the_same_whoever_else_is_asked() -> None:
    random = Random(7)
    world = house_world()
    for asker in ready(random, world, 5):
        for asks_again, _, left, decisions in ladder(random, world, asker):
            beside = [asks_again, *ready(random, world, 3)]
            scores = scores_of(beside)
            together = decide(cases_of(beside), first_of(left.scores, scores), world.rulebook, world.today)
            assert write_answer(together, 0) == write_answer(decisions, 0)
