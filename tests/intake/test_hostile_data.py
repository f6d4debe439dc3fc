"""Data files that are broken or hostile: each refused whole, with its exact code and line, in two seconds."""

import gzip
import io
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from engine.errors import Faults
from intake.raw_bytes import BOMB_AFTER_BYTES
from tests.intake.small_files import SMALL, Read, each_is_told_in_full, faults_of, file_of, mapping_of

HEADER = b"id,price,since,usage,plan\n"
ROW = b"A1,17.90,2016-11-05,3.5,x\n"
PLAIN = HEADER + ROW


def parquet(frame: pl.DataFrame) -> bytes:
    written = io.BytesIO()
    frame.write_parquet(written)
    return written.getvalue()


GOOD_FRAME = pl.DataFrame({"id": ["A1"], "price": [17.9], "since": [None], "usage": [3.5], "plan": ["x"]})
GOOD_PARQUET = parquet(GOOD_FRAME.with_columns(pl.col("since").cast(pl.Date)))


def nested(value: object) -> Callable[[], bytes]:
    return lambda: parquet(GOOD_FRAME.with_columns(pl.Series("usage", [value])))


def bomb() -> bytes:
    """Rows without end in few bytes."""
    written = io.BytesIO()
    with gzip.GzipFile(fileobj=written, mode="wb") as packed:
        packed.write(HEADER)
        for _ in range(BOMB_AFTER_BYTES // 2_600_000 + 2):
            packed.write(ROW * 100_000)
    return written.getvalue()


REFUSED: dict[str, tuple[bytes | Callable[[], bytes], str, int]] = {
    # nothing to read
    "nothing": (b"", "empty-file", 1),
    "blank lines only": (b"\n\n\r\n  \n", "empty-file", 1),
    "a byte order mark only": (b"\xef\xbb\xbf", "bad-header", 1),
    "a blank first line": (b"\n" + PLAIN, "bad-header", 1),
    "a line that names the separator, and nothing else": (b"sep=;\n", "bad-header", 2),
    # headers
    "the same column twice": (b"id,price,since,usage,plan,id\n" + ROW, "repeated-column", 1),
    "a column twice but for spaces": (b"id,price,since,usage,plan, plan\n" + ROW, "repeated-column", 1),
    "a column missing": (b"id,price,since,plan\nA1,1,,x\n", "missing-column", 1),
    "a column in capitals": (b"ID,price,since,usage,plan\n" + ROW, "missing-column", 1),
    "no header at all": (ROW + ROW.replace(b"A1", b"A2"), "missing-column", 1),
    "a NUL byte in the header": (HEADER.replace(b"plan", b"pl\0an,plan") + ROW, "not-text", 1),
    "a column name of 201 letters": (b"x" * 201 + b"," + HEADER + ROW, "bad-header", 1),
    "2,001 columns": (b",".join(b"c%d" % n for n in range(2_001)) + b"\n", "too-many-columns", 1),
    "a million columns": (b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n", "too-many-columns", 1),
    "a quote that opens in the header": (b'id,price,since,usage,"plan\n' + ROW, "unclosed-quote", 1),
    "the separator of the first line is none": (b"sep=x\n" + PLAIN, "bad-separator", 1),
    # quotes and records
    "a quote that never closes": (PLAIN + b'A2,1,,1,"x\n' + ROW * 3, "unclosed-quote", 3),
    "a quote that never closes in the last cell": (PLAIN + b'A2,1,,1,"', "unclosed-quote", 3),
    "a quote that never closes in a large file": (PLAIN + b'A2,1,,1,"x\n' + ROW * 200_000, "unclosed-quote", 3),
    "a quote inside a cell": (PLAIN + b'A2,1,,1,5" screen, 6" screen\n', "stray-quote", 3),
    "words after a closing quote": (PLAIN + b'A2,1,,1,"x" y\n', "stray-quote", 3),
    "a space before an opening quote": (PLAIN + b'A2,1,,1, "x"\n', "stray-quote", 3),
    "a record of two megabytes": (PLAIN + b"A2,1,,1," + b"x" * 2_000_000 + b"\n" + ROW * 150_000, "record-too-long", 3),
    "no line end in two megabytes": (PLAIN + b"A2" * 1_000_000, "record-too-long", 3),
    "carriage returns alone": (PLAIN.replace(b"\n", b"\r"), "bad-line-ends", 1),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 40, "missing-column", 1),
    "ten megabytes of NUL": (b"\0" * 10_000_000, "not-text", 1),
    "a program": (b"\x7fELF\x02\x01\x01" + b"\0" * 4_000, "not-text", 1),
    "a spreadsheet": (b"PK\x03\x04\x14\0\x06\0\x08\0" + b"\0\xffx," * 500, "not-text", 1),
    "an HTML page": (b"<!doctype html><title>Log in</title>\n", "missing-column", 1),
    "JSON": (b'[{"id": "A1", "price": 17.9}]\n', "missing-column", 1),
    # encodings and packing
    "UTF-16 cut in the middle of a letter": (PLAIN.decode().encode("utf-16")[:-1], "not-utf-16", 2),
    "UTF-16 with half a pair": (PLAIN.decode().encode("utf-16-le").join((b"\xff\xfe", b"\0\xd8A\0")), "not-utf-16", 3),
    "gzip cut short": (gzip.compress(PLAIN * 500)[:-9], "broken-gzip", 1),
    "gzip with a flipped bit": (
        (lambda packed: packed[:-6] + bytes([packed[-6] ^ 1]) + packed[-5:])(gzip.compress(PLAIN)),
        "broken-gzip",
        1,
    ),
    "gzip of nothing": (gzip.compress(b""), "empty-file", 1),
    "gzip that is none": (b"\x1f\x8b" + b"x" * 100, "broken-gzip", 1),
    "a gzip bomb of rows": (bomb, "too-large", 1),
    "a gzip bomb of zeros": (lambda: gzip.compress(b"\0" * 300_000_000, 1), "not-text", 1),
    # Parquet
    "Parquet cut in its footer": (GOOD_PARQUET[:-20], "broken-parquet", 1),
    "Parquet cut in its data": (GOOD_PARQUET[: len(GOOD_PARQUET) // 2], "broken-parquet", 1),
    "Parquet that is only its mark": (b"PAR1", "broken-parquet", 1),
    "Parquet whose footer is longer than the file": (
        GOOD_PARQUET[:-8] + b"\xff\xff\xff\x7fPAR1",
        "broken-parquet",
        1,
    ),
    "Parquet whose footer is noise": (
        b"PAR1" + b"x" * 100 + (100).to_bytes(4, "little") + b"PAR1",
        "broken-parquet",
        1,
    ),
    "Parquet without a column": (lambda: parquet(GOOD_FRAME.drop("usage")), "missing-column", 1),
    "Parquet with lists": (nested([1.0, 2.0]), "wrong-type", 1),
    "Parquet with records": (nested({"a": 1}), "wrong-type", 1),
    "Parquet with bytes": (nested(b"\x00\x01"), "wrong-type", 1),
    "Parquet with 2,001 columns": (
        lambda: parquet(pl.DataFrame({f"c{n}": [1] for n in range(2_001)})),
        "too-many-columns",
        1,
    ),
}


@pytest.mark.parametrize("title", REFUSED)
def test_a_file_is_refused_for(title: str, tmp_path: Path) -> None:
    content, code, line = REFUSED[title]
    path = file_of(tmp_path, content if isinstance(content, bytes) else content())
    mapping = mapping_of(tmp_path, SMALL)
    began = time.process_time()
    with pytest.raises(Faults) as refused:
        Read([path], mapping)
    assert time.process_time() - began < 2
    assert set(faults_of(refused.value)) == {(code, f"data.csv:{line}")}
    assert each_is_told_in_full(refused.value.faults)


def test_the_corpus_is_large_enough() -> None:
    assert len(REFUSED) >= 40


@pytest.mark.parametrize("kind", ["a directory", "a pipe", "a device"])
def test_a_data_file_is_not(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    if kind == "a directory":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    else:
        path = Path("/dev/zero")
    with pytest.raises(Faults) as refused:
        Read([path], mapping_of(tmp_path, SMALL))
    assert faults_of(refused.value) == [("no-input", f"{path.name}:1")]
    assert kind in str(refused.value)


def test_a_data_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Read([tmp_path / "data.csv"], mapping_of(tmp_path, SMALL))


def test_all_missing_columns_are_told_at_once_with_the_nearest_name(tmp_path: Path) -> None:
    path = file_of(tmp_path, b"id,prices,plan\nA1,1,x\n")
    with pytest.raises(Faults) as refused:
        Read([path], mapping_of(tmp_path, SMALL))
    assert [fault.what for fault in refused.value.faults] == [
        "no column 'price'",
        "no column 'since'",
        "no column 'usage'",
    ]
    assert "did you mean 'prices'?" in str(refused.value)


def test_a_hostile_file_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = file_of(tmp_path, bomb())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Faults):
        Read([path], mapping_of(tmp_path, SMALL))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 256 * 1024


JOINED = SMALL.replace("[facts]", '[tables]\nmain = "main"\njoin = [{ table = "other", on = "id" }]\n\n[facts]')
MAIN = "id,price,since,usage\nA1,1,,1\n"

BAD_JOINS: dict[str, tuple[dict[str, str], list[tuple[str, str]]]] = {
    "a key that stands twice": (
        {"main.csv": MAIN, "other.csv": "id,plan\nA1,x\nA2,y\nA1,z\n"},
        [("repeated-key", "other.csv:4")],
    ),
    "a joined table with broken rows": (
        {"main.csv": MAIN, "other.csv": "id,plan\nA1,x,y\nA2\n"},
        [("bad-row", "other.csv:2"), ("bad-row", "other.csv:3")],
    ),
    "a joined table without the key": (
        {"main.csv": MAIN, "other.csv": "key,plan\nA1,x\n"},
        [("missing-column", "other.csv:1")],
    ),
    "a column of both tables": (
        {"main.csv": MAIN.replace("since", "since,plan").replace(",,", ",,x,"), "other.csv": "id,plan\nA1,x\n"},
        [("repeated-column", "other.csv:1")],
    ),
    "a table that is not there": ({"main.csv": MAIN}, [("wrong-files", "mapping.toml:1")]),
    "a table that nobody asked for": (
        {"main.csv": MAIN, "other.csv": "id,plan\n", "third.csv": "id\n"},
        [("wrong-files", "third.csv:1")],
    ),
    "the same table twice": (
        {"main.csv": MAIN, "other.csv": "id,plan\n", "other.csv.gz": "id,plan\n"},
        [("wrong-files", "other.csv.gz:1")],
    ),
}


@pytest.mark.parametrize("title", BAD_JOINS)
def test_several_files_are_refused_for(title: str, tmp_path: Path) -> None:
    files, expected = BAD_JOINS[title]
    paths = [file_of(tmp_path, content, name) for name, content in files.items()]
    with pytest.raises(Faults) as refused:
        Read(paths, mapping_of(tmp_path, JOINED))
    assert faults_of(refused.value) == expected


def test_a_mapping_of_one_table_takes_one_file(tmp_path: Path) -> None:
    paths = [file_of(tmp_path, PLAIN, name) for name in ("a.csv", "b.csv")]
    with pytest.raises(Faults) as refused:
        Read(paths, mapping_of(tmp_path, SMALL))
    assert faults_of(refused.value) == [("wrong-files", "mapping.toml:1")]
