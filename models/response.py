"""How customers react, as learned: for each customer points of taste, what single terms count, what a call wakes.

One table for all features: a row a code of a feature, a column an output. Outputs are whole numbers of 2**-40, so a sum
is the same in any order; an exponential or a ratio of them is rounded to a millionth before anybody reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.tables import MICRO, MOST_TASTE_MICRO, TASTES, Response
from models.churn import WrongSchema
from models.features import Encoding, FeatureColumns, feature_from_plain, feature_to_plain

UNIT = 2.0**-40
BOUND = 2.5
MONEY_AND_TASTES = 1 + len(TASTES)
MOST_LOG_ODDS = 30.0
Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]


def bounded(log_multiplier: Numbers) -> Numbers:
    """A learned logarithm kept within BOUND of 0, smoothly."""
    kept: Numbers = BOUND * np.tanh(log_multiplier / BOUND)
    return kept


@dataclass(frozen=True)
class LearnedResponse:
    """Outputs = `intercept` + the sum over features of `table`[`offset` + code], in units of 2**-40.

    In their order: willing, woken, the K - 1 log-odds of the later points against the first, the logarithm of what
    money and each taste count, and of what each of `term_names` counts. `willing` [K] and `weights` [K, 1 + tastes] set
    the points apart; `taste_of` says which line of gains each term belongs to (0: money).
    """

    encoding: Encoding
    offset: Whole
    table: Whole
    intercept: Whole
    willing: Numbers
    weights: Numbers
    term_names: tuple[str, ...]
    taste_of: Whole

    def responses(self, columns: FeatureColumns) -> list[Response]:
        """The response of each of n customers; raises IncompatibleFeatures."""
        willing, woken, shares, weights, terms = self._outputs(self.encoding.codes(columns))
        rows = zip(shares.tolist(), willing.tolist(), weights.tolist(), terms.tolist(), woken.tolist(), strict=True)
        return [
            Response(tuple(share), tuple(ready), tuple(map(tuple, points)), self.term_names, tuple(each), called)
            for share, ready, points, each, called in rows
        ]

    def _outputs(self, codes: Whole) -> tuple[Whole, Whole, Whole, Whole, Whole]:
        """Willingness [n, K], woken [n], shares [n, K], weights [n, K, 1 + tastes] and terms [n, A], in 1e-6."""
        points = len(self.willing)
        summed = (self.table[codes + self.offset[:, None]].sum(axis=0) + self.intercept) * UNIT
        ends = np.cumsum([2, points - 1, MONEY_AND_TASTES])
        both, against_first, tastes, terms = np.split(summed, ends, axis=1)
        of_taste = bounded(tastes)
        log_weights = of_taste[:, None, :] + self.weights
        of_terms = bounded(terms) - of_taste[:, self.taste_of]
        return (
            _micro(np.clip(both[:, :1] + self.willing, -MOST_LOG_ODDS, MOST_LOG_ODDS)),
            _micro(np.clip(both[:, 1], -MOST_LOG_ODDS, MOST_LOG_ODDS)),
            _shares(against_first),
            np.minimum(_micro(np.exp(log_weights)), MOST_TASTE_MICRO),
            np.minimum(_micro(np.exp(of_terms)), MOST_TASTE_MICRO),
        )


def _micro(values: Numbers) -> Whole:
    return np.rint(values * MICRO).astype(np.int64)


def _shares(against_first: Numbers) -> Whole:
    """Shares [n, K] in 1e-6 that add up to a million; what rounding leaves over goes to the first point."""
    odds = np.exp(np.clip(against_first, -MOST_LOG_ODDS, MOST_LOG_ODDS))
    total = np.ones(len(odds))
    for column in odds.T:
        total = total + column
    later = _micro(odds / total[:, None])
    first = MICRO - later.sum(axis=1, keepdims=True)
    return np.concatenate([first, later], axis=1)


def to_arrays(learned: LearnedResponse) -> dict[str, Any]:
    """The model as plain numbers, texts and arrays, for the artefact."""
    columns = {
        name: getattr(learned, name) for name in ("offset", "table", "intercept", "willing", "weights", "taste_of")
    }
    features = [feature_to_plain(feature) for feature in learned.encoding.features]
    return {"features": features, "term_names": list(learned.term_names), **columns}


def from_arrays(plain: object) -> LearnedResponse:
    """The model of `to_arrays`; raises WrongSchema where a part is missing or does not fit the others."""
    if not isinstance(plain, Mapping):
        raise WrongSchema("expected a learned response")
    try:
        whole = {name: np.asarray(plain[name], dtype=np.int64) for name in ("offset", "table", "intercept", "taste_of")}
        numbers = {name: np.asarray(plain[name], dtype=np.float64) for name in ("willing", "weights")}
        encoding = Encoding(tuple(feature_from_plain(feature) for feature in plain["features"]))
        columns: dict[str, Any] = {**whole, **numbers, "term_names": tuple(map(str, plain["term_names"]))}
    except (KeyError, TypeError, ValueError) as error:
        raise WrongSchema(f"not a learned response: {error}") from error
    learned = LearnedResponse(encoding=encoding, **columns)
    _check_parts(learned)
    return learned


def _check_parts(learned: LearnedResponse) -> None:
    """Raises WrongSchema where a part has another shape than the others ask for, or points beyond them."""
    counts = [feature.codes_count for feature in learned.encoding.features]
    points, terms = learned.willing.size, len(learned.term_names)
    outputs = 2 + points - 1 + MONEY_AND_TASTES + terms
    shapes = {
        "table": (sum(counts), outputs),
        "intercept": (outputs,),
        "willing": (max(points, 1),),
        "weights": (points, MONEY_AND_TASTES),
        "taste_of": (terms,),
        "offset": (len(counts),),
    }
    wrong = [name for name, shape in shapes.items() if getattr(learned, name).shape != shape]
    if wrong or not (np.isfinite(learned.willing).all() and np.isfinite(learned.weights).all()):
        raise WrongSchema(f"the parts of the response do not fit: {', '.join(wrong) or 'a number is not finite'}")
    known = (learned.taste_of >= 0) & (learned.taste_of < MONEY_AND_TASTES)
    if not known.all() or learned.offset.tolist() != np.cumsum([0, *counts[:-1]]).tolist():
        raise WrongSchema("a term or a feature of the response points beyond its tables")
