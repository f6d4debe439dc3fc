"""Tasks in which a person chose one of some alternatives."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Tasks:
    """n tasks of A alternatives: `terms` [n, A, k], the index `chosen` [n], who chose `person` [n], in time order."""

    terms: Numbers
    chosen: NDArray[np.int64]
    person: NDArray[np.int64]

    def of(self, among: NDArray[np.bool_]) -> "Tasks":
        """Some of the tasks [n]."""
        return Tasks(self.terms[among], self.chosen[among], self.person[among])

    def log_chances(self, tastes: Numbers) -> Numbers:
        """The log-chance of what was chosen in each task under each of R tastes [R, k]: [n, R]."""
        worth = self.terms @ tastes.T
        worth -= worth.max(axis=1, keepdims=True)
        chosen = np.take_along_axis(worth, self.chosen[:, None, None], axis=1)[:, 0]
        return np.asarray(chosen - np.log(np.exp(worth).sum(axis=1)))
