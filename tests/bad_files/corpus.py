"""The corpus of bad files: door by door and family by family, what is wrong and the exact answer it must get.

The tables in {mapping,data,rulebook}.toml spoil one place of a good file: title = [old, new, fault, ...]. A fault is
`code place`: a place is `+n` or `-n` (lines below or above the one spoilt), a line, or `file:line`. In data.toml it may
be `row +n column`: the row goes to quarantine for that column, and the good rows are done. Faults alike in code and
place, such as two columns missing from one header, count once.
"""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from os import EX_DATAERR, EX_NOINPUT
from pathlib import Path

from tests.bad_files import broken_bytes, broken_tables
from tests.bad_files.good_files import DATA, MAPPING, MAPPINGS, copied_rulebook, spoil

FAMILIES = {
    1: "broken body or encoding",
    2: "wrong top-level type",
    3: "missing, unknown, duplicate fields",
    4: "wrong types",
    5: "numbers",
    6: "hostile strings",
    7: "size, depth, count",
    8: "time",
    9: "identity and authority",
    10: "state, order, replay",
    11: "HTTP misuse",
    12: "hostile files",
}
DOORS = ("mapping", "data", "rulebook")
FILES_OF = {"mapping": "mapping.toml", "data": "data.csv", "rulebook": "rulebook/texts/en.toml"}
"""The file of each door that broken bytes and things that are no file take the place of."""

Spoiler = Callable[[Path], set[str]]


@dataclass(frozen=True)
class Bad:
    """One bad file: `make` puts it into a folder of good ones and says the faults, each as `code place`."""

    door: str
    family: int
    title: str
    make: Spoiler
    exit_code: int = EX_DATAERR


def prepare(folder: Path) -> None:
    """Good files of every door, in a folder."""
    (folder / "mapping.toml").write_text(MAPPING)
    (folder / "data.csv").write_text(DATA)
    copied_rulebook(folder)


def corpus() -> Iterator[Bad]:
    """Every bad file of every door."""
    for door in DOORS:
        yield from _spoilt(door)
        yield from _not_files(door)
    for door in ("mapping", "rulebook"):
        yield from _broken_documents(door)
    for family, titles in broken_tables.BROKEN.items():
        for title, (content, fault) in titles.items():
            yield Bad("data", family, title, partial(_replace_table, content, fault))


def _spoilt(door: str) -> Iterator[Bad]:
    tables = tomllib.loads((Path(__file__).parent / f"{door}.toml").read_text("utf-8"))
    for family, files in tables.items():
        for file, titles in files.items():
            for title, (old, new, *faults) in titles.items():
                yield Bad(door, int(family), title, partial(_spoil, file, (old, new), faults))


def _spoil(file: str, change: tuple[str, str], faults: list[str], folder: Path) -> set[str]:
    path = folder / file
    if file == "mapping.toml":
        path.write_text(next((mapping for mapping in MAPPINGS if change[0] in mapping), MAPPING))
    line = spoil(path, *change)
    return {_placed(fault, file.removeprefix("rulebook/"), line) for fault in faults}


def _placed(fault: str, file: str, spoilt_line: int) -> str:
    code, place, *column = fault.split(" ")
    if ":" not in place:
        line = spoilt_line + int(place) if place[0] in "+-" else int(place)
        place = str(line) if code == "row" else f"{file}:{line}"
    return " ".join([code, place, *column])


def _replace_table(content: broken_tables.Content, fault: str, folder: Path) -> set[str]:
    (folder / "data.csv").write_bytes(content() if callable(content) else content)
    return {_placed(fault, "data.csv", 1)}


def _broken_documents(door: str) -> Iterator[Bad]:
    name = FILES_OF[door].removeprefix("rulebook/")
    for family, broken in (
        (1, broken_bytes.ENCODINGS),
        (2, broken_bytes.OTHER_DOCUMENTS),
        (7, broken_bytes.TOO_MUCH),
    ):
        for title, (content, code, line) in broken.items():
            yield Bad(door, family, title, partial(_replace, FILES_OF[door], content, f"{code} {name}:{line}"))


def _replace(file: str, content: bytes, fault: str, folder: Path) -> set[str]:
    (folder / file).write_bytes(content)
    return {fault}


def _not_files(door: str) -> Iterator[Bad]:
    for title, (put, fault, exit_code) in broken_bytes.NOT_FILES.items():
        yield Bad(door, 12, title, partial(_put, FILES_OF[door], put, fault), exit_code)
    fault = "file-missing texts/en.toml:1" if door == "rulebook" else "system {path}"
    for title, put in broken_bytes.ABSENT.items():
        yield Bad(door, 12, title, partial(_put, FILES_OF[door], put, fault), EX_NOINPUT)


def _put(file: str, put: Callable[[Path], None], fault: str, folder: Path) -> set[str]:
    path = folder / file
    path.unlink()
    put(path)
    return {fault.format(name=file.removeprefix("rulebook/"), path=file)}
