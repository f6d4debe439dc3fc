"""What a model is fitted on: feature columns, who left, and optionally whose rows they are and of which day."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.features import take_rows


@dataclass(frozen=True)
class Rows:
    """Customers [n] with their feature columns and whether they left within the window.

    `customers` [n] are the groups that no split may tear apart, None when every row is a customer of its own;
    `dates` [n] are the days they were seen on, None when the file has none; `window_months` is the window of the label,
    -1 where the source does not say.
    """

    columns: dict[str, NDArray[Any]]
    left: NDArray[np.bool_]
    customers: NDArray[Any] | None = None
    dates: NDArray[np.datetime64] | None = None
    window_months: int = -1

    def __len__(self) -> int:
        return len(self.left)

    def take(self, rows: NDArray[np.int64]) -> "Rows":
        """The same columns over some of the rows."""
        return replace(
            self,
            columns=take_rows(self.columns, rows),
            left=self.left[rows],
            customers=None if self.customers is None else self.customers[rows],
            dates=None if self.dates is None else self.dates[rows],
        )
