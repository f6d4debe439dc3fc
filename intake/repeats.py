"""Contracts that stand in a file twice: the first good row counts, the others are bad."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from intake.quarantine import Rejects

Hashes = NDArray[np.uint64]


class Repeats:
    """The contracts seen so far, as two hashes of 64 bits and a line each, in the order of the first: 24 bytes each."""

    def __init__(self) -> None:
        self._first: Hashes = np.empty(0, dtype=np.uint64)
        self._second: Hashes = np.empty(0, dtype=np.uint64)
        self._lines = np.empty(0, dtype=np.int64)

    def reject(self, rejects: Rejects, ids: pl.Series, lines: NDArray[np.int64]) -> None:
        """Rejects the good rows whose contract an earlier good row has named, and remembers the others."""
        if not len(ids):
            return
        rows = np.flatnonzero(rejects.good())
        hashes = ids.hash(1).to_numpy()
        rows = rows[np.argsort(hashes[rows], kind="stable")]
        first, second = hashes[rows], ids.hash(2).to_numpy()[rows]
        leads = np.concatenate(([True], first[1:] != first[:-1]))[: len(rows)]
        leader = np.maximum.accumulate(np.where(leads, np.arange(len(rows)), 0))
        at, seen = self._find(first, second)
        earlier = np.where(seen, self._lines[at] if len(self._lines) else 0, lines[rows][leader])
        for row, line in zip(rows[seen | ~leads].tolist(), earlier[seen | ~leads].tolist(), strict=True):
            rejects.reject_row(row, "contract_id", f"contract_id: it is already on line {line}")
        new = leads & ~seen
        place = np.searchsorted(self._first, first[new])
        self._first = np.insert(self._first, place, first[new])
        self._second = np.insert(self._second, place, second[new])
        self._lines = np.insert(self._lines, place, lines[rows][new])

    def _find(self, first: Hashes, second: Hashes) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where each contract stands among those seen, and whether it does."""
        if not len(self._first):
            return np.zeros(len(first), dtype=np.int64), np.zeros(len(first), dtype=bool)
        at = np.minimum(np.searchsorted(self._first, first), len(self._first) - 1)
        return at, (self._first[at] == first) & (self._second[at] == second)
