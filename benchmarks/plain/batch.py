"""Decides for many contracts in plain Python: one call of the pipeline for all rows, then a loop over them.

python -m benchmarks.plain.batch HOME RULEBOOK OUT.csv ROWS
"""

import csv
import json
import sys
from datetime import date
from pathlib import Path

from benchmarks.plain import store
from benchmarks.plain.book import Book
from benchmarks.plain.decide import decide
from benchmarks.plain.model import load


def score(home: Path, rulebook: Path, out: Path, rows: int) -> None:
    """Write stance and offers of the first `rows` contracts of HOME/plain.db."""
    model, book = load(home / "plain.joblib"), Book(rulebook, date.today())
    query = "SELECT facts, features FROM contracts ORDER BY contract_id LIMIT ?"
    on_file = [tuple(map(json.loads, row)) for row in store.connect(home / "plain.db").execute(query, (rows,))]
    chances = model.p_churn_micro([features for _, features in on_file])
    with out.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["contract_id", "p_churn", "stance", "offers", "entitlements"])
        for (facts, _), p_churn in zip(on_file, chances, strict=True):
            decision = decide(book, facts, p_churn, model.window_months)
            ids = [";".join(one.offer.offer_id for one in part) for part in (decision.offers, decision.entitlements)]
            table.writerow([facts["contract_id"], p_churn / 1_000_000, decision.stance, *ids])


if __name__ == "__main__":
    score(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
