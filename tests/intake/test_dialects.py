"""CSV as people really export it: each habit alone, with what must come out written by hand."""

import gzip
from pathlib import Path

import pytest

from engine.errors import Faults
from tests.intake.small_files import SMALL, Read, faults_of, file_of, mapping_of, read_small

PLAIN = "id,price,since,usage,plan\nA1,17.90,2016-11-05,3.5,Été\nA2,9.99,2020-01-31,12,Été\n"


def is_the_plain_table(read: Read) -> bool:
    """Whether the two contracts of PLAIN came out, whatever the file looked like."""
    return (
        read.fact("contract_id") == ["A1", "A2"]
        and read.fact("price_cents") == [1790, 999]
        and read.fact("customer_since") == ["2016-11-05", "2020-01-31"]
        and read.feature("usage") == [3.5, 12.0]
        and read.feature("plan") == ["Été", "Été"]
        and read.bad == []
    )


FRENCH = PLAIN.replace(",", ";").replace("17.90", "17,90").replace("9.99", "9,99").replace("3.5", "3,5")
FRENCH = FRENCH.replace("2016-11-05", "05/11/2016").replace("2020-01-31", "31/01/2020")

WRITTEN = {
    "plain UTF-8 with commas": PLAIN,
    "semicolons, decimal commas and JJ/MM/AAAA": FRENCH,
    "tabs": PLAIN.replace(",", "\t"),
    "bars": PLAIN.replace(",", "|"),
    "a byte order mark": "\ufeff" + PLAIN,
    "Windows line ends": PLAIN.replace("\n", "\r\n"),
    "no line end after the last row": PLAIN.rstrip("\n"),
    "blank lines between and after the rows": PLAIN.replace("\nA2", "\n\n\r\nA2") + "\n\n",
    "quotes around every cell": '"' + PLAIN.rstrip("\n").replace(",", '","').replace("\n", '"\n"') + '"\n',
    "spaces around the cells": PLAIN.replace(",", " , "),
    "Windows-1252": PLAIN.encode("cp1252"),
    "French Windows-1252": FRENCH.encode("cp1252"),
    "UTF-16 with its mark, as Excel's Unicode text": PLAIN.replace(",", "\t").encode("utf-16"),
    "gzip": gzip.compress(PLAIN.encode()),
    "a time of day after every date": PLAIN.replace("-05,", "-05 00:00:00,").replace("-31,", "-31T23:59:59.5Z,"),
    "dates with points": PLAIN.replace("2016-11-05", "05.11.2016").replace("2020-01-31", "31.01.2020"),
    "dates with dashes, day first": PLAIN.replace("2016-11-05", "05-11-2016").replace("2020-01-31", "31-01-2020"),
    "dates with slashes, year first": PLAIN.replace("2016-11-05", "2016/11/05").replace("2020-01-31", "2020/01/31"),
    "dates of eight digits": PLAIN.replace("2016-11-05", "20161105").replace("2020-01-31", "20200131"),
    "American dates": PLAIN.replace("2016-11-05", "11/05/2016").replace("2020-01-31", "01/31/2020"),
    "days and months of one digit": FRENCH.replace("05/11/2016", "5/11/2016").replace("31/01/2020", "31/1/2020"),
    "a first line that names the separator": "sep=;\n" + FRENCH,
    "columns in another order, and more of them": "x,plan,usage,since,price,id\n"
    "?,Été,3.5,2016-11-05,17.90,A1\n?,Été,12,2020-01-31,9.99,A2\n",
}


@pytest.mark.parametrize("title", WRITTEN)
def test_the_same_table_comes_out_of(title: str, tmp_path: Path) -> None:
    assert is_the_plain_table(read_small(tmp_path, WRITTEN[title]))


def test_what_was_recognised_is_said(tmp_path: Path) -> None:
    read = read_small(tmp_path, FRENCH.encode("cp1252"))
    said = "data.csv: recognised: semicolon between cells, cp1252, decimal comma, days written DD/MM/YYYY"
    assert read.notes == [said]


def test_what_was_declared_is_not_recognised_again(tmp_path: Path) -> None:
    declared = '[dialect]\nencoding = "cp1252"\nseparator = ";"\ndecimal = ","\ndates = "JJ/MM/AAAA"\n'
    read = read_small(tmp_path, FRENCH.encode("cp1252"), declared)
    assert read.notes == []
    assert is_the_plain_table(read)


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f"], ids=["space", "no-break", "narrow no-break"])
def test_thousands_may_be_parted_by_spaces_of_any_kind(space: str, tmp_path: Path) -> None:
    read = read_small(tmp_path, f"id;price;since;usage;plan\nA1;1{space}017,90;2016-11-05;12{space}345{space}678;x\n")
    assert read.fact("price_cents") == [101_790]
    assert read.feature("usage") == [12_345_678.0]


