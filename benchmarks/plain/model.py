"""One fitted scikit-learn pipeline, called on a DataFrame of one row."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import joblib
import polars as pl
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

MICRO = 1_000_000


class Model:
    """The chance of leaving, from a pipeline and the types of its columns."""

    def __init__(self, pipeline: Pipeline, schema: Mapping[str, Any], window_months: int) -> None:
        self.pipeline, self.schema, self.window_months = pipeline, dict(schema), window_months

    def p_churn_micro(self, rows: list[dict[str, Any]]) -> list[int]:
        """The chance of leaving of each row of features, in 1e-6."""
        frame = pl.DataFrame(rows, schema=self.schema)
        return [round(float(p) * MICRO) for p in self.pipeline.predict_proba(frame)[:, 1]]


def fit(frame: pl.DataFrame, left: Any, window_months: int) -> Model:
    """Gradient boosting on numbers as they are and texts as ordinal codes; a missing number is null."""
    numbers = [name for name, kind in frame.schema.items() if kind == pl.Float64]
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = ColumnTransformer([("numbers", "passthrough", numbers), ("texts", codes, texts)])
    booster = HistGradientBoostingClassifier(max_iter=100, max_leaf_nodes=8, early_stopping=False, random_state=0)
    return Model(make_pipeline(columns, booster).fit(frame, left), frame.schema, window_months)


def save(model: Model, path: Path) -> None:
    """Write a model with joblib."""
    joblib.dump(model, path)


def load(path: Path) -> Model:
    """Read what `save` wrote."""
    model: Model = joblib.load(path)
    return model
