"""Derived columns, joined tables and snapshots, with figures worked out by hand."""

from datetime import date
from pathlib import Path

import pytest

from intake.calendar import add_months, first_days
from intake.labelled import read_labelled
from tests.intake.small_files import TODAY, Read, file_of, labelled_of, mapping_of, plain

DERIVED = """
format = 1
name = "derived"
[facts]
contract_id = "id"
price_cents = { column = "total", unit = "EUR incl. VAT" }
[assumptions]
cost_to_serve_cents = { value = 400, because = "the file holds no costs" }
[derived]
total = { sum = ["a", "b", "c"] }
rest = { difference = ["a", "b"] }
per_b = { ratio = ["a", "b"] }
left_over = { remainder = ["a", "b"] }
grade = { lookup = "word", values = { low = 1, high = 2.5 } }
months_held = { months_between = ["begin", "@as_of"] }
of_derived = { sum = ["total", "rest"] }
[features]
numeric = ["total", "rest", "per_b", "left_over", "grade", "months_held", "of_derived"]
"""


def derived(folder: Path, row: str) -> dict[str, object]:
    """The derived features of one row a,b,c,word,begin on 2026-03-15."""
    path = file_of(folder, "id,a,b,c,word,begin\nA1," + row + "\n")
    read = Read([path], mapping_of(folder, DERIVED), as_of=date(2026, 3, 15))
    return {name: read.feature(name)[0] for name in read.chunks[0].features}


def test_columns_are_derived_from_others(tmp_path: Path) -> None:
    assert derived(tmp_path, "7,2,0.5,high,2025-03-15") == {
        "total": 9.5,
        "rest": 5.0,
        "per_b": 3.5,
        "left_over": 1.0,
        "grade": 2.5,
        "months_held": 12.0,
        "of_derived": 14.5,
    }


def test_nothing_is_derived_from_a_missing_cell(tmp_path: Path) -> None:
    text = DERIVED.replace('"total", unit', '"c", unit')
    path = file_of(tmp_path, "id,a,b,c,word,begin\nA1,7,,0.5,,\n")
    read = Read([path], mapping_of(tmp_path, text))
    assert {value for name in read.chunks[0].features for value in read.feature(name)} == {None}


AGES = {
    "2026-03-15": 0.0,
    "2026-03-14": 0.0,
    "2026-02-15": 1.0,
    "2026-02-16": 0.0,
    "2025-12-31": 2.0,
    "2016-03-16": 119.0,
    "2026-03-16": -1.0,
    "2026-04-15": -1.0,
}


@pytest.mark.parametrize("begin", AGES)
def test_months_between_count_whole_months(begin: str, tmp_path: Path) -> None:
    assert derived(tmp_path, f"1,1,1,low,{begin}")["months_held"] == AGES[begin]


def test_nothing_is_divided_by_zero(tmp_path: Path) -> None:
    found = derived(tmp_path, "7,0,0.5,low,2025-03-15")
    assert (found["per_b"], found["left_over"]) == (None, None)


def test_a_word_that_the_lookup_does_not_know_leaves_the_row_out(tmp_path: Path) -> None:
    path = file_of(tmp_path, "id,a,b,c,word,begin\nA1,1,1,1,middle,2025-03-15\n")
    read = Read([path], mapping_of(tmp_path, DERIVED))
    assert [row.reason for row in read.bad] == ['word: "middle" is none of low, high']


def test_a_derived_price_is_rounded_once(tmp_path: Path) -> None:
    path = file_of(tmp_path, "id,a,b,c,word,begin\nA1,0.1,0.2,0.005,low,2025-03-15\n")
    assert Read([path], mapping_of(tmp_path, DERIVED)).fact("price_cents") == [31]


JOINED = """
format = 1
name = "joined"
[tables]
main = "contracts"
join = [
    { table = "people", on = "customer", key = "number" },
    { table = "lines", on = "id", prefix = "line_" },
]
[facts]
contract_id = "id"
customer_id = "customer"
price_cents = { column = "price", unit = "EUR incl. VAT" }
language = "language"
[assumptions]
cost_to_serve_cents = { value = 400, because = "the file holds no costs" }
[features]
numeric = ["line_price"]
categorical = ["town"]
"""


def test_tables_are_joined_by_their_keys_and_rows_they_lack_are_missing(tmp_path: Path) -> None:
    files = {
        "contracts.csv": "id,customer,price\nA1,P1,10.00\nA2, P2 ,20.00\nA3,P1,30.00\nA4,P9,40.00\n",
        "people.csv": "number;town;language\nP2;Gent;nl\nP1;Lille;fr\nP3;Nice;fr\n",
        "lines.csv": "id;price\nA3;3,5\nA1;1,25\n",
    }
    paths = [file_of(tmp_path, content, name) for name, content in files.items()]
    read = Read(paths, mapping_of(tmp_path, JOINED))
    assert read.fact("contract_id") == ["A1", "A2", "A3", "A4"]
    assert read.fact("language") == ["fr", "nl", "fr", "fr"]
    assert read.feature("town") == ["Lille", "Gent", "Lille", ""]
    assert read.feature("line_price") == [1.25, None, 3.5, None]
    assert read.bad == []


