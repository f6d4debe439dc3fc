"""Recorded decisions come out again byte for byte, whatever has happened to the rulebook since."""

import datetime
import json
import platform
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from sqlalchemy import Connection, Engine, update

from engine.decide import decide
from engine.errors import Faults
from engine.rulebook import Rulebook, parse_rulebook
from engine.tables import STATED, Cases, objects, quantise_scores
from ledger import queries, writer
from ledger.cases import Asker, find_on_file, open_case
from ledger.records import Occasion, Outcome, Question, Record, Versions, write_scores
from ledger.replay import replay
from ledger.snapshots import write_snapshots
from ledger.software import software
from ledger.store import reading, writing
from ledger.tables import bodies
from tests.engine.reactions import TERMS, TWO
from tests.records import faults_of_records

ROOT = Path(__file__).parents[2]
TODAY = datetime.date(2026, 11, 22)
ROWS = 40


def read_texts() -> dict[str, str]:
    folder = ROOT / "rulebook"
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.toml")}


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return parse_rulebook(read_texts())


def customers(random: np.random.Generator) -> Cases:
    devices = ["", "galaxy-a17", "fairphone-6", "a phone nobody sells"]
    needs = [(), ("sms_15",), ("data_5gb", "sms_15")]
    return Cases(
        {
            "contract_id": objects(f"C-{row}" for row in range(ROWS)),
            "price_cents": random.integers(500, 6_000, ROWS),
            "cost_to_serve_cents": random.integers(100, 900, ROWS),
            "customer_since": np.datetime64("2026-01-01") - random.integers(0, 5_000, ROWS),
            "open_fault": objects(random.choice(["", "", "", "no signal"], ROWS).tolist()),
            "objects_to_profiling": random.random(ROWS) < 0.2,
            "wants_device": objects(random.choice(devices, ROWS).tolist()),
            "wants_needs": objects(needs[pick] for pick in random.integers(0, 3, ROWS)),
            "channel": objects(random.choice(["phone_in", "phone_out"], ROWS).tolist()),
            "role": objects(random.choice(["agent", "manager"], ROWS).tolist()),
        }
    )


def records(rulebook: Rulebook) -> list[Record]:
    """Decisions over one batch of random customers, recorded one by one."""
    random = np.random.default_rng(7)
    cases = customers(random)
    chances = np.where(random.random(ROWS) < 0.1, np.nan, random.random(ROWS))
    responses = [(STATED, TWO, TERMS)[row % 3] for row in range(ROWS)]
    tastes, stored = random.random((ROWS, 6)) * 2, random.random(ROWS) < 0.5
    scores = quantise_scores(chances, np.full(ROWS, 6), tastes, stored, responses)
    decided = decide(cases, scores, rulebook, TODAY)
    versions = Versions("none", rulebook.digest, "0.1.0")
    return [
        Record(
            Occasion(f"d-{row}", "2026-11-22T10:00:00.000000Z", TODAY, "agent-1", versions),
            Question(snapshot, {"tenure": None}, write_scores(scores, row)),
            Outcome.of(decided, row),
        )
        for row, snapshot in enumerate(write_snapshots(cases))
    ]


@pytest.fixture
def store(store: Engine, rulebook: Rulebook) -> Engine:
    with writing(store) as connection:
        writer.save_rulebook(connection, rulebook.digest, rulebook.texts)
        cases = customers(np.random.default_rng(7))
        writer.save_contracts(connection, cases, {}, writer.Source("m" * 64, TODAY))
        for row, record in enumerate(records(rulebook)):
            found = find_on_file(connection, f"C-{row}")
            assert found is not None
            case = open_case(connection, found, Asker("agent-1", TODAY, 30))
            writer.propose(connection, case, record, ())
    return store


def rows_of(store: Engine) -> list[Any]:
    with reading(store) as connection:
        return [row for page in queries.pages_of_decisions(connection) for row in page]


def test_every_decision_comes_out_again_in_a_batch_and_one_by_one(store: Engine, rulebook: Rulebook) -> None:
    rows = rows_of(store)
    assert len(rows) == ROWS
    assert replay(rows, rulebook) == []
    assert [difference for row in rows for difference in replay([row], rulebook)] == []


def test_what_was_learned_of_a_customer_is_kept_with_the_decision(store: Engine) -> None:
    kept = [orjson.loads(row.record)["scores"].get("response") for row in rows_of(store)]
    assert [response is None for response in kept] == [row % 3 == 0 for row in range(ROWS)]
    assert kept[2]["term_names"] == list(TERMS.term_names)


