"""One Parquet file as frames of text, read in the same way as a CSV file; nested columns are refused."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from engine.errors import Fault, Faults
from intake.csv_table import MAX_COLUMNS, RawChunk
from intake.mapping import Dialect
from intake.raw_bytes import MAX_FILE_BYTES

MAGIC = b"PAR1"
CHUNK_ROWS = 50_000
_UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


class ParquetTable:
    """A Parquet file whose footer and schema have been read. Raises Faults when it is cut, broken or too large."""

    def __init__(self, path: Path, declared: Dialect, wanted: set[str]) -> None:
        self.path = path
        self.dialect = declared
        _check_footer(path)
        schema, self.rows = self._schema()
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

    def _schema(self) -> tuple[dict[str, pl.DataType], int]:
        try:
            frame = pl.scan_parquet(self.path, glob=False)
            return dict(frame.collect_schema()), int(frame.select(pl.len()).collect().item())
        except _UNREADABLE as error:
            raise self._broken(error) from None

    def _broken(self, error: BaseException) -> Faults:
        what = str(error).split("\n")[0][:120]
        return Faults([Fault("broken-parquet", f"{self.path.name}:1", what, "a whole Parquet file")])

    def chunks(self, columns: list[str]) -> Iterator[RawChunk]:
        """The named columns as text; the line of a row is its number plus one, as in a CSV file with a header."""
        for start in range(0, self.rows, CHUNK_ROWS):
            try:
                frame = (
                    pl.scan_parquet(self.path, glob=False)
                    .select(self._text(name) for name in columns)
                    .slice(start, CHUNK_ROWS)
                    .collect()
                )
            except _UNREADABLE as error:
                raise self._broken(error) from None
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
