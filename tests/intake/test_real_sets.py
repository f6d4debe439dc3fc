"""The three sets that mappings ship for, with figures counted independently of this code (zcat, cut, sort, uniq)."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from intake.labelled import Labelled, read_labelled
from intake.mapping import read_mapping
from tests.intake.small_files import Read

ROOT = Path(__file__).parents[2]
DATA = ROOT / "../shared/data"
FILES = {
    "telco_ibm": ["telco_ibm"],
    "mlc_churn": ["mlc_churn"],
    "interconnect": ["interconnect_contract", "interconnect_internet", "interconnect_phone"],
}


def paths(name: str) -> list[Path]:
    return [DATA / f"{file}.csv.gz" for file in FILES[name]]


@pytest.fixture(scope="module")
def labelled() -> dict[str, Labelled]:
    return {
        name: read_labelled(paths(name), read_mapping(ROOT / "mappings" / f"{name}.toml"), date(2026, 11, 22))
        for name in FILES
    }


def test_telco_has_7043_customers_of_whom_1869_left_and_11_blank_totals(labelled: dict[str, Labelled]) -> None:
    telco = labelled["telco_ibm"]
    assert (len(telco.label), telco.label.sum(), len(telco.bad)) == (7_043, 1_869, 0)
    assert np.isnan(telco.features["TotalCharges"]).sum() == 11
    assert np.isnan(telco.features["tenure"]).sum() == 0
    assert telco.window_months == -1
    assert telco.dates is None


def test_mlc_has_5000_customers_of_whom_707_left_and_a_sum_of_charges(labelled: dict[str, Labelled]) -> None:
    mlc = labelled["mlc_churn"]
    assert (len(mlc.label), mlc.label.sum(), len(mlc.bad)) == (5_000, 707, 0)
    assert mlc.features["total_charge"][0] == pytest.approx(45.07 + 16.78 + 11.01 + 2.7)
    assert mlc.groups[0] == "mlc-2"


def test_interconnect_in_december_2019_has_5390_contracts_of_which_460_end(labelled: dict[str, Labelled]) -> None:
    interconnect = labelled["interconnect"]
    assert interconnect.dates is not None
    december = interconnect.dates == np.datetime64("2019-12-01")
    assert (december.sum(), interconnect.label[december].sum()) == (5_390, 460)
    assert interconnect.window_months == 1
    assert interconnect.bad == []
    assert sorted(set(interconnect.dates.tolist())) == [date(2019, month, 1) for month in (9, 10, 11, 12)]


def test_interconnect_ends_in_every_month_as_the_file_says(labelled: dict[str, Labelled]) -> None:
    interconnect = labelled["interconnect"]
    assert interconnect.dates is not None
    left = {str(day): interconnect.label[interconnect.dates == day].sum() for day in np.unique(interconnect.dates)}
    assert left == {"2019-09-01": 458, "2019-10-01": 485, "2019-11-01": 466, "2019-12-01": 460}


def test_interconnect_features_are_those_of_the_day_of_the_snapshot(labelled: dict[str, Labelled]) -> None:
    interconnect = labelled["interconnect"]
    assert interconnect.dates is not None
    customer = interconnect.groups == "5575-GNVDE"
    assert interconnect.dates[customer].tolist() == [date(2019, month, 1) for month in (9, 10, 11, 12)]
    assert interconnect.features["tenure_months"][customer].tolist() == [29, 30, 31, 32]
    assert interconnect.features["months_left_in_term"][customer].tolist() == [7, 6, 5, 4]


def test_no_mapping_looks_at_a_column_that_knows_the_future() -> None:
    mapping = read_mapping(ROOT / "mappings/interconnect.toml")
    assert "TotalCharges" not in mapping.used_columns()
    assert "EndDate" not in mapping.raw_columns([*mapping.numeric, *mapping.categorical])


def test_telco_becomes_facts_with_the_assumptions_that_every_answer_carries() -> None:
    mapping = read_mapping(ROOT / "mappings/telco_ibm.toml")
    read = Read(paths("telco_ibm"), mapping, as_of=date(2026, 11, 22))
    assert len(read.fact("contract_id")) == 7_043
    assert read.fact("price_cents")[:3] == [2985, 5695, 5385]
    assert read.fact("customer_since")[:3] == ["2026-10-22", "2024-01-22", "2026-09-22"]
    assert read.fact("commitment_end")[:3] == ["NaT", "2027-01-22", "NaT"]
    assert set(read.fact("cost_to_serve_cents")) == {400}
    assert {"about": "cost_to_serve_cents", "assumed": 400, "because": "the file holds no costs"} in mapping.carried


def test_mlc_becomes_facts_whose_price_is_the_sum_of_the_charges() -> None:
    read = Read(paths("mlc_churn"), read_mapping(ROOT / "mappings/mlc_churn.toml"))
    assert read.fact("price_cents")[0] == 4507 + 1678 + 1101 + 270
    assert read.fact("voice_minutes_per_month")[0] == 707
    assert read.fact("contract_id")[0] == "mlc-2"


def test_interconnect_contracts_that_do_not_run_on_the_day_are_left_out_and_counted() -> None:
    read = Read(paths("interconnect"), read_mapping(ROOT / "mappings/interconnect.toml"), as_of=date(2019, 12, 1))
    assert len(read.fact("contract_id")) == 5_390
    assert len(read.bad) == 7_043 - 5_390
    assert read.rows == 7_043


@pytest.mark.parametrize("name", FILES)
def test_the_digest_is_of_the_bytes_and_the_same_in_any_order_of_the_files(
    name: str, labelled: dict[str, Labelled]
) -> None:
    mapping = read_mapping(ROOT / "mappings" / f"{name}.toml")
    again = read_labelled(paths(name)[::-1], mapping, date(2026, 11, 22))
    assert again.digest == labelled[name].digest
    assert len({one.digest for one in labelled.values()}) == len(FILES)
