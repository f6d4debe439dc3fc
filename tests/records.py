"""Every record that a test leaves behind keeps to the schema of a record."""

import json
from functools import cache
from pathlib import Path

import orjson
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import Engine

from ledger import queries
from ledger.store import reading

SCHEMA = Path(__file__).parents[1] / "ledger" / "schemas" / "record.schema.json"


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")), format_checker=FormatChecker())


def faults_of_records(store: Engine) -> list[str]:
    """What is wrong with the records of a store, as far as they are still there."""
    with reading(store) as connection:
        rows = [row for page in queries.pages_of_decisions(connection) for row in page if row.record is not None]
    found = ((row.decision_id, fault) for row in rows for fault in _validator().iter_errors(orjson.loads(row.record)))
    return [f"{decision_id} {fault.json_path}: {fault.message}" for decision_id, fault in found]
