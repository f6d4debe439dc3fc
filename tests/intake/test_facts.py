"""Facts out of columns: cents, days, counts, flags, words; with what must come out written by hand."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engine.errors import Faults
from engine.fields import CONTACT, FACTS, REACH, WANTS
from intake.mapping import read_mapping
from intake.shapes import schema
from tests.intake.small_files import SMALL, TODAY, Read, file_of, mapping_of

BASE = """
format = 1
name = "facts"
[money]
vat_percent = 20
[facts]
contract_id = "id"
price_cents = { column = "price", unit = "EUR incl. VAT" }
cost_to_serve_cents = { column = "cost", unit = "EUR net" }
"""


def one(folder: Path, fact: str, entry: str, cells: list[str]) -> Read:
    """The rows of a file whose column `x` is mapped to one more fact."""
    rows = "".join(f'C{index},1,1,"{cell}"\n' for index, cell in enumerate(cells))
    path = file_of(folder, "id,price,cost,x\n" + rows)
    return Read([path], mapping_of(folder, BASE + f"{fact} = {entry}\n"), as_of=date(2026, 3, 31))


MONEY = {
    "euros as they are paid": ("price_cents", "EUR incl. VAT", "17.90", 1790),
    "a tenth of a cent, rounded down": ("price_cents", "EUR incl. VAT", "1.004", 100),
    "half a cent, rounded up": ("price_cents", "EUR incl. VAT", "1.005", 101),
    "just below half a cent": ("price_cents", "EUR incl. VAT", "1.004999", 100),
    "half a cent that no binary number holds": ("price_cents", "EUR incl. VAT", "8.325", 833),
    "cents": ("price_cents", "cents incl. VAT", "1790", 1790),
    "half a cent in cents": ("price_cents", "cents incl. VAT", "1790.5", 1791),
    "a net price of 14.92, with 20 % VAT 17.904": ("price_cents", "EUR net", "14.92", 1790),
    "a net price of 14.9125, with VAT exactly 17.895": ("price_cents", "EUR net", "14.9125", 1790),
    "a cost that is net": ("cost_to_serve_cents", "EUR net", "4", 400),
    "a cost with VAT, 4.80 of which 0.80 is tax": ("cost_to_serve_cents", "EUR incl. VAT", "4.80", 400),
    "a cost with VAT of 4.806, net 4.005": ("cost_to_serve_cents", "EUR incl. VAT", "4.806", 401),
    "nothing to pay": ("price_cents", "EUR incl. VAT", "0", 0),
    "the highest price": ("price_cents", "EUR incl. VAT", "10000", 1_000_000),
}


@pytest.mark.parametrize("title", MONEY)
def test_money_becomes_cents_once_half_up(title: str, tmp_path: Path) -> None:
    fact, unit, cell, cents = MONEY[title]
    column = {"price_cents": "price", "cost_to_serve_cents": "cost"}[fact]
    lines = [line for line in BASE.splitlines() if not line.startswith(fact)]
    mapping = mapping_of(tmp_path, "\n".join(lines) + f'\n{fact} = {{ column = "{column}", unit = "{unit}" }}\n')
    cells = {"price": "1", "cost": "1", column: cell}
    read = Read([file_of(tmp_path, f"id,price,cost\nA1,{cells['price']},{cells['cost']}\n")], mapping)
    assert read.fact(fact) == [cents]


def test_the_vat_rate_may_have_two_decimals(tmp_path: Path) -> None:
    text = BASE.replace("20\n", "5.55\n").replace("EUR incl. VAT", "EUR net")
    read = Read([file_of(tmp_path, "id,price,cost\nA1,100,1\n")], mapping_of(tmp_path, text))
    assert read.fact("price_cents") == [10_555]


def test_a_limit_that_is_not_on_file_stays_unknown(tmp_path: Path) -> None:
    read = one(tmp_path, "wants_max_monthly_cents", '{ column = "x", unit = "EUR incl. VAT" }', ["", "19.99"])
    assert read.fact("wants_max_monthly_cents") == [-1, 1_999]


DAYS = {
    "a day": ("date", ["2016-02-29", ""], ["2016-02-29", "NaT"]),
    "months before the day of the reading": (
        "months before as-of",
        ["1", "120", "0"],
        ["2026-02-28", "2016-03-31", "2026-03-31"],
    ),
    "days before": ("days before as-of", ["31", ""], ["2026-02-28", "NaT"]),
    "months after": ("months after as-of", ["3", "11"], ["2026-06-30", "2027-02-28"]),
    "days after": ("days after as-of", ["1"], ["2026-04-01"]),
}


@pytest.mark.parametrize("title", DAYS)
def test_days_are_counted_from(title: str, tmp_path: Path) -> None:
    unit, cells, days = DAYS[title]
    read = one(tmp_path, "commitment_end", f'{{ column = "x", unit = "{unit}" }}', cells)
    assert read.fact("commitment_end") == days


@pytest.mark.parametrize("cell", ["-1", "1.5", "1201"])
def test_a_tenure_is_a_whole_number_of_months(cell: str, tmp_path: Path) -> None:
    read = one(tmp_path, "customer_since", '{ column = "x", unit = "months before as-of" }', [cell])
    assert [(row.column, row.reason.endswith("is no whole number from 0 to 1200")) for row in read.bad] == [("x", True)]


OTHERS: dict[str, tuple[str, str, list[str], list[object]]] = {
    "usage in gigabytes": ("data_mb_per_month", '{ column = "x", times = 1000 }', ["1.5", "0.0004", ""], [1500, 0, -1]),
    "usage with decimals, half up": ("sms_per_month", '"x"', ["2.5", "2.4"], [3, 2]),
    "a count": ("refusals_on_file", '"x"', ["2", ""], [2, 0]),
    "a flag in French": ("objects_to_profiling", '"x"', ["oui", "NON", "", "1"], [True, False, False, True]),
    "a flag in the operator's words": (
        "objects_to_profiling",
        '{ column = "x", yes = ["opt-out"], no = ["opt-in"] }',
        ["opt-out", "opt-in", ""],
        [True, False, False],
    ),
    "a channel in the operator's words": (
        "channel",
        '{ column = "x", values = { tel = "phone_in" } }',
        ["tel", "shop", ""],
        ["phone_in", "shop", "phone_out"],
    ),
    "a device in the operator's words": (
        "wants_device",
        '{ column = "x", values = { IP17 = "iphone-17" } }',
        ["IP17", "pixel-10", ""],
        ["iphone-17", "pixel-10", ""],
    ),
    "several needs": (
        "wants_needs",
        '{ column = "x", values = { data = "data_20gb" } }',
        ["data; sms_15 ;data", "", ";"],
        [("data_20gb", "sms_15"), (), ()],
    ),
    "a probability": ("p_churn", '"x"', ["0.4", "0", "1", ""], [0.4, 0.0, 1.0, None]),
    "a probability in percent": ("p_churn", '{ column = "x", unit = "percent" }', ["40"], [0.4]),
}


@pytest.mark.parametrize("title", OTHERS)
def test_a_fact_is_read_from(title: str, tmp_path: Path) -> None:
    fact, entry, cells, values = OTHERS[title]
    read = one(tmp_path, fact, entry, cells)
    assert read.fact(fact) == values
    assert read.bad == []


WRONG = {
    "a count with decimals": ("refusals_on_file", '"x"', "1.5"),
    "a count below zero": ("refusals_on_file", '"x"', "-1"),
    "a count too large": ("refusals_on_file", '"x"', "1001"),
    "a commitment above 24 months": ("wants_max_commitment_months", '"x"', "25"),
    "a channel nobody knows": ("channel", '"x"', "fax"),
    "a language nobody speaks": ("language", '"x"', "FR"),
    "a flag that is neither": ("objects_to_profiling", '"x"', "2"),
    "a probability above one": ("p_churn", '"x"', "1.01"),
    "a probability below zero": ("p_churn", '"x"', "-0.01"),
    "a percentage above a hundred": ("p_churn", '{ column = "x", unit = "percent" }', "100.5"),
}


@pytest.mark.parametrize("title", WRONG)
def test_a_row_is_left_out_for(title: str, tmp_path: Path) -> None:
    fact, entry, cell = WRONG[title]
    read = one(tmp_path, fact, entry, [cell])
    assert read.fact("contract_id") == []
    assert [(row.line, row.column) for row in read.bad] == [(2, "x")]


def test_the_window_of_a_stored_probability_is_carried(tmp_path: Path) -> None:
    read = one(tmp_path, "p_churn", '{ column = "x", window_months = 6 }', ["0.4"])
    assert read.fact("p_churn_window_months") == [6]


def test_a_share_of_the_price_can_be_assumed(tmp_path: Path) -> None:
    text = BASE.replace('cost_to_serve_cents = { column = "cost", unit = "EUR net" }\n', "")
    text += '[assumptions]\ncost_to_serve_cents = { share_of_price = 0.225, because = "finance says so" }\n'
    mapping = mapping_of(tmp_path, text)
    read = Read([file_of(tmp_path, "id,price\nA1,10.00\nA2,0.02\n")], mapping)
    assert read.fact("cost_to_serve_cents") == [225, 0]
    assert mapping.carried == [
        {"about": "cost_to_serve_cents", "assumed": "0.225 of price_cents", "because": "finance says so"}
    ]


def test_every_fact_can_be_mapped_but_the_role_and_what_only_the_ledger_remembers() -> None:
    mapped = set(schema("mapping")["properties"]["facts"]["properties"])
    assert mapped == {field.name for field in (*FACTS, *REACH, *WANTS, *CONTACT)}


def test_a_parquet_file_gives_the_same_facts_as_its_csv(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "id": [7, 8],
            "price": pl.Series(["17.90", "9.99"]).cast(pl.Decimal(10, 2)),
            "since": [date(2016, 11, 5), None],
            "usage": [3.5, float("nan")],
            "plan": pl.Series(["Été", None], dtype=pl.Categorical),
            "objects": [True, None],
        }
    )
    path = tmp_path / "data.parquet"
    frame.write_parquet(path)
    text = SMALL.replace("[assumptions]", 'objects_to_profiling = "objects"\n[assumptions]')
    read = Read([path], mapping_of(tmp_path, text))
    assert read.fact("contract_id") == ["7", "8"]
    assert read.fact("price_cents") == [1790, 999]
    assert read.fact("customer_since") == ["2016-11-05", "NaT"]
    assert read.feature("usage") == [None, None]  # the first objects to profiling, the second is not on file
    assert read.feature("plan") == ["", ""]
    assert read.lines == [2, 3]
    assert read.notes == []


def test_a_mapping_is_known_by_the_bytes_of_its_file(tmp_path: Path) -> None:
    first = mapping_of(tmp_path, BASE)
    (tmp_path / "other.toml").write_text(BASE)
    assert read_mapping(tmp_path / "other.toml").digest == first.digest
    assert mapping_of(tmp_path, BASE + "# a word\n").digest != first.digest


def test_contracts_need_a_price_and_a_cost(tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, 'format = 1\nname = "m"\n[facts]\ncontract_id = "id"\n')
    with pytest.raises(Faults) as refused:
        Read([file_of(tmp_path, "id\nA1\n")], mapping, as_of=TODAY)
    assert [fault.what for fault in refused.value.faults] == [
        "the mapping has no price_cents",
        "the mapping has no cost_to_serve_cents",
    ]
