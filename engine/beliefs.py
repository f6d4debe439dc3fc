"""What a refusal says about one customer's tastes: a Bayes step over classes of taste, low, usual and high.

Each taste has three classes, at -1, 0 and +1 times the square root of 3 of its spread around what was believed, with
weights 1, 4 and 1 in 6 (the three points that share mean, variance and skew with a normal distribution). All
combinations are weighed, so that a refusal for a cause never moves the taste for that cause the wrong way.
"""

import dataclasses
import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.catalogue import Catalogue
from engine.choice import choose, surpluses_micro
from engine.felt import Points, read_points
from engine.fields import REASONS_FOR_REFUSAL
from engine.policy import Policy
from engine.tables import MICRO, MOST_TASTE_MICRO, TASTES, Scores, objects
from engine.terms import COMMITMENT, DEVICE, NONE, Priced, Whole

CLASSES = np.array(list(itertools.product((-1, 0, 1), repeat=len(TASTES)))) * math.sqrt(3)
PRIOR = np.array([math.prod(weights) for weights in itertools.product((1 / 6, 4 / 6, 1 / 6), repeat=len(TASTES))])
SPREAD_OF = {"device": "belief_log_sd_device", "commitment": "belief_log_sd_commitment"}
MOST_HURT = 50.0
CAUSES = ("commitment_too_long", "top_up_too_high", "not_the_device_i_want")
"""The reasons that point at a part of the terms; the others say only that the offer was declined."""


@dataclass(frozen=True)
class Refusals:
    """What one customer refused, H offers (1, H) with gains as felt, how they leaned (1, 1), the reason of each."""

    priced: Priced
    catalogue: Catalogue
    asked_for: NDArray[np.bool_]
    leaving_log_odds: NDArray[np.float64]
    reasons: tuple[str, ...]


def believe(refusals: Refusals, scores: Scores, policy: Policy) -> Scores:
    """The scores of one customer after the refusals: other tastes, and other shares of the points of taste.

    Each taste is moved by the mean of its logarithm given all that was heard; one nothing was heard of stays as it was.
    """
    shifts = CLASSES * np.array([policy[SPREAD_OF.get(taste, "belief_log_sd_extras")] for taste in TASTES])
    classes = np.rint(np.minimum(scores.tastes_micro * np.exp(shifts), MOST_TASTE_MICRO)).astype(np.int64)
    supposed = dataclasses.replace(scores, tastes_micro=classes, responses=np.repeat(scores.responses, len(classes)))
    weights = reweigh(PRIOR, _likelihoods(refusals, (supposed, scores), policy))
    means = np.array([math.fsum(weights * shifts[:, taste]) for taste in range(len(TASTES))])
    tastes = np.rint(np.minimum(scores.tastes_micro * np.exp(means), MOST_TASTE_MICRO)).astype(np.int64)
    return _with_shares(refusals, dataclasses.replace(scores, tastes_micro=tastes), policy)


def _with_shares(refusals: Refusals, scores: Scores, policy: Policy) -> Scores:
    """The same scores, where the points of taste that would rather have accepted have lost of their share."""
    response, points = scores.responses[0], read_points(scores, refusals.catalogue)
    declined = np.concatenate([_declined(refusals, point, policy) for point in points.apart()])
    shares = np.rint(MICRO * reweigh(points.share[0], declined.T)).astype(np.int64)
    shares[shares.argmax()] += MICRO - shares.sum()
    told = dataclasses.replace(response, share_micro=tuple(shares.tolist()))
    return dataclasses.replace(scores, responses=objects([told]))


def _declined(refusals: Refusals, points: Points, policy: Policy) -> NDArray[np.float64]:
    """The chance that customers like these (n) decline what was refused, (n, H)."""
    _, surpluses = surpluses_micro(refusals.priced.gains_cents, points, policy["worth_months"])
    asked = np.broadcast_to(refusals.asked_for, surpluses[0].shape)
    p_accept, _ = choose(surpluses, points, asked, refusals.leaving_log_odds, policy)
    return np.asarray(np.maximum(MICRO - p_accept, 1) / MICRO)


def reweigh(weights: NDArray[np.float64], likelihoods: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shares [K] believed of K points of taste after H facts, (H, K) likely as they are; the step of Bayes."""
    for likelihood in likelihoods:
        weights = weights * likelihood
        weights = weights / weights.max()
    return weights / math.fsum(weights)


def _likelihoods(refusals: Refusals, tastes: tuple[Scores, Scores], policy: Policy) -> NDArray[np.float64]:
    """How likely each refusal and its reason are in each class, (H, classes); `tastes`: of them, and believed."""
    classes, believed = (read_points(scores, refusals.catalogue) for scores in tastes)
    means = (classes.mean_micro, believed.mean_micro)
    named = [_p_reason(refusals.priced, heard, reason, means, policy) for heard, reason in enumerate(refusals.reasons)]
    return _declined(refusals, classes, policy).T * np.stack(named)


def _p_reason(
    priced: Priced, heard: int, reason: str, tastes: tuple[Whole, Whole], policy: Policy
) -> NDArray[np.float64]:
    """The chance of the reason given, in each class: the more a part of the terms hurts, the more it is named."""
    hurts = _hurts(priced, heard, tastes, policy)
    if reason not in hurts:
        return np.ones(len(CLASSES))
    weights = {cause: np.exp(np.clip(hurt, -MOST_HURT, MOST_HURT)) for cause, hurt in hurts.items()}
    everything = np.full(len(CLASSES), float(len(REASONS_FOR_REFUSAL) - len(CAUSES)))
    for weight in weights.values():
        everything = everything + weight
    return np.asarray(weights[reason] / everything)


def _hurts(priced: Priced, heard: int, tastes: tuple[Whole, Whole], policy: Policy) -> dict[str, NDArray[np.float64]]:
    """What each part of one offer costs in log-odds, by the reason that names it; only parts that are there."""
    terms, (classes, believed) = priced.terms, tastes
    a_cent_over_all_months = policy["euro_log_odds"] / (100 * policy["worth_months"])
    commitment, device = (priced.gains_cents[taste, 0, heard] for taste in (COMMITMENT, DEVICE))
    hurts = {
        "commitment_too_long": -commitment * (classes[:, COMMITMENT] / MICRO),
        "top_up_too_high": np.full(len(classes), float(terms.top_up_cents[0, heard])),
        "not_the_device_i_want": -device * ((classes[:, DEVICE] - believed[:, DEVICE]) / MICRO),
    }
    there = {
        "commitment_too_long": terms.commitment_months[0, heard] > 0,
        "top_up_too_high": terms.top_up_cents[0, heard] > 0,
        "not_the_device_i_want": terms.device[0, heard] != NONE,
    }
    return {cause: a_cent_over_all_months * hurt for cause, hurt in hurts.items() if there[cause]}
