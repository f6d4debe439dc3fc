"""Contracts that stand in a file twice: the first good row counts, the others are bad."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from intake.quarantine import Rejects


class Repeats:
    """The contracts seen so far, as two 64-bit hashes and a line each: 24 bytes a contract."""

    def __init__(self) -> None:
        self._seen = pl.DataFrame(schema={"a": pl.UInt64, "b": pl.UInt64, "first": pl.Int64})

    def reject(self, rejects: Rejects, ids: pl.Series, lines: NDArray[np.int64]) -> None:
        """Rejects the good rows whose contract an earlier good row has named, and remembers the others."""
        good = pl.Series(rejects.good())
        rows = pl.DataFrame({"a": ids.hash(1), "b": ids.hash(2), "first": lines, "row": np.arange(len(ids))})
        rows = rows.filter(good)
        once = rows.unique(["a", "b"], keep="first", maintain_order=True)
        firsts = pl.concat([self._seen, once.select("a", "b", "first")])
        firsts = firsts.unique(["a", "b"], keep="first", maintain_order=True)
        known = rows.join(firsts, on=["a", "b"], how="left", suffix="_seen", maintain_order="left")
        repeated = known.filter(pl.col("first_seen") != pl.col("first"))
        for line, row in repeated.select("first_seen", "row").iter_rows():
            at = np.zeros(rejects.rows, dtype=bool)
            at[row] = True
            rejects.reject(pl.Series(at), "contract_id", f"is already on line {line}", ids)
        self._seen = firsts
