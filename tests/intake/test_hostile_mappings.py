"""Mappings that are wrong, broken or hostile: each refused whole, every fault with its exact code and line."""

import os
import time
from pathlib import Path

import pytest

from engine.errors import Faults
from intake.mapping import read_mapping
from tests.intake.small_files import SMALL, each_is_told_in_full, faults_of

ID_ONLY = 'format = 1\nname = "m"\n[facts]\ncontract_id = "id"\n'
LABEL = '[label]\ncolumn = "churn"\nleft = ["yes"]\nwindow_months = 6\n'
SNAPSHOTS = '[snapshots]\nbegin = "b"\nend = "e"\nhorizon_months = 1\n'

REFUSED: dict[str, tuple[str | bytes, list[tuple[str, int]]]] = {
    # broken bytes and broken TOML
    "nothing at all": ("", [("missing-key", 1)] * 3),
    "a byte order mark": (b"\xef\xbb\xbf" + ID_ONLY.encode(), [("byte-order-mark", 1)]),
    "UTF-16": (ID_ONLY.encode("utf-16"), [("byte-order-mark", 1)]),
    "bytes that are not UTF-8": (ID_ONLY.encode() + b"# caf\xe9\n", [("not-utf-8", 5)]),
    "a NUL byte": (ID_ONLY + "x = '\0'\n", [("broken-toml", 5)]),
    "JSON": ('{"format": 1}', [("broken-toml", 1)]),
    "a table cut short": (ID_ONLY + "[features", [("broken-toml", 5)]),
    "a text that does not end": (ID_ONLY + 'x = "abc\n', [("broken-toml", 5)]),
    "a key without a value": (ID_ONLY + "customer_id =\n", [("broken-toml", 5)]),
    "a day that does not exist": (ID_ONLY + SNAPSHOTS + "first = 2019-02-30\n", [("broken-toml", 9)]),
    "the same key twice": (ID_ONLY + 'contract_id = "other"\n', [("duplicate-key", 5)]),
    "the same table twice": (ID_ONLY + "[features]\n[features]\n", [("duplicate-key", 6)]),
    # size and depth
    "256 KiB of comments": (ID_ONLY + "#\n" * 131_072, [("too-large", 1)]),
    "a line of 5,000 characters": (ID_ONLY + "# " + "x" * 5_000, [("too-large", 5)]),
    "sixty thousand nested lists": (ID_ONLY + "x = " + "[\n" * 60_000, [("too-deep", 60_004)]),
    "a hundred nested tables": (ID_ONLY + "x = " + "{a=" * 100 + "1" + "}" * 100 + "\n", [("too-deep", 5)]),
    "a key of a hundred parts": (ID_ONLY + ".".join("a" * 100) + " = 1\n", [("too-deep", 5)]),
    "a header of a hundred parts": (ID_ONLY + "[" + ".".join("a" * 100) + "]\n", [("too-deep", 5)]),
    "a number of 4,500 digits": (ID_ONLY + "x = " + "9" * 4_500 + "\n", [("too-large", 5)]),
    # names and types
    "an unknown table": (ID_ONLY + "[fact]\n", [("unknown-key", 5)]),
    "an unknown fact": (ID_ONLY + 'margin_floor = "x"\n', [("unknown-key", 5)]),
    "a role out of a file": (ID_ONLY + 'role = "r"\n', [("unknown-key", 5)]),
    "a prototype": (ID_ONLY + '__proto__ = "x"\n', [("unknown-key", 5)]),
    "a fact in capitals": (ID_ONLY + 'Price_cents = "x"\n', [("unknown-key", 5)]),
    "no contract": ('format = 1\nname = "m"\n[facts]\n', [("missing-key", 3)]),
    "a format of tomorrow": (ID_ONLY.replace("1", "2", 1), [("not-a-choice", 1)]),
    "a format that is a text": (ID_ONLY.replace("1", '"1"', 1), [("not-a-choice", 1)]),
    "a format that is a boolean": (ID_ONLY.replace("1", "true", 1), [("not-a-choice", 1)]),
    "a name with a path in it": (ID_ONLY.replace('"m"', '"../m"'), [("invalid-string", 2)]),
    "a number for a column": (ID_ONLY + "customer_id = 5\n", [("wrong-type", 5)]),
    "a list for a column": (ID_ONLY + 'customer_id = ["a"]\n', [("wrong-type", 5)]),
    "an empty column": (ID_ONLY + 'customer_id = ""\n', [("invalid-string", 5)]),
    "a column of 201 letters": (ID_ONLY + f'customer_id = "{"x" * 201}"\n', [("invalid-string", 5)]),
    "an unknown key of a fact": (ID_ONLY + 'customer_id = { column = "c", colour = "red" }\n', [("unknown-key", 5)]),
    "a fact without a column": (ID_ONLY + 'customer_id = { prefix = "c" }\n', [("missing-key", 5)]),
    "an unknown separator": (ID_ONLY + '[dialect]\nseparator = "x"\n', [("not-a-choice", 6)]),
    "a whole number with a point": (ID_ONLY + LABEL.replace("6", "6.0"), [("wrong-type", 8)]),
    "a window of a boolean": (ID_ONLY + LABEL.replace("6", "true"), [("wrong-type", 8)]),
    "a window of 121 months": (ID_ONLY + LABEL.replace("6", "121"), [("out-of-range", 8)]),
    "a window of no months": (ID_ONLY + LABEL.replace("6", "0"), [("out-of-range", 8)]),
    "a window below zero": (ID_ONLY + LABEL.replace("6", "-1"), [("out-of-range", 8)]),
    "a window of 2^64": (ID_ONLY + LABEL.replace("6", str(2**64)), [("out-of-range", 8)]),
    "a window in words": (ID_ONLY + LABEL.replace("6", '"six"'), [("invalid-string", 8)]),
    "a rate that is not a number": (ID_ONLY + "[money]\nvat_percent = nan\n", [("non-finite-number", 6)]),
    "an endless rate": (ID_ONLY + "[money]\nvat_percent = -inf\n", [("non-finite-number", 6)]),
    "a rate of 51 percent": (ID_ONLY + "[money]\nvat_percent = 51\n", [("out-of-range", 6)]),
    "a feature twice": (ID_ONLY + '[features]\nnumeric = ["a", "a"]\n', [("repeated-value", 6)]),
    "nobody left": (ID_ONLY + LABEL.replace('"yes"', ""), [("too-few", 7)]),
    # meaning
    "a price without a unit": (ID_ONLY + 'price_cents = "p"\n', [("missing-key", 5)]),
    "a price in a table without a unit": (ID_ONLY + 'price_cents = { column = "p" }\n', [("missing-key", 5)]),
    "a price in percent": (ID_ONLY + 'price_cents = { column = "p", unit = "percent" }\n', [("wrong-unit", 5)]),
    "a net price without a VAT rate": (
        ID_ONLY + 'price_cents = { column = "p", unit = "EUR net" }\n',
        [("missing-key", 5)],
    ),
    "a unit for a text": (ID_ONLY + 'open_fault = { column = "f", unit = "date" }\n', [("wrong-kind", 5)]),
    "a channel that does not exist": (
        ID_ONLY + '[facts.channel]\ncolumn = "c"\n[facts.channel.values]\nfax = "fax"\n',
        [("not-a-choice", 8)],
    ),
    "a yes that is also a no": (
        ID_ONLY + 'objects_to_profiling = { column = "o", yes = ["1"], no = ["1"] }\n',
        [("repeated-value", 5)],
    ),
    "a yes without a no": (ID_ONLY + 'objects_to_profiling = { column = "o", yes = ["1"] }\n', [("missing-key", 5)]),
    "a derived column of two kinds": (
        ID_ONLY + '[derived]\nx = { sum = ["a", "b"], ratio = ["a", "b"] }\n',
        [("not-one-operation", 6)],
    ),
    "a lookup without values": (ID_ONLY + '[derived]\nx = { lookup = "a" }\n', [("not-one-operation", 6)]),
    "a column derived from itself": (ID_ONLY + '[derived]\nx = { sum = ["x", "b"] }\n', [("used-before", 6)]),
    "a column used before it is derived": (
        ID_ONLY + '[derived]\nx = { sum = ["y", "b"] }\ny = { sum = ["a", "b"] }\n',
        [("used-before", 6)],
    ),
    "months between a number and a day": (
        ID_ONLY + '[derived]\nx = { sum = ["a", "b"] }\ny = { months_between = ["x", "@as_of"] }\n',
        [("wrong-kind", 7)],
    ),
    "a day in a sum": (ID_ONLY + '[derived]\nx = { sum = ["@as_of", "b"] }\n', [("not-a-number", 6)]),
    "a reserved name that does not exist": (
        ID_ONLY + '[derived]\nx = { sum = ["@now", "b"] }\n',
        [("reserved-name", 6)],
    ),
    "a fact that is assumed too": (
        ID_ONLY + 'language = "l"\n[assumptions]\nlanguage = { value = "fr", because = "b" }\n',
        [("repeated-value", 7)],
    ),
    "an assumption without a reason": (ID_ONLY + '[assumptions]\nlanguage = { value = "fr" }\n', [("missing-key", 6)]),
    "an assumed language that does not exist": (
        ID_ONLY + '[assumptions]\nlanguage = { value = "de", because = "b" }\n',
        [("not-a-choice", 6)],
    ),
    "an assumed cost below zero": (
        ID_ONLY + '[assumptions]\ncost_to_serve_cents = { value = -1, because = "b" }\n',
        [("out-of-range", 6)],
    ),
    "an assumed cost with decimals": (
        ID_ONLY + '[assumptions]\ncost_to_serve_cents = { value = 4.5, because = "b" }\n',
        [("wrong-type", 6)],
    ),
    "an assumed price": (
        ID_ONLY + '[assumptions]\nprice_cents = { value = 1, because = "b" }\n',
        [("unknown-key", 6)],
    ),
    "the label as a feature": (ID_ONLY + '[features]\nnumeric = [\n"churn",\n]\n' + LABEL, [("knows-the-answer", 7)]),
    "the label under another name": (
        ID_ONLY + '[derived]\nx = { lookup = "churn", values = { yes = 1 } }\n[features]\nnumeric = ["x"]\n' + LABEL,
        [("knows-the-answer", 8)],
    ),
    "the end of the contract as a feature": (
        ID_ONLY + '[features]\ncategorical = ["e"]\n' + SNAPSHOTS + "dates = [2019-01-01]\n",
        [("knows-the-answer", 6)],
    ),
    "both a label and snapshots": (ID_ONLY + LABEL + SNAPSHOTS + "dates = [2019-01-01]\n", [("repeated-value", 5)]),
    "one text for both ends": (ID_ONLY + LABEL + 'stayed = ["yes"]\n', [("repeated-value", 9)]),
    "snapshots without days": (ID_ONLY + SNAPSHOTS, [("missing-key", 5)]),
    "snapshots with a first day only": (ID_ONLY + SNAPSHOTS + "first = 2019-01-01\n", [("missing-key", 5)]),
    "snapshots that go backwards": (
        ID_ONLY + SNAPSHOTS + "first = 2019-02-01\nlast = 2019-01-01\n",
        [("invalid-time", 10)],
    ),
    "snapshots from the middle of a month": (
        ID_ONLY + SNAPSHOTS + "first = 2019-01-15\nlast = 2019-03-01\n",
        [("invalid-time", 10)],
    ),
    "snapshots whose end nobody has seen yet": (
        ID_ONLY + SNAPSHOTS + "dates = [2019-01-01]\nobserved_until = 2019-01-31\n",
        [("invalid-time", 10)],
    ),
    "a snapshot with an hour": (ID_ONLY + SNAPSHOTS + "dates = [2019-01-01T00:00:00]\n", [("invalid-string", 9)]),
    "a snapshot in words that is no day": (ID_ONLY + SNAPSHOTS + 'dates = ["2019-02-30"]\n', [("invalid-time", 9)]),
    "a table joined twice": (
        ID_ONLY + '[tables]\nmain = "a"\njoin = [\n{ table = "b", on = "k" },\n{ table = "b", on = "k" },\n]\n',
        [("repeated-value", 9)],
    ),
    "a missing code of a column that nobody reads": (ID_ONLY + '[missing]\nyd = ["-"]\n', [("unknown-name", 6)]),
}


