"""One question as JSON, and back: every field of `engine.fields`, unknown as null where JSON has no word for it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.fields import CASE_FIELDS, Field, dtype_of
from engine.tables import Cases, Column, objects

Snapshot = dict[str, Any]
Features = Mapping[str, NDArray[Any]]


def write_snapshots(cases: Cases) -> list[Snapshot]:
    """Each row of a `Cases` as JSON-ready values: dates as ISO text, names as a list, what is unknown as null."""
    columns = [[_value_out(field, value) for value in cases[field.name].tolist()] for field in CASE_FIELDS]
    names = [field.name for field in CASE_FIELDS]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def read_snapshots(snapshots: Sequence[Mapping[str, Any]]) -> Cases:
    """The `Cases` that `write_snapshots` wrote; a field that a snapshot does not know is "not on file"."""
    columns = [(field, [_value_in(field, row) for row in snapshots]) for field in CASE_FIELDS]
    return Cases({field.name: _column_in(field, values) for field, values in columns if _is_told(field, values)})


def write_features(features: Features, rows: int) -> list[dict[str, float | str | None]]:
    """Each row of the model's features as JSON-ready values; a missing number is null, a missing category is ""."""
    columns = [_feature_out(column) for column in features.values()]
    return [dict(zip(features, row, strict=True)) for row in zip(*columns, strict=True)] if columns else [{}] * rows


def read_features(rows: Sequence[Mapping[str, float | str | None]]) -> dict[str, NDArray[Any]]:
    """The columns that `write_features` wrote: float64 with NaN for missing, or object arrays of text."""
    return {name: _feature_in([row[name] for row in rows]) for name in rows[0]}


def _value_out(field: Field, value: Any) -> Any:
    if field.kind == "date":
        return None if value is None else value.isoformat()
    if field.kind == "probability":
        return None if math.isnan(value) else value
    return list(value) if field.kind == "names" else value


_UNTOLD = {
    field.name: [] if field.kind == "names" else _value_out(field, np.array(field.default).item())
    for field in CASE_FIELDS
}
"""What a snapshot says of a fact that is not on file."""


def _value_in(field: Field, row: Mapping[str, Any]) -> Any:
    return row[field.name] if field.required else row.get(field.name, _UNTOLD[field.name])


def _is_told(field: Field, values: list[Any]) -> bool:
    """Whether some snapshot says more of a fact than that it is not on file."""
    if field.kind == "names":
        return any(values)
    return field.required or values.count(_UNTOLD[field.name]) < len(values)


def _column_in(field: Field, values: list[Any]) -> Column:
    if field.kind == "date":
        return np.array(values, dtype="datetime64[D]")  # None becomes NaT
    if field.kind == "names":
        return objects(tuple(names) for names in values)
    return np.array(values, dtype=dtype_of(field))  # None becomes NaN in a column of chances


def _feature_out(column: NDArray[Any]) -> Iterable[float | str | None]:
    values = column.tolist()
    return values if column.dtype == object else [None if math.isnan(value) else value for value in values]


def _feature_in(values: list[Any]) -> NDArray[Any]:
    return objects(values) if isinstance(values[0], str) else np.array(values, dtype=np.float64)
