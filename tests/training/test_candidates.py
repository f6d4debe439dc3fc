"""The tables that are served say what the fitted scikit-learn models say."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tests.training.made_up import made_up_rows
from training.candidates import (
    BLENDS,
    SINGLE,
    Interactions,
    boosting,
    fit_logistic,
    ranked,
    rate_ranks,
    terms_of_boosting,
)
from training.encoding import MOST_BINS, fit_encoding, typical_values
from training.fit import fit
from training.terms import mean_of, to_churn

ROWS = made_up_rows(3_000, 1)
ENCODING = fit_encoding(ROWS.columns)
CODES = ENCODING.codes(ROWS.columns)


@pytest.mark.parametrize("interactions", ["no_interactions", "pairwise"])
def test_served_chances_equal_those_of_the_fitted_trees(interactions: Interactions) -> None:
    ranks = rate_ranks(ENCODING, CODES, ROWS.left)
    design = ranked(CODES, ranks)
    model = boosting(interactions).fit(design, ROWS.left)
    churn = to_churn(terms_of_boosting(model, ranks), ENCODING, CODES)
    assert np.abs(churn.probability(ROWS.columns) - model.predict_proba(design)[:, 1]).max() < 1e-12


def test_served_chances_equal_those_of_the_logistic_regression() -> None:
    terms = fit_logistic(ENCODING, CODES, ROWS.left)
    blocks = [np.eye(feature.codes_count)[code] for feature, code in zip(ENCODING.features, CODES, strict=True)]
    weights = np.concatenate(terms.mains)
    stand_in = LogisticRegression().fit(np.concatenate(blocks, axis=1), ROWS.left)
    stand_in.coef_, stand_in.intercept_ = weights[None], np.array([terms.intercept])
    expected = stand_in.predict_proba(np.concatenate(blocks, axis=1))[:, 1]
    churn = to_churn(terms, ENCODING, CODES)
    assert np.abs(churn.probability(ROWS.columns) - expected).max() < 1e-12


def test_a_blend_is_the_mean_of_the_log_odds_of_its_parts() -> None:
    parts = [fit_one(ENCODING, CODES, ROWS.left) for fit_one in SINGLE.values()]
    expected = np.mean([part.logit(CODES) for part in parts], axis=0)
    assert np.abs(to_churn(mean_of(parts), ENCODING, CODES).logit(ROWS.columns) - expected).max() < 1e-11


def test_a_pair_of_features_is_found_where_it_matters() -> None:
    fitted = fit(made_up_rows(12_000, 3), 0)
    assert "pairwise" in fitted.chosen
    assert set(fitted.comparison) == set(BLENDS)


def test_the_learned_chances_come_near_the_truth() -> None:
    rows, unseen = made_up_rows(20_000, 5), made_up_rows(20_000, 6)
    chances = fit(rows, 0).churn.probability(unseen.columns)
    by_chance = np.argsort(chances)
    for part in np.array_split(by_chance, 10):
        assert chances[part].mean() == pytest.approx(unseen.left[part].mean(), abs=0.035)


def test_a_code_that_training_never_saw_adds_nothing() -> None:
    rows = made_up_rows(3_000, 7)
    rows.columns["age"] = np.where(np.isnan(rows.columns["age"]), 1.0, rows.columns["age"])
    churn = fit(rows, 0).churn
    unseen = {name: column[:1] for name, column in rows.columns.items()} | {"age": np.array([np.nan])}
    assert churn.contributions(unseen)[0, churn.encoding.names.index("age")] == 0.0


def test_every_table_is_centred_on_the_training_customers() -> None:
    churn = fit(ROWS, 0).churn
    for place, feature in enumerate(churn.encoding.features):
        weight, start = np.bincount(CODES[place], minlength=feature.codes_count), churn.offset[place]
        assert np.average(churn.table[start : start + len(weight)] * 2.0**-48, weights=weight) == pytest.approx(
            0, abs=1e-12
        )


def test_numbers_get_at_most_sixty_four_bins_of_near_equal_mass() -> None:
    values = {"x": np.random.default_rng(0).lognormal(size=10_000)}
    encoding = fit_encoding(values)
    filled = np.bincount(encoding.codes(values)[0], minlength=encoding.features[0].codes_count)[:-1]
    assert len(filled) == MOST_BINS
    assert filled.min() > 140
    assert filled.max() < 170


def test_few_values_get_a_bin_each_and_stand_for_themselves() -> None:
    encoding = fit_encoding({"x": np.array([1.0, 2.0, 3.0, 4.0, np.nan] * 20)})
    [feature] = encoding.features
    assert typical_values(feature).tolist() == [1.0, 2.0, 3.0, 4.0]  # type: ignore[arg-type]


def test_a_level_that_hardly_occurs_is_not_learned() -> None:
    encoding = fit_encoding({"x": np.array(["a"] * 50 + ["b"] * 10 + ["c"] * 9 + [""] * 20, dtype=object)})
    assert encoding.features[0].levels == ("a", "b")  # type: ignore[union-attr]
