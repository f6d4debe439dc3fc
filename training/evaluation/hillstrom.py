"""Qini on Hillstrom's trial: women's e-mail against none, visits.

`python -m training.evaluation.hillstrom --data FILE` prints it, ours and the baselines by the same code.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from training.evaluation.intervals import Numbers
from training.evaluation.qini import Truth, middle, qini, resampled_qini
from training.evaluation.uplift import Learner, one_boosted_forest, out_of_fold, two_plain_logits, two_smooth_logits
from training.interval import Interval

NUMBERS = ("recency", "history", "mens", "womens", "newbie")
WORDS = ("zip_code", "channel")
TREATED, UNTREATED = "Womens E-Mail", "No E-Mail"
SEEDS = 5
LEARNERS: dict[str, Learner] = {
    "ours: two logits on splines": two_smooth_logits,
    "T-learner, logistic regression": two_plain_logits,
    "S-learner, boosted trees": one_boosted_forest,
}


def read_trial(path: Path) -> tuple[Numbers, Truth, Truth]:
    """(features (n, d), who got the women's e-mail, who visited) of those who got it or none."""
    table = pl.read_csv(path).filter(pl.col("segment").is_in([TREATED, UNTREATED]))
    words = table.select(WORDS).to_dummies(drop_first=True)
    features = pl.concat([table.select(NUMBERS), words], how="horizontal").to_numpy().astype(np.float64)
    return features, (table["segment"] == TREATED).to_numpy(), table["visit"].to_numpy() == 1


def study(path: Path, seeds: int = SEEDS) -> Iterator[tuple[str, list[float], Interval, Interval]]:
    """For each learner its name, Qini by fold seed, their mean, and that mean less the best baseline's."""
    features, treated, outcome = read_trial(path)
    scores = [
        out_of_fold(learner, features, treated, outcome, seed) for learner in LEARNERS.values() for seed in range(seeds)
    ]
    found = np.array([qini(score, treated, outcome) for score in scores]).reshape(len(LEARNERS), seeds)
    again = resampled_qini(np.array(scores), treated, outcome).reshape(-1, len(LEARNERS), seeds).mean(axis=2)
    best = 1 + int(found[1:].mean(axis=1).argmax())
    for place, name in enumerate(LEARNERS):
        mean = float(found[place].mean())
        more = middle(mean - float(found[best].mean()), again[:, place] - again[:, best])
        yield name, found[place].tolist(), middle(mean, again[:, place]), more


def _told(found: Interval) -> str:
    return f"{found.value:.4f} [{found.low:.4f}, {found.high:.4f}]"


def main() -> None:
    """Print the study."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, required=True, help="hillstrom.csv, gzipped or not")
    options.add_argument("--seeds", type=int, default=SEEDS, help="of the five folds")
    given = options.parse_args()
    print(f"{'':<32}{'Qini':>26}{'more than the best baseline':>32}  by seed of the folds")
    for name, by_seed, mean, more in study(given.data, given.seeds):
        print(f"{name:<32}{_told(mean):>26}{_told(more):>32}  {' '.join(f'{one:.4f}' for one in by_seed)}")


if __name__ == "__main__":
    main()
