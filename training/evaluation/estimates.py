"""What a policy would have earned, from what others did: by weighting, by a model, and by both.

Everywhere a row is a logged decision: what was done, with which chance, and what came of it. `share` [n] is the chance
with which the policy would have done the very same: 0 or 1 where it does not draw.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.evaluation.intervals import Numbers, by_customer, ratio_interval
from training.interval import Interval

LEAST_EFFECTIVE = 200.0
"""At or below this effective sample size nothing is said by weighting."""

BEYOND_CHANCE = 3.29
"""Standard errors that chance passes once in a thousand times."""


@dataclass(frozen=True)
class Logged:
    """Decisions [n]: the chance of what was done, what came of it (cents), and whose decision it was.

    Raises ValueError for columns of unequal length, a chance outside ]0, 1] and a reward that is not a number.
    """

    probability: Numbers
    reward_cents: Numbers
    customers: NDArray[Any]

    def __post_init__(self) -> None:
        if len({len(self.probability), len(self.reward_cents), len(self.customers)}) > 1:
            raise ValueError("columns of unequal length")
        if not ((self.probability > 0) & (self.probability <= 1)).all():
            raise ValueError("a logged probability outside ]0, 1]")
        if not np.isfinite(self.reward_cents).all():
            raise ValueError("a reward that is not a number")


@dataclass(frozen=True)
class Estimate:
    """Cents a decision with its interval; None, with the `refusal` in words, where the log does not bear it.

    `effective`: how many decisions of equal weight the figure rests on; `matches`: in how many logged decisions the
    policy would have done the same. `scores` [n]: the figure row by row, whose mean it is.
    """

    interval: Interval | None
    effective: float
    matches: int
    refusal: str = ""
    scores: Numbers | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Expected:
    """What a reward model expects, in cents [n]: of what was done, and of what the policy would have done instead."""

    of_logged: Numbers
    of_policy: Numbers


def snips(logged: Logged, share: Numbers) -> Estimate:
    """The mean reward of the matching decisions, each weighing 1 / its chance (self-normalised)."""
    weight = share / logged.probability
    found = _weighted(logged, weight, weight * logged.reward_cents, weight)
    if found.interval is None:
        return found
    value = found.interval.value
    return replace(found, scores=value + weight * (logged.reward_cents - value) / weight.mean())


def doubly_robust(logged: Logged, share: Numbers, expected: Expected) -> Estimate:
    """What a model expects of the policy, mended by what it got wrong in the matching decisions.

    The model must not have seen the customer whose reward it expects.
    """
    weight = share / logged.probability
    scores = expected.of_policy + weight * (logged.reward_cents - expected.of_logged)
    found = _weighted(logged, weight, scores, np.ones_like(scores))
    return found if found.interval is None else replace(found, scores=scores)


def direct(logged: Logged, share: Numbers, expected: Expected) -> Estimate:
    """What a model expects of the policy, and nothing else.

    Its interval knows that other customers might have been met, not whether the model is right.
    """
    of_policy = expected.of_policy
    above, below = by_customer(of_policy, logged.customers), by_customer(np.ones_like(of_policy), logged.customers)
    found = ratio_interval(above, below)
    return Estimate(found, float(len(above)), int(np.count_nonzero(share)), scores=of_policy)


def difference(one: Estimate, other: Estimate, customers: NDArray[Any]) -> Estimate:
    """What one policy earns more than another, of the same rows [n]; refused where either is."""
    effective, matches = min(one.effective, other.effective), min(one.matches, other.matches)
    if one.scores is None or other.scores is None:
        return Estimate(None, effective, matches, one.refusal or other.refusal)
    more = one.scores - other.scores
    found = ratio_interval(by_customer(more, customers), by_customer(np.ones_like(more), customers))
    return Estimate(found, effective, matches, scores=more)


def effective_sample(weight: Numbers) -> float:
    """How many rows of equal weight say as much as rows of these weights [n] (Kish); 0 where all weigh nothing."""
    square = float((weight**2).sum())
    return float(weight.sum()) ** 2 / square if square > 0 else 0.0


def _weighted(logged: Logged, weight: Numbers, above: Numbers, below: Numbers) -> Estimate:
    effective = effective_sample(by_customer(weight, logged.customers))
    matches, decisions = int(np.count_nonzero(weight)), len(weight)
    if effective <= LEAST_EFFECTIVE:
        return Estimate(None, effective, matches, too_few(effective, matches, decisions))
    if (support := supported_share(weight, logged.customers)) is not None:
        return Estimate(None, effective, matches, without_support(support))
    if np.ptp(logged.reward_cents[weight > 0]) == 0:
        return Estimate(None, effective, matches, ALL_ALIKE)
    found = ratio_interval(by_customer(above, logged.customers), by_customer(below, logged.customers))
    return Estimate(found, effective, matches)


def supported_share(weight: Numbers, customers: NDArray[Any]) -> float | None:
    """The mean weight [n] where it lies too far below 1 for chance; None where all the policy does may be in the log.

    Weights are 1 on average. They are less where the policy does what the log could not have done: then those who match
    stand for others than all customers, however many they are.
    """
    of_customers, rows = by_customer(weight, customers), by_customer(np.ones_like(weight), customers)
    share = float(weight.mean())
    error = float(np.sqrt(((of_customers - share * rows) ** 2).sum())) / len(weight)
    return share if 1 - share > BEYOND_CHANCE * error else None


def without_support(share: float) -> str:
    """Why nothing is said by weighting a log that lacks a part of what the policy does, in words."""
    return (
        f"refused: what the log holds stands for {share:.0%} of what the policy does; the rest it never drew, or too "
        f"seldom. {ONLY_THE_MODEL}"
    )


ONLY_THE_MODEL = "Only the model's figure is told, and what the model gets wrong it does not show"
ALL_ALIKE = (
    f"refused: every matching decision brought the same, so nothing says how far others may lie. {ONLY_THE_MODEL}"
)


def too_few(effective: float, matches: int, decisions: int) -> str:
    """Why nothing is said by weighting so few matches, in words."""
    return (
        f"refused: in {matches:,} of {decisions:,} logged decisions the same was done, an effective sample of "
        f"{effective:.0f}; more than {LEAST_EFFECTIVE:.0f} are needed. {ONLY_THE_MODEL}"
    )
