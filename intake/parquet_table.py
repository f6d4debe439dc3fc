"""One Parquet file as frames of text, read in the same way as a CSV file; nested columns are refused."""

import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl

from engine.errors import Fault, Faults
from intake.csv_table import MAX_COLUMNS, RawChunk
from intake.mapping import Dialect
from intake.parquet_probe import CHUNK_ROWS, probe
from intake.raw_bytes import MAX_FILE_BYTES

Found = TypeVar("Found")
MAGIC = b"PAR1"
_UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


class ParquetTable:
    """A Parquet file whose footer and schema have been read. Raises Faults when it is cut, broken or too large."""

    def __init__(self, path: Path, declared: Dialect, wanted: set[str]) -> None:
        self.path = path
        self.dialect = declared
        _check_footer(path)
        rows = probe(path, wanted)
        if rows is None:
            raise self._broken("it cannot be read to its end")
        self.rows = rows
        schema = self._scan(lambda file: dict(file.collect_schema()))
        self._stored = {unicodedata.normalize("NFC", name): name for name in schema}
        self.columns = list(self._stored)
        types = {name: schema[stored] for name, stored in self._stored.items()}
        self.typed = frozenset(name for name, kind in types.items() if kind != pl.String)
        self._floats = frozenset(name for name, kind in types.items() if kind.is_float())
        self.notes: list[str] = []
        if len(self.columns) > MAX_COLUMNS:
            what = f"{len(self.columns)} columns"
            raise Faults([Fault("too-many-columns", f"{path.name}:1", what, f"at most {MAX_COLUMNS}")])
        if faults := [
            Fault("wrong-type", f"{path.name}:1", f"column {name} holds {types[name]}", "numbers, days or texts")
            for name in sorted(wanted & set(types))
            if types[name].is_nested() or types[name] in (pl.Binary, pl.Object, pl.Duration, pl.Time)
        ]:
            raise Faults(faults)

    def survey(self) -> None:
        """Nothing more: the file was read to its end when it was opened."""

    def _broken(self, what: str) -> Faults:
        return Faults([Fault("broken-parquet", f"{self.path.name}:1", what, "a whole Parquet file")])

    def _scan(self, read: Callable[[pl.LazyFrame], Found]) -> Found:
        try:
            return read(pl.scan_parquet(self.path, glob=False))
        except _UNREADABLE as error:
            raise self._broken(str(error).split("\n")[0][:120]) from None

    def chunks(self, columns: list[str]) -> Iterator[RawChunk]:
        """The named columns as text; the line of a row is its number plus one, as in a CSV file with a header."""
        texts = [self._text(name) for name in columns]
        for start in range(0, self.rows, CHUNK_ROWS):

            def rows(file: pl.LazyFrame, start: int = start) -> pl.DataFrame:
                return file.select(texts).slice(start, CHUNK_ROWS).collect()

            frame = self._scan(rows)
            lines = np.arange(start + 2, start + 2 + frame.height, dtype=np.int64)
            yield RawChunk(frame, lines, [])

    def _text(self, name: str) -> pl.Expr:
        """A column as text; NaN is missing, as data frames write it."""
        column = pl.col(self._stored[name])
        return (column.fill_nan(None) if name in self._floats else column).cast(pl.String).alias(name)


def _check_footer(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(0, size - 8))
        tail = stream.read(8)
    footer_bytes = int.from_bytes(tail[:4], "little")
    if size < 12 or tail[4:] != MAGIC or not 0 < footer_bytes <= size - 12:
        fault = Fault("broken-parquet", f"{path.name}:1", "the footer is cut or broken", "a whole Parquet file")
        raise Faults([fault])
    if size > MAX_FILE_BYTES:
        raise Faults([Fault("too-large", f"{path.name}:1", f"{size} bytes", f"at most {MAX_FILE_BYTES}")])
