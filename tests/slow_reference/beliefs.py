"""What refusals say about tastes, class by class, as docs/arithmetic.md tells."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.slow_reference.book import Book, Candidate
from tests.slow_reference.customer import Customer, Point
from tests.slow_reference.felt import gains, mean_weights
from tests.slow_reference.given import given
from tests.slow_reference.money import MICRO
from tests.slow_reference.worth import reactions, surplus

MOST = 20 * MICRO
Refusal = tuple[Mapping[str, Any], str]


def believed(book: Book, customer: Customer, refusals: Sequence[Refusal]) -> dict[str, int]:
    """The tastes after the refusals, each an offer in plain values and its reason."""
    tastes = dict(customer.score.tastes_micro)
    shifts, weights = [], []
    for steps in itertools.product((-1, 0, 1), repeat=len(tastes)):
        shift = {taste: step * math.sqrt(3) * spread(book, taste) for taste, step in zip(tastes, steps, strict=True)}
        there = {taste: round(min(tastes[taste] * math.exp(shift[taste]), MOST)) for taste in tastes}
        weight = math.prod(4 / 6 if step == 0 else 1 / 6 for step in steps)
        for plain, reason in refusals:
            weight *= likelihood(book, (customer, with_tastes(customer, there)), given(book, plain), reason)
        shifts.append(shift)
        weights.append(weight)
    total = sum(weights)
    means = {
        taste: sum(weight * shift[taste] for weight, shift in zip(weights, shifts, strict=True)) / total
        for taste in tastes
    }
    return {taste: round(min(tastes[taste] * math.exp(means[taste]), MOST)) for taste in tastes}


def shares_after(book: Book, customer: Customer, refusals: Sequence[Refusal]) -> list[int]:
    """The shares of the points of taste after the refusals, of a customer of the tastes believed after them."""
    points = customer.score.reaction.points
    weights = [float(point.share_micro) for point in points]
    for plain, _ in refusals:
        offer = given(book, plain)
        weights = [
            weight * declining(book, offer, with_points(customer, [replace(point, share_micro=MICRO)]))
            for weight, point in zip(weights, points, strict=True)
        ]
    shares = [round(MICRO * weight / sum(weights)) for weight in weights]
    shares[shares.index(max(shares))] += MICRO - sum(shares)
    return shares


def with_points(customer: Customer, points: Sequence[Point]) -> Customer:
    """The same customer with other points of taste."""
    reaction = replace(customer.score.reaction, points=tuple(points))
    return Customer(customer.facts, replace(customer.score, reaction=reaction))


def with_shares(customer: Customer, shares_micro: Sequence[int]) -> Customer:
    """The same customer with other shares of the same points."""
    pairs = zip(customer.score.reaction.points, shares_micro, strict=True)
    return with_points(customer, [replace(point, share_micro=share) for point, share in pairs])


def spread(book: Book, taste: str) -> float:
    """How far customers lie apart in one taste."""
    return float(book.numbers[f"belief_log_sd_{taste if taste in ('device', 'commitment') else 'extras'}"])


def with_tastes(customer: Customer, tastes: Mapping[str, int]) -> Customer:
    """The same customer with other tastes."""
    return Customer(customer.facts, replace(customer.score, tastes_micro=tastes))


def likelihood(book: Book, usual_and_this: tuple[Customer, Customer], offer: Candidate, reason: str) -> float:
    """The chance that a customer of this class declines the offer and gives the reason."""
    usual, this = usual_and_this
    declined = declining(book, offer, this)
    hurts = _hurts(book, offer, usual, this)
    if reason not in hurts:
        return declined
    chances = {cause: math.exp(max(-50.0, min(50.0, hurt))) for cause, hurt in hurts.items()}
    return declined * chances[reason] / (4 + sum(chances.values()))


def declining(book: Book, offer: Candidate, customer: Customer) -> float:
    """The chance that the customer declines the offer."""
    p_accept, _ = reactions(book, offer, customer)
    return max(MICRO - p_accept, 1) / MICRO


def _hurts(book: Book, offer: Candidate, usual: Customer, this: Customer) -> dict[str, float]:
    months, felt, weights = book.numbers["worth_months"], gains(book, offer, this), mean_weights(this)
    hurts = {}
    if offer.commitment_months:
        hurts["commitment_too_long"] = -felt["commitment"] * weights["commitment"] / MICRO / months
    if offer.top_up_cents:
        hurts["top_up_too_high"] = offer.top_up_cents / months
    if offer.device:
        less = mean_weights(usual)["device"] - weights["device"]
        hurts["not_the_device_i_want"] = felt["device"] * less / MICRO / months
    return {cause: book.numbers["euro_log_odds"] * cents / 100 for cause, cents in hurts.items()}


def best_refused_micro(book: Book, customer: Customer, refusals: Sequence[Refusal], unwanted: Sequence[str]) -> int:
    """What the best of the refused offers is worth to a customer of these tastes, unwanted devices left out."""
    worths = []
    for plain, _ in refusals:
        offer = given(book, plain)
        indifferent = {**customer.score.tastes_micro, "device": 0}
        who = with_tastes(customer, indifferent) if offer.device in unwanted else customer
        worths.append(surplus(book, offer, who))
    return max(worths)
