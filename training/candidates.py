"""The models that compete: each is fitted by scikit-learn on the codes and handed over as additive terms."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from models.features import Encoding, Feature, Numeric
from training.encoding import typical_values
from training.sampling import MOST_ROWS_OF_ONE_LOGISTIC, evenly
from training.terms import Terms

Codes = NDArray[np.int64]
Left = NDArray[np.bool_]
SEED = 0
KNOTS = 5
FEWEST_VALUES_FOR_KNOTS = 8
PRIOR_ROWS = 20
"""The rate of leaving of a code is drawn to that of everyone as if so many more customers had it."""

Interactions = Literal["no_interactions", "pairwise"]


def fit_logistic(encoding: Encoding, codes: Codes, left: Left) -> Terms:
    """Regularised logistic regression: numbers as linear splines with a flag for missing, a column for each level."""
    bases = [_basis(feature, code) for feature, code in zip(encoding.features, codes, strict=True)]
    drawn = evenly(len(left), MOST_ROWS_OF_ONE_LOGISTIC)
    design = np.concatenate([basis[code[drawn]] for basis, code in zip(bases, codes, strict=True)], axis=1)
    model = LogisticRegression(C=0.3, solver="newton-cholesky", tol=1e-6).fit(design, left[drawn])
    weights = np.split(model.coef_[0], np.cumsum([basis.shape[1] for basis in bases])[:-1])
    return Terms(float(model.intercept_[0]), [basis @ weight for basis, weight in zip(bases, weights, strict=True)])


def fit_additive_boosting(encoding: Encoding, codes: Codes, left: Left) -> Terms:
    """Gradient boosting of trees that each look at one feature."""
    ranks = rate_ranks(encoding, codes, left)
    return terms_of_boosting(boosting("no_interactions").fit(ranked(codes, ranks), left), ranks)


def fit_pairwise_boosting(encoding: Encoding, codes: Codes, left: Left) -> Terms:
    """Gradient boosting of trees whose every path looks at two features at most."""
    ranks = rate_ranks(encoding, codes, left)
    return terms_of_boosting(boosting("pairwise").fit(ranked(codes, ranks), left), ranks)


SINGLE: dict[str, Callable[[Encoding, Codes, Left], Terms]] = {
    "logistic": fit_logistic,
    "additive boosting": fit_additive_boosting,
    "pairwise boosting": fit_pairwise_boosting,
}
BLENDS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in SINGLE},
    "logistic and additive boosting": ("logistic", "additive boosting"),
    "logistic and pairwise boosting": ("logistic", "pairwise boosting"),
}
"""Every candidate by name, and the fits whose mean log-odds it is."""


def boosting(interactions: Interactions) -> HistGradientBoostingClassifier:
    """The booster for trees of one or of two features, not yet fitted."""
    shape: dict[str, Any] = {"learning_rate": 0.1, "max_leaf_nodes": 4, "l2_regularization": 1.0}
    if interactions == "pairwise":
        shape = {"learning_rate": 0.05, "max_leaf_nodes": 8, "l2_regularization": 5.0}
    return HistGradientBoostingClassifier(
        max_iter=200,
        min_samples_leaf=20,
        interaction_cst=interactions,
        early_stopping=False,
        random_state=SEED,
        **shape,
    )


def rate_ranks(encoding: Encoding, codes: Codes, left: Left) -> list[NDArray[np.int64]]:
    """For each feature the rank [codes] that trees cut at: numbers keep their order, levels go by rate of leaving."""
    ranks = []
    for feature, code in zip(encoding.features, codes, strict=True):
        if isinstance(feature, Numeric):
            ranks.append(np.arange(feature.codes_count))
            continue
        rows = np.bincount(code, minlength=feature.codes_count)
        leavers = np.bincount(code, weights=left, minlength=feature.codes_count)
        rate = (leavers + PRIOR_ROWS * left.mean()) / (rows + PRIOR_ROWS)
        ranks.append(np.argsort(np.argsort(rate, kind="stable")))
    return ranks


def ranked(codes: Codes, ranks: list[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Codes [features x n] as the table [n x features] that scikit-learn reads."""
    return np.stack([rank[code] for rank, code in zip(ranks, codes, strict=True)], axis=1).astype(np.float64)


def terms_of_boosting(model: HistGradientBoostingClassifier, ranks: list[NDArray[np.int64]]) -> Terms:
    """The fitted trees as tables: every leaf is a box over two features at most, and adds its value there."""
    sizes = [len(rank) for rank in ranks]
    terms = Terms(float(model._baseline_prediction.item()), [np.zeros(size) for size in sizes])
    for (tree,) in model._predictors:
        _add_leaves(terms, tree.nodes, sizes)
    terms.mains = [main[rank] for main, rank in zip(terms.mains, ranks, strict=True)]
    terms.pairs = {(i, j): pair[np.ix_(ranks[i], ranks[j])] for (i, j), pair in terms.pairs.items()}
    return terms


def _add_leaves(terms: Terms, nodes: NDArray[Any], sizes: list[int]) -> None:
    waiting: list[tuple[int, dict[int, tuple[int, int]]]] = [(0, {})]
    while waiting:
        place, box = waiting.pop()
        node = nodes[place]
        if node["is_leaf"]:
            _add_box(terms, box, float(node["value"]), sizes)
            continue
        feature, cut = int(node["feature_idx"]), int(np.floor(node["num_threshold"])) + 1
        low, high = box.get(feature, (0, sizes[feature]))
        waiting.append((int(node["left"]), {**box, feature: (low, min(cut, high))}))
        waiting.append((int(node["right"]), {**box, feature: (max(cut, low), high)}))


def _add_box(terms: Terms, box: dict[int, tuple[int, int]], value: float, sizes: list[int]) -> None:
    match sorted(box.items()):
        case []:
            terms.intercept += value
        case [(feature, (low, high))]:
            terms.mains[feature][low:high] += value
        case [(one, (low, high)), (other, (bottom, top))]:
            pair = terms.pairs.setdefault((one, other), np.zeros((sizes[one], sizes[other])))
            pair[low:high, bottom:top] += value
        case _:
            raise ValueError("a path of a tree looks at more than two features")


def _basis(feature: Feature, code: NDArray[np.int64]) -> NDArray[np.float64]:
    """Design rows [codes x columns] of one feature; a missing number counts as the mean and raises a flag."""
    if not isinstance(feature, Numeric):
        return np.eye(feature.codes_count)[:, :-1]
    values = typical_values(feature)
    rows = np.bincount(code, minlength=feature.codes_count)[:-1]
    if rows.sum() == 0:
        return np.zeros((feature.codes_count, 1))
    mean = np.average(values, weights=rows)
    deviation = np.sqrt(np.average((values - mean) ** 2, weights=rows)) or 1.0
    standard = (values - mean) / deviation
    columns = np.stack([standard, *(np.maximum(standard - knot, 0.0) for knot in _knots(standard, rows))], axis=1)
    filled = np.concatenate([columns, np.average(columns, axis=0, weights=rows)[None]])
    return np.column_stack([filled, np.arange(feature.codes_count) == feature.codes_count - 1])


def _knots(values: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    if len(values) < FEWEST_VALUES_FOR_KNOTS:
        return np.empty(0)
    return np.unique(np.interp(np.linspace(0, 1, KNOTS + 2)[1:-1], np.cumsum(rows) / rows.sum(), values))
