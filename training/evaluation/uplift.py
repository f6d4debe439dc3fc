"""Whom a treatment moves: learners of uplift, each judged on customers it has not seen."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler

from training.evaluation.cross_fit import FOLDS
from training.evaluation.intervals import Numbers
from training.evaluation.qini import Truth

Learner = Callable[[Numbers, Truth, Truth, Numbers], Numbers]
"""Fitted to features (n, d), who was treated and the outcomes, tells the uplift of other features (m, d)."""

KNOTS = 5
PENALTY = 100.0


def out_of_fold(learner: Learner, features: Numbers, treated: Truth, outcome: Truth, seed: int) -> Numbers:
    """The uplift [n] that each customer is given by a learner fitted to the other four folds."""
    uplift = np.empty(len(treated))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for fitted, judged in folds.split(features, 2 * treated + outcome):
        uplift[judged] = learner(features[fitted], treated[fitted], outcome[fitted], features[judged])
    return uplift


def two_smooth_logits(features: Numbers, treated: Truth, outcome: Truth, asked: Numbers) -> Numbers:
    """Ours: a penalised logistic regression on splines for either group, and the difference of the chances."""
    smooth = [column for column in range(features.shape[1]) if len(np.unique(features[:, column])) > 2]
    splines = (SplineTransformer(KNOTS, knots="quantile"), smooth)

    def logit() -> Pipeline:
        columns = make_column_transformer(splines, remainder="passthrough")
        return make_pipeline(columns, StandardScaler(), LogisticRegression(C=1 / PENALTY, max_iter=500))

    return _two_models(logit, features, treated, outcome, asked)


def two_plain_logits(features: Numbers, treated: Truth, outcome: Truth, asked: Numbers) -> Numbers:
    """Baseline: a T-learner of plain logistic regressions."""

    def logit() -> Pipeline:
        return make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))

    return _two_models(logit, features, treated, outcome, asked)


def one_boosted_forest(features: Numbers, treated: Truth, outcome: Truth, asked: Numbers) -> Numbers:
    """Baseline: an S-learner of 300 boosted trees of 15 leaves, rate 0.03, which reads the treatment as a feature."""
    trees = HistGradientBoostingClassifier(max_iter=300, max_leaf_nodes=15, learning_rate=0.03, early_stopping=False)
    trees.fit(np.column_stack([features, treated]), outcome)
    with_it, without = (
        trees.predict_proba(np.column_stack([asked, np.full(len(asked), given)]))[:, 1] for given in (1.0, 0.0)
    )
    return with_it - without


def _two_models(make: Callable[[], Pipeline], features: Numbers, treated: Truth, outcome: Truth, asked: Numbers) -> Any:
    """The difference of the chances that a model of the treated and one of the others give, [m]."""
    with_it, without = (
        make().fit(features[group], outcome[group]).predict_proba(asked)[:, 1] for group in (treated, ~treated)
    )
    return with_it - without
