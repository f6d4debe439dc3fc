"""The written formats: every schema is one, and every file that ships keeps to its own."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
SCHEMAS = sorted(ROOT.glob("*/schemas/*.schema.json"))
SHIPPED = sorted([*(ROOT / "rulebook").rglob("*.toml"), *(ROOT / "mappings").glob("*.toml")])


def schema_of(path: Path) -> Path:
    """`law-fr.toml` keeps to law.schema.json, everything in texts/ and mappings/ to the schema of its folder."""
    kind = {"texts": "texts", "mappings": "mapping"}.get(path.parent.name, path.stem.split("-")[0])
    return ROOT / "intake" / "schemas" / f"{kind}.schema.json"


def test_there_are_schemas_and_files_to_check() -> None:
    assert {path.parts[-3] for path in SCHEMAS} == {"intake", "models", "ledger", "batch"}
    assert SHIPPED


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_schema_is_a_schema_that_says_what_it_describes(path: Path) -> None:
    schema = json.loads(path.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_shipped_file_keeps_to_its_schema(path: Path) -> None:
    schema = json.loads(schema_of(path).read_text("utf-8"))
    document = json.loads(json.dumps(tomllib.loads(path.read_text("utf-8")), default=str))  # dates as ISO texts
    faults = jsonschema.Draft202012Validator(schema).iter_errors(document)
    assert not [f"{fault.json_path}: {fault.message}" for fault in faults]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_schema_refuses_a_name_it_does_not_know(path: Path) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(path.read_text("utf-8")))
    assert [fault for fault in validator.iter_errors({"no_such_name": 1}) if fault.validator == "additionalProperties"]
