"""The story of DESIGN, case by case, over the file door: one row a case in a file as a French operator exports it."""

import csv
import tomllib
from typing import Any

import polars as pl
import pytest

from tests.batch.test_score_command import score
from tests.batch.world import ROOT

STORY = tomllib.loads((ROOT / "tests/cases/story.toml").read_text())
CASES = {f"S-{index}": case for index, case in enumerate(STORY["case"])}
MAPPING = """
format = 1
name = "story"

[dialect]
separator = ";"
decimal = ","
dates = "DD/MM/YYYY"

[facts]
contract_id = "contrat"
price_cents = { column = "prix_ttc", unit = "EUR incl. VAT" }
cost_to_serve_cents = { column = "cout_service_ht", unit = "EUR net" }
customer_since = "client_depuis"
refusals_on_file = "refus"
public_complaints_on_file = "plaintes_publiques"
open_fault = "derangement"
objects_to_profiling = { column = "opposition", yes = ["oui"], no = ["non"] }
p_churn = "risque_6_mois"
p_churn_window_months = "fenetre_mois"
wants_device = "telephone_voulu"
wants_max_commitment_months = "engagement_max"
wants_max_upfront_cents = { column = "supplement_max_ttc", unit = "EUR incl. VAT" }
wants_needs = "options_voulues"
channel = "canal"
reason_for_contact = "motif"
"""
COLUMNS = (
    *("contrat", "prix_ttc", "cout_service_ht", "client_depuis", "refus", "plaintes_publiques", "derangement"),
    *("opposition", "risque_6_mois", "fenetre_mois", "telephone_voulu", "engagement_max", "supplement_max_ttc"),
    *("options_voulues", "canal", "motif"),
)


def euros(cents: int | None) -> str:
    return "" if cents is None else f"{cents // 100},{cents % 100:02d}"


def exported(contract_id: str, facts: dict[str, Any]) -> list[str]:
    since = facts["customer_since"]
    return [
        contract_id,
        euros(facts["price_cents"]),
        euros(facts["cost_to_serve_cents"]),
        f"{since:%d/%m/%Y}",
        str(facts["refusals_on_file"]),
        str(facts["public_complaints_on_file"]),
        facts.get("open_fault", ""),
        "oui" if facts.get("objects_to_profiling") else "non",
        f"{facts['p_churn']:.2f}".replace(".", ","),
        str(facts["p_churn_window_months"]),
        facts.get("wants_device", ""),
        str(facts.get("wants_max_commitment_months", "")),
        euros(facts.get("wants_max_upfront_cents")),
        ";".join(facts.get("wants_needs", [])),
        facts["channel"],
        facts["reason_for_contact"],
    ]


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("story")
    (folder / "small.toml").write_text(MAPPING)
    with (folder / "contracts.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(COLUMNS)
        writer.writerows(exported(name, {**STORY["customer"], **case["question"]}) for name, case in CASES.items())
    done = score(folder, "--out", folder / "offers.parquet", "--as-of", "2026-11-23")
    assert done.returncode == 0, done.stderr
    return {row["contract_id"]: row for row in pl.read_parquet(folder / "offers.parquet").iter_rows(named=True)}


@pytest.mark.parametrize("name", CASES, ids=lambda name: CASES[name]["title"])
def test_the_story(decided: dict[str, dict[str, Any]], name: str) -> None:
    row, case = decided[name], CASES[name]
    assert row["stance"] == case.get("stance", row["stance"])
    assert (row["p_churn"], row["p_churn_source"]) == (
        (None, None) if row["stance"] == "standard_only" else (0.4, "stored")
    )
    for field, value in case.get("first", {}).items():
        if field in row:
            told = str(row[field]) if field == "commitment_ends_on" else row[field] or ""
            assert told == (";".join(value) if isinstance(value, list) else value)
    if row["stance"] == "repair_first":
        assert (row["repair"], row["offer_id"]) == (case["question"]["open_fault"], None)
