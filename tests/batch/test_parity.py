"""One row alone, any slice, any chunk and the API: the same decision."""

import hashlib
import zoneinfo
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from api.offer import answer as answer_offer
from api.releases import Releases
from api.rulebooks import Rulebooks
from api.service import Service
from batch.columns import COLUMNS, OF_THE_ANSWER
from batch.deciding import decide_rows
from batch.scoring import score_contracts
from engine.tables import Cases
from intake.mapping import read_mapping
from intake.reading import Reading
from ledger import queries, writer
from ledger.store import migrate, open_store, reading, writing
from models.features import FeatureColumns
from tests.api.world import NOON, put_in_force
from tests.batch.world import DATA, ROOT, TODAY, drawn, holder, ignore, job, open_small, release, write_csv

DIGEST = list(OF_THE_ANSWER).index("answer_sha256")
ROWS = 1_000
SEED = 20261123


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> tuple[Cases, FeatureColumns]:
    folder = tmp_path_factory.mktemp("drawn")
    source, _ = open_small(write_csv(folder / "drawn.csv", drawn(ROWS, SEED)), folder)
    [chunk] = source.chunks()
    assert chunk.cases.rows == ROWS
    return chunk.cases, chunk.features


def alone(cases: Cases, features: FeatureColumns, row: int) -> tuple[Any, ...]:
    one = slice(row, row + 1)
    [decided] = decide_rows(JOB, cases.take(one), {name: column[one] for name, column in features.items()})
    return decided


JOB = job()


def test_one_row_alone_is_the_row_of_the_batch(table: tuple[Cases, FeatureColumns]) -> None:
    cases, features = table
    batch = list(decide_rows(JOB, cases, features))
    assert len({row[DIGEST] for row in batch}) > ROWS // 2
    assert {row[1] for row in batch} == {"offer", "repair_first", "leave_alone", "standard_only"}
    assert [row for row, decided in enumerate(batch) if alone(cases, features, row) != decided] == []


@pytest.mark.parametrize("slice_rows", [7, pytest.param(333, marks=pytest.mark.long), ROWS])
def test_the_size_of_a_slice_changes_nothing(table: tuple[Cases, FeatureColumns], slice_rows: int) -> None:
    cases, features = table
    some = 350 if slice_rows == 7 else ROWS
    cases, features = cases.take(slice(0, some)), {name: column[:some] for name, column in features.items()}
    assert list(decide_rows(JOB, cases, features, slice_rows)) == list(decide_rows(JOB, cases, features))


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_the_size_of_a_chunk_does_not_change_a_byte(tmp_path: Path, name: str) -> None:
    source = write_csv(tmp_path / "drawn.csv", drawn(150, SEED))
    written = []
    for chunk_rows in (7, 64, 10_000):
        out = tmp_path / f"{chunk_rows}-{name}"
        score_contracts(open_small(source, tmp_path)[0], JOB, out, ignore, chunk_rows)
        written.append(out.read_bytes())
    assert written[0] == written[1] == written[2]


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_the_number_of_processes_does_not_change_a_byte(tmp_path: Path, name: str) -> None:
    source = write_csv(tmp_path / "drawn.csv", drawn(300, SEED))
    written = []
    for processes in (1, 3):
        out = tmp_path / f"{processes}-{name}"
        score_contracts(open_small(source, tmp_path)[0], job(processes=processes), out, ignore, 140)
        written.append(out.read_bytes())
    assert written[0] == written[1]


def test_csv_and_parquet_say_the_same(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "drawn.csv", drawn(150, SEED))
    for name in ("out.csv", "out.parquet"):
        score_contracts(open_small(source, tmp_path)[0], JOB, tmp_path / name, ignore)
    parquet = pl.read_parquet(tmp_path / "out.parquet")
    assert dict(parquet.schema) == COLUMNS
    assert pl.read_csv(tmp_path / "out.csv", schema=COLUMNS).equals(parquet)


def test_the_api_records_the_digest_that_stands_in_the_batch(
    tmp_path: Path, table: tuple[Cases, FeatureColumns]
) -> None:
    cases = table[0].take(slice(0, 60))
    features = {name: column[:60] for name, column in table[1].items()}
    digests = [row[DIGEST] for row in decide_rows(JOB, cases, features)]
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    migrate(store)
    with writing(store) as connection:
        writer.save_contracts(connection, cases, features, writer.Source("m" * 64, TODAY))
    put_in_force(store, JOB.rulebook)
    served = Served(None, tmp_path)
    service = Service(store, Rulebooks(), served, zoneinfo.ZoneInfo("Europe/Paris"), clock=lambda: NOON)
    agent = holder(store, "agent")
    for row, digest in enumerate(digests):
        asked = {name: str(cases[name][row]) for name in ("contract_id", "channel", "reason_for_contact")}
        answer = orjson.loads(answer_offer(service, agent, asked))
        with reading(store) as connection:
            decision = queries.find_decision(connection, answer["decision_id"])
        assert decision is not None
        assert orjson.loads(decision.record)["outcome_digest"] == digest
        assert digest == digest_without_the_occasion(answer)
    store.dispose()


class Served(Releases):
    """The release of these tests, served without a folder."""

    def current(self) -> Any:
        return release()


def digest_without_the_occasion(answer: dict[str, Any]) -> str:
    """What docs/batch.md tells a reader to do with an answer of the API."""
    proposal = {"proposal_id", "digest", "expires_on"}
    occasion = {"decision_id", "decided_at", "contract_id", "assumptions", "p_churn_reasons", "versions"}
    said = {name: value for name, value in answer.items() if name not in proposal | occasion}
    said["degraded"] = [name for name in said["degraded"] if name == "p_churn"]
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


@pytest.mark.long
@pytest.mark.parametrize("name", ["telco_ibm", "mlc_churn"])
def test_twelve_thousand_real_rows_alone_are_the_rows_of_the_batch(name: str) -> None:
    mapping = read_mapping(ROOT / f"mappings/{name}.toml")
    [chunk] = Reading([DATA / f"{name}.csv.gz"], mapping, TODAY).chunks()
    assert chunk.cases.rows == {"telco_ibm": 7_043, "mlc_churn": 5_000}[name]
    scored = (*mapping.numeric[:2], mapping.categorical[0])
    features = dict(zip(("n0", "n1", "c0"), (chunk.features[column] for column in scored), strict=True))
    batch = list(decide_rows(JOB, chunk.cases, features))
    assert [row for row, decided in enumerate(batch) if alone(chunk.cases, features, row) != decided] == []