def test_a_bad_cell_of_a_joined_table_spoils_the_contracts_that_need_it(tmp_path: Path) -> None:
    files = {
        "contracts.csv": "id,customer,price\nA1,P1,10.00\nA2,P2,20.00\n",
        "people.csv": "number,town,language\nP1,Lille,klingon\nP2,Gent,nl\n",
        "lines.csv": "id,price\n",
    }
    paths = [file_of(tmp_path, content, name) for name, content in files.items()]
    read = Read(paths, mapping_of(tmp_path, JOINED))
    assert read.fact("contract_id") == ["A2"]
    assert [(row.line, row.column) for row in read.bad] == [(2, "language")]


SNAPSHOTS = """
format = 1
name = "snapshots"
[missing]
end = ["No"]
[derived]
months = { months_between = ["begin", "@as_of"] }
[facts]
contract_id = "id"
[features]
numeric = ["months"]
[snapshots]
begin = "begin"
end = "end"
dates = [2020-03-01, 2020-01-01]
horizon_months = 2
"""

CONTRACTS = """id,begin,end
first-day,2020-01-01,No
next-day,2020-01-02,No
ends-on-the-day,2019-01-01,2020-01-01
ends-after,2019-01-01,2020-01-02
ends-with-the-horizon,2019-01-01,2020-03-01
ends-past-the-horizon,2019-01-01,2020-03-02
without-a-beginning,,No
ends-before-it-begins,2020-01-02,2020-01-01
first-day,2018-01-01,No
"""


def test_a_snapshot_holds_what_runs_and_labels_what_ends_within_the_horizon(tmp_path: Path) -> None:
    labelled = labelled_of(tmp_path, CONTRACTS, SNAPSHOTS)
    assert labelled.dates is not None
    rows = list(
        zip(plain(labelled.dates), labelled.groups, labelled.label, labelled.features["months"].tolist(), strict=True)
    )
    assert rows == [
        ("2020-01-01", "first-day", 0.0, 0.0),
        ("2020-01-01", "ends-after", 1.0, 12.0),
        ("2020-01-01", "ends-with-the-horizon", 1.0, 12.0),
        ("2020-01-01", "ends-past-the-horizon", 0.0, 12.0),
        ("2020-03-01", "first-day", 0.0, 2.0),
        ("2020-03-01", "next-day", 0.0, 1.0),
        ("2020-03-01", "ends-past-the-horizon", 1.0, 14.0),
    ]
    assert [(row.line, row.column) for row in labelled.bad] == [(8, "begin"), (9, "end"), (10, "contract_id")]
    assert labelled.window_months == 2


def test_a_file_of_several_days_may_name_a_contract_once_a_day(tmp_path: Path) -> None:
    text = """
format = 1
name = "days"
[facts]
contract_id = "id"
customer_id = "who"
[features]
numeric = ["usage"]
[label]
column = "left"
left = ["1"]
window_months = "unknown"
date = "day"
"""
    content = "id,who,usage,left,day\nA1,P1,1,0,2020-01-01\nA1,P1,2,1,2020-02-01\nA1,P1,3,1,2020-02-01\nA2,P1,4,0,\n"
    labelled = labelled_of(tmp_path, content, text)
    assert labelled.dates is not None
    assert plain(labelled.dates) == ["2020-01-01", "2020-02-01"]
    assert labelled.groups.tolist() == ["P1", "P1"]
    assert labelled.label.tolist() == [0.0, 1.0]
    assert [(row.line, row.column) for row in labelled.bad] == [(4, "contract_id"), (5, "day")]
    assert labelled.window_months == -1


def test_training_needs_no_column_of_the_facts_that_it_does_not_read(tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, SNAPSHOTS.replace("[features]", 'open_fault = "fault"\n[features]'))
    assert len(read_labelled([file_of(tmp_path, CONTRACTS)], mapping, TODAY).label) == 7


def test_months_are_added_on_the_calendar() -> None:
    assert add_months(date(2020, 1, 31), 1) == date(2020, 2, 29)
    assert add_months(date(2019, 12, 1), 1) == date(2020, 1, 1)
    assert add_months(date(2020, 3, 31), -13) == date(2019, 2, 28)
    assert first_days(date(2019, 11, 1), date(2020, 1, 1)) == [date(2019, 11, 1), date(2019, 12, 1), date(2020, 1, 1)]
