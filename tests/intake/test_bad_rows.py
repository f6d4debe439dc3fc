"""Bad rows are left out with their line, column and reason; good rows pass; none is lost."""

from pathlib import Path

import pytest

from engine.errors import Faults
from intake.quarantine import QuarantineFile, quarantine_path
from tests.intake.small_files import SMALL, Read, faults_of, file_of, labelled_of, mapping_of, read_small

HEADER = "id,price,since,usage,plan\n"
BEYOND = "lies outside 1900 to 2199; where it means none, list it under [missing]"
GOOD = "OK,17.90,2016-11-05,3.5,x\n"

BAD = {
    "a cell too few": ("A1,17.90,2016-11-05,3.5", "", "4 cells where the header has 5"),
    "a cell too many": ("A1,17.90,2016-11-05,3.5,x,y", "", "6 cells where the header has 5"),
    "a NUL byte": ("A1,17.90,2016-11-05,3.5,x\0", "", "holds a NUL byte"),
    "no contract": (",17.90,,3.5,x", "id", "id: is missing, and contract_id needs it"),
    "an identifier with a space": ("A 1,17.90,,3.5,x", "id", 'id: "A 1" is no identifier'),
    "an identifier that climbs": ("../etc,17.90,,3.5,x", "id", 'id: "../etc" is no identifier'),
    "an identifier that is a formula": ("=1+1,17.90,,3.5,x", "id", 'id: "=1+1" is no identifier'),
    "an identifier of 65 letters": ("A" * 65 + ",17.90,,3.5,x", "id", f'id: "{"A" * 60}... is no identifier'),
    "no price": ("A1,,,3.5,x", "price", "price: is missing, and price_cents needs it"),
    "a price in words": ("A1,cheap,,3.5,x", "price", 'price: "cheap" is not an amount'),
    "a price that is not a number": ("A1,NaN,,3.5,x", "price", 'price: "NaN" is not an amount'),
    "an endless price": ("A1,inf,,3.5,x", "price", 'price: "inf" is not an amount'),
    "a price below zero": ("A1,-0.01,,3.5,x", "price", 'price: "-0.01" is not between 0 and 1000000 cents'),
    "a price above ten thousand": (
        "A1,10000.01,,3.5,x",
        "price",
        'price: "10000.01" is not between 0 and 1000000 cents',
    ),
    "a price of 5,000 digits": ("A1," + "9" * 5_000 + ",,3.5,x", "price", f'price: "{"9" * 60}... is not an amount'),
    "a price in hexadecimal": ("A1,0x10,,3.5,x", "price", 'price: "0x10" is not an amount'),
    "a day that does not exist": (
        "A1,17.90,2019-02-30,3.5,x",
        "since",
        'since: "2019-02-30" is not a day written YYYY-MM-DD',
    ),
    "an hour that does not exist": (
        "A1,17.90,2019-02-28 24:00:00,3.5,x",
        "since",
        'since: "2019-02-28 24:00:00" is not a day written YYYY-MM-DD',
    ),
    "the year zero": ("A1,17.90,0000-01-01,3.5,x", "since", f'since: "0000-01-01" {BEYOND}'),
    "the year 10000": ("A1,17.90,10000-01-01,3.5,x", "since", 'since: "10000-01-01" is not a day written YYYY-MM-DD'),
    "milliseconds for a day": (
        "A1,17.90,1574985600000,3.5,x",
        "since",
        'since: "1574985600000" is not a day written YYYY-MM-DD',
    ),
    "a day before 1900": ("A1,17.90,1899-12-31,3.5,x", "since", f'since: "1899-12-31" {BEYOND}'),
    "a day that may mean no end": ("A1,17.90,9999-12-31,3.5,x", "since", f'since: "9999-12-31" {BEYOND}'),
    "a feature in words": ("A1,17.90,,much,x", "usage", 'usage: "much" is not a number'),
    "a feature too large to be one": ("A1,17.90,,1e400,x", "usage", 'usage: "1e400" is not a number'),
    "a feature above 10^15": ("A1,17.90,,2e15,x", "usage", "usage: 2000000000000000.0 is too large"),
    "a word of 201 letters": (
        "A1,17.90,,1," + "x" * 201,
        "plan",
        f'plan: "{"x" * 60}... is longer than 200 characters',
    ),
    "an escape sequence": ("A1,17.90,,1,\x1b[31mred", "plan", 'plan: "\\u001b[31mred" holds control characters'),
}


