"""Eligibility as data: a condition names a fact and what it must be; unknown facts never satisfy one."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.fields import FACTS

Facts = Mapping[str, NDArray[Any]]
DERIVED_FACTS = ("tenure_months", "remaining_months")
STORED_SCORE = ("p_churn", "p_churn_window_months")
"""A profile of the customer: no eligibility hangs on it, so that an objection to profiling changes none."""
FACT_NAMES = (*(field.name for field in FACTS if field.name not in STORED_SCORE), *DERIVED_FACTS)
"""What a condition may name."""
TESTS = ("at_least", "at_most", "equals", "one_of")


def satisfied(conditions: Sequence[Mapping[str, Any]], facts: Facts, rows: int) -> NDArray[np.bool_]:
    """Whether every condition holds, for each row [n]; no conditions: always."""
    if not conditions:
        return np.ones(rows, dtype=bool)
    return functools.reduce(np.logical_and, (_holds(condition, facts) for condition in conditions))


def _holds(condition: Mapping[str, Any], facts: Facts) -> NDArray[np.bool_]:
    if "any_of" in condition:
        branches = [_holds(branch, facts) for branch in condition["any_of"]]
        return np.logical_or.reduce(branches)
    column = facts[condition["fact"]]
    holds = _known(column)
    if "at_least" in condition:
        holds &= column >= _as_fact(condition["at_least"], column)
    if "at_most" in condition:
        holds &= column <= _as_fact(condition["at_most"], column)
    if "equals" in condition:
        holds &= column == _as_fact(condition["equals"], column)
    if "one_of" in condition:
        holds &= np.isin(column, [_as_fact(value, column) for value in condition["one_of"]])
    return holds


def _known(column: NDArray[Any]) -> NDArray[np.bool_]:
    if column.dtype.kind == "M":
        return ~np.isnat(column)
    if column.dtype.kind == "f":
        return ~np.isnan(column)
    if column.dtype.kind == "i":
        return column >= 0
    if column.dtype.kind == "b":
        return np.ones(len(column), dtype=bool)
    return np.asarray(column != "", dtype=bool)


def _as_fact(value: Any, column: NDArray[Any]) -> Any:
    return np.datetime64(value, "D") if column.dtype.kind == "M" else value
