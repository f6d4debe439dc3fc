"""A reward model that expects nothing of a customer it has seen."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from training.evaluation.estimates import Expected, Logged
from training.evaluation.intervals import Numbers

FOLDS = 5
STREAM = tuple(b"evaluation")
"""Keeps these draws apart from those of whoever made the data with the same small seed."""


class Regressor(Protocol):
    """What is fitted to rewards: any regressor of scikit-learn."""

    def fit(self, inputs: Numbers, rewards: Numbers) -> Any:
        """Learn from rows (n, d) and their rewards [n]."""

    def predict(self, inputs: Numbers) -> Numbers:
        """The rewards expected of rows (n, d), [n]."""


def folds_of(customers: NDArray[Any], folds: int = FOLDS, seed: int = 0) -> NDArray[np.int64]:
    """The fold of each row [n]; all rows of a customer lie in one."""
    known, place = np.unique(customers, return_inverse=True)
    return (np.random.default_rng([*STREAM, seed]).permutation(len(known)) % folds)[place]


def cross_fitted(
    regressor: Callable[[], Regressor], of_logged: Numbers, of_policy: Numbers, logged: Logged, fold: NDArray[np.int64]
) -> Expected:
    """What a model fitted to the other folds expects of what was done and of what the policy would have done.

    `of_logged` and `of_policy` (n, d): the customer and what is done with them, as the regressor reads them.
    """
    done, chosen = np.empty(len(fold)), np.empty(len(fold))
    for number in np.unique(fold):
        out = fold == number
        model = regressor()
        model.fit(of_logged[~out], logged.reward_cents[~out])
        done[out], chosen[out] = model.predict(of_logged[out]), model.predict(of_policy[out])
    return Expected(done, chosen)
