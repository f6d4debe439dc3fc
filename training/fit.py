"""Compare the candidates, choose one, calibrate it, and fit it on everything: the whole of learning, in one call."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from models.churn import Churn
from training.candidates import BLENDS, SINGLE
from training.encoding import fit_encoding
from training.rows import Rows
from training.sampling import MOST_ROWS_TO_CHOOSE, drawn_rows
from training.splits import splits
from training.terms import mean_of, to_churn

INNER_FOLDS = 3


@dataclass(frozen=True)
class Fitted:
    """A calibrated model, the candidate it is, and the log loss of every candidate on customers not fitted on."""

    churn: Churn
    chosen: str
    comparison: dict[str, float]


@dataclass(frozen=True)
class _Calibration:
    shift: float
    slope: float


def fit(rows: Rows, seed: int, true_rate: float | None = None) -> Fitted:
    """The best candidate on inner splits of the rows, calibrated there and refitted on all of them.

    Of more than 50,000 rows, so many are drawn to compare and to calibrate; the refit is on all.

    `true_rate` is the share of leavers among all customers where the sample holds more of them; the log-odds are moved
    by the difference. One thread, so that the same rows give the same bits.
    """
    with threadpool_limits(limits=1):
        logits, left = _logits_of_unseen(rows.take(drawn_rows(rows, MOST_ROWS_TO_CHOOSE)), seed)
        calibrations = {name: _calibrate(logit, left) for name, logit in logits.items()}
        comparison = {name: _log_loss(logits[name], left, calibrations[name]) for name in logits}
        chosen = min(comparison, key=comparison.__getitem__)
        encoding = fit_encoding(rows.columns)
        codes = encoding.codes(rows.columns)
        blend = mean_of([SINGLE[part](encoding, codes, rows.left) for part in BLENDS[chosen]])
        calibration = calibrations[chosen]
        terms = blend.rescaled(calibration.shift + prior_shift(rows.left, true_rate), calibration.slope)
        return Fitted(to_churn(terms, encoding, codes), chosen, comparison)


def prior_shift(left: NDArray[np.bool_], true_rate: float | None) -> float:
    """What to add to the log-odds learned from a sample whose share of leavers is not the true rate."""
    if true_rate is None:
        return 0.0
    rate = left.mean()
    return float(np.log(true_rate / (1 - true_rate)) - np.log(rate / (1 - rate)))


def _logits_of_unseen(rows: Rows, seed: int) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.bool_]]:
    found: dict[str, list[NDArray[np.float64]]] = {name: [] for name in BLENDS}
    left = []
    for fitted, judged in splits(rows, INNER_FOLDS, seed):
        part, unseen = rows.take(fitted), rows.take(judged)
        encoding = fit_encoding(part.columns)
        codes, unseen_codes = encoding.codes(part.columns), encoding.codes(unseen.columns)
        single = {name: fit_one(encoding, codes, part.left).logit(unseen_codes) for name, fit_one in SINGLE.items()}
        for name, parts in BLENDS.items():
            found[name].append(np.mean([single[one] for one in parts], axis=0))
        left.append(unseen.left)
    return {name: np.concatenate(logits) for name, logits in found.items()}, np.concatenate(left)


def _calibrate(logit: NDArray[np.float64], left: NDArray[np.bool_]) -> _Calibration:
    model = LogisticRegression(C=np.inf, tol=1e-8).fit(logit[:, None], left)
    return _Calibration(float(model.intercept_[0]), float(model.coef_[0, 0]))


def _log_loss(logit: NDArray[np.float64], left: NDArray[np.bool_], calibration: _Calibration) -> float:
    calibrated = calibration.shift + calibration.slope * logit
    return float(np.mean(np.logaddexp(0.0, np.where(left, -calibrated, calibrated))))
