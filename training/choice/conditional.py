"""The conditional logit: one taste for everybody, by Newton's steps on the exact likelihood (McFadden 1974)."""

from dataclasses import dataclass

import numpy as np

from training.choice.tasks import Numbers, Tasks

SMALLEST_STEP = 1e-10
MOST_STEPS = 50


@dataclass(frozen=True)
class Logit:
    """What one unit of each term is worth in log-odds [k], and the log-likelihood of the tasks it was fitted to."""

    taste: Numbers
    log_likelihood: float


def fit_logit(tasks: Tasks) -> Logit:
    """The taste that makes the choices most likely; raises ArithmeticError where Newton's steps do not end."""
    taste = np.zeros(tasks.terms.shape[2])
    chosen = np.take_along_axis(tasks.terms, tasks.chosen[:, None, None], axis=1)[:, 0]
    for _ in range(MOST_STEPS):
        worth = tasks.terms @ taste
        shares = np.exp(worth - worth.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        expected = np.einsum("na,nak->nk", shares, tasks.terms)
        spread = np.einsum("na,nak,nal->kl", shares, tasks.terms, tasks.terms) - expected.T @ expected
        if np.linalg.matrix_rank(spread) < len(taste):
            break
        step = np.linalg.solve(spread, (chosen - expected).sum(axis=0))
        taste = taste + step
        if np.abs(step).max() < SMALLEST_STEP:
            return Logit(taste, float(tasks.log_chances(taste[None, :]).sum()))
    raise ArithmeticError("no taste is the likeliest: a term tells all choices apart, or two say the same")
