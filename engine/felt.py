"""What a customer feels of terms: how they lean, as points of taste, and what single terms are worth to them.

A point is one way a customer may be: a share, a willingness to say yes at all, and what money and each taste count.
One customer is a mixture of points, the same shares for every offer. What was learned of single terms (a device, an
extra, the first year of a commitment) multiplies the stated worth of that term before tastes count.
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.catalogue import Catalogue
from engine.policy import Policy
from engine.tables import MICRO, MOST_TASTE_MICRO, TASTES, Response, Scores
from engine.terms import COMMITMENT, DEVICE, MONEY, Priced, Terms, Whole

FIRST_MONTHS = 12
ONCE_AND_MONTHLY = ("top_up", "discount", "credit", "trade_in", "commitment_first_year", "commitment_later")


@dataclass(frozen=True)
class Points:
    """n customers as K points of taste each: `share` [n, K] adds up to 1, `willing_log_odds` [n, K].

    `weights_micro` [n, K, 1 + tastes]: what money counts, and each taste; `mean_micro` [n, 1 + tastes] on average.
    `felt_micro` [n, terms]: what each term of `term_names` counts; no terms where nothing was learned of any.
    """

    share: NDArray[np.float64]
    willing_log_odds: NDArray[np.float64]
    weights_micro: Whole
    mean_micro: Whole
    felt_micro: Whole

    def take(self, rows: Whole) -> "Points":
        """The same of some of the customers."""
        return Points(*(column[rows] for column in vars(self).values()))

    def apart(self) -> "list[Points]":
        """Each point of taste as if the customers were nothing else."""
        alone, weights = np.ones((len(self.share), 1)), self.weights_micro
        return [
            Points(alone, self.willing_log_odds[:, [at]], weights[:, [at]], weights[:, at], self.felt_micro)
            for at in range(self.share.shape[1])
        ]


@functools.lru_cache(maxsize=64)
def term_names(devices: tuple[str, ...], extras: tuple[str, ...]) -> tuple[str, ...]:
    """The single terms whose worth may be learned: money in its four forms, commitment, each device, each extra."""
    return (*ONCE_AND_MONTHLY, *(f"device:{name}" for name in devices), *(f"extra:{name}" for name in extras))


def read_points(scores: Scores, catalogue: Catalogue) -> Points:
    """The points of taste of n customers; of whom fewer are known, the others have no share."""
    responses: list[Response] = scores.responses.tolist()
    share, willing, multipliers = _stacked(responses)
    weights = with_money(np.minimum(np.maximum(scores.tastes_micro, 0), MOST_TASTE_MICRO))[:, None] * multipliers
    weights //= MICRO
    mean = weights[:, 0] if share.shape[1] == 1 else (share[:, :, None] * weights).sum(axis=1) // MICRO
    return Points(share / MICRO, willing / MICRO, weights, mean, _felt(responses, catalogue))


def _stacked(responses: list[Response]) -> list[Whole]:
    """Shares [n, K], willingness [n, K] and weights [n, K, 1 + tastes] of customers, with as many points each."""
    if all(response is responses[0] for response in responses):
        return [column[None].repeat(len(responses), axis=0) for column in responses[0].columns]
    most = max(len(response.share_micro) for response in responses)
    padded = [[_padded(column, most) for column in response.columns] for response in responses]
    return [np.stack(column) for column in zip(*padded, strict=True)]


def _padded(column: Whole, most: int) -> Whole:
    return np.concatenate([column, np.zeros((most - len(column), *column.shape[1:]), dtype=np.int64)])


def with_money(tastes_micro: Whole) -> Whole:
    """What each line of gains counts, [n, 1 + tastes]: money for what it is, then the tastes [n, tastes]."""
    weights = np.full((len(tastes_micro), 1 + len(TASTES)), MICRO)
    weights[:, 1:] = tastes_micro
    return weights


def _felt(responses: list[Response], catalogue: Catalogue) -> Whole:
    if not any(response.term_names for response in responses):
        return np.empty((len(responses), 0), dtype=np.int64)
    names = term_names(catalogue.goods.device_ids, catalogue.goods.extra_ids)
    felt = np.full((len(responses), len(names)), MICRO)
    for row, response in enumerate(responses):
        here, there = _places(response.term_names, names)
        felt[row, here] = np.array(response.terms_micro)[there]
    return felt


@functools.lru_cache(maxsize=64)
def _places(learned: tuple[str, ...], names: tuple[str, ...]) -> tuple[Whole, Whole]:
    """(places among the terms of a catalogue, places among the learned names) of the names that both know."""
    known = {name: place for place, name in enumerate(learned)}
    pairs = [(here, known[name]) for here, name in enumerate(names) if name in known]
    here, there = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return here, there


def felt_gains(priced: Priced, catalogue: Catalogue, policy: Policy, felt_micro: Whole) -> Whole:
    """What the terms give each customer over the months of worth, (1 + tastes, n, C) in cents: stated worth as felt.

    Where nothing was learned of single terms, the stated worth itself, (1 + tastes, r, C).
    """
    if not felt_micro.shape[1]:
        return priced.gains_cents
    terms, stated, goods = priced.terms, priced.gains_cents, catalogue.goods
    first_device, first_extra = len(ONCE_AND_MONTHLY), len(ONCE_AND_MONTHLY) + len(goods.device_ids)
    of_device, of_extra = felt_micro[:, first_device:first_extra], felt_micro[:, first_extra:]
    gains = np.empty((len(stated), len(felt_micro), stated.shape[2]), dtype=np.int64)
    gains[1:] = _extras(terms, catalogue, of_extra, policy["worth_months"])
    taken_back = goods.trade_in_credit_cents[terms.trade_in]
    gains[MONEY] = _money(terms, (stated[MONEY], taken_back), felt_micro, policy["worth_months"])
    rows, no_device = np.arange(len(felt_micro))[:, None], np.zeros((len(felt_micro), 1), dtype=np.int64)
    gains[DEVICE] = stated[DEVICE] * np.concatenate([of_device, no_device], axis=1)[rows, terms.device]
    gains[COMMITMENT] = _commitment(terms, felt_micro) * -policy["commitment_worth_cents"] * policy["worth_months"]
    gains //= MICRO
    return gains


def _money(terms: Terms, stated: tuple[Whole, Whole], felt_micro: Whole, months: int) -> Whole:
    """Money as felt in 1e-6 cents; `stated`: all of it, and what is credited for a device that is taken back."""
    top_up, discount, credit, trade_in = felt_micro.T[:4, :, None]
    total, taken_back = stated
    discounted = terms.discount_cents * np.minimum(terms.discount_months, months)
    credited = total + terms.top_up_cents - discounted - taken_back
    money: Whole = credit * credited + trade_in * taken_back + discount * discounted - top_up * terms.top_up_cents
    return money


def _commitment(terms: Terms, felt_micro: Whole) -> Whole:
    """Months of commitment as felt, in 1e-6 months: those of the first year, and the later ones."""
    first, later = felt_micro.T[4:6, :, None]
    within = np.minimum(terms.commitment_months, FIRST_MONTHS)
    months: Whole = first * within + later * (terms.commitment_months - within)
    return months


def _extras(terms: Terms, catalogue: Catalogue, of_extra: Whole, worth_months: int) -> Whole:
    """The worth of extras by taste as felt, (tastes, n, C), in 1e-6 cents."""
    goods, held = catalogue.goods, terms.extras
    of_sets = (goods.extra_worth_cents[:, None] * of_extra) @ goods.extras_of_sets
    rows = np.arange(len(of_extra))[:, None]
    extras: Whole = of_sets.take(held[0], axis=2) if len(held) == 1 else of_sets[:, rows, held]
    extras *= np.minimum(terms.extras_months, worth_months)
    return extras
