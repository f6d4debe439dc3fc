"""The tables that go in and out of the kernel: columns of equal length, by name."""

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.fields import CASE_FIELDS, FIELD_BY_NAME, Field, default_column, dtype_of

Column = NDArray[Any]
Table = TypeVar("Table")
MICRO = 1_000_000


class Cases(Mapping[str, Column]):
    """One row a question: facts, wishes, contact and role, as the columns named in `engine.fields`.

    Columns left out are filled with "not on file". Raises KeyError for an unknown name, ValueError for unequal lengths.
    """

    def __init__(self, columns: Mapping[str, Column]) -> None:
        if unknown := columns.keys() - FIELD_BY_NAME.keys():
            raise KeyError(f"not a fact: {', '.join(sorted(unknown))}")
        self.rows = len(columns["contract_id"])
        self._columns: dict[str, Column] = {}
        for field in CASE_FIELDS:
            if field.name not in columns:
                if field.required:
                    raise KeyError(f"missing fact: {field.name}")
                self._columns[field.name] = _untold(field, self.rows)
                continue
            column = np.asarray(columns[field.name], dtype=dtype_of(field))
            if column.shape != (self.rows,):
                raise ValueError(f"{field.name} holds {column.shape}, expected ({self.rows},)")
            self._columns[field.name] = column

    def __getitem__(self, name: str) -> Column:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def columns(self) -> dict[str, Column]:
        """The columns by name, to add some to."""
        return dict(self._columns)

    def take(self, rows: slice | NDArray[np.int64]) -> "Cases":
        """The same columns over some of the rows."""
        return Cases({name: column[rows] for name, column in self._columns.items()})


def altered(table: Table, **columns: Any) -> Table:
    """The same dataclass with other columns in the place of some.

    What `dataclasses.replace` does, without its look at every field: a wish is answered from half a dozen such tables.
    """
    return type(table)(**{**vars(table), **columns})


def objects(values: Iterable[Any]) -> NDArray[Any]:
    """A column of Python objects [n]; numpy would turn tuples of equal length into a second dimension."""
    listed = list(values)
    column = np.empty(len(listed), dtype=object)
    for row, value in enumerate(listed):
        column[row] = value
    return column


@functools.lru_cache(maxsize=1_024)
def _untold(field: Field, rows: int) -> Column:
    """A column that says "not on file", shared by every table of as many rows: nobody writes to it."""
    column = default_column(field, rows)
    column.flags.writeable = False
    return column


TASTES = ("device", "commitment", "data", "sms", "international", "service")
"""What a customer can value beside money; each extra of offers.toml names one of the last four."""


@dataclass(frozen=True)
class Response:
    """What was learned of how one customer reacts, in 1e-6: K points of taste, single terms, and what a call wakes.

    `share_micro` [K] add up to a million; `willing_micro` [K] are log-odds beside the hassle of policy; `weights_micro`
    [K][1 + tastes] multiply the worth of money and of each taste; `terms_micro` that of the terms in `term_names`;
    `woken_micro` are log-odds of leaving that a contact of ours adds beside those of policy.
    """

    share_micro: tuple[int, ...]
    willing_micro: tuple[int, ...]
    weights_micro: tuple[tuple[int, ...], ...]
    term_names: tuple[str, ...] = ()
    terms_micro: tuple[int, ...] = ()
    woken_micro: int = 0

    @functools.cached_property
    def columns(self) -> tuple[NDArray[np.int64], ...]:
        """The points as arrays: shares, willingness, weights."""
        return tuple(np.array(one) for one in (self.share_micro, self.willing_micro, self.weights_micro))


STATED = Response((MICRO,), (0,), ((MICRO,) * (1 + len(TASTES)),))
"""Of whom nothing was learned: one point, where policy's priors hold as they are stated."""


@dataclass(frozen=True)
class Scores:
    """Everything learned about the rows of a `Cases`, quantised to whole numbers once and for all.

    `p_churn_micro` [n]: chance of leaving within the window, in 1e-6; -1 where none may be computed.
    `window_months` [n]: the window of that chance; -1 where the source does not say.
    `tastes_micro` [n x len(TASTES)]: multipliers of 1e-6 on the stated worth of each taste; 1_000_000 is average.
    `stored` [n]: true where the chance came with the contract and not from the release.
    `responses` [n]: a `Response` each, STATED where none was learned.
    """

    p_churn_micro: NDArray[np.int64]
    window_months: NDArray[np.int64]
    tastes_micro: NDArray[np.int64]
    stored: NDArray[np.bool_]
    responses: NDArray[np.object_]


MOST_TASTE_MICRO = 20 * MICRO


def quantise_scores(
    p_churn: NDArray[np.float64],
    window_months: NDArray[np.int64],
    tastes: NDArray[np.float64],
    stored: NDArray[np.bool_],
    responses: Sequence[Response] | None = None,
) -> Scores:
    """The scores of n customers as whole numbers, once and for all.

    A chance that is not a number in [0, 1] becomes unknown (-1); a taste that is not a number becomes average (1), and
    tastes stay between 0 and 20 times the average. `responses` are whole numbers already; without them none is learned.
    """
    known = (p_churn >= 0) & (p_churn <= 1)
    p_micro = np.where(known, np.rint(np.where(known, p_churn, 0) * MICRO), -1).astype(np.int64)
    bounded = np.minimum(np.maximum(np.where(np.isnan(tastes), 1.0, tastes), 0.0), MOST_TASTE_MICRO / MICRO)
    told = objects([STATED] * len(p_micro) if responses is None else responses)
    return Scores(p_micro, window_months.astype(np.int64), np.rint(bounded * MICRO).astype(np.int64), stored, told)
