"""One shape for every fault a person can mend: what, where, what was expected, what to do."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One fault in something a person wrote or sent.

    `code` is stable and in kebab-case; `where` is a JSON pointer (requests) or `file:line` (files).
    """

    code: str
    where: str
    what: str
    expected: str = ""
    fix: str = ""

    def __str__(self) -> str:
        parts = [self.what]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.fix:
            parts.append(self.fix)
        return f"error[{self.code}] {self.where}: " + "; ".join(parts)


class Faults(Exception):
    """Every fault found in one input, reported together."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
