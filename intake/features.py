"""The model's features out of an operator's columns."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.tables import Column
from intake.columns import Columns
from intake.mapping import Mapping


def read_features(columns: Columns, mapping: Mapping) -> dict[str, Column]:
    """Numeric features as float64 (NaN: missing), categorical ones as str objects ("": missing)."""
    numeric = {name: columns.number(name).fill_null(float("nan")).to_numpy() for name in mapping.numeric}
    return numeric | {name: shared_texts(columns.text(name)) for name in mapping.categorical}


def shared_texts(texts: pl.Series) -> Column:
    """Texts as an object array whose equal cells are one object; "" for missing."""
    filled = texts.fill_null("")
    distinct = filled.unique()
    shared = np.array([*distinct, ""], dtype=object)
    return shared[filled.cast(pl.Enum(distinct)).to_physical().to_numpy()]


def blank_objectors(features: dict[str, Column], objects: NDArray[np.bool_]) -> dict[str, Column]:
    """The same features, all missing where the customer objects to profiling: nothing of them reaches a model."""
    if not objects.any():
        return features
    blanked = {}
    for name, column in features.items():
        blanked[name] = np.where(objects, np.nan if column.dtype == np.float64 else "", column).astype(column.dtype)
    return blanked
