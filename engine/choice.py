"""What the customer may do: accept, stay or leave, a multinomial choice anchored on the churn score."""

import numpy as np
from numpy.typing import NDArray

from engine.policy import Policy
from engine.tables import MICRO
from engine.terms import Whole

SURPLUS_LIMIT_MICRO = 10**13


def surplus_micro(gains_cents: Whole, weights_micro: Whole, worth_months: int) -> Whole:
    """What terms are worth to each customer, (n, C) in 1e-6 cents a month: device, extras, money, less commitment.

    `weights_micro` [n, 1 + tastes] multiplies each line of `gains_cents` [1 + tastes, r, C]. The constant that explains
    why people say no (hassle, mistrust) is no part of it.
    """
    surplus: Whole = np.einsum("gnc,ng->nc", gains_cents, weights_micro) // worth_months
    return surplus


def log_odds(p_micro: NDArray[np.int64]) -> NDArray[np.float64]:
    """The log-odds of chances in 1e-6, kept away from 0 and 1."""
    p = np.minimum(np.maximum(p_micro, 1), MICRO - 1) / MICRO
    return np.log(p / (1 - p))


def choose(
    surplus: Whole, asked_for: NDArray[np.bool_], leaving_log_odds: NDArray[np.float64], policy: Policy
) -> tuple[Whole, Whole]:
    """(p_accept, p_leave) in 1e-6, of surpluses (n, C) in 1e-6 cents and log-odds of leaving (n, 1); the rest stays."""
    bounded = np.minimum(np.maximum(surplus, -SURPLUS_LIMIT_MICRO), SURPLUS_LIMIT_MICRO)
    gain = bounded * (policy["euro_log_odds"] / (100 * MICRO))
    if asked_for.any():
        gain += asked_for * policy["asked_for_log_odds"]
    gain -= policy["hassle_log_odds"]
    accept = np.exp(np.minimum(np.maximum(gain, -50.0), 50.0))
    leave = np.exp(leaving_log_odds)
    scale = MICRO / (1.0 + accept + leave)
    return np.rint(accept * scale).astype(np.int64), np.rint(leave * scale).astype(np.int64)


def p_leave_without_offer(leaving_log_odds: NDArray[np.float64]) -> NDArray[np.int64]:
    """The chance of leaving in 1e-6 where no offer is made, same shape."""
    leave = np.exp(leaving_log_odds)
    return np.rint(leave * (MICRO / (1.0 + leave))).astype(np.int64)
