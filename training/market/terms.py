"""The terms drawn at random for the calls, each with the probability of its draw."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.market.catalogue import EXTRAS
from training.market.devices import DEVICE_PRICES_EUR, FAMILIES, NO_DEVICE, newest

LEVERS = ("device", "device_discount", "discount", "discount_extra", "extra", "credit")
LEVER_SHARES = np.array([0.30, 0.12, 0.20, 0.13, 0.15, 0.10])
HAS_DEVICE = np.array([True, True, False, False, False, False])
HAS_DISCOUNT = np.array([False, True, True, True, False, False])
HAS_EXTRA = np.array([False, False, False, True, True, False])
HAS_CREDIT = np.array([False, False, False, False, False, True])
TOP_UP_SHARES = np.array([0.0, 0.1, 0.2, 0.35, 0.5, 0.7])
DISCOUNTS_EUR = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 7.0])
CREDITS_EUR = np.array([10.0, 20.0, 30.0, 50.0, 80.0])
LEAST_TOP_UP_EUR = 1.0


@dataclass(frozen=True)
class Terms:
    """One offer a row [n]: device (-1 none) and its top-up, commitment, monthly discount, extra (-1 none), credit.

    `probability` [n] is the chance with which these very terms were drawn among all that could have been.
    """

    device: NDArray[np.int64]
    top_up_eur: NDArray[np.float64]
    months: NDArray[np.int64]
    discount_eur: NDArray[np.float64]
    extra: NDArray[np.int64]
    credit_eur: NDArray[np.float64]
    probability: NDArray[np.float64]


def draw_terms(rng: np.random.Generator, n: int, month: np.datetime64) -> Terms:
    """Terms [n] drawn alike for everybody: first which levers, then a level of each, all equally likely."""
    lever = rng.choice(len(LEVERS), n, p=LEVER_SHARES)
    with_device, with_discount = HAS_DEVICE[lever], HAS_DISCOUNT[lever]
    with_extra, with_credit = HAS_EXTRA[lever], HAS_CREDIT[lever]
    device = newest(rng.integers(0, len(FAMILIES), n), np.full(n, month))
    share = TOP_UP_SHARES[rng.integers(0, len(TOP_UP_SHARES), n)]
    asked = np.maximum(np.floor(DEVICE_PRICES_EUR[device] * share / 10.0) * 10.0 - 0.10, LEAST_TOP_UP_EUR)
    months = np.where(with_device, rng.choice([12, 24], n), rng.choice([0, 12, 24], n))
    chance = LEVER_SHARES[lever] / np.where(with_device, 2.0, 3.0)
    for present, levels in (
        (with_device, len(FAMILIES) * len(TOP_UP_SHARES)),
        (with_discount, len(DISCOUNTS_EUR)),
        (with_extra, len(EXTRAS)),
        (with_credit, len(CREDITS_EUR)),
    ):
        chance = np.where(present, chance / levels, chance)
    return Terms(
        device=np.where(with_device, device, NO_DEVICE),
        top_up_eur=np.where(with_device, np.round(asked, 2), 0.0),
        months=months,
        discount_eur=np.where(with_discount, rng.choice(DISCOUNTS_EUR, n), 0.0),
        extra=np.where(with_extra, rng.integers(0, len(EXTRAS), n), -1),
        credit_eur=np.where(with_credit, rng.choice(CREDITS_EUR, n), 0.0),
        probability=chance,
    )
