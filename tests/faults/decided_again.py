"""`python -m tests.faults.decided_again URL`: every decision of a store, scored and decided again in a batch.

Prints how many there are, and how many come out otherwise than on record. Who decided first stands in `RELEASES`.
"""

import datetime
import itertools
import json
import sys
import zoneinfo
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Row

from batch.columns import OF_THE_ANSWER
from batch.deciding import Job, decide_rows
from engine.rulebook import parse_rulebook
from ledger import queries
from ledger.snapshots import read_features, read_snapshots
from ledger.store import open_store, reading
from models.store import Release
from tests.models.learned import random_churn
from tests.models.reacting import random_learned

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
ASKED_AT = datetime.time(10)
"""In UTC: an hour at which one may call."""

ROWS_A_SLICE = 500
DIGEST = list(OF_THE_ANSWER).index("answer_sha256")
CHURNS = [random_churn(seed, numeric=2, categorical=1) for seed in (1, 2, 3)]
LEARNED = [None, random_learned(2, churn=CHURNS[1]), random_learned(3, points=2, churn=CHURNS[2])]
RELEASES = {
    f"random-{number}": Release(f"random-{number}", 6, churn, {}, learned)
    for number, (churn, learned) in enumerate(zip(CHURNS, LEARNED, strict=True), start=1)
}


def by_what_decided(row: Row[Any]) -> tuple[str, str, str]:
    """The release, the rulebook and the day of a decision."""
    return row.model_version, row.rulebook_digest, row.decided_on


def count_others(texts: dict[str, str], rows: Sequence[Row[Any]]) -> int:
    """How many decisions of one release, rulebook and day a batch decides otherwise, from their recorded facts."""
    records = [orjson.loads(row.record) for row in rows]
    today = datetime.date.fromisoformat(rows[0].decided_on)
    moment = datetime.datetime.combine(today, ASKED_AT, tzinfo=datetime.UTC).astimezone(PARIS)
    job = Job(RELEASES[rows[0].model_version], parse_rulebook(texts), today, at=moment)
    cases, features = read_snapshots([r["case"] for r in records]), read_features([r["features"] for r in records])
    again = decide_rows(job, cases, features, ROWS_A_SLICE)
    return sum(row[DIGEST] != record["outcome_digest"] for row, record in zip(again, records, strict=True))


def main(url: str) -> None:
    """Decide all of a store again, and count."""
    store, differ = open_store(url), 0
    with reading(store) as connection:
        rows = sorted((row for page in queries.pages_of_decisions(connection) for row in page), key=by_what_decided)
        for (_, digest, _), some in itertools.groupby(rows, by_what_decided):
            texts = queries.find_rulebook(connection, digest)
            assert texts is not None
            differ += count_others(texts, list(some))
    print(json.dumps({"decided": len(rows), "differ": differ}))


if __name__ == "__main__":
    main(sys.argv[1])
