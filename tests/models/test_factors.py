"""What each feature adds to the log-odds of leaving: with the average customer's they are the customer's, exactly."""

from models.factors import factors_of
from tests.models.learned import random_churn, random_customers


def test_what_the_features_add_is_the_score_to_the_last_bit() -> None:
    for seed in range(20):
        churn = random_churn(seed)
        columns = random_customers(churn, 10, seed)
        logit = churn.logit(columns)
        for row in range(10):
            features = {
                name: column[row].item() if column.dtype != object else column[row] for name, column in columns.items()
            }
            found = factors_of(churn, features)
            assert (
                found.base_log_odds + sum(factor.log_odds for factor in found.factors) == found.log_odds == logit[row]
            )
            assert {factor.feature for factor in found.factors} == set(churn.encoding.names)


def test_the_strongest_comes_first_and_says_what_the_model_reads() -> None:
    churn = random_churn(1, numeric=2, categorical=1)
    found = factors_of(churn, {"n0": None, "n1": 0.25, "c0": "satellite"})
    strengths = [abs(factor.log_odds) for factor in found.factors]
    assert strengths == sorted(strengths, reverse=True)
    reads = {factor.feature: factor.reads for factor in found.factors}
    assert (reads["n0"], reads["c0"]) == ("missing", "missing")
    assert {factor.feature: factor.value for factor in found.factors} == {"n0": None, "n1": 0.25, "c0": "satellite"}
