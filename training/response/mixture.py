"""Who accepts: a mixture of points of taste, told apart by facts, with the worth of every term a smooth sum of facts.

Each ridge is what makes the data most likely given the others (MacKay 1992): little data leaves the stated priors as
they are, much data moves them; the slopes of a fact that tells nothing are held tighter. Terms of one kind share their
slopes, and each has slopes of its own beside them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.response import BOUND, MONEY_AND_TASTES, bounded
from training.response.gains import Gains
from training.response.ridges import first_ridges

Numbers = NDArray[np.float64]
POINTS = 4
ROUNDS, STEPS, REMEMBERED = 8, 40, 15


@dataclass(frozen=True)
class Offered:
    """n offers: columns of facts [n, D], their gains, the log-odds of leaving otherwise [n], whether accepted [n].

    `weight` [n] says how much each may teach, 0 to 1; `of_fact` [D] which fact a column is of.
    """

    columns: Numbers
    gains: Gains
    leaving: Numbers
    accepted: Numbers
    weight: Numbers
    of_fact: NDArray[np.int64]


@dataclass(frozen=True)
class Mixture:
    """The parameters, by name: `willing` [K], `weights` [K, T], `willing_by` [D], `tastes_by` [D, T], `terms` [A],
    `terms_by` [D, A], `shares` [K - 1], `shares_by` [D, K - 1], with T lines of gains and A terms."""

    willing: Numbers
    weights: Numbers
    willing_by: Numbers
    tastes_by: Numbers
    terms: Numbers
    terms_by: Numbers
    shares: Numbers
    shares_by: Numbers

    def flat(self) -> Numbers:
        """All parameters as one vector."""
        return np.concatenate([part.ravel() for part in vars(self).values()])

    def like(self, flat: Numbers) -> "Mixture":
        """The same shapes, filled from a flat vector."""
        ends = np.cumsum([part.size for part in vars(self).values()])[:-1]
        parts = zip(np.split(flat, ends), vars(self).values(), strict=True)
        return Mixture(*(values.reshape(part.shape) for values, part in parts))


@dataclass(frozen=True)
class _Pass:
    """One look at the offers: shares [n, K], bounded logarithms of terms [n, A], gains as felt, chances [n, K]."""

    shares: Numbers
    of_terms: Numbers
    felt: Numbers
    by_line: Numbers
    weights: Numbers
    chances: Numbers

    def by_term(self, by_line: Numbers, lines: Numbers) -> Numbers:
        """What is told of the lines of gains (n, T), told of the logarithms of the terms (n, A)."""
        return np.asarray((by_line @ lines.T) * self.felt * (1 - (self.of_terms / BOUND) ** 2))


def fit_mixture(offered: Offered, hassle_log_odds: float, seed: int) -> Mixture:
    """The mixture that is most likely after the offers, from the priors that policy states."""
    terms, width = len(offered.gains.names), offered.columns.shape[1]
    rng = np.random.default_rng(seed)
    found = Mixture(
        willing=np.linspace(-0.7, 0.7, POINTS) - hassle_log_odds,
        weights=rng.normal(0.0, 0.4, (POINTS, MONEY_AND_TASTES)),
        willing_by=np.zeros(width),
        tastes_by=np.zeros((width, MONEY_AND_TASTES)),
        terms=np.zeros(terms),
        terms_by=np.zeros((width, terms)),
        shares=np.zeros(POINTS - 1),
        shares_by=np.zeros((width, POINTS - 1)),
    )
    ridges = first_ridges(width)
    for learned in range(ROUNDS):
        held = Mixture(**ridges.of_each(vars(found))).flat()
        best = minimize(
            loss, found.flat(), args=(offered, found, held), jac=True, method="L-BFGS-B",
            options={"maxiter": STEPS, "maxcor": REMEMBERED},
        )  # fmt: skip
        found = found.like(best.x)
        if learned < ROUNDS - 1:
            ridges = ridges.evident(vars(found), vars(_information(found, offered)), offered.of_fact)
    return found


def _look(mixture: Mixture, offered: Offered) -> _Pass:
    odds = np.concatenate(
        [np.zeros((len(offered.columns), 1)), offered.columns @ mixture.shares_by + mixture.shares], 1
    )
    shares = np.exp(odds - odds.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    slopes = mixture.tastes_by[:, offered.gains.taste_of] + mixture.terms_by
    of_terms = bounded(offered.columns @ slopes + mixture.terms + offered.gains.believed)
    felt = offered.gains.log_odds * np.exp(of_terms)
    by_line, weights = felt @ _lines(offered.gains), np.exp(mixture.weights)
    yes = mixture.willing + (offered.columns @ mixture.willing_by)[:, None] + by_line @ weights.T
    chances = 1 / (1 + np.exp(-np.clip(yes - np.logaddexp(0, offered.leaving)[:, None], -40, 40)))
    return _Pass(shares, of_terms, felt, by_line, weights, chances)


def _lines(gains: Gains) -> Numbers:
    """Which line of gains each term belongs to, as ones [A, T]."""
    return np.eye(MONEY_AND_TASTES)[gains.taste_of]


def loss(flat: Numbers, offered: Offered, shape: Mixture, ridges: Numbers) -> tuple[float, Numbers]:
    """The negative log-likelihood with its ridges, and its slope."""
    seen, accepted = _look(shape.like(flat), offered), offered.accepted[:, None]
    likely = seen.shares * np.where(accepted > 0, seen.chances, 1 - seen.chances) + 1e-12
    total = likely.sum(axis=1, keepdims=True)
    believed = likely / total
    weight = offered.weight[:, None]
    yes = weight * believed * (seen.chances - accepted)
    slope = _slopes(seen, offered, yes, weight * (seen.shares - believed))
    unlikely = -(weight * np.log(total)).sum() + 0.5 * (ridges * flat**2).sum()
    return float(unlikely), np.concatenate([part.ravel() for part in slope]) + ridges * flat


def _slopes(seen: _Pass, offered: Offered, yes: Numbers, shares: Numbers) -> Iterator[Numbers]:
    """The slopes of all parameters in their order, from those by the log-odds of accepting and of the shares [n, K]."""
    columns, lines = offered.columns, _lines(offered.gains)
    by_term = seen.by_term(yes @ seen.weights, lines)
    slopes = columns.T @ by_term
    yield yes.sum(axis=0)
    yield (yes.T @ seen.by_line) * seen.weights
    yield columns.T @ yes.sum(axis=1)
    yield slopes @ lines
    yield by_term.sum(axis=0)
    yield slopes
    yield shares[:, 1:].sum(axis=0)
    yield columns.T @ shares[:, 1:]


def _information(mixture: Mixture, offered: Offered) -> Mixture:
    """How sharply the offers tell each parameter alone: its diagonal of the Fisher information."""
    seen, squares, lines = _look(mixture, offered), offered.columns**2, _lines(offered.gains)
    chance = (seen.shares * seen.chances).sum(axis=1)
    sharp = (offered.weight / (chance * (1 - chance) + 1e-9))[:, None]
    yes = seen.shares * seen.chances * (1 - seen.chances)
    by_line = yes @ seen.weights
    by_term = seen.by_term(by_line, lines)
    shares = (seen.shares * (seen.chances - chance[:, None]))[:, 1:]
    points = [
        (sharp * yes[:, [point]] ** 2 * (seen.by_line * weights) ** 2).sum(axis=0)
        for point, weights in enumerate(seen.weights)
    ]
    return Mixture(
        willing=(sharp * yes**2).sum(axis=0),
        weights=np.stack(points),
        willing_by=squares.T @ (sharp[:, 0] * yes.sum(axis=1) ** 2),
        tastes_by=squares.T @ (sharp * (by_line * seen.by_line) ** 2),
        terms=(sharp * by_term**2).sum(axis=0),
        terms_by=squares.T @ (sharp * by_term**2),
        shares=(sharp * shares**2).sum(axis=0),
        shares_by=squares.T @ (sharp * shares**2),
    )
