"""What the customer may do: accept, stay or leave, a multinomial choice anchored on the churn score."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.felt import Points
from engine.policy import Policy
from engine.tables import MICRO
from engine.terms import Whole

Numbers = NDArray[np.float64]
SURPLUS_LIMIT_MICRO = 10**13


def surplus_micro(gains_cents: Whole, weights_micro: Whole, worth_months: int) -> Whole:
    """What terms are worth to each customer, (n, C) in 1e-6 cents a month: device, extras, money, less commitment.

    `weights_micro` [n, 1 + tastes] multiplies each line of `gains_cents` [1 + tastes, r, C]; of several weights
    [n, K, 1 + tastes] come as many worths, (K, n, C). The constant that explains why people say no (hassle, mistrust)
    is no part of it.
    """
    surplus: Whole = np.einsum("gnc,n...g->...nc", gains_cents, weights_micro) // worth_months
    return surplus


def log_odds(p_micro: NDArray[np.int64]) -> NDArray[np.float64]:
    """The log-odds of chances in 1e-6, kept away from 0 and 1."""
    p = np.minimum(np.maximum(p_micro, 1), MICRO - 1) / MICRO
    return np.log(p / (1 - p))


def surpluses_micro(gains_cents: Whole, points: Points, worth_months: int) -> tuple[Whole, list[Whole]]:
    """The surplus at the mean tastes (n, C), and at each point of taste."""
    if points.share.shape[1] == 1:
        mean = surplus_micro(gains_cents, points.mean_micro, worth_months)
        return mean, [mean]
    weights_micro = np.concatenate((points.mean_micro[:, None], points.weights_micro), axis=1)
    mean, *at_points = surplus_micro(gains_cents, weights_micro, worth_months)
    return mean, at_points


def choose(
    surpluses: Sequence[Whole], points: Points, asked_for: NDArray[np.bool_], leaving: Numbers, policy: Policy
) -> tuple[Whole, Whole]:
    """(p_accept, p_leave) in 1e-6, the mean over the points of taste; the rest stays.

    `surpluses` are those at each point, (n, C) in 1e-6 cents; `leaving` are log-odds (n, 1).
    """
    asked = asked_for * policy["asked_for_log_odds"] if asked_for.any() else 0.0
    hassle, leave = policy["hassle_log_odds"], np.exp(leaving)
    accepts = leaves = 0.0
    for point, surplus in enumerate(surpluses):
        bounded = np.minimum(np.maximum(surplus, -SURPLUS_LIMIT_MICRO), SURPLUS_LIMIT_MICRO)
        gain = bounded * (policy["euro_log_odds"] / (100 * MICRO))
        gain += asked - hassle + points.willing_log_odds[:, point, None]
        accept = np.exp(np.minimum(np.maximum(gain, -50.0), 50.0))
        scale = points.share[:, point, None] * MICRO / (1.0 + accept + leave)
        accepts = accepts + accept * scale
        leaves = leaves + leave * scale
    return np.rint(accepts).astype(np.int64), np.rint(leaves).astype(np.int64)


def p_leave_without_offer(leaving_log_odds: NDArray[np.float64]) -> NDArray[np.int64]:
    """The chance of leaving in 1e-6 where no offer is made, same shape."""
    leave = np.exp(leaving_log_odds)
    return np.rint(leave * (MICRO / (1.0 + leave))).astype(np.int64)