def test_every_record_keeps_to_its_schema_also_where_a_response_was_learned(store: Engine) -> None:
    assert faults_of_records(store) == []
    change(store, "d-1", "record", ["scores", "response", "nobody_knows"], 1)
    assert len(faults_of_records(store)) == 1


def test_a_decision_names_the_code_and_the_libraries_that_took_it_and_replays_under_others(
    store: Engine, rulebook: Rulebook
) -> None:
    kept = [orjson.loads(row.record)["software"] for row in rows_of(store)]
    assert kept == [{**software(), "python": platform.python_version(), "numpy": np.__version__}] * ROWS
    with writing(store) as connection:
        row = queries.find_decision(connection, "d-3")
        assert row is not None
        of_other_code = bytes(row.record).replace(software()["code"].encode(), b"0" * 64)
        write_over(connection, row.sequence, COLUMNS["record"], of_other_code)
    again = rows_of(store)
    assert sum(b"0" * 64 in bytes(row.record) for row in again) == 1
    assert replay(again, rulebook) == []


def test_the_rulebook_that_decided_is_kept_with_the_decisions(store: Engine, rulebook: Rulebook) -> None:
    with reading(store) as connection:
        texts = queries.find_rulebook(connection, rulebook.digest)
    assert texts is not None
    kept = parse_rulebook(texts)
    assert kept.digest == rulebook.digest
    assert replay(rows_of(store), kept) == []


def test_a_rulebook_is_kept_once(store: Engine, rulebook: Rulebook) -> None:
    with writing(store) as connection:
        writer.save_rulebook(connection, rulebook.digest, {**rulebook.texts, "policy.toml": ""})
        assert queries.find_rulebook(connection, rulebook.digest) == rulebook.texts


def test_another_rulebook_would_have_decided_otherwise(store: Engine) -> None:
    texts = read_texts()
    texts["offers.toml"] = texts["offers.toml"].replace("worth_cents = 180", "worth_cents = 1")
    assert replay(rows_of(store), parse_rulebook(texts)) != []


def change(store: Engine, decision_id: str, part: str, path: list[Any], value: Any) -> None:
    with writing(store) as connection:
        row = queries.find_decision(connection, decision_id)
        assert row is not None
        document = orjson.loads(row._mapping[part])
        place = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        changed = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
        write_over(connection, row.sequence, COLUMNS[part], changed)


COLUMNS = {"record": "content", "answer": "answer"}


def write_over(connection: Connection, sequence: int, column: str, content: bytes) -> None:
    connection.execute(update(bodies).where(bodies.c.sequence == sequence).values({column: content}))


@pytest.mark.parametrize(
    ("part", "path", "value", "pointer"),
    [
        ("answer", ["stance"], "bribe", "/stance"),
        ("answer", ["priors", 0], "none", "/priors/0"),
        ("answer", ["extra"], 1, "/extra"),
        ("record", ["verdicts", "listed"], "AAAA", "/verdicts/listed"),
        ("answer", ["decision_id"], "d-9", "/decision_id"),
        ("record", ["case", "price_cents"], 1, "/"),
    ],
)
def test_a_decision_that_was_tampered_with_is_named(
    store: Engine, rulebook: Rulebook, part: str, path: list[Any], value: Any, pointer: str
) -> None:
    change(store, "d-3", part, path, value)
    differences = replay(rows_of(store), rulebook)
    (difference,) = differences
    assert difference.decision_id == "d-3"
    assert difference.pointer.startswith(pointer)
    assert difference.recorded != difference.again


def test_a_record_of_another_format_is_said_so_and_not_replayed(store: Engine, rulebook: Rulebook) -> None:
    change(store, "d-3", "record", ["format"], 1)
    with pytest.raises(Faults, match="decision d-3: a record of format 1; expected format 4"):
        replay(rows_of(store), rulebook)


def test_a_record_that_cannot_be_read_is_named_and_the_others_are_checked(store: Engine, rulebook: Rulebook) -> None:
    change(store, "d-5", "answer", ["stance"], "bribe")
    with writing(store) as connection:
        row = queries.find_decision(connection, "d-3")
        assert row is not None
        write_over(connection, row.sequence, "content", b"{")
    differences = replay(rows_of(store), rulebook)
    assert [(difference.decision_id, difference.pointer) for difference in differences] == [
        ("d-3", "/record"),
        ("d-5", "/stance"),
    ]


def test_a_record_says_the_same_in_every_process(rulebook: Rulebook) -> None:
    first, second = ([json.dumps(str(record.row())) for record in records(rulebook)] for _ in range(2))
    assert first == second
