"""What the product writes keeps to its schemas."""

import csv
import json
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from batch.columns import COLUMNS
from batch.scoring import quarantine_of, score_contracts
from engine.fields import CASE_FIELDS
from intake import quarantine
from ledger import queries
from ledger.store import reading
from models.keys import signing_key
from tests.api.world import make_operator, make_store
from tests.batch.world import drawn, ignore, job, open_small, ordinary, small_rulebook, write_csv
from tests.training.made_up import made_up_rows
from training.card import Source
from training.release import Place, make_release

ROOT = Path(__file__).parents[2]
TYPES = {pl.String: "string", pl.Int64: "integer", pl.Float64: "number", pl.Boolean: "boolean", pl.Date: "string"}


def schema_of(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((ROOT / f"{name}.schema.json").read_text("utf-8"))
    return schema


def faults(name: str, documents: list[Any]) -> list[str]:
    validator = Draft202012Validator(schema_of(name), format_checker=FormatChecker())
    found = (fault for document in documents for fault in validator.iter_errors(document))
    return [f"{fault.json_path}: {fault.message}" for fault in found]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("written")


@pytest.fixture(scope="module")
def release(folder: Path) -> Path:
    source = Source("made_up", "0" * 64, ("made up",), "1" * 64, None, 1)
    return make_release(made_up_rows(400, 4), source, Place(folder, signing_key(folder)), lambda *_: None).directory


@pytest.mark.parametrize("name", ["manifest", "card"])
def test_a_release_keeps_to_its_schemas(release: Path, name: str) -> None:
    document = json.loads((release / f"{name}.json").read_text("utf-8"))
    assert faults(f"models/schemas/{name}", [document]) == []
    assert faults(f"models/schemas/{name}", [{**document, "window_months": "six"}]) != []


def test_every_record_keeps_to_its_schema(tmp_path: Path) -> None:
    operator = make_operator(make_store(tmp_path), small_rulebook())
    for contract_id in ("C-1", "C-fault", "C-objects", "C-wish"):
        for wants in ({}, {"wants": {"device": "galaxy-a17", "needs": ["sms_15"]}}):
            for role in ("agent", "supervisor", "manager"):
                asked = {"contract_id": contract_id, "channel": "phone_in", **wants}
                assert operator.client.post("/offer", json=asked, headers=operator.headers(role)).status_code == 200
    with reading(operator.service.store) as connection:
        records = [orjson.loads(row.record) for page in queries.pages_of_decisions(connection) for row in page]
    operator.service.store.dispose()
    assert len(records) == 8  # the same question gets the same decision, whoever asks
    assert faults("ledger/schemas/record", records) == []
    assert faults("ledger/schemas/record", [{**records[0], "format": 1}]) != []


def test_the_schema_of_a_record_knows_every_fact() -> None:
    case = schema_of("ledger/schemas/record")["properties"]["case"]
    assert list(case["properties"]) == case["required"] == [field.name for field in CASE_FIELDS]


def test_every_row_of_a_batch_and_of_its_quarantine_keeps_to_its_schema(tmp_path: Path) -> None:
    rows = [*drawn(200, 7), ordinary(900, price="dear"), ordinary(901)[:-1], ordinary(902, contract="=1")]
    source, mapping = open_small(write_csv(tmp_path / "contracts.csv", rows), tmp_path)
    out = tmp_path / "out.parquet"
    score_contracts(source, job(assumptions=mapping.carried), out, ignore)
    decided = orjson.loads(orjson.dumps(pl.read_parquet(out).to_dicts()))
    assert len(decided) == 200
    assert faults("batch/schemas/output", decided) == []
    with quarantine_of(out).open(encoding="utf-8", newline="") as stream:
        bad = list(csv.DictReader(stream))
    assert len(bad) == 3
    assert faults("batch/schemas/quarantine", bad) == []


def test_the_schemas_of_a_batch_name_its_columns_in_order_and_with_their_types() -> None:
    output = schema_of("batch/schemas/output")
    assert list(output["properties"]) == output["required"] == list(COLUMNS)
    for name, kind in COLUMNS.items():
        said = output["properties"][name]
        assert TYPES[kind] in (said.get("type", "string"), *said.get("type", []))
        assert (said.get("format") == "date") == (kind == pl.Date)
    assert list(schema_of("batch/schemas/quarantine")["properties"]) == list(quarantine.COLUMNS)
