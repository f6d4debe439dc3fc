"""One CSV file as frames of text: surveyed from end to end before a row of it is used."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.errors import Fault, Faults
from intake.mapping import Dialect
from intake.quarantine import BadRow
from intake.raw_bytes import first_bytes, is_utf_16, text_blocks
from intake.records import MAX_RECORD_BYTES, Layout, Records, cut_records

MAX_COLUMNS = 2_000
MAX_HEADER_BYTES = 8 * 1024 * 1024
MAX_NAME_CHARACTERS = 200
_SPOKEN = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SEPARATORS = tuple(_SPOKEN)
_SEPARATOR_LINE = re.compile(rb"sep=(.)\r?\n")
_EVIDENCE_ROWS = 1_000


@dataclass(frozen=True)
class RawChunk:
    """Rows as text, the line of each, and the records that could not be cut into cells."""

    frame: pl.DataFrame
    lines: NDArray[np.int64]
    bad: list[BadRow]


class CsvTable:
    """A CSV file whose separator, encoding and header are known. Raises Faults on opening when it cannot be read."""

    def __init__(self, path: Path, declared: Dialect, wanted: set[str]) -> None:
        start = first_bytes(path, MAX_RECORD_BYTES)
        self.path = path
        self._utf_16 = is_utf_16(start) or declared.encoding == "utf-16"
        block = next(text_blocks(path, self._utf_16))
        self._skip = _SEPARATOR_LINE.match(block)
        header = _header_line(block[self._skip.end() if self._skip else 0 :], path.name, bool(self._skip))
        self.dialect = self._settle(declared, header, wanted)
        self.columns = self._names(header)
        self.typed: frozenset[str] = frozenset()
        self._layout = Layout(path.name, self.dialect.separator, self.dialect.quote, len(self.columns))
        self.rows = 0
        self.notes = [] if declared.separator else [f"{_SPOKEN[self.dialect.separator]} between cells"]

    def _settle(self, declared: Dialect, header: bytes, wanted: set[str]) -> Dialect:
        quote = declared.quote or '"'
        separator = declared.separator or (self._skip[1].decode("latin-1") if self._skip else "")
        if not separator:
            separator = max(SEPARATORS, key=lambda mark: _fit(header, mark, quote, wanted))
        if separator not in SEPARATORS:
            what = f"the first line names the separator {separator!r}"
            raise Faults([Fault("bad-separator", f"{self.path.name}:1", what, "one of , ; | or a tab")])
        return replace(declared, separator=separator, quote=quote)

    def _names(self, header: bytes) -> list[str]:
        where = f"{self.path.name}:{2 if self._skip else 1}"
        names = _cells(header, self.dialect.separator, self.dialect.quote)
        faults = []
        if self.dialect.quote != "none" and header.count(self.dialect.quote.encode()) % 2:
            raise Faults([Fault("unclosed-quote", where, "a quote is opened in the header and not closed", "one line")])
        if len(names) > MAX_COLUMNS:
            raise Faults([Fault("too-many-columns", where, f"{len(names)} columns", f"at most {MAX_COLUMNS}")])
        if b"\x00" in header:
            raise Faults([Fault("not-text", where, "a NUL byte in the header", "a text file")])
        if any(len(name) > MAX_NAME_CHARACTERS for name in names):
            what = f"a column name of more than {MAX_NAME_CHARACTERS} characters"
            faults.append(Fault("bad-header", where, what, "a header of column names"))
        for name in sorted({name for name in names if name and names.count(name) > 1}):
            faults.append(Fault("repeated-column", where, f"the header names {name!r} twice", "every column once"))
        if faults:
            raise Faults(faults)
        return names

    def _records(self) -> Iterator[Records]:
        """The records of the file below its header."""
        blocks = cut_records(text_blocks(self.path, self._utf_16), self._layout)
        above = 2 if self._skip else 1
        for index, records in enumerate(blocks):
            yield _without_header(records, above) if index == 0 else records

    def survey(self) -> None:
        """Reads the file once from end to end: counts its rows, settles its encoding. Raises Faults."""
        declared = self.dialect
        rows, encoded, other = 0, 0, 0
        for records in self._records():
            rows += len(records.lines) + len(records.bad)
            if not records.content.isascii() and encoded + other < _EVIDENCE_ROWS:
                for line in records.content.split(b"\n"):
                    if not line.isascii():
                        encoded, other = (encoded + 1, other) if _is_utf_8(line) else (encoded, other + 1)
        if not declared.encoding:
            encoding = "utf-16" if self._utf_16 else "utf-8" if encoded >= other else "cp1252"
            self.dialect = replace(declared, encoding=encoding)
            self.notes.append(encoding)
        self.rows = rows

    def chunks(self, columns: list[str]) -> Iterator[RawChunk]:
        """The named columns as text, some 4 MiB of the file at a time."""
        for records in self._records():
            if self.dialect.encoding not in ("cp1252", "latin-1"):
                known = records if _is_utf_8(records.content) else _only_utf_8(records)
                content = known.content
            else:
                known = records
                content = known.content.decode(self.dialect.encoding, "replace").encode("utf-8")
            yield RawChunk(self._frame(content, columns, len(known.lines)), known.lines, known.bad)

    def _frame(self, content: bytes, columns: list[str], rows: int) -> pl.DataFrame:
        if not rows or not columns:
            return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        inner = sorted(columns, key=self.columns.index)
        quote = None if self.dialect.quote == "none" else self.dialect.quote
        frame = pl.read_csv(
            io.BytesIO(content),
            has_header=False,
            columns=[self.columns.index(column) for column in inner],
            separator=self.dialect.separator,
            quote_char=quote,
            infer_schema=False,
            empty_string_is_null=False,
        )
        if frame.height != rows:
            what = f"{frame.height} rows where {rows} were counted"
            raise Faults([Fault("unreadable-csv", f"{self.path.name}:1", what, "rows of cells")])
        frame.columns = inner
        return frame.select(columns)


def _header_line(content: bytes, name: str, skipped: bool) -> bytes:
    end = content.find(b"\n")
    line = content if end < 0 else content[:end]
    if b"\r" in line[:-1]:
        fault = Fault("bad-line-ends", f"{name}:1", "carriage returns without line feeds", "lines that end with LF")
        raise Faults([fault])
    if not line.strip():
        raise Faults([Fault("bad-header", f"{name}:{1 + skipped}", "the first line is blank", "a header")])
    return line.rstrip(b"\r")


def _cells(header: bytes, separator: str, quote: str) -> list[str]:
    text = header.decode("utf-8" if _is_utf_8(header) else "cp1252", "replace").replace("\x00", "")
    csv.field_size_limit(MAX_HEADER_BYTES)
    quoting = {"quoting": csv.QUOTE_NONE} if quote == "none" else {"quotechar": quote}
    names = next(csv.reader([text], delimiter=separator, **quoting))
    return [unicodedata.normalize("NFC", name.strip()) for name in names]


def _fit(header: bytes, separator: str, quote: str, wanted: set[str]) -> tuple[int, int]:
    names = _cells(header, separator, quote)
    return len(wanted & set(names)), len(names)


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _without_header(records: Records, above: int) -> Records:
    """The same records without the lines of the header, which may themselves count as bad."""
    kept = int(np.searchsorted(records.lines, above, side="right"))
    start = int(records.ends[kept - 1]) + 1 if kept else 0
    bad = [row for row in records.bad if row.line > above]
    return Records(records.content[start:], records.ends[kept:] - start, records.lines[kept:], bad)


def _only_utf_8(records: Records) -> Records:
    """The records that are UTF-8; the others are bad rows."""
    marked = np.flatnonzero(np.frombuffer(records.content, dtype=np.uint8) > 127)
    starts = np.concatenate(([0], records.ends[:-1] + 1))
    good = np.ones(len(records.lines), dtype=bool)
    for row in np.unique(np.searchsorted(records.ends, marked)):
        good[row] = _is_utf_8(records.content[starts[row] : records.ends[row]])
    bad = [BadRow(int(line), "", "holds bytes that are not UTF-8") for line in records.lines[~good]]
    return records.keep(good, sorted([*records.bad, *bad], key=lambda row: row.line))
