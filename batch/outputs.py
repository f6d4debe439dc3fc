"""The output file, written frame by frame: CSV or Parquet, by the ending of its name."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from engine.errors import Fault, Faults
from intake.quarantine import FORMULA_STARTS

ROWS_A_GROUP = 50_000
_FORMULA = f"^[{re.escape(''.join(FORMULA_STARTS))}]"

Add = Callable[[pl.DataFrame], None]
WritingFrames = Callable[[Path], AbstractContextManager[Add]]


def format_of(target: Path) -> WritingFrames:
    """How frames of the same columns are written, one after the other, into the file that becomes `target`.

    Raises Faults for an ending that is neither .csv nor .parquet; writing raises OSError. Add one frame at least.
    """
    formats: dict[str, WritingFrames] = {".csv": _writing_csv, ".parquet": _writing_parquet}
    if target.suffix not in formats:
        raise Faults([Fault("usage", "--out", target.name, "a name that ends with .csv or .parquet")])
    return formats[target.suffix]


@contextmanager
def _writing_csv(path: Path) -> Iterator[Add]:
    with path.open("wb") as stream:

        def add(frame: pl.DataFrame) -> None:
            with _numbering(path):
                inert(frame).write_csv(stream, include_header=stream.tell() == 0, quote_style="non_numeric")

        yield add


@contextmanager
def _writing_parquet(path: Path) -> Iterator[Add]:
    """Parquet cannot be appended to: each frame is a file of its own until the end, so that memory stays bounded."""
    with TemporaryDirectory(prefix=f"{path.name}s.", dir=path.parent) as folder:
        parts: list[Path] = []

        def add(frame: pl.DataFrame) -> None:
            parts.append(Path(folder) / f"{len(parts):08d}.parquet")
            with _numbering(parts[-1]):
                frame.write_parquet(parts[-1])

        yield add
        with _numbering(path):
            pl.scan_parquet(parts).sink_parquet(path, row_group_size=ROWS_A_GROUP, maintain_order=True)


@contextmanager
def _numbering(path: Path) -> Iterator[None]:
    """Turns what polars raises when it cannot write, with the number in its words only, into a plain OSError."""
    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as error:
        number = re.search(r"\(os error (\d+)\)", str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from error


def inert(frame: pl.DataFrame) -> pl.DataFrame:
    """The same table with an apostrophe before every text that a spreadsheet would run as a formula."""
    text = pl.col(pl.String)
    return frame.with_columns(pl.when(text.str.contains(_FORMULA)).then("'" + text).otherwise(text).name.keep())
