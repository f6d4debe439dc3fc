"""Bytes that are no TOML document, and things on the disk that are no file: for the mapping and the rulebook alike.

Each stands in for one good file: (code, line of that file), whatever else the file would have said.
"""

import gzip
import os
import socket
from collections.abc import Callable
from pathlib import Path

BELOW = b"\nformat = 1\n"
Broken = tuple[bytes, str, int]

ENCODINGS: dict[str, Broken] = {
    "a byte order mark": (b"\xef\xbb\xbf" + BELOW, "byte-order-mark", 1),
    "UTF-16": ("format = 1\n".encode("utf-16"), "byte-order-mark", 1),
    "UTF-16 of the other end": (b"\xfe\xff" + "format = 1\n".encode("utf-16-be"), "byte-order-mark", 1),
    "UTF-16 without a mark": ("format = 1\n".encode("utf-16-le"), "broken-toml", 1),
    "UTF-32": (b"\0\0\xfe\xff" + "format = 1\n".encode("utf-32-be"), "not-utf-8", 1),
    "Latin-1": ("# café".encode("latin-1") + BELOW, "not-utf-8", 1),
    "one wrong byte on the third line": (b"# a\n# b\n# \xff" + BELOW, "not-utf-8", 3),
    "an overlong slash": (b"# \xc0\xaf" + BELOW, "not-utf-8", 1),
    "a surrogate in UTF-8": (b"# \xed\xa0\x80" + BELOW, "not-utf-8", 1),
    "a letter cut in two": (b"# \xc3", "not-utf-8", 1),
    "a NUL byte": (b"# a\0b" + BELOW, "broken-toml", 1),
    "an escape sequence": (b"# \x1b[31m" + BELOW, "broken-toml", 1),
    "carriage returns alone": (b"a = 1\rb = 2\r", "broken-toml", 1),
    "gzip": (gzip.compress(BELOW, mtime=0), "not-utf-8", 1),
    "cut in a name": (BELOW + b"[feat", "broken-toml", 3),
    "cut in a text": (BELOW + b'name = "sm', "broken-toml", 3),
    "cut in a list": (BELOW + b'left = ["yes",\n', "broken-toml", 3),
}

OTHER_DOCUMENTS: dict[str, Broken] = {
    "null": (b"null\n", "broken-toml", 1),
    "a list": (b"[]\n", "broken-toml", 1),
    "a text": (b'"x"\n', "broken-toml", 1),
    "a number": (b"1\n", "broken-toml", 1),
    "true": (b"true\n", "broken-toml", 1),
    "JSON": (b'{"format": 1}\n', "broken-toml", 1),
    "JSON on several lines": (b'{\n  "format": 1\n}\n', "broken-toml", 1),
    "YAML": (b"---\nformat: 1\n", "broken-toml", 1),
    "XML": (b'<?xml version="1.0"?>\n<mapping/>\n', "broken-toml", 1),
    "CSV": (b"id,price\nA1,17.90\n", "broken-toml", 1),
    "INI": (b"; settings\n[format]\n", "broken-toml", 1),
    "a program": (b"\x7fELF\x02\x01\x01" + b"\0" * 400, "broken-toml", 1),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not-utf-8", 1),
    "a spreadsheet": (b"PK\x03\x04\x14\0\x06\0\x08\0\xff\xff", "not-utf-8", 1),
}

TOO_MUCH: dict[str, Broken] = {
    "256 KiB of comments": (b"#\n" * 131_073, "too-large", 1),
    "20 MB of comments": (b"#\n" * 10_000_000, "too-large", 1),
    "20 MB on one line": (b"# " + b"x" * 20_000_000, "too-large", 1),
    "a line of 5,000 characters": (b"\n# " + b"x" * 5_000, "too-large", 2),
    "a number of 4,500 digits": (b"x = " + b"9" * 4_500, "too-large", 1),
    "sixty thousand nested lists": (b"x = " + b"[\n" * 60_000, "too-deep", 60_000),
    "depth 2,000 on one line": (b"x = " + b"[" * 2_000 + b"]" * 2_000, "too-deep", 1),
    "a hundred nested tables": (b"x = " + b"{a=" * 100 + b"1" + b"}" * 100, "too-deep", 1),
    "a key of a hundred parts": (b".".join([b"a"] * 100) + b" = 1\n", "too-deep", 1),
    "a header of a hundred parts": (b"[" + b".".join([b"a"] * 100) + b"]\n", "too-deep", 1),
    "three hundred tables in tables": (b"".join(b"[a%s]\n" % (b".a" * n) for n in range(300)), "too-deep", 300),
}


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # the name of a socket has room for 108 bytes
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)
    os.chdir(here)


def _beyond_a_file(path: Path) -> None:
    path.symlink_to(Path(__file__) / "beyond")


NO_INPUT = "no-input {name}:1"
NOT_FILES: dict[str, tuple[Callable[[Path], None], str, int]] = {
    "a directory": (Path.mkdir, NO_INPUT, os.EX_NOINPUT),
    "a pipe": (_pipe, NO_INPUT, os.EX_NOINPUT),
    "a socket": (_socket, NO_INPUT, os.EX_NOINPUT),
    "a device without end": (lambda path: path.symlink_to("/dev/zero"), NO_INPUT, os.EX_NOINPUT),
    "a device without a beginning": (lambda path: path.symlink_to("/dev/null"), NO_INPUT, os.EX_NOINPUT),
    "a link to a directory": (lambda path: path.symlink_to("/usr"), NO_INPUT, os.EX_NOINPUT),
    "a link to itself": (lambda path: path.symlink_to(path), "system {path}", os.EX_IOERR),
    "a link through a file": (_beyond_a_file, "system {path}", os.EX_NOINPUT),
    "a link to a name of 300 letters": (lambda path: path.symlink_to("x" * 300), "system {path}", os.EX_IOERR),
    "a file that cannot be read": (lambda path: path.symlink_to("/proc/self/mem"), "system {path}", os.EX_IOERR),
}
"""What is put in the place of a file, the fault it must give, and the exit code."""

ABSENT: dict[str, Callable[[Path], None]] = {
    "nothing": lambda path: None,
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
}
