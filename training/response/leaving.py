"""Who leaves, called or not: a logistic regression whose ridges are what makes the data most likely (MacKay 1992)."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from intake.contacts import ACCEPTED, CONTROL, Contacts
from training.agents import agent_weights
from training.response.basis import Encoded
from training.response.ridges import fact_factors

Numbers = NDArray[np.float64]
ROUNDS, NEWTON_STEPS = 8, 4
FIRST_RIDGE, LEAST_RIDGE, MOST_RIDGE = 100.0, 1.0, 1e6
TYPICAL_VARIANCE = 1e-3
NO_RIDGE = 1e-3
DRAWN = 1.0


@dataclass(frozen=True)
class NotAccepted:
    """n customers who accepted nothing: columns of facts [n, width], whether contacted, whether they left; weights.

    `of_fact` [width] says which fact each column is of.
    """

    columns: Numbers
    contacted: NDArray[np.bool_]
    left: NDArray[np.bool_]
    weight: Numbers
    of_fact: NDArray[np.int64]


def not_accepting(contacts: Contacts, encoded: Encoded) -> NotAccepted:
    """Those of n contacts who accepted nothing, as encoded."""
    others, contacted = contacts.reaction != ACCEPTED, contacts.group != CONTROL
    return NotAccepted(
        columns=encoded.columns[others],
        contacted=contacted[others],
        left=contacts.left[others],
        weight=agent_weights(contacts)[others],
        of_fact=encoded.basis.of_fact,
    )


@dataclass(frozen=True)
class Leaving:
    """Log-odds of leaving = `intercept` + columns . `main`; a contact adds `woken` + columns . `woken_by`."""

    intercept: float
    main: Numbers
    woken: float
    woken_by: Numbers

    def alone(self, columns: Numbers) -> Numbers:
        """The log-odds of who is not contacted, [n] of columns [n, width]."""
        return np.asarray(self.intercept + columns @ self.main)

    def contacted(self, columns: Numbers) -> Numbers:
        """The log-odds of who is contacted and does not accept."""
        return np.asarray(self.alone(columns) + self.woken + columns @ self.woken_by)


def fit_leaving(seen: NotAccepted) -> Leaving:
    """Fitted on who did not accept."""
    columns, width, called = seen.columns, seen.columns.shape[1], seen.contacted.astype(np.float64)[:, None]
    design = np.concatenate([np.ones_like(called), called, columns, called * columns], axis=1)
    pools = [np.arange(2, 2 + width), np.arange(2 + width, 2 + 2 * width)]
    found = evident_logistic(design, seen, pools, np.zeros(len(seen.left)))
    main, woken_by = (found[pool] for pool in pools)
    return Leaving(float(found[0]), main, float(found[1]), woken_by)


def fit_waking(seen: NotAccepted, anchor: Numbers) -> tuple[float, Numbers]:
    """What a contact adds to the log-odds `anchor` [n] of a churn model: for everybody, and by columns.

    Where all of them leave more or less than the churn model says, called or not, that is no effect of a contact.
    """
    called = seen.contacted.astype(np.float64)[:, None]
    design = np.concatenate([np.ones_like(called), called, called * seen.columns], axis=1)
    found = evident_logistic(design, seen, [np.arange(2, design.shape[1])], anchor)
    return float(found[1]), found[2:]


@dataclass(frozen=True)
class _Pool:
    """Coefficients, one for each column of facts [width], held by a common ridge times a factor for each fact."""

    at: NDArray[np.int64]
    factors: Numbers
    ridge: float = FIRST_RIDGE

    def ridges(self) -> Numbers:
        """The ridge of each, [width]."""
        return np.asarray(np.clip(self.ridge * self.factors, LEAST_RIDGE, MOST_RIDGE))

    def evident(self, found: Numbers, variance: Numbers, of_fact: NDArray[np.int64]) -> "_Pool":
        """The same coefficients, held as what was found of all [k], with its variance [k], makes likely."""
        told, squares = 1 - self.ridges() * variance[self.at], found[self.at] ** 2
        evident = (told.sum() + 0.5) / ((self.factors * squares).sum() + 0.5 * TYPICAL_VARIANCE)
        ridge = float(np.clip(evident, LEAST_RIDGE, MOST_RIDGE))
        return replace(self, ridge=ridge, factors=fact_factors(told, ridge * squares, of_fact, DRAWN))


def evident_logistic(design: Numbers, seen: NotAccepted, pools: list[NDArray[np.int64]], offset: Numbers) -> Numbers:
    """Coefficients [k] of a logistic regression on design [n, k]; each of the pools is one for each column of facts."""
    outcome = seen.left.astype(np.float64)
    held = [_Pool(at, np.ones(len(at))) for at in pools]
    ridge = np.full(design.shape[1], NO_RIDGE)
    found = np.zeros(design.shape[1])
    mean = np.average(outcome, weights=seen.weight)
    found[0] = np.log(mean / (1 - mean)) - offset.mean()
    for _ in range(ROUNDS):
        for pool in held:
            ridge[pool.at] = pool.ridges()
        for _ in range(NEWTON_STEPS):
            p = 1 / (1 + np.exp(-(offset + design @ found)))
            curvature = (design * (seen.weight * p * (1 - p))[:, None]).T @ design + np.diag(ridge)
            found = found + np.linalg.solve(curvature, design.T @ (seen.weight * (outcome - p)) - ridge * found)
        variance = np.diag(np.linalg.inv(curvature))
        held = [pool.evident(found, variance, seen.of_fact) for pool in held]
    return found
