"""docs/mapping.md: its example works to the letter, and it leaves no key out."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.intake.small_files import Read, file_of, labelled_of, mapping_of

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/mapping.md").read_text("utf-8")
TABLE = "\n".join(line[4:] for line in TEXT.splitlines() if line.startswith(("    numéro", "    C-1"))) + "\n"
MAPPING = re.findall(r"```toml\n(.*?)```", TEXT, re.S)[0]


def keys(schema: Any) -> set[str]:
    """Every property of a schema, however deep."""
    if isinstance(schema, list):
        return {key for item in schema for key in keys(item)}
    if not isinstance(schema, dict):
        return set()
    return set(schema.get("properties", {})) | {key for item in schema.values() for key in keys(item)}


def test_the_example_of_the_document_is_read_as_it_says(tmp_path: Path) -> None:
    read = Read([file_of(tmp_path, TABLE, "clients.csv")], mapping_of(tmp_path, MAPPING))
    assert read.bad == []
    assert read.fact("contract_id") == ["C-1001", "C-1002"]
    assert read.fact("price_cents") == [1_790, 102_450]
    assert read.fact("customer_since") == ["2016-11-05", "2020-01-31"]
    assert read.fact("commitment_end") == ["2026-12-04", "NaT"]
    assert read.fact("data_mb_per_month") == [3_500, 12_000]
    assert read.feature("tenure_months") == [120.0, None]
    assert read.notes[0] in TEXT


def test_the_example_of_the_document_also_teaches(tmp_path: Path) -> None:
    labelled = labelled_of(tmp_path, TABLE, MAPPING)
    assert labelled.label.tolist() == [0.0]
    assert labelled.window_months == 6


@pytest.mark.parametrize("key", sorted(keys(json.loads((ROOT / "intake/schemas/mapping.schema.json").read_text()))))
def test_the_document_explains_the_key(key: str) -> None:
    assert re.search(rf"(?<![\w]){re.escape(key)}(?![\w])", TEXT)
