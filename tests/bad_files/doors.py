"""The command line, called in this process as its entry point calls it, and what it said."""

import contextlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from commands import import_contracts, main, score, serve, train

LOADED = (import_contracts, score, serve, train)
"""Imported beforehand: what a verb loads is not what a bad file costs."""
AS_OF = ("--as-of", "2026-11-22")
FAULT = re.compile(r"^error\[([a-z0-9-]+)\] (.*?): ", re.M)
VERBS: dict[str, tuple[str, ...]] = {
    "import": ("--contracts", "data.csv", "--mapping", "mapping.toml", "--database", "sqlite:///store.db", *AS_OF),
    "score": ("--contracts", "data.csv", "--mapping", "mapping.toml", "--out", "out.csv", "--release", "none", *AS_OF),
    "train": ("--data", "data.csv", "--mapping", "mapping.toml", "--out", "releases", "--keys", "keys"),
    "serve": ("--host", "203.0.113.1"),
}
"""How each verb is called in a folder of good files; the address is nobody's, so that no server ever starts."""
READERS = ("import", "score", "train")
VERBS_OF = {"mapping": READERS, "data": READERS, "rulebook": ("score", "serve")}


@dataclass(frozen=True)
class Said:
    """What one call left behind: its exit code and what it wrote."""

    exit_code: int
    out: str
    err: str

    @property
    def faults(self) -> set[str]:
        """Every fault as `code place`."""
        return {f"{code} {where}" for code, where in FAULT.findall(self.err)}


def call(verb: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Said:
    """One verb, called in a folder of files."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COUNTEROFFER_DATABASE", "sqlite:///store.db")
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as left,
    ):
        main.main([verb, *VERBS[verb]])
    return Said(int(str(left.value.code)), out.getvalue(), err.getvalue())


@contextlib.contextmanager
def few_seconds_and_little_memory(most_seconds: float, most_bytes: int) -> Iterator[None]:
    """Holds a block to seconds of processor time, its children's included, and to bytes of memory above its start."""
    Path("/proc/self/clear_refs").write_text("5")  # the highest mark starts anew
    before, began = _highest_bytes(), sum(os.times()[:4])
    yield
    assert sum(os.times()[:4]) - began < most_seconds
    assert _highest_bytes() - before < most_bytes


def _highest_bytes() -> int:
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])
