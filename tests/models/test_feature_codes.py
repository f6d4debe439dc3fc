"""What the model reads of a value."""

import numpy as np
import pytest

from models.features import Categorical, Encoding, IncompatibleFeatures, Numeric

PRICE = Numeric("price", np.array([10.0, 20.0]))
NET = Categorical("net", ("dsl", "fibre"))


def test_a_number_falls_into_the_bin_that_ends_at_or_above_it() -> None:
    values = np.array([-np.inf, 9.99, 10.0, 10.01, 20.0, 20.01, np.inf])
    assert PRICE.codes(values).tolist() == [0, 0, 0, 1, 1, 2, 2]


def test_a_missing_number_has_a_code_of_its_own() -> None:
    assert PRICE.codes(np.array([np.nan])).tolist() == [3]
    assert PRICE.label(3) == "missing"


def test_a_number_without_edges_is_known_or_missing() -> None:
    assert Numeric("flat", np.array([])).codes(np.array([5.0, np.nan])).tolist() == [0, 1]


def test_missing_and_unseen_levels_share_the_last_code() -> None:
    assert NET.codes(np.array(["fibre", "", "satellite", "dsl"], dtype=object)).tolist() == [1, 2, 2, 0]


def test_labels_say_what_a_code_stands_for() -> None:
    assert [PRICE.label(code) for code in range(3)] == ["<= 10", "10 to 20", "> 20"]
    assert [NET.label(code) for code in range(3)] == ["dsl", "fibre", "missing"]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(IncompatibleFeatures, match="net"):
        Encoding((PRICE, NET)).codes({"price": np.array([1.0])})


@pytest.mark.parametrize(
    ("feature", "column"),
    [(PRICE, np.array(["10"], dtype=object)), (PRICE, np.array([True])), (NET, np.array([1.0]))],
)
def test_a_column_of_another_kind_is_refused(feature: Numeric | Categorical, column: np.ndarray) -> None:
    with pytest.raises(IncompatibleFeatures, match=feature.name):
        feature.codes(column)
