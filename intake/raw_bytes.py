"""The bytes of a data file, block by block: plain or gzipped, never more than the caps allow."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from engine.errors import Fault, Faults
from intake.documents import naming, refuse_unless_regular

BLOCK_BYTES = 4 * 1024 * 1024
MAX_FILE_BYTES = 32 * 1024**3
BOMB_AFTER_BYTES = 64 * 1024 * 1024
BOMB_RATIO = 200
_GZIP = b"\x1f\x8b"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def table_name(path: Path) -> str:
    """The stem of a file without its endings: `contracts.csv.gz` is `contracts`."""
    name = path.name.removesuffix(".gz")
    return Path(name).stem if Path(name).suffix else name


def first_bytes(path: Path, count: int) -> bytes:
    """The first bytes of a regular file, unpacked when gzipped. Raises Faults when it is not one, or is empty."""
    refuse_unless_regular(path)
    start = b""
    for block in _unpacked(path):
        start += block
        if len(start) >= count:
            break
    if not start.strip():
        raise Faults([Fault("empty-file", f"{path.name}:1", "nothing in the file", "a header and rows")])
    return start[:count]


def is_utf_16(start: bytes) -> bool:
    """Whether a file begins with the mark of UTF-16, as "Unicode text" exports do."""
    return start.startswith(_UTF_16)


def text_blocks(path: Path, utf_16: bool) -> Iterator[bytes]:
    """The file in blocks of about 4 MiB, without its byte order mark; UTF-16 becomes UTF-8. Raises Faults."""
    blocks = _unpacked(path)
    if utf_16:
        yield from _from_utf_16(blocks, path.name)
        return
    for index, block in enumerate(blocks):
        yield block.removeprefix(codecs.BOM_UTF8) if index == 0 else block


def _from_utf_16(blocks: Iterator[bytes], name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")()
    lines = 1
    for block in chain(blocks, (b"",)):
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            lines += error.object.count(b"\n", 0, error.start)
            raise Faults([Fault("not-utf-16", f"{name}:{lines}", "cut or broken UTF-16", "UTF-16")]) from None
        lines += text.count("\n")
        yield text.encode("utf-8")


def _unpacked(path: Path) -> Iterator[bytes]:
    packed_bytes = path.stat().st_size
    with naming(path), path.open("rb") as stream:
        gzipped = stream.read(2) == _GZIP
        stream.seek(0)
        total = 0
        for block in _gunzip(stream, path.name) if gzipped else iter(lambda: stream.read(BLOCK_BYTES), b""):
            total += len(block)
            bomb = gzipped and total > BOMB_AFTER_BYTES and total > BOMB_RATIO * packed_bytes
            if bomb or total > MAX_FILE_BYTES:
                raise Faults([Fault("too-large", f"{path.name}:1", f"unpacks to more than {total} bytes", "a table")])
            yield block


def _gunzip(stream: BinaryIO, name: str) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=stream) as unpacked:
        while True:
            try:
                block = unpacked.read(BLOCK_BYTES)
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                raise Faults([Fault("broken-gzip", f"{name}:1", str(error), "a whole gzip file")]) from None
            if not block:
                return
            yield block