@pytest.mark.parametrize("title", REFUSED)
def test_a_mapping_is_refused_for(title: str, tmp_path: Path) -> None:
    content, expected = REFUSED[title]
    path = tmp_path / "m.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    began = time.monotonic()
    with pytest.raises(Faults) as refused:
        read_mapping(path)
    assert time.monotonic() - began < 2
    assert faults_of(refused.value) == [(code, f"m.toml:{line}") for code, line in expected]
    assert each_is_told_in_full(refused.value.faults)


def test_the_corpus_is_large_enough() -> None:
    assert len(REFUSED) >= 40


def test_all_faults_of_shape_are_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text('format = 2\nname = "M"\nowner = "me"\n[facts]\nprise_cents = "p"\n[dialect]\ndecimal = 5\n')
    with pytest.raises(Faults) as refused:
        read_mapping(path)
    assert faults_of(refused.value) == [
        ("not-a-choice", "m.toml:1"),
        ("invalid-string", "m.toml:2"),
        ("unknown-key", "m.toml:3"),
        ("missing-key", "m.toml:4"),
        ("unknown-key", "m.toml:5"),
        ("not-a-choice", "m.toml:7"),
    ]
    assert "did you mean price_cents?" in str(refused.value)


def test_all_faults_of_meaning_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(ID_ONLY + 'price_cents = "p"\n[derived]\nx = { sum = ["@now", "y"] }\n' + SNAPSHOTS)
    with pytest.raises(Faults) as refused:
        read_mapping(path)
    assert [code for code, _ in faults_of(refused.value)] == ["reserved-name", "missing-key", "missing-key"]


@pytest.mark.parametrize("kind", ["a directory", "a pipe", "a device"])
def test_a_mapping_is_not(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    if kind == "a directory":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    else:
        path = Path("/dev/zero")
    with pytest.raises(Faults) as refused:
        read_mapping(path)
    assert faults_of(refused.value) == [("no-input", f"{path.name}:1")]
    assert kind in str(refused.value)


def test_a_mapping_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_mapping(tmp_path / "m.toml")
    (tmp_path / "loop.toml").symlink_to(tmp_path / "loop.toml")
    with pytest.raises(OSError, match="symbolic links"):
        read_mapping(tmp_path / "loop.toml")


def test_the_small_mapping_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(SMALL)
    assert read_mapping(path).name == "small"
