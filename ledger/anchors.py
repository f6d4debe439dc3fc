"""Anchors: what the journal was at a moment, signed, and kept outside the database.

One line of JSON an anchor. It says with which events it deals (after one sequence, to another), the digest of the last,
the first bytes of the digest of each (so that the very event that was changed can be named), and bears an Ed25519
signature over all of that. Lines are only ever added, each in one write.
"""

import base64
import errno
import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, bindparam, select

from engine.errors import Fault, Faults
from ledger.journal import GENESIS, canonical
from ledger.tables import events

MOST_EVENTS = 1_000
TRACE_DIGITS = 8
_SINCE = select(events.c.sequence, events.c.digest).where(events.c.sequence >= bindparam("last"))
_EVENTS_SINCE = _SINCE.order_by(events.c.sequence)
_PAGE_BYTES = 65_536


@dataclass(frozen=True)
class Seal:
    """The key that signs anchors, and its public name."""

    key_id: str
    key: Ed25519PrivateKey


@dataclass(frozen=True)
class Anchor:
    """What was anchored at one moment; `trace` holds the first TRACE_DIGITS hex digits of each event's digest."""

    after: int
    sequence: int
    digest: str
    trace: str
    at: str
    key_id: str

    def message(self) -> bytes:
        """What is signed."""
        return canonical(asdict(self))


START = Anchor(0, 0, GENESIS, "", "", "")
"""What stands before the first anchor of a journal."""


def add_anchors(connection: Connection, path: Path, seal: Seal, at: str, due: tuple[int, str] = (1, "")) -> int:
    """Anchor the events since the last anchor, and return how many; none where nothing is due.

    Due are `due[0]` events, or fewer where the last anchor is from before `due[1]`. Safe for several processes at once.
    Raises Faults where the journal is not what was anchored, OSError.
    """
    with _appending(path) as handle:
        last = _last_anchor(handle)
        since = connection.execute(_EVENTS_SINCE, {"last": last.sequence}).all()
        new = since if last is START else since[1:]
        if last is not START and (not since or tuple(since[0]) != (last.sequence, last.digest)):
            raise Faults([_not_as_anchored(path, last)])
        if not new or (len(new) < due[0] and last.at > due[1]):
            return 0
        _append(handle, _lines(last, [(row.sequence, row.digest) for row in new], seal, at))
        return len(new)


def read_anchors(path: Path, keys: Mapping[str, Ed25519PublicKey]) -> Iterator[Anchor]:
    """The anchors of a file, each with a good signature and from where the one before ended. Raises Faults for others.

    A line that was cut when a machine stopped is passed over: the next one tells what it would have told.
    """
    last, unread = None, ""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            where, found = f"{path}:{number}", _parse(line)
            if found is None:
                unread = where if line.endswith(b"\n") else ""
                continue
            anchor, signature = found
            _check_signature(where, anchor, signature, keys)
            if last is not None and anchor.after != last.sequence:
                what = f"it goes on from event {anchor.after}, the line before ended with event {last.sequence}"
                raise Faults([_refused(where, what)])
            last, unread = anchor, ""
            yield anchor
    if unread:
        raise Faults([_refused(unread, "cannot be read")])


def _check_signature(where: str, anchor: Anchor, signature: bytes, keys: Mapping[str, Ed25519PublicKey]) -> None:
    if anchor.key_id not in keys:
        raise Faults([_refused(where, f"signed by a key we do not have: {anchor.key_id}")])
    try:
        keys[anchor.key_id].verify(signature, anchor.message())
    except InvalidSignature:
        raise Faults([_refused(where, "the signature does not hold")]) from None


def _refused(where: str, what: str) -> Fault:
    return Fault("anchor-refused", where, what, "every line as it was written")


def _lines(last: Anchor, new: Sequence[tuple[int, str]], seal: Seal, at: str) -> bytes:
    lines = []
    for start in range(0, len(new), MOST_EVENTS):
        some = new[start : start + MOST_EVENTS]
        trace = "".join(digest[:TRACE_DIGITS] for _, digest in some)
        last = Anchor(last.sequence, *some[-1], trace, at, seal.key_id)
        signature = base64.b64encode(seal.key.sign(last.message())).decode()
        lines.append(canonical({**asdict(last), "signature": signature}))
    return b"".join(line + b"\n" for line in lines)


def _parse(line: bytes) -> tuple[Anchor, bytes] | None:
    try:
        fields = orjson.loads(line)
        signature = base64.b64decode(fields.pop("signature"), validate=True)
        return Anchor(**fields), signature
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


@contextmanager
def _appending(path: Path) -> Iterator[int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _append(handle: int, lines: bytes) -> None:
    size = os.fstat(handle).st_size
    cut = size > 0 and os.pread(handle, 1, size - 1) != b"\n"  # by a machine that stopped
    written = os.write(handle, b"\n" * cut + lines)
    if written != len(lines) + cut:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(handle)


def _last_anchor(handle: int) -> Anchor:
    """The last whole line; signatures are for who verifies."""
    end, tail = os.fstat(handle).st_size, b""
    while end:
        start = max(0, end - _PAGE_BYTES)
        tail = os.pread(handle, end - start, start) + tail
        end = start
        for line in reversed(tail.split(b"\n")):  # of a line that begins before the page nothing can be parsed
            if (found := _parse(line)) is not None:
                return found[0]
    return START


def _not_as_anchored(path: Path, last: Anchor) -> Fault:
    what = f"event {last.sequence} is not what was anchored on {last.at}"
    return Fault("anchor-differs", str(path), what, "the journal that was anchored here", "counteroffer audit verify")


class Trace:
    """What the anchors of a journal say of each of its events."""

    def __init__(self, anchors: Sequence[Anchor]) -> None:
        first, last = (anchors[0], anchors[-1]) if anchors else (START, START)
        self._first = first.after + 1
        self._digits = "".join(anchor.trace for anchor in anchors)
        self._ends = {anchor.sequence: anchor for anchor in anchors}
        self.through, self.at = last.sequence, last.at

    def differs(self, sequence: int, digest: str) -> bool:
        """Whether an event was anchored with another digest."""
        start = (sequence - self._first) * TRACE_DIGITS
        if start < 0 or sequence > self.through:
            return False
        end = self._ends.get(sequence)
        return self._digits[start : start + TRACE_DIGITS] != digest[:TRACE_DIGITS] or (
            end is not None and end.digest != digest
        )
