"""How good a chance of leaving is: five figures over weighted customers, so that one sample can stand for another.

Everywhere `left` [n] is who left, `p` [n] the chance given, `weight` [n] how many customers the row stands for.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc
from sklearn.isotonic import isotonic_regression

Left = NDArray[np.bool_]
Numbers = NDArray[np.float64]

BINS = 10
TOP_SHARE = 0.1
SMALLEST_CHANCE = 1e-15

LIFETIME_VALUE_EUR, OFFER_COST_EUR, CONTACT_COST_EUR = 200.0, 10.0, 1.0
ACCEPT_ALPHA, ACCEPT_BETA = 6.0, 14.0
"""The campaign of Verbraken, Verbeke and Baesens (2013): what a customer, an offer and a contact are worth, and the
beta distribution of the share of would-be leavers who accept."""


def auc(left: Left, p: Numbers, weight: Numbers) -> float:
    """The chance that a leaver is ranked above a stayer, ties counting half."""
    values, place = np.unique(p, return_inverse=True)
    leavers = np.bincount(place, weights=weight * left, minlength=len(values))
    stayers = np.bincount(place, weights=weight * ~left, minlength=len(values))
    below = np.cumsum(stayers) - stayers
    return float(np.sum(leavers * (below + stayers / 2)) / (leavers.sum() * stayers.sum()))


def log_loss(left: Left, p: Numbers, weight: Numbers) -> float:
    """Mean of -log(chance given to what happened), in nats."""
    given = np.clip(np.where(left, p, 1.0 - p), SMALLEST_CHANCE, 1.0)
    return float(np.average(-np.log(given), weights=weight))


def ece(left: Left, p: Numbers, weight: Numbers) -> float:
    """Expected calibration error: mean distance of chance and rate over ten bins of equal mass along the chance."""
    share, chance, rate = calibration_bins(left, p, weight)
    return float(np.sum(share * np.abs(chance - rate)))


def lift_10(left: Left, p: Numbers, weight: Numbers) -> float:
    """Rate of leaving among the tenth with the highest chances, over the rate among all."""
    order = np.argsort(-p, kind="stable")
    mass = np.cumsum(weight[order])
    top = np.clip(TOP_SHARE * mass[-1] - (mass - weight[order]), 0.0, weight[order])
    return float(np.average(left[order], weights=top) / np.average(left, weights=weight))


def empc(left: Left, p: Numbers, weight: Numbers) -> float:
    """Expected maximum profit of a campaign, in EUR a customer of the base (Verbraken and others, 2013)."""
    prior = float(np.average(left, weights=weight))
    caught, bothered = _roc_hull(left, p, weight)
    offer, contact = OFFER_COST_EUR / LIFETIME_VALUE_EUR, CONTACT_COST_EUR / LIFETIME_VALUE_EUR
    gained = np.diff(caught)
    steps = np.divide(np.diff(bothered), gained, out=np.full(len(gained), np.inf), where=gained > 0)
    worth_it = ((1 - prior) * (offer + contact) / prior * steps + contact) / (1 - offer)
    bounds = np.clip(np.concatenate([[0.0], worth_it, [1.0]]), 0.0, 1.0)
    mass = np.diff(betainc(ACCEPT_ALPHA, ACCEPT_BETA, bounds))
    mean = np.diff(betainc(ACCEPT_ALPHA + 1, ACCEPT_BETA, bounds)) * ACCEPT_ALPHA / (ACCEPT_ALPHA + ACCEPT_BETA)
    gain = (1 - offer) * prior * caught * mean
    cost = (contact * prior * caught + (offer + contact) * (1 - prior) * bothered) * mass
    return float(LIFETIME_VALUE_EUR * np.sum(gain - cost))


METRICS: dict[str, Callable[[Left, Numbers, Numbers], float]] = {
    "auc": auc,
    "log_loss": log_loss,
    "ece": ece,
    "lift_10": lift_10,
    "empc": empc,
}


def calibration_bins(left: Left, p: Numbers, weight: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Share of the customers, mean chance and rate of leaving in each of ten bins of equal mass along the chance."""
    order = np.argsort(p, kind="stable")
    mass = np.cumsum(weight[order]) - weight[order] / 2
    place = np.minimum((BINS * mass / weight.sum()).astype(np.int64), BINS - 1)
    share, chance, leavers = (
        np.bincount(place, weights=weight[order] * column, minlength=BINS) for column in (1.0, p[order], left[order])
    )
    filled = share > 0
    return share[filled] / weight.sum(), chance[filled] / share[filled], leavers[filled] / share[filled]


def _roc_hull(left: Left, p: Numbers, weight: Numbers) -> tuple[Numbers, Numbers]:
    """The upper hull of the ROC curve, from (0, 0): share of the leavers, and of the stayers, above each threshold."""
    values, place = np.unique(-p, return_inverse=True)
    mass = np.bincount(place, weights=weight, minlength=len(values))
    leavers = np.bincount(place, weights=weight * left, minlength=len(values))
    used = mass > 0
    mass, leavers = mass[used], leavers[used]
    rate = isotonic_regression(leavers / mass, sample_weight=mass, increasing=False)
    last = np.append(np.flatnonzero(np.diff(rate)), len(rate) - 1)
    caught, reached = np.cumsum(leavers)[last], np.cumsum(mass)[last]
    corners = np.concatenate([[0.0], caught]) / caught[-1], np.concatenate([[0.0], reached - caught])
    return corners[0], corners[1] / corners[1][-1]
