"""Amounts with a euro sign and contracts that end on the last day there is: read, and said."""

from pathlib import Path

import pytest

from engine.errors import Faults
from tests.intake.small_files import SMALL, Read, faults_of, file_of, labelled_of, mapping_of, read_small

HEADER = "id;price;since;usage;plan\n"
SIGNED = ("17,90 €", "17,90€", "€17,90", "€ 17,90", "17,90\u00a0€", "17,90\u202fEUR", "EUR 17,90", "+€17,90")


@pytest.mark.parametrize("cell", SIGNED)
def test_an_amount_may_carry_one_euro_sign(cell: str, tmp_path: Path) -> None:
    read = read_small(tmp_path, f"{HEADER}A1;{cell};;1 024,50 €;x\nA2;9,99;;-€3,5;x\n")
    assert (read.fact("price_cents"), read.feature("usage"), read.bad) == ([1790, 999], [1024.5, -3.5], [])
    assert "decimal comma, euro signs" in read.notes[0]


@pytest.mark.parametrize(
    "cell", ["€17,90 €", "17,90 $", "17,90 £", "17€90", "€", "17,90 EURO", "CHF 17,90", "17,90 eur"]
)
def test_an_amount_carries_nothing_else(cell: str, tmp_path: Path) -> None:
    read = read_small(tmp_path, f"{HEADER}A1;{cell};;1;x\nA2;9,99;;1;x\n")
    assert read.fact("price_cents") == [999]
    assert [(bad.line, bad.column) for bad in read.bad] == [(2, "price")]


def test_without_a_euro_sign_nothing_is_said_of_it(tmp_path: Path) -> None:
    assert "euro" not in read_small(tmp_path, f"{HEADER}A1;17,90;;1;x\n").notes[0]


def test_a_count_carries_no_euro_sign(tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, SMALL.replace("[assumptions]", 'sms_per_month = "sms"\n\n[assumptions]'))
    read = Read([file_of(tmp_path, "id;price;since;usage;plan;sms\nA1;17;;1;x;3 €\n")], mapping)
    assert [(bad.line, bad.column) for bad in read.bad] == [(2, "sms")]


def test_a_column_in_cents_carries_no_euro_sign(tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, SMALL.replace("EUR incl. VAT", "cents incl. VAT"))
    with pytest.raises(Faults) as refused:
        Read([file_of(tmp_path, f"{HEADER}A1;1790 €;;1;x\n")], mapping)
    assert faults_of(refused.value) == [("unclear-numbers", "data.csv:1")]


ENDS = """
format = 1
name = "ends"
[facts]
contract_id = "id"
[features]
numeric = ["usage"]
[snapshots]
begin = "begin"
end = "end"
dates = [2019-01-01]
horizon_months = 1
"""


def test_a_contract_that_ends_on_the_last_day_there_is_still_runs(tmp_path: Path) -> None:
    content = "id,begin,end,usage\nA1,01/02/2016,31/12/9999,1\nA2,01/02/2016,15/01/2019,2\nA3,01/02/2016,,3\n"
    labelled = labelled_of(tmp_path, content, ENDS)
    assert (labelled.label.tolist(), labelled.bad) == ([0.0, 1.0, 0.0], [])
    assert "the last day of 9999 as no end" in labelled.notes[0]


@pytest.mark.parametrize("day", ["31/12/2999", "01/01/9999", "30/12/9999"])
def test_other_far_days_are_no_end(day: str, tmp_path: Path) -> None:
    labelled = labelled_of(tmp_path, f"id,begin,end,usage\nA1,01/02/2016,{day},1\nA2,01/02/2016,31/01/2019,2\n", ENDS)
    assert [(bad.line, bad.column) for bad in labelled.bad] == [(2, "end")]


def test_a_far_day_is_missing_where_the_mapping_says_so(tmp_path: Path) -> None:
    read = read_small(
        tmp_path, "id,price,since,usage,plan\nA1,1,9999-12-31,1,x\n", '[missing]\nsince = ["9999-12-31"]\n'
    )
    assert (read.fact("customer_since"), read.bad) == (["NaT"], [])
