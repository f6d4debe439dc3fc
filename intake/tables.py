"""The files that a mapping names, opened, recognised and joined: one stream of rows of text."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import polars as pl

from engine.errors import Fault, Faults
from intake.cells import Writing
from intake.csv_table import CsvTable, RawChunk
from intake.mapping import Join, Mapping
from intake.parquet_table import MAGIC, ParquetTable
from intake.raw_bytes import first_bytes, table_name
from intake.writing import amount_columns, recognise

MOST_SHOWN = 20
Table = CsvTable | ParquetTable


class JoinedTables:
    """The main table of a mapping with the columns of the others beside it. Raises Faults, every fault at once.

    `rows` counts the records of the main table, `notes` says what was recognised, `writings` how columns are written.
    """

    def __init__(self, paths: Sequence[Path], mapping: Mapping) -> None:
        files = _by_table(paths, mapping)
        self._mapping = mapping
        self.main = _open(files[mapping.main], mapping)
        self._joined = [(join, _open(files[join.table], mapping)) for join in mapping.joins]
        self._sources = self._locate()
        for table in (self.main, *(table for _, table in self._joined)):
            table.survey()
        self.rows = self.main.rows
        self.notes: list[str] = []
        self.writings: dict[str, Writing] = {}
        self._recognise_main()
        self._others = [(join, self._whole(join, table)) for join, table in self._joined]

    def _locate(self) -> dict[str, str]:
        """Each used column's table, by name. Raises Faults for those that are nowhere or in two tables."""
        owners: dict[str, list[str]] = {name: [self.main.path.name] for name in self.main.columns}
        faults = []
        for join, table in self._joined:
            for name in table.columns:
                if name != join.key:
                    owners.setdefault(join.prefix + name, []).append(table.path.name)
            if join.key not in table.columns:
                faults.append(_missing(join.key, table.columns, table.path.name))
            if join.on not in self.main.columns:
                faults.append(_missing(join.on, self.main.columns, self.main.path.name))
        for name in sorted(self._mapping.used_columns()):
            found = owners.get(name, [])
            if not found:
                faults.append(_missing(name, list(owners), self.main.path.name))
            if len(found) > 1:
                what = f"column {name!r} is in {' and '.join(found)}"
                faults.append(Fault("repeated-column", f"{found[1]}:1", what, "one place", "give the join a prefix"))
        if faults:
            raise Faults(faults)
        return {name: owners[name][0] for name in self._mapping.used_columns()}

    def _columns_of(self, table: Table) -> list[str]:
        return sorted(name for name, owner in self._sources.items() if owner == table.path.name)

    def _main_columns(self) -> list[str]:
        return sorted({*self._columns_of(self.main), *(join.on for join in self._mapping.joins)})

    def _recognise_main(self) -> None:
        first = next(self.main.chunks(self._main_columns()), None)
        self._learn(self.main, first.frame if first else pl.DataFrame(), self.main.typed)

    def _learn(self, table: Table, frame: pl.DataFrame, typed: frozenset[str]) -> None:
        untyped = frame.select(name for name in frame.columns if name not in typed)
        writing, said = recognise(untyped, table.dialect, self._mapping, table.path.name)
        if said := [*table.notes, *said]:
            self.notes.append(f"{table.path.name}: recognised: {', '.join(said)}")
        amounts = amount_columns(self._mapping)
        for name in frame.columns:
            self.writings[name] = Writing() if name in typed else replace(writing, euros=name in amounts)

    def _whole(self, join: Join, table: Table) -> pl.DataFrame:
        """A joined table, whole. Raises Faults where a record is broken or a key stands twice."""
        names = [name.removeprefix(join.prefix) for name in self._columns_of(table)]
        chunks = list(table.chunks(sorted({join.key, *names})))
        if bad := [row for chunk in chunks for row in chunk.bad]:
            name = table.path.name
            raise Faults(Fault("bad-row", f"{name}:{row.line}", row.reason, "whole rows") for row in bad[:MOST_SHOWN])
        empty = pl.DataFrame(schema=dict.fromkeys([join.key, *names, _LINE], pl.String))
        frame = pl.concat([empty, *(_with_lines(chunk).select(empty.columns) for chunk in chunks)])
        frame = frame.with_columns(pl.col(join.key).str.strip_chars()).filter(pl.col(join.key) != "")
        keys = frame[join.key]
        if (repeated := ~keys.is_first_distinct()).any():
            where = f"{table.path.name}:{frame[_LINE].filter(repeated)[0]}"
            what = f"{join.key} {keys.filter(repeated)[0]!r} stands twice"
            raise Faults([Fault("repeated-key", where, what, "one row a key")])
        renamed = frame.select(keys.alias(_KEY), *(pl.col(name).alias(join.prefix + name) for name in names))
        self._learn(table, renamed.drop(_KEY), frozenset(join.prefix + name for name in table.typed))
        return renamed

    def chunks(self) -> Iterator[RawChunk]:
        """The rows of the main table with those of the others beside them; null where another table has no such row."""
        for chunk in self.main.chunks(self._main_columns()):
            frame = chunk.frame
            for join, other in self._others:
                keys = frame.with_columns(pl.col(join.on).str.strip_chars().alias(_KEY))
                frame = keys.join(other, on=_KEY, how="left", maintain_order="left").drop(_KEY)
            yield RawChunk(frame, chunk.lines, chunk.bad)


_KEY, _LINE = "@key", "@line"


def _with_lines(chunk: RawChunk) -> pl.DataFrame:
    return chunk.frame.with_columns(pl.Series(_LINE, chunk.lines).cast(pl.String))


def _by_table(paths: Sequence[Path], mapping: Mapping) -> dict[str, Path]:
    """The file of each table. Raises Faults when files and tables do not pair up."""
    if not mapping.main:
        if len(paths) != 1:
            what = f"{len(paths)} files for a mapping of one table"
            raise Faults([Fault("wrong-files", f"{mapping.file}:1", what, "one file", "name them under [tables]")])
        return {"": paths[0]}
    files: dict[str, Path] = {}
    tables = [mapping.main, *(join.table for join in mapping.joins)]
    faults = []
    for path in paths:
        name = table_name(path)
        if name not in tables:
            what = f"the mapping names no table {name!r}"
            faults.append(Fault("wrong-files", f"{path.name}:1", what, ", ".join(tables), "rename the file"))
        elif name in files:
            faults.append(Fault("wrong-files", f"{path.name}:1", f"table {name!r} is given twice", "one file a table"))
        files.setdefault(name, path)
    for table in tables:
        if table not in files:
            what = f"no file for the table {table!r}"
            faults.append(Fault("wrong-files", f"{mapping.file}:1", what, f"a file {table}.csv, .csv.gz or .parquet"))
    if faults:
        raise Faults(faults)
    return files


def _open(path: Path, mapping: Mapping) -> Table:
    kind = ParquetTable if first_bytes(path, 4) == MAGIC else CsvTable
    return kind(path, mapping.dialect, mapping.used_columns())


def _missing(name: str, columns: list[str], file: str) -> Fault:
    near = get_close_matches(name, columns, 1)
    fix = f"did you mean {near[0]!r}?" if near else "it has " + ", ".join(columns[:12])
    return Fault("missing-column", f"{file}:1", f"no column {name!r}", "every column of the mapping", fix)
