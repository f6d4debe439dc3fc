"""The published grid of docs/bad-input.md, counted from the cases themselves.

`python -m tests.bad_files.grid` writes the document anew.
"""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

from tests.api import bad_inputs, test_http, test_keys
from tests.bad_files.corpus import FAMILIES, corpus

DOCUMENT = Path(__file__).parents[2] / "docs/bad-input.md"
MARK = "<!-- the grid: written by `python -m tests.bad_files.grid` -->"
COLUMNS = {"/offer": "`POST /offer`", "mapping": "mapping", "data": "data file", "rulebook": "rulebook"}


def counts() -> Counter[tuple[str, int]]:
    """Cases by door and family."""
    cells = Counter((bad.door, bad.family) for bad in corpus())
    for family, cases in bad_inputs.FAMILIES.items():
        cells["/offer", int(family.split()[0])] = len(cases)
    keys = test_keys.wrong_credentials(SimpleNamespace(keys={"agent": "co_prefix_secret"}))  # type: ignore[arg-type]
    cells["/offer", 9] = len(keys)
    cells["/offer", 11] = len(test_http.MISUSES) + len(test_http.CONTENT_TYPES)
    return cells


def table() -> str:
    """The grid in Markdown, with a sum under every door."""
    cells = counts()
    lines = ["| | family | " + " | ".join(COLUMNS.values()) + " |", "|---:|---|" + "---:|" * len(COLUMNS)]
    for family, name in FAMILIES.items():
        row = [str(cells[door, family] or "–") for door in COLUMNS]
        lines.append(f"| {family} | {name} | " + " | ".join(row) + " |")
    sums = [str(sum(cells[door, family] for family in FAMILIES)) for door in COLUMNS]
    return "\n".join([*lines, "| | together | " + " | ".join(sums) + " |"])


def with_grid(document: str) -> str:
    """The document with the grid of today between its two marks."""
    above, _, below = document.split(MARK)
    return f"{above}{MARK}\n{table()}\n{MARK}{below}"


if __name__ == "__main__":
    DOCUMENT.write_text(with_grid(DOCUMENT.read_text("utf-8")), encoding="utf-8")
