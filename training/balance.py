"""Whether facts differ by group or go with terms, beyond chance, once every row weighs 1 / its chance."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from numpy.typing import NDArray

from engine.fields import FACTS, REACH, WANTS
from engine.tables import Cases, Column

Numbers = NDArray[np.float64]
LEAST_ROWS = 50
"""Words and blanks that fewer rows hold (or lack) are not looked at."""
MOST_WORDS = 30
TOLD_DIGITS = 9
RARE = 20.0
"""1 / a chance so small that not one row of it may have been drawn, though some were there."""


@dataclass(frozen=True)
class Difference:
    """How far a fact stands from what chance gives: `about` what, by how many standard deviations, and its z."""

    fact: str
    about: str
    deviations: float
    z: float

    @property
    def size(self) -> float:
        """How far from 0, to the last bit whatever the order of the rows: a fact of two words is as far with either."""
        return round(abs(self.z), TOLD_DIGITS)

    @property
    def p_value(self) -> float:
        """The chance of a z so far from 0, either way."""
        return erfc(abs(self.z) / sqrt(2.0))


def group_difference(facts: "Facts", chance: Numbers, drawn: NDArray[np.bool_], name: str) -> list[Difference]:
    """Every fact of the rows `drawn` into a group, each weighing 1 / its chance, against the same of all rows [n].

    What a sum over all rows is expected to be is known whatever the chances depend on, and those of the other groups
    are not asked for.
    """
    inverse = np.where(drawn, 1.0 / chance, 0.0)
    spread = inverse * (inverse - 1.0) * drawn
    # few rows say too little of the spread: that of rows all alike is the least, and one more of the rarest may be near
    alike = float(spread.sum())
    rarest = max(float(inverse.max()), RARE) ** 2
    found = []
    for fact, values in facts:
        score, error = float(inverse @ values), sqrt(max(float(spread @ values**2), alike) + rarest)
        found.append(Difference(fact, f"between {name} and all rows", score / float(inverse.sum()), score / error))
    return found


def term_differences(
    facts: "Facts", weight: Numbers, terms: dict[str, Numbers], period: NDArray[np.int64]
) -> list[Difference]:
    """How every fact goes with every term, within each period [n], over rows that were all offered something."""
    inside_terms = np.stack([_within(values, weight, period) for values in terms.values()], axis=1)
    weighted, squares = inside_terms * weight[:, None], (inside_terms * weight[:, None]) ** 2
    sizes = np.sqrt(weight @ inside_terms**2 * weight.sum())
    alike = squares.sum(axis=0) / (weight @ weight)
    found = []
    for name, values in facts:
        inside = _within(values, weight, period)
        # few rows that hold both say too little of the spread: that of independent ones is the least
        errors = np.sqrt(np.maximum(inside**2 @ squares, (weight * inside) @ (weight * inside) * alike))
        scores = inside @ weighted
        found += [
            Difference(name, f"by {term}", float(score / size), float(score / error) if error else 0.0)
            for term, score, size, error in zip(terms, scores, sizes, errors, strict=True)
        ]
    return found


def _within(values: Numbers, weight: Numbers, period: NDArray[np.int64]) -> Numbers:
    total = np.bincount(period, weights=weight)
    means = np.bincount(period, weights=weight * values) / np.where(total > 0, total, 1.0)
    return np.asarray(values - means[period], dtype=np.float64)


@dataclass(frozen=True)
class Facts:
    """Everything known of the customers, one column of numbers at a time, each of mean 0 and deviation 1."""

    columns: dict[str, Column]

    def __iter__(self) -> Iterator[tuple[str, Numbers]]:
        for name, column in self.columns.items():
            for told, values in _numbers(name, column):
                deviation = values.std()
                if deviation > 0:
                    yield told, (values - values.mean()) / deviation

    def take(self, rows: NDArray[np.bool_]) -> "Facts":
        """The same facts of some of the rows."""
        return Facts({name: column[rows] for name, column in self.columns.items()})


def facts_of(cases: Cases, features: dict[str, Column]) -> Facts:
    """The features of a model, and the facts that a decision reads beside them; neither identifiers nor lists of names.

    What says how the contact itself went, such as its channel, may differ: it is what was drawn.
    """
    told = [field.name for field in (*FACTS, *REACH, *WANTS) if field.kind not in ("identifier", "names")]
    return Facts({**{f"{name} (fact)": cases[name] for name in told}, **features})


def _numbers(name: str, column: Column) -> Iterator[tuple[str, Numbers]]:
    if column.dtype == object:
        yield from _words(name, column)
        return
    kind = column.dtype.kind
    numbers = column.astype(np.int64).astype(np.float64) if kind in "Mb" else column.astype(np.float64)
    missing = np.isnat(column) if kind == "M" else np.isnan(numbers)
    if not (~missing).any():
        return
    ranks = np.empty(len(numbers))
    ranks[~missing] = _ranks(numbers[~missing])
    ranks[missing] = ranks[~missing].mean()
    yield name, ranks
    if LEAST_ROWS <= missing.sum() <= len(missing) - LEAST_ROWS:
        yield f"{name} not on file", missing.astype(np.float64)


def _ranks(numbers: Numbers) -> Numbers:
    """The rank of each number, equal ones sharing theirs: no single amount weighs more than any other."""
    distinct, place, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    return np.asarray(middle[place] if len(distinct) > 1 else np.zeros(len(numbers)), dtype=np.float64)


def _words(name: str, column: Column) -> Iterator[tuple[str, Numbers]]:
    distinct, place, counts = np.unique(column.astype(str), return_inverse=True, return_counts=True)
    often = [
        index for index in np.argsort(-counts)[:MOST_WORDS] if LEAST_ROWS <= counts[index] <= len(column) - LEAST_ROWS
    ]
    for index in often:
        yield f"{name} {distinct[index] or 'not on file'}", (place == index).astype(np.float64)
