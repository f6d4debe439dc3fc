"""Small mappings and data files, written to a folder and read back."""

from datetime import date
from pathlib import Path

import numpy as np

from engine.errors import Fault, Faults
from engine.tables import Cases, Column
from intake.labelled import Labelled, read_labelled
from intake.mapping import Mapping, read_mapping
from intake.quarantine import BadRow
from intake.reading import Reading

TODAY = date(2026, 11, 22)

SMALL = """
format = 1
name = "small"

[facts]
contract_id = "id"
price_cents = { column = "price", unit = "EUR incl. VAT" }
customer_since = "since"

[assumptions]
cost_to_serve_cents = { value = 400, because = "the file holds no costs" }

[features]
numeric = ["usage"]
categorical = ["plan"]
"""
"""A mapping of five columns: id, price, since, usage, plan."""


def mapping_of(folder: Path, text: str) -> Mapping:
    """The mapping that a text says."""
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path)


def file_of(folder: Path, content: str | bytes, name: str = "data.csv") -> Path:
    """A data file; text is written as UTF-8."""
    path = folder / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


class Read:
    """Everything that a reading gives, its chunks put together."""

    def __init__(self, paths: list[Path], mapping: Mapping, rows: int = 50_000, as_of: date = TODAY) -> None:
        reading = Reading(paths, mapping, as_of)
        self.notes = reading.notes
        self.rows = reading.rows
        self.chunks = list(reading.chunks(rows))
        self.bad: list[BadRow] = [row for chunk in self.chunks for row in chunk.bad]
        self.lines: list[int] = [int(line) for chunk in self.chunks for line in chunk.lines]

    def fact(self, name: str) -> list[object]:
        """One fact of the good rows; dates as ISO text."""
        return [value for chunk in self.chunks for value in plain(chunk.cases[name])]

    def feature(self, name: str) -> list[object]:
        """One feature of the good rows."""
        return [value for chunk in self.chunks for value in plain(chunk.features[name])]

    @property
    def cases(self) -> list[Cases]:
        return [chunk.cases for chunk in self.chunks]


def plain(column: Column) -> list[object]:
    """A column as plain values; days as ISO text, NaN as None."""
    values = np.datetime_as_string(column).tolist() if column.dtype.kind == "M" else column.tolist()
    return [None if isinstance(value, float) and np.isnan(value) else value for value in values]


def read_small(folder: Path, content: str | bytes, extra: str = "", name: str = "data.csv") -> Read:
    """A file read through the small mapping, with more tables of the mapping in `extra`."""
    return Read([file_of(folder, content, name)], mapping_of(folder, SMALL + extra))


def labelled_of(folder: Path, content: str, mapping: str) -> Labelled:
    """A file read for training."""
    return read_labelled([file_of(folder, content)], mapping_of(folder, mapping), TODAY)


def faults_of(error: Faults) -> list[tuple[str, str]]:
    """(code, where) of every fault."""
    return [(fault.code, fault.where) for fault in error.faults]


def each_is_told_in_full(faults: tuple[Fault, ...]) -> bool:
    """Whether every fault says what is wrong on one line, without a traceback and without flooding the terminal."""
    return all(fault.what and "\n" not in str(fault) and len(str(fault)) < 1_500 for fault in faults)
