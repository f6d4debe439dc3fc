"""Bytes cut into the records of a CSV file, with the line of each and what is wrong with it; no loop per row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import Fault, Faults
from intake.quarantine import BadRow

MAX_RECORD_BYTES = 1024 * 1024
_NEWLINE, _RETURN, _NUL = 10, 13, 0
Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """How records are told apart: one byte between cells, one around them (or none), and the number of cells."""

    name: str
    separator: str
    quote: str
    cells: int


@dataclass(frozen=True)
class Records:
    """Whole records: their bytes, the end and the line of each, and the bad ones, which are not among them."""

    content: bytes
    ends: Positions
    lines: NDArray[np.int64]
    bad: list[BadRow]

    def keep(self, good: NDArray[np.bool_], bad: list[BadRow]) -> "Records":
        """Some of the records, with the new list of bad ones."""
        if good.all():
            return Records(self.content, self.ends, self.lines, bad)
        lengths = np.diff(self.ends, prepend=-1)
        content = np.frombuffer(self.content, dtype=np.uint8)[np.repeat(good, lengths)].tobytes()
        return Records(content, np.cumsum(lengths[good]) - 1, self.lines[good], bad)


def cut_records(blocks: Iterable[bytes], layout: Layout) -> Iterator[Records]:
    """Cuts blocks of bytes into records. Raises Faults where quotes do not close or a record does not end."""
    carried, line = b"", 1
    for block in blocks:
        content = carried + block
        marks = _Marks(content, layout, line)
        cut = int(marks.ends[-1]) + 1 if marks.ends.size else 0
        if len(content) - cut > MAX_RECORD_BYTES:
            raise Faults([marks.endless(cut)])
        if cut:
            yield marks.records(cut)
        line += content.count(b"\n", 0, cut)
        carried = content[cut:]
    if carried:
        content = carried + b"\n"
        marks = _Marks(content, layout, line)
        if not marks.ends.size or marks.ends[-1] + 1 != len(content):
            raise Faults([marks.endless(0)])
        yield marks.records(len(content))


class _Marks:
    """Where quotes, line ends and records are in one stretch of bytes that begins with a record."""

    def __init__(self, content: bytes, layout: Layout, line: int) -> None:
        self._content, self._layout, self._line = content, layout, line
        self._bytes = np.frombuffer(content, dtype=np.uint8)
        quoted = layout.quote != "none" and layout.quote.encode() in content
        self._quotes = self._positions(ord(layout.quote)) if quoted else np.empty(0, dtype=np.int64)
        self._newlines = self._positions(_NEWLINE)
        self.ends = self._outside(self._newlines)

    def _positions(self, byte: int) -> Positions:
        return np.flatnonzero(self._bytes == byte)

    def _outside(self, positions: Positions) -> Positions:
        """The positions outside quotes: an even number of quotes lies before them."""
        if not self._quotes.size:
            return positions
        return positions[np.searchsorted(self._quotes, positions) % 2 == 0]

    def _line_of(self, position: int) -> int:
        return self._line + int(np.searchsorted(self._newlines, position))

    def endless(self, start: int) -> Fault:
        """The fault of a record that begins at `start` and does not end."""
        within = self._quotes[self._quotes >= start]
        if not within.size % 2:
            return self._too_long(start)
        where = f"{self._layout.name}:{self._line_of(int(within[-1]))}"
        return Fault("unclosed-quote", where, "a quote is opened and not closed", "a closing quote", _QUOTE_FIX)

    def _too_long(self, start: int) -> Fault:
        what = f"a record of more than {MAX_RECORD_BYTES} bytes"
        where = f"{self._layout.name}:{self._line_of(start)}"
        return Fault("record-too-long", where, what, "rows that end with a line feed", "is it a text file?")

    def records(self, cut: int) -> Records:
        """The whole records before `cut`."""
        self._refuse_stray_quotes(cut)
        ends = self.ends
        starts = np.concatenate(([0], ends[:-1] + 1))
        if (long := ends - starts > MAX_RECORD_BYTES).any():
            raise Faults([self._too_long(int(starts[long][0]))])
        lines = self._line + np.searchsorted(self._newlines, starts)
        blank = (ends == starts) | ((ends == starts + 1) & (self._bytes[starts] == _RETURN))
        reasons = self._reasons(starts, ends, blank)
        good = ~blank
        good[list(reasons)] = False
        bad = [BadRow(int(lines[row]), "", reasons[row]) for row in sorted(reasons)]
        return Records(self._content[:cut], ends, lines, []).keep(good, bad)

    def _reasons(self, starts: Positions, ends: Positions, blank: NDArray[np.bool_]) -> dict[int, str]:
        separators = self._outside(self._positions(ord(self._layout.separator)))
        cells = np.searchsorted(separators, ends) - np.searchsorted(separators, starts) + 1
        ragged = np.flatnonzero((cells != self._layout.cells) & ~blank)
        reasons = {int(row): f"{cells[row]} cells where the header has {self._layout.cells}" for row in ragged}
        if b"\x00" in self._content:
            rows = np.searchsorted(ends, self._positions(_NUL))
            reasons |= {int(row): "holds a NUL byte" for row in rows if row < len(ends)}
        return reasons

    def _refuse_stray_quotes(self, cut: int) -> None:
        quotes = self._quotes[: np.searchsorted(self._quotes, cut)]
        if not quotes.size:
            return
        quote, separator = ord(self._layout.quote), ord(self._layout.separator)
        before, after = self._bytes[quotes[0::2] - 1], self._bytes[quotes[1::2] + 1]
        opens_well = np.isin(before, (separator, _NEWLINE, quote)) | (quotes[0::2] == 0)
        closes_well = np.isin(after, (separator, _NEWLINE, _RETURN, quote))
        stray = quotes[0::2][~opens_well | ~closes_well]
        if stray.size:
            where = f"{self._layout.name}:{self._line_of(int(stray.min()))}"
            expected = "quotes around whole cells"
            raise Faults([Fault("stray-quote", where, "a quote inside a cell", expected, _QUOTE_FIX)])


_QUOTE_FIX = 'double it inside quotes, or declare [dialect] quote = "none"'
