"""The choice core against real choices among electricity contracts, and against what others' programs found there."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.electricity import read_electricity
from training.choice import Tasks, fit_logit, fit_tastes, sequential_log_loss

ELECTRICITY = Path(__file__).parents[2] / "../shared/data/choice_electricity_contracts.csv.gz"


@pytest.fixture(scope="module")
def electricity() -> Tasks:
    return read_electricity(ELECTRICITY)


def test_the_conditional_logit_finds_the_published_taste_and_likelihood(electricity: Tasks) -> None:
    found = fit_logit(electricity)
    assert found.log_likelihood == pytest.approx(-4958.6, abs=0.05)
    published = [-0.6252, -0.1083, 1.4422, 0.9955, -5.463, -5.840]
    assert found.taste == pytest.approx(published, abs=6e-4)


@pytest.mark.long
def test_what_a_person_chose_before_tells_what_they_choose_next(electricity: Tasks) -> None:
    people = np.unique(electricity.person)
    unseen = np.isin(electricity.person, people[::10])
    tastes = fit_tastes(electricity.of(~unseen), seed=0)
    loss = sequential_log_loss(tastes, electricity.of(unseen), seed=1)
    first_of_each = np.diff(np.sort(electricity.person[unseen]), prepend=-1) > 0
    assert loss[~first_of_each].mean() < loss[first_of_each].mean() - 0.2


def test_a_taste_that_tells_choices_apart_without_fail_is_refused() -> None:
    always_the_dearer = Tasks(np.array([[[1.0], [2.0]]] * 5), np.ones(5, dtype=np.int64), np.arange(5))
    with pytest.raises(ArithmeticError):
        fit_logit(always_the_dearer)


@pytest.mark.long
def test_known_tastes_that_vary_are_found_again() -> None:
    rng = np.random.default_rng(7)
    taste = np.array([-1.0, 0.5]) + rng.standard_normal((400, 2)) @ np.array([[0.6, 0.0], [0.3, 0.4]]).T
    terms = rng.uniform(-3, 3, (400 * 12, 3, 2))
    person = np.repeat(np.arange(400), 12)
    worth = np.einsum("nak,nk->na", terms, taste[person]) + rng.gumbel(size=(len(person), 3))
    found = fit_tastes(Tasks(terms, worth.argmax(axis=1), person), seed=0)
    assert found.mean == pytest.approx([-1.0, 0.5], abs=0.12)
    assert found.covariance == pytest.approx(np.array([[0.36, 0.18], [0.18, 0.25]]), abs=0.1)