NUMBERS = {
    "points between thousands before a decimal comma": ("1.017,90", "12.345", [101_790], [12_345.0]),
    "commas between thousands before a decimal point": ('"1,017.90"', '"12,345"', [101_790], [12_345.0]),
    "apostrophes between thousands": ("1'017.90", "12'345", [101_790], [12_345.0]),
    "exponents in a feature": ("17.90", "1.2e3", [1790], [1_200.0]),
    "a plus sign": ("+17.90", "+3", [1790], [3.0]),
    "no digit before the mark": (".90", "-.5", [90], [-0.5]),
    "no digit after the mark": ("17.", "3.25", [1700], [3.25]),
}


@pytest.mark.parametrize("title", NUMBERS)
def test_numbers_are_read_with(title: str, tmp_path: Path) -> None:
    price, usage, cents, found = NUMBERS[title]
    mark = ";" if "comma" in title and "commas" not in title else ","
    read = read_small(
        tmp_path, f"id{mark}price{mark}since{mark}usage{mark}plan\nA1{mark}{price}{mark}{mark}{usage}{mark}x\n"
    )
    assert read.fact("price_cents") == cents
    assert read.feature("usage") == found


UNCLEAR = {
    "a number that may be thousands or decimals": (
        "id;price;since;usage;plan\nA1;17;2016-11-05;1.234;x\n",
        "unclear-numbers",
    ),
    "decimal commas beside decimal points": (
        "id;price;since;usage;plan\nA1;17,90;;12.5;x\n",
        "unclear-numbers",
    ),
    "days that may be months": ("id,price,since,usage,plan\nA1,17.90,05/11/2016,1,x\n", "unclear-dates"),
    "days first in one row and months first in another": (
        "id,price,since,usage,plan\nA1,17.90,25/11/2016,1,x\nA2,17.90,11/25/2016,1,x\n",
        "unclear-dates",
    ),
    "dates of two kinds": (
        "id,price,since,usage,plan\nA1,17.90,2016-11-05,1,x\nA2,17.90,25.11.2016,1,x\n",
        "unclear-dates",
    ),
}


@pytest.mark.parametrize("title", UNCLEAR)
def test_nothing_is_guessed_from(title: str, tmp_path: Path) -> None:
    content, code = UNCLEAR[title]
    with pytest.raises(Faults) as refused:
        read_small(tmp_path, content)
    assert faults_of(refused.value) == [(code, "data.csv:1")]


def test_a_declaration_settles_what_is_unclear(tmp_path: Path) -> None:
    content = "id;price;since;usage;plan\nA1;17;05/11/2016;1.234;x\n"
    read = read_small(tmp_path, content, '[dialect]\ndecimal = "."\ndates = "MM/DD/YYYY"\n')
    assert read.feature("usage") == [1.234]
    assert read.fact("customer_since") == ["2016-05-11"]


def test_quoted_cells_may_hold_separators_quotes_and_line_ends(tmp_path: Path) -> None:
    content = 'id,price,since,usage,plan\nA1,17.90,,1,"a, ""b"""\nA2,9.99,,2,"c\nd"\nA3,x,,3,e\n'
    read = read_small(tmp_path, content)
    assert read.feature("plan") == ['a, "b"']
    assert [(row.line, row.column) for row in read.bad] == [(3, "plan"), (5, "price")]


def test_a_file_without_quoting_is_read_as_it_stands(tmp_path: Path) -> None:
    read = read_small(tmp_path, 'id,price,since,usage,plan\nA1,17.90,,1,5" screen\n', '[dialect]\nquote = "none"\n')
    assert read.feature("plan") == ['5" screen']


def test_missing_codes_hold_for_one_column_or_for_all(tmp_path: Path) -> None:
    codes = '[missing]\n"*" = ["n/a"]\nusage = ["-1"]\n'
    read = read_small(tmp_path, "id,price,since,usage,plan\nA1,17.90,n/a,-1,n/a\nA2,17.90,,-2,-1\n", codes)
    assert read.fact("customer_since") == ["NaT", "NaT"]
    assert read.feature("usage") == [None, -2.0]
    assert read.feature("plan") == ["", "-1"]


def test_accents_composed_and_decomposed_name_the_same_column(tmp_path: Path) -> None:
    mapping = mapping_of(tmp_path, SMALL.replace('"usage"', '"cafe\u0301"'))
    read = Read([file_of(tmp_path, "id,price,since,caf\u00e9,plan\nA1,17.90,,1,x\n")], mapping)
    assert read.feature("caf\u00e9") == [1.0]
