"""TOML files that people edit: read under caps, parsed strictly, and every key known by its line."""

import os
import re
import stat
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine.errors import Fault, Faults
from intake.toml_lines import KeyPath, deepest_nesting, line_of_keys

MAX_DOCUMENT_BYTES = 262_144
MAX_LINE_CHARACTERS = 4_096
MAX_NESTING = 8
_POSITION = re.compile(r"^(.*?) \(at (?:line (\d+), column \d+|end of document)\)$", re.DOTALL)
_DUPLICATE = re.compile(r"overwrite|Cannot declare|already|Duplicate", re.IGNORECASE)


class Day(str):
    """A date of TOML as ISO text, told apart from a text that only looks like one."""

    __slots__ = ()


@dataclass(frozen=True)
class Document:
    """A TOML file as plain data, with the line of every key and the SHA-256 of its bytes."""

    name: str
    text: str
    data: dict[str, Any]
    digest: str

    @cached_property
    def lines(self) -> dict[KeyPath, int]:
        """The line of every key; looked for where a fault names one."""
        return line_of_keys(self.text)

    def where(self, path: KeyPath) -> str:
        """`file:line` of a key, or of the nearest table above it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return f"{self.name}:{self.lines[path[:length]]}"
        return f"{self.name}:1"


def read_document(path: Path, name: str = "") -> Document:
    """Reads one TOML file, called `name` in faults; dates become `Day` texts. Raises Faults for anything but TOML."""
    name = name or path.name
    return document_of(_read_small_file(path, name), name)


def document_of(content: bytes, name: str) -> Document:
    """The same of the bytes of a file that is kept elsewhere."""
    if len(content) > MAX_DOCUMENT_BYTES:
        what = f"more than {MAX_DOCUMENT_BYTES} bytes"
        raise Faults([Fault("too-large", f"{name}:1", what, "a file written by hand")])
    text = _decode(content, name)
    _refuse_bombs(text, name)
    data = _parse(text, name)
    document = Document(name, text, data, sha256(content).hexdigest())
    if faults := [
        Fault("non-finite-number", document.where(key), f"{key[-1]} is {value}", "a finite number")
        for key, value in _leaves(data)
        if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf")))
    ]:
        raise Faults(faults)
    return document


def refuse_unless_regular(path: Path, name: str = "") -> os.stat_result:
    """The status of a regular file. Raises Faults for a directory, a pipe or a device; OSError where nothing is."""
    status = path.stat()
    if stat.S_ISREG(status.st_mode):
        return status
    kind = next(
        (word for test, word in _KINDS if test(status.st_mode)),
        "not a regular file",
    )
    raise Faults(
        [Fault("no-input", f"{name or path.name}:1", f"it is {kind}", "a regular file", "save it as a file first")]
    )


_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Names the file in an OSError of a block: reading, unlike opening, fails without saying where."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _read_small_file(path: Path, name: str) -> bytes:
    refuse_unless_regular(path, name)
    with naming(path), path.open("rb") as stream:
        return stream.read(MAX_DOCUMENT_BYTES + 1)


def _decode(content: bytes, name: str) -> str:
    if content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise Faults([Fault("byte-order-mark", f"{name}:1", "a byte order mark", "plain UTF-8", "save without BOM")])
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Faults([Fault("not-utf-8", f"{name}:{line}", "bytes that are not UTF-8", "UTF-8")]) from None


def _refuse_bombs(text: str, name: str) -> None:
    faults = [
        Fault("too-large", f"{name}:{number}", f"a line of {len(line)} characters", f"at most {MAX_LINE_CHARACTERS}")
        for number, line in enumerate(text.split("\n"), start=1)
        if len(line) > MAX_LINE_CHARACTERS
    ]
    depth, number = deepest_nesting(text)
    if depth > MAX_NESTING:
        faults.append(Fault("too-deep", f"{name}:{number}", f"{depth} levels of nesting", f"at most {MAX_NESTING}"))
    if faults:
        raise Faults(faults)


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        return {key: _plain(value) for key, value in tomllib.loads(text).items()}
    except ValueError as error:
        found = _POSITION.match(str(error))
        what = found[1] if found else str(error).split(";")[0]
        line = int(found[2]) if found and found[2] else text.rstrip("\n").count("\n") + 1
        code = "duplicate-key" if _DUPLICATE.search(what) else "broken-toml"
        raise Faults([Fault(code, f"{name}:{line}", what, "TOML", "see https://toml.io")]) from None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return Day(value.isoformat()) if isinstance(value, date | time) else value


def _leaves(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _leaves(child, (*path, key))
    if not isinstance(value, dict | list):
        yield path, value
