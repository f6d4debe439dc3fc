"""Data files that no place of a good file can be spoilt into: other bytes, other formats, files without measure."""

import gzip
import io
from collections.abc import Callable

import polars as pl

from intake.raw_bytes import BOMB_AFTER_BYTES

Content = bytes | Callable[[], bytes]
HEADER = b"id,price,since,usage,plan,left\n"
ROW = b"A1,17.90,2016-11-05,3.5,x,yes\n"
GOOD = HEADER + ROW
UTF_16 = GOOD.decode().encode("utf-16-le")
FRAME = pl.DataFrame(
    {"id": ["A1"], "price": [17.9], "since": ["2016-11-05"], "usage": [3.5], "plan": ["x"], "left": ["yes"]}
)


def parquet(**columns: object) -> bytes:
    """A Parquet file of one row, with some columns replaced."""
    frame, written = FRAME.with_columns(pl.Series(name, [value]) for name, value in columns.items()), io.BytesIO()
    frame.write_parquet(written)
    return written.getvalue()


def without(*names: str) -> bytes:
    """A Parquet file that lacks columns."""
    written = io.BytesIO()
    FRAME.drop(names).write_parquet(written)
    return written.getvalue()


def wide(columns: int) -> bytes:
    """A Parquet file of many columns."""
    written = io.BytesIO()
    pl.DataFrame({f"c{number}": [1] for number in range(columns)}).write_parquet(written)
    return written.getvalue()


def bomb() -> bytes:
    """Rows without end in few bytes."""
    written = io.BytesIO()
    with gzip.GzipFile(fileobj=written, mode="wb") as packed:
        packed.write(HEADER)
        for _ in range(BOMB_AFTER_BYTES // 3_000_000 + 2):
            packed.write(ROW * 100_000)
    return written.getvalue()


PARQUET = parquet()
PACKED = gzip.compress(GOOD, mtime=0)

BROKEN: dict[int, dict[str, tuple[Content, str]]] = {
    1: {
        "nothing": (b"", "empty-file 1"),
        "blank lines only": (b"\n\n\r\n  \n", "empty-file 1"),
        "a byte order mark only": (b"\xef\xbb\xbf", "bad-header 1"),
        "a byte order mark and a blank line": (b"\xef\xbb\xbf\n" + GOOD, "bad-header 1"),
        "UTF-16 cut in the middle of a letter": (GOOD.decode().encode("utf-16")[:-1], "not-utf-16 2"),
        "UTF-16 with half a pair": (b"\xff\xfe" + UTF_16 + b"\0\xd8A\0", "not-utf-16 3"),
        "UTF-16 without a mark": (UTF_16, "not-text 1"),
        "gzip cut short": (gzip.compress(GOOD * 500, mtime=0)[:-9], "broken-gzip 1"),
        "gzip with a flipped bit": (PACKED[:-6] + bytes([PACKED[-6] ^ 1]) + PACKED[-5:], "broken-gzip 1"),
        "gzip with noise behind it": (PACKED + b"noise", "broken-gzip 1"),
        "gzip of nothing": (gzip.compress(b"", mtime=0), "empty-file 1"),
        "gzip that is none": (b"\x1f\x8b" + b"x" * 100, "broken-gzip 1"),
        "gzip in gzip": (gzip.compress(PACKED, mtime=0), "not-text 1"),
        "carriage returns alone": (GOOD.replace(b"\n", b"\r"), "bad-line-ends 1"),
        "a NUL byte in the header": (HEADER.replace(b"plan", b"pl\0an,plan") + ROW, "not-text 1"),
    },
    2: {
        "JSON": (b'[{"id": "A1", "price": 17.9}]\n', "missing-column 1"),
        "JSON lines": (b'{"id": "A1", "price": 17.9}\n', "missing-column 1"),
        "an HTML page": (b"<!doctype html><title>Log in</title>\n", "missing-column 1"),
        "XML": (b'<?xml version="1.0"?>\n<contracts/>\n', "missing-column 1"),
        "TOML": (b"format = 1\n", "missing-column 1"),
        "a sentence": (b"Please find attached the file.\n", "missing-column 1"),
        "a number": (b"1\n", "missing-column 1"),
        "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 40, "missing-column 1"),
        "a program": (b"\x7fELF\x02\x01\x01" + b"\0" * 4_000, "not-text 1"),
        "a spreadsheet": (b"PK\x03\x04\x14\0\x06\0\x08\0" + b"\0\xffx," * 500, "not-text 1"),
        "a database": (b"SQLite format 3\0" + b"\0" * 4_000, "not-text 1"),
        "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "missing-column 1"),
    },
    3: {
        "Parquet without a column": (without("usage"), "missing-column 1"),
        "Parquet without two columns": (without("usage", "plan"), "missing-column 1"),
        "Parquet with a column in capitals": (lambda: parquet(USAGE=1).replace(b"usage", b"uSage"), "missing-column 1"),
    },
    4: {
        "Parquet with lists": (lambda: parquet(usage=[1.0, 2.0]), "wrong-type 1"),
        "Parquet with records": (lambda: parquet(usage={"a": 1}), "wrong-type 1"),
        "Parquet with bytes": (lambda: parquet(usage=b"\x00\x01"), "wrong-type 1"),
        "Parquet with a record and bytes": (lambda: parquet(usage={"a": 1}, plan=b"\0"), "wrong-type 1"),
    },
    7: {
        "2,001 columns": (b",".join(b"c%d" % n for n in range(2_001)) + b"\n", "too-many-columns 1"),
        "a million columns": (b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n", "too-many-columns 1"),
        "a column name of 201 letters": (b"x" * 201 + b"," + GOOD, "bad-header 1"),
        "a header of two megabytes": (b"x" * 2_000_000 + b"," + GOOD, "bad-header 1"),
        "a record of two megabytes": (GOOD + b"x" * 2_000_000 + b"\n" + ROW * 150_000, "record-too-long 3"),
        "no line end in two megabytes": (GOOD + b"A2" * 1_000_000, "record-too-long 3"),
        "ten megabytes of NUL": (b"\0" * 10_000_000, "not-text 1"),
        "a gzip bomb of rows": (bomb, "too-large 1"),
        "a gzip bomb of zeros": (lambda: gzip.compress(b"\0" * 300_000_000, 1), "not-text 1"),
        "a quote that never closes in a large file": (GOOD + b'A2,1,,1,"x\n' + ROW * 200_000, "unclosed-quote 3"),
        "Parquet with 2,001 columns": (lambda: wide(2_001), "too-many-columns 1"),
    },
    12: {
        "Parquet cut in its footer": (PARQUET[:-20], "broken-parquet 1"),
        "Parquet cut in its data": (PARQUET[: len(PARQUET) // 2], "broken-parquet 1"),
        "Parquet that is only its mark": (b"PAR1", "broken-parquet 1"),
        "Parquet whose footer is longer than the file": (PARQUET[:-8] + b"\xff\xff\xff\x7fPAR1", "broken-parquet 1"),
        "Parquet whose footer is noise": (b"PAR1" + b"x" * 100 + b"\x64\0\0\0PAR1", "broken-parquet 1"),
        "Parquet with noise behind it": (PARQUET + b"noise", "broken-parquet 1"),
        "an encrypted Parquet": (PARQUET[:-4] + b"PARE", "broken-parquet 1"),
        "a zip of files that climb": (b"PK\x03\x04" + b"\0" * 22 + b"\x09\0\0\0../../etc", "not-text 1"),
    },
}
