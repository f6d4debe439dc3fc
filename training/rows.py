"""What a model is fitted on: feature columns, who left, and optionally whose rows they are and of which day."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.features import take_rows


@dataclass(frozen=True)
class Rows:
    """Customers [n] with their feature columns and whether they left within the window.

    `customers` [n] are the groups that no split may tear apart, None when every row is a customer of its own;
    `dates` [n] are the days of the snapshots, None when the file has none.
    """

    columns: dict[str, NDArray[Any]]
    left: NDArray[np.bool_]
    customers: NDArray[Any] | None = None
    dates: NDArray[np.datetime64] | None = None

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

    def digest(self) -> str:
        """SHA-256 of everything in it, in hex: the same data, whatever file brought it."""
        hashed = hashlib.sha256()
        for name, column in sorted({**self.columns, "": self.left}.items()):
            hashed.update(repr((name, len(column))).encode())
            plain = column.dtype.kind in "OU"
            hashed.update("\0".join(column).encode() if plain else np.ascontiguousarray(column).tobytes())
        return hashed.hexdigest()
