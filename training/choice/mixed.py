"""Tastes that vary from person to person: a normal distribution of them, learned from panels of choices.

Points drawn from the distribution are weighed for each person by how likely they make that person's choices; the
weighed mean and spread of all are the next distribution (expectation and maximisation, Train 2008). The same weighing
tells what earlier choices say of the next: it is `engine.beliefs.reweigh`, the step that a refusal takes.
"""

from dataclasses import dataclass

import numpy as np

from engine.beliefs import reweigh
from training.choice.conditional import fit_logit
from training.choice.tasks import Numbers, Tasks

STEPS = 30
POINTS = 2_000
POINTS_TO_PREDICT = 4_000
FIRST_SPREAD = 1.5


@dataclass(frozen=True)
class Tastes:
    """A normal distribution of tastes: mean [k] and covariance [k, k]."""

    mean: Numbers
    covariance: Numbers

    def points(self, count: int, seed: int) -> Numbers:
        """Tastes drawn from it, [count, k]."""
        drawn = np.random.default_rng(seed).standard_normal((count, len(self.mean)))
        points: Numbers = self.mean + (drawn - drawn.mean(axis=0)) @ np.linalg.cholesky(self.covariance).T
        return points


def fit_tastes(tasks: Tasks, seed: int) -> Tastes:
    """The distribution of tastes behind panels of choices, started from the taste of the average person."""
    mean = fit_logit(tasks).taste
    tastes = Tastes(mean, np.diag((FIRST_SPREAD * np.abs(mean)) ** 2))
    for _ in range(STEPS):
        points = tastes.points(POINTS, seed)
        believed = np.stack([weights for weights, _ in _after_all(tasks, points)])
        total = believed.mean(axis=0)
        mean = total @ points
        away = points - mean
        tastes = Tastes(mean, (away * total[:, None]).T @ away)
    return tastes


def _after_all(tasks: Tasks, points: Numbers) -> list[tuple[Numbers, Numbers]]:
    """For each person, what is believed of the points after all their choices [R], and each task's chances [t, R]."""
    chances = np.exp(tasks.log_chances(points))
    first = np.full(len(points), 1.0 / len(points))
    people = [chances[tasks.person == person] for person in np.unique(tasks.person)]
    return [(reweigh(first, likelihoods), likelihoods) for likelihoods in people]


def sequential_log_loss(tastes: Tastes, tasks: Tasks, seed: int) -> Numbers:
    """The log loss of each task, predicted from the same person's earlier ones; in order of person, then of time."""
    points = tastes.points(POINTS_TO_PREDICT, seed)
    chances = np.exp(tasks.log_chances(points))
    losses = []
    for person in np.unique(tasks.person):
        believed = np.full(len(points), 1.0 / len(points))
        for chance in chances[tasks.person == person]:
            losses.append(-np.log(believed @ chance))
            believed = reweigh(believed, chance[None, :])
    return np.array(losses)