@pytest.mark.parametrize("title", BAD)
def test_a_row_is_left_out_with_its_reason_for(title: str, tmp_path: Path) -> None:
    row, column, reason = BAD[title]
    read = read_small(tmp_path, HEADER + GOOD + row + "\n" + GOOD.replace("OK", "OK2"))
    assert read.fact("contract_id") == ["OK", "OK2"]
    assert read.lines == [2, 4]
    assert [(bad.line, bad.column, bad.reason) for bad in read.bad] == [(3, column, reason)]
    assert read.rows == 3


def test_every_reason_against_a_row_is_told(tmp_path: Path) -> None:
    read = read_small(tmp_path, HEADER + GOOD + "A1,cheap,2019-02-30,much,x\n")
    assert [bad.reason for bad in read.bad] == [
        'price: "cheap" is not an amount; '
        'since: "2019-02-30" is not a day written YYYY-MM-DD; usage: "much" is not a number'
    ]


def test_bytes_of_another_encoding_spoil_one_row_of_a_utf_8_file(tmp_path: Path) -> None:
    rows = [f"A{number},17.90,,1,é\n".encode() for number in range(3)]
    content = HEADER.encode() + rows[0] + "B1,17.90,,1,é\n".encode("cp1252") + rows[1] + rows[2]
    read = read_small(tmp_path, content)
    assert read.fact("contract_id") == ["A0", "A1", "A2"]
    assert [(bad.line, bad.reason) for bad in read.bad] == [(3, "holds bytes that are not UTF-8")]


def test_a_contract_that_stands_twice_counts_once(tmp_path: Path) -> None:
    read = read_small(tmp_path, HEADER + "A1,1,,1,x\nA2,2,,1,x\nA1,3,,1,x\nA1,4,,1,x\n")
    assert read.fact("price_cents") == [100, 200]
    assert [(bad.line, bad.reason) for bad in read.bad] == [
        (4, "contract_id: it is already on line 2"),
        (5, "contract_id: it is already on line 2"),
    ]


def test_a_bad_row_does_not_take_the_place_of_a_good_one(tmp_path: Path) -> None:
    read = read_small(tmp_path, HEADER + "A1,cheap,,1,x\nA1,3,,1,x\n")
    assert read.fact("price_cents") == [300]
    assert [bad.line for bad in read.bad] == [2]


@pytest.mark.parametrize("rows", [1, 2, 3, 1_000])
def test_the_size_of_a_chunk_changes_nothing(rows: int, tmp_path: Path) -> None:
    lines = [f"C{number % 7},{number}.5,,{number},p{number % 3}\n" for number in range(20)] + ["bad\n"]
    read = Read([file_of(tmp_path, HEADER + "".join(lines))], mapping_of(tmp_path, SMALL), rows)
    assert read.lines == [2, 3, 4, 5, 6, 7, 8]
    assert read.fact("price_cents") == [50, 150, 250, 350, 450, 550, 650]
    assert sorted(bad.line for bad in read.bad) == list(range(9, 23))
    assert all(chunk.cases.rows <= rows for chunk in read.chunks)


def test_lines_are_those_of_the_file_when_cells_span_several(tmp_path: Path) -> None:
    content = "id,price,since,usage,plan,note\n" + 'A1,1,,1,x,"one\ntwo\nthree"\n\nA2,cheap,,1,x,\nA3,1,,1,x,\n'
    read = read_small(tmp_path, content)
    assert read.lines == [2, 7]
    assert [bad.line for bad in read.bad] == [6]


