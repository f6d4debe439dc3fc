"""What the API put on record: the batch decides it alike in any slice, and a replay to the byte."""

import datetime
import hashlib
import zoneinfo
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, Row, event

from api.offer import answer
from api.rulebooks import Rulebooks
from api.service import Service
from batch.columns import OF_THE_ANSWER
from batch.deciding import decide_rows
from commands.main import counteroffer
from engine.chance import ARMS
from engine.fields import CHANNELS, REASONS_FOR_CONTACT
from engine.policy import ROLES_THAT_OFFER
from engine.rulebook import parse_rulebook
from ledger import queries, writer
from ledger.snapshots import read_features, read_snapshots
from ledger.store import migrate, open_store, reading, writing
from tests.api.world import put_in_force
from tests.batch.test_parity import Served
from tests.batch.world import TODAY, drawn, holder, job, open_small, small_rulebook, write_csv
from tests.engine.chances import texts_left_to_chance

SEED = 20261124
DAYS = [TODAY + datetime.timedelta(days=days) for days in (0, 1, 38, 190)]
WISHES: list[dict[str, Any]] = [
    {},
    {"device": "galaxy-a17", "max_commitment_months": 12},
    {"device": "galaxy-s25", "max_monthly_cents": 3_000, "max_upfront_cents": 20_000},
    {"max_monthly_cents": 1_990},
    {"needs": ["data_20gb", "sms_unlimited"], "max_commitment_months": 0},
]
RULEBOOK = parse_rulebook(texts_left_to_chance(small_rulebook().texts, control=0.1, explore=0.3))
PARIS = zoneinfo.ZoneInfo("Europe/Paris")
ASKED_AT = datetime.time(10)
"""In UTC: an hour at which one may call."""


def open_without_waiting(folder: Path) -> Engine:
    """A store that does not wait for the disk: ten thousand waits would be all this test does."""
    url = f"sqlite:///{folder}/store.db"
    migrate(open_store(url))
    store = open_store(url)
    event.listen(store, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    return store


def put_on_file(store: Engine, folder: Path, contracts: int) -> None:
    source, mapping = open_small(write_csv(folder / "drawn.csv", drawn(contracts, SEED)), folder)
    put_in_force(store, RULEBOOK)
    with writing(store) as connection:
        for chunk in source.chunks():
            writer.save_contracts(
                connection, chunk.cases, chunk.features, writer.Source("m" * 64, TODAY, mapping.carried)
            )


def ask(service: Service, questions: int) -> list[bytes]:
    """The answers to questions drawn for every role, channel, reason and wish, a quarter on each of DAYS."""
    rng = np.random.default_rng(SEED)
    holders = {role: holder(service.store, role) for role in ROLES_THAT_OFFER}
    answers = []
    for number in range(questions):
        day = DAYS[number * len(DAYS) // questions]
        moment = datetime.datetime.combine(day, ASKED_AT, tzinfo=datetime.UTC)
        role = ROLES_THAT_OFFER[rng.integers(len(ROLES_THAT_OFFER))]
        asked = {
            "contract_id": f"C-{number}",
            "channel": CHANNELS[rng.integers(len(CHANNELS))],
            "reason_for_contact": REASONS_FOR_CONTACT[rng.integers(len(REASONS_FOR_CONTACT))],
        }
        if rng.random() < 0.5:
            asked["wants"] = WISHES[rng.integers(len(WISHES))]
        then = replace(service, clock=lambda moment=moment: moment)
        answers.append(answer(then, holders[role], asked))
    return answers


def decided_in_batch(records: list[dict[str, Any]], day: str, slice_rows: int) -> list[tuple[Any, ...]]:
    cases, features = read_snapshots([r["case"] for r in records]), read_features([r["features"] for r in records])
    today = datetime.date.fromisoformat(day)
    moment = datetime.datetime.combine(today, ASKED_AT, tzinfo=datetime.UTC).astimezone(PARIS)
    that_day = job(rulebook=RULEBOOK, today=today, at=moment)
    return list(decide_rows(that_day, cases, features, slice_rows))


def on_record(store: Engine) -> list[Row[Any]]:
    with reading(store) as connection:
        return [row for page in queries.pages_of_decisions(connection) for row in page]


@pytest.mark.parametrize(
    ("questions", "slices"), [(500, (7, 64)), pytest.param(10_000, (64, 2_500), marks=pytest.mark.long)]
)
def test_recorded_decisions_are_those_of_the_batch_in_every_slice_and_of_a_replay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, questions: int, slices: tuple[int, ...]
) -> None:
    store = open_without_waiting(tmp_path)
    put_on_file(store, tmp_path, questions)  # one each: a second offer says how it is not as the first, a batch cannot
    service = Service(store, Rulebooks(), Served(None, tmp_path), PARIS)
    answers = ask(service, questions)
    rows = on_record(store)
    store.dispose()
    assert [row.answer for row in rows] == answers
    assert [row.answer_digest for row in rows] == [hashlib.sha256(answer).hexdigest() for answer in answers]
    assert {row.stance for row in rows} == {"offer", "repair_first", "leave_alone", "standard_only"}
    assert {row.role for row in rows} == set(ROLES_THAT_OFFER)
    assert {row.arm for row in rows} == set(ARMS)
    digest, degraded = list(OF_THE_ANSWER).index("answer_sha256"), list(OF_THE_ANSWER).index("degraded")
    for day in map(str, DAYS):
        records = [orjson.loads(row.record) for row in rows if row.decided_on == day]
        said = [orjson.loads(row.answer)["degraded"] for row in rows if row.decided_on == day]
        assert len(records) == questions // len(DAYS)
        for slice_rows in slices:
            batch = decided_in_batch(records, day, slice_rows)
            assert [row[digest] for row in batch] == [record["outcome_digest"] for record in records]
            assert [row[degraded] for row in batch] == [";".join(why) or None for why in said]
    monkeypatch.setenv("COUNTEROFFER_DATABASE", f"sqlite:///{tmp_path}/store.db")
    replayed = CliRunner().invoke(counteroffer, ["replay", "--all", "--json"])
    found = {"replayed": questions, "differ": 0, "erased": 0, "purged": 0}
    assert (replayed.exit_code, orjson.loads(replayed.stdout)) == (0, found)
