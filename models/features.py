"""How the values of a feature become the codes that the churn model reads: one small whole number a value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

FeatureColumns = Mapping[str, NDArray[Any]]


class IncompatibleFeatures(ValueError):
    """The columns given are not those that the model was fitted on: one is missing or of another kind."""


@dataclass(frozen=True)
class Numeric:
    """A number cut at `edges` (ascending): code i means edges[i-1] < value <= edges[i]; the last code means missing."""

    name: str
    edges: NDArray[np.float64]

    @property
    def codes_count(self) -> int:
        return len(self.edges) + 2

    @cached_property
    def _edges_to_infinity(self) -> NDArray[np.float64]:
        return np.append(self.edges, np.inf)

    def codes(self, column: NDArray[Any]) -> NDArray[np.int64]:
        """Codes [n] of float64 values [n]; NaN sorts behind infinity and so lands on the last code."""
        if column.dtype.kind not in "fiu":
            raise IncompatibleFeatures(f"{self.name} must hold numbers, not {column.dtype}")
        return self._edges_to_infinity.searchsorted(column)

    def label(self, code: int) -> str:
        """What one code stands for, in words."""
        if code == self.codes_count - 1:
            return "missing"
        if len(self.edges) == 0:
            return "any"
        if code == 0:
            return f"<= {self.edges[0]:g}"
        return (
            f"> {self.edges[code - 1]:g}"
            if code == len(self.edges)
            else f"{self.edges[code - 1]:g} to {self.edges[code]:g}"
        )


@dataclass(frozen=True)
class Categorical:
    """A text that is one of `levels`; the last code means missing, and a level never seen in training."""

    name: str
    levels: tuple[str, ...]

    @property
    def codes_count(self) -> int:
        return len(self.levels) + 1

    @cached_property
    def _code_of(self) -> dict[str, int]:
        return {level: code for code, level in enumerate(self.levels)}

    def codes(self, column: NDArray[Any]) -> NDArray[np.int64]:
        """Codes [n] of texts [n]."""
        if column.dtype.kind not in "OU":
            raise IncompatibleFeatures(f"{self.name} must hold texts, not {column.dtype}")
        code_of, unseen = self._code_of, len(self.levels)
        return np.array([code_of.get(level, unseen) for level in column.tolist()], dtype=np.int64)

    def label(self, code: int) -> str:
        """What one code stands for, in words."""
        return self.levels[code] if code < len(self.levels) else "missing"


Feature = Numeric | Categorical


@dataclass(frozen=True)
class Encoding:
    """The features a model reads, in the order it reads them."""

    features: tuple[Feature, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    def codes(self, columns: FeatureColumns) -> NDArray[np.int64]:
        """Codes [features x n] of columns [n]; raises IncompatibleFeatures, naming what is missing or of wrong kind."""
        if missing := [name for name in self.names if name not in columns]:
            raise IncompatibleFeatures(f"missing: {', '.join(missing)}")
        return np.array([feature.codes(columns[feature.name]) for feature in self.features])


def take_rows(columns: FeatureColumns, rows: Any) -> dict[str, NDArray[Any]]:
    """The same columns over some of the rows (a mask, numbers of rows or a slice)."""
    return {name: column[rows] for name, column in columns.items()}


def keep_rows(columns: FeatureColumns, mask: NDArray[np.bool_]) -> FeatureColumns:
    """The columns over the rows of a mask; the columns themselves where it leaves none out."""
    return columns if mask.all() else take_rows(columns, mask)


def columns_of_records(
    records: Iterable[Mapping[str, float | str | None]], encoding: Encoding
) -> dict[str, NDArray[Any]]:
    """Columns of rows written as JSON objects, where null is a missing number and "" a missing text."""
    rows = list(records)
    return {
        feature.name: np.array(
            [np.nan if row[feature.name] is None else row[feature.name] for row in rows], dtype=np.float64
        )
        if isinstance(feature, Numeric)
        else np.array([row[feature.name] for row in rows], dtype=object)
        for feature in encoding.features
    }


def feature_to_plain(feature: Feature) -> dict[str, Any]:
    """One feature as plain values, for an artefact."""
    if isinstance(feature, Numeric):
        return {"name": feature.name, "kind": "numeric", "edges": feature.edges}
    return {"name": feature.name, "kind": "categorical", "levels": list(feature.levels)}


def feature_from_plain(plain: Mapping[str, Any]) -> Feature:
    """The feature of `feature_to_plain`; raises KeyError, TypeError or ValueError."""
    if plain["kind"] == "numeric":
        return Numeric(str(plain["name"]), np.asarray(plain["edges"], dtype=np.float64))
    return Categorical(str(plain["name"]), tuple(map(str, plain["levels"])))