def test_a_stored_score_of_who_objects_to_profiling_is_not_read(tmp_path: Path) -> None:
    facts = """objects_to_profiling = "objects"
p_churn = { column = "chance", window_months = 6 }

[assumptions]"""
    content = "id,price,since,usage,plan,objects,chance\nA1,1,,7,x,oui,0.9\nA2,1,,8,y,non,0.4\nA3,1,,9,z,,0.2\n"
    read = Read([file_of(tmp_path, content)], mapping_of(tmp_path, SMALL.replace("[assumptions]", facts)))
    assert read.fact("p_churn") == [None, 0.4, 0.2]
    assert read.fact("p_churn_window_months") == [-1, 6, 6]


def test_customers_who_object_to_profiling_reach_no_model(tmp_path: Path) -> None:
    facts = SMALL.replace("[assumptions]", 'objects_to_profiling = "objects"\n\n[assumptions]')
    content = "id,price,since,usage,plan,objects\nA1,1,,7,x,oui\nA2,1,,8,y,non\nA3,1,,9,z,\nA4,1,,9,z,perhaps\n"
    read = Read([file_of(tmp_path, content)], mapping_of(tmp_path, facts))
    assert read.fact("objects_to_profiling") == [True, False, False]
    assert read.feature("usage") == [None, 8.0, 9.0]
    assert read.feature("plan") == ["", "y", "z"]
    assert [bad.reason for bad in read.bad] == ['objects: "perhaps" is neither yes nor no']


LABELLED = """
format = 1
name = "labelled"
[facts]
contract_id = "id"
objects_to_profiling = "objects"
[features]
numeric = ["usage"]
[label]
column = "left"
left = ["yes"]
stayed = ["no"]
window_months = 3
"""


def test_customers_who_object_to_profiling_are_left_out_of_training_and_it_is_said(tmp_path: Path) -> None:
    content = "id,usage,left,objects\nA1,1,yes,no\nA2,2,no,yes\nA3,3,no,no\n"
    labelled = labelled_of(tmp_path, content, LABELLED)
    assert labelled.label.tolist() == [1.0, 0.0]
    assert labelled.groups.tolist() == ["A1", "A3"]
    assert labelled.notes[-1] == "1 rows left out: the customer objects to profiling"


def test_a_row_that_does_not_say_who_left_teaches_nothing(tmp_path: Path) -> None:
    content = "id,usage,left,objects\nA1,1,yes,no\nA2,2,maybe,no\nA3,3,,no\nA4,4,no,no\n"
    labelled = labelled_of(tmp_path, content, LABELLED)
    assert labelled.label.tolist() == [1.0, 0.0]
    assert [(bad.line, bad.column) for bad in labelled.bad] == [(3, "left"), (4, "left")]
    assert labelled.window_months == 3


def test_a_file_without_one_good_row_cannot_teach(tmp_path: Path) -> None:
    with pytest.raises(Faults) as refused:
        labelled_of(tmp_path, "id,usage,left,objects\nA1,1,maybe,no\n", LABELLED)
    assert faults_of(refused.value) == [("no-rows", "data.csv:1"), ("bad-row", "data.csv:2")]
    assert 'left: "maybe" does not say who left' in str(refused.value)


def test_a_spreadsheet_runs_nothing_of_the_quarantine_file(tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, SMALL.replace('"usage"', '"=usage"'))
    read = Read([file_of(tmp_path, "id,price,since,=usage,plan\nA1,1,,=cmd|x,p\n")], mapping)
    path = quarantine_path(tmp_path / "data.csv.gz")
    with QuarantineFile(path) as quarantine:
        quarantine.add(read.bad)
    assert path.name == "data.quarantine.csv"
    assert path.read_text().splitlines()[1].split(",")[2].startswith("'=usage")


def test_the_quarantine_file_is_always_that_of_the_last_run(tmp_path: Path) -> None:
    path = tmp_path / "data.quarantine.csv"
    with QuarantineFile(path):
        pass
    assert not path.exists()
    path.write_text("of an earlier run\n")
    with QuarantineFile(path):
        pass
    assert "earlier" not in path.read_text()
