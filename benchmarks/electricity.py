"""Choices among electricity contracts: the choice core against what others' programs found on the same data.

python -m benchmarks.electricity --data FILE
"""

import argparse
from pathlib import Path

import numpy as np
import polars as pl

from training.choice import Tasks, fit_logit, fit_tastes, sequential_log_loss

TERMS = ("pf", "cl", "loc", "wk", "tod", "seas")
ALTERNATIVES, FOLDS, SEED = 4, 5, 0


def read_electricity(path: Path) -> Tasks:
    """The tasks of the file, a row an alternative."""
    table = pl.read_csv(path)
    terms = table.select(TERMS).to_numpy().astype(np.float64).reshape(-1, ALTERNATIVES, len(TERMS))
    chosen = table["choice"].to_numpy().reshape(-1, ALTERNATIVES).argmax(axis=1)
    return Tasks(terms, chosen, table["id"].to_numpy()[::ALTERNATIVES])


def main() -> None:
    """Prints the exact logit, and how well each choice is told from the same person's earlier ones, out of fold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/choice_electricity_contracts.csv.gz"))
    tasks = read_electricity(parser.parse_args().data)
    logit = fit_logit(tasks)
    print(f"conditional logit: log-likelihood {logit.log_likelihood:.1f} (published: -4958.6)")
    print("  " + ", ".join(f"{term} {worth:.4f}" for term, worth in zip(TERMS, logit.taste, strict=True)))
    people = np.unique(tasks.person)
    fold = np.random.default_rng(SEED).permutation(len(people)) % FOLDS
    losses = []
    for number in range(FOLDS):
        unseen = np.isin(tasks.person, people[fold == number])
        tastes = fit_tastes(tasks.of(~unseen), SEED)
        losses.append(sequential_log_loss(tastes, tasks.of(unseen), SEED + 1))
        print(f"fold {number + 1}: sequential log loss {losses[-1].mean():.4f}", flush=True)
    told = np.concatenate(losses)
    error = 1.96 * told.std() / np.sqrt(len(told))
    print(f"all: {told.mean():.4f} [{told.mean() - error:.4f}, {told.mean() + error:.4f}] (at most 0.90)")


if __name__ == "__main__":
    main()
