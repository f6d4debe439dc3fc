"""Anchors: written by many at once, never twice, and refused when a line is not as it was written."""

import base64
import datetime
import json
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, select

from api.anchoring import anchor_what_is_due
from engine.errors import Faults
from ledger.anchors import Anchor, Seal, Trace, add_anchors, read_anchors
from ledger.audit import find_flaw, read_copy
from ledger.journal import By, Event
from ledger.store import migrate, open_store, reading, writing
from ledger.tables import events
from ledger.writer import append
from tests.ledger.journals import KEYS, NOW, SEAL

NOON = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)


def happen(store: Engine, count: int, agent: str = "agent-1") -> None:
    with writing(store) as connection:
        append(connection, NOW, *(Event("shown", By(agent, "agent")) for _ in range(count)))


def add(store: Engine, path: Path, at: str = NOW) -> int:
    with reading(store) as connection:
        return add_anchors(connection, path, SEAL, at)


def anchors_in(path: Path) -> list[Anchor]:
    return list(read_anchors(path, KEYS))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "deeper" / "anchors.jsonl"


@pytest.fixture
def three(store: Engine, path: Path) -> Path:
    """A file of three anchors."""
    for _ in range(3):
        happen(store, 5)
        add(store, path)
    return path


def test_an_anchor_goes_on_where_the_last_one_ended(three: Path, store: Engine) -> None:
    assert [(anchor.after, anchor.sequence) for anchor in anchors_in(three)] == [(0, 5), (5, 10), (10, 15)]
    assert add(store, three) == 0
    with reading(store) as connection:
        assert find_flaw(read_copy(connection), Trace(anchors_in(three))) is None


def test_many_events_become_lines_of_a_thousand(store: Engine, path: Path) -> None:
    happen(store, 2_345)
    assert add(store, path) == 2_345
    assert [anchor.sequence for anchor in anchors_in(path)] == [1_000, 2_000, 2_345]


def test_an_anchor_is_due_after_a_thousand_events_or_a_minute(store: Engine, path: Path) -> None:
    def look(seconds: int) -> int:
        return anchor_what_is_due(store, path, SEAL, NOON + datetime.timedelta(seconds=seconds))

    happen(store, 1)
    assert look(0) == 1
    happen(store, 999)
    assert look(59) == 0
    happen(store, 1)
    assert look(59) == 1_000
    happen(store, 1)
    assert (look(118), look(119), look(400)) == (0, 1, 0)


def _anchor_often(database: str, path: Path) -> None:
    store = open_store(database)
    for _ in range(40):
        happen(store, 3)
        add(store, path)
    store.dispose()


def test_several_processes_anchor_every_event_once(store: Engine, path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    database = store.url.render_as_string(hide_password=False)
    processes = [context.Process(target=_anchor_often, args=(database, path)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    found = anchors_in(path)
    assert found[-1].sequence == sum(len(anchor.trace) // 8 for anchor in found) == 360
    with reading(store) as connection:
        assert find_flaw(read_copy(connection), Trace(found)) is None


def test_a_line_that_a_stopped_machine_cut_is_told_again_by_the_next(three: Path, store: Engine) -> None:
    whole = three.read_bytes()
    three.write_bytes(whole[:-40])
    assert [anchor.sequence for anchor in anchors_in(three)] == [5, 10]
    assert add(store, three) == 5
    assert [anchor.sequence for anchor in anchors_in(three)] == [5, 10, 15]


def changed(line: bytes) -> bytes:
    fields = orjson.loads(line)
    return orjson.dumps({**fields, "at": "2026-01-01T00:00:00.000000Z"})


@pytest.mark.parametrize(
    ("tamper", "what"),
    [
        (lambda lines: [changed(lines[0]), *lines[1:]], ":1: the signature does not hold"),
        (lambda lines: [*lines[:2], changed(lines[2])], ":3: the signature does not hold"),
        (lambda lines: [lines[0], lines[2]], ":2: it goes on from event 10, the line before ended with event 5"),
        (lambda lines: [lines[1], lines[0], lines[2]], ":2: it goes on from event 0, the line before ended with"),
        (lambda lines: [lines[0], b"{}", lines[2]], ":3: it goes on from event 10"),
        (lambda lines: [*lines, lines[2]], ":4: it goes on from event 10, the line before ended with event 15"),
        (lambda lines: [*lines[:2], b"nonsense"], ":3: cannot be read"),
    ],
)
def test_a_line_that_is_not_as_it_was_written_is_refused(
    three: Path, tamper: Callable[[list[bytes]], list[bytes]], what: str
) -> None:
    three.write_bytes(b"\n".join(tamper(three.read_bytes().splitlines())) + b"\n")
    with pytest.raises(Faults, match="anchor-refused") as refused:
        anchors_in(three)
    assert what in str(refused.value)


def test_an_anchor_of_another_key_is_refused(three: Path, store: Engine) -> None:
    stranger = Seal("stranger", Ed25519PrivateKey.generate())
    happen(store, 1)
    with reading(store) as connection:
        add_anchors(connection, three, stranger, NOW)
    with pytest.raises(Faults, match=":4: signed by a key we do not have: stranger"):
        anchors_in(three)


def test_a_journal_that_is_not_what_was_anchored_is_not_anchored_again(three: Path, tmp_path: Path) -> None:
    other = open_store(f"sqlite:///{tmp_path}/other.db")
    migrate(other)
    happen(other, 20, "agent-2")
    with pytest.raises(Faults, match=r"anchor-differs.*event 15 is not what was anchored"):
        add(other, three)
    other.dispose()


def test_a_full_disk_is_told_and_leaves_what_was_there(
    three: Path, store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, write = three.read_bytes(), os.write
    monkeypatch.setattr("ledger.anchors.os.write", lambda handle, content: write(handle, content[:10]))
    happen(store, 1)
    with pytest.raises(OSError, match="No space left"):
        add(store, three)
    monkeypatch.undo()
    assert three.read_bytes().startswith(before)
    assert [anchor.sequence for anchor in anchors_in(three)] == [5, 10, 15]
    assert add(store, three) == 1
    assert anchors_in(three)[-1].sequence == 16


def test_a_line_says_what_the_handbook_says_and_is_signed_over_all_of_it(three: Path, store: Engine) -> None:
    with reading(store) as connection:
        digests = [row.digest for row in connection.execute(select(events).order_by(events.c.sequence))]
    line = orjson.loads(three.read_bytes().splitlines()[1])
    signature = base64.b64decode(line.pop("signature"))
    assert line == {
        "after": 5,
        "sequence": 10,
        "digest": digests[9],
        "trace": "".join(digest[:8] for digest in digests[5:10]),
        "at": NOW,
        "key_id": "tests",
    }
    KEYS["tests"].verify(signature, json.dumps(line, sort_keys=True, separators=(",", ":")).encode())


def test_every_line_ends_and_stands_alone(three: Path) -> None:
    content = three.read_bytes()
    assert content.endswith(b"\n")
    assert len(content.split(b"\n")) == 4


def test_others_may_read_the_file_and_only_its_owner_writes_it(store: Engine, path: Path) -> None:
    happen(store, 1)
    before = os.umask(0)
    try:
        add(store, path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o644


def test_what_a_machine_wrote_when_it_stopped_is_passed_over_however_long_it_is(three: Path, store: Engine) -> None:
    whole = three.read_bytes()
    three.write_bytes(whole + b"x" * 200_000)
    assert add(store, three) == 0
    happen(store, 1)
    assert add(store, three) == 1
    assert three.read_bytes().startswith(whole + b"x" * 200_000 + b"\n{")
    assert [anchor.sequence for anchor in anchors_in(three)] == [5, 10, 15, 16]


def test_one_byte_that_a_machine_wrote_when_it_stopped_is_a_line_of_its_own(store: Engine, path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    happen(store, 1)
    assert add(store, path) == 1
    assert path.read_bytes().startswith(b"x\n{")


def test_a_journal_that_ends_before_its_anchor_is_not_anchored_again(three: Path, tmp_path: Path) -> None:
    other = open_store(f"sqlite:///{tmp_path}/other.db")
    migrate(other)
    happen(other, 14)
    before = three.read_bytes()
    with pytest.raises(Faults) as told:
        add(other, three)
    [fault] = told.value.faults
    assert (fault.code, fault.where) == ("anchor-differs", str(three))
    assert fault.what == f"event 15 is not what was anchored on {NOW}"
    assert (fault.expected, fault.fix) == ("the journal that was anchored here", "counteroffer audit verify")
    assert three.read_bytes() == before
    other.dispose()


@pytest.mark.parametrize(
    ("tamper", "what"), [(changed, "the signature does not hold"), (lambda _: b"{}", "cannot be read")]
)
def test_an_anchor_that_is_refused_says_why_and_what_was_expected(
    three: Path, tamper: Callable[[bytes], bytes], what: str
) -> None:
    three.write_bytes(tamper(three.read_bytes().splitlines()[0]) + b"\n")
    with pytest.raises(Faults) as told:
        anchors_in(three)
    [fault] = told.value.faults
    assert (fault.code, fault.where, fault.what) == ("anchor-refused", f"{three}:1", what)
    assert fault.expected == "every line as it was written"


@pytest.mark.parametrize(
    "line", [b"[]", b"5", b'{"signature": 5}', b'{"signature": "A"}', b'{"signature": "QQ==", "x": 1}']
)
def test_a_last_line_that_is_no_anchor_is_refused(three: Path, line: bytes) -> None:
    three.write_bytes(three.read_bytes() + line + b"\n")
    with pytest.raises(Faults, match=":4: cannot be read"):
        anchors_in(three)


def test_a_signature_with_something_beside_it_is_no_signature(three: Path) -> None:
    lines = three.read_bytes().splitlines()
    fields = orjson.loads(lines[2])
    lines[2] = orjson.dumps({**fields, "signature": f"{fields['signature'][:4]}\n{fields['signature'][4:]}"})
    three.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(Faults, match=":3: cannot be read"):
        anchors_in(three)


def test_anchors_that_begin_later_say_nothing_of_earlier_events(three: Path) -> None:
    trace = Trace(anchors_in(three)[1:])
    assert (trace.through, trace.at) == (15, NOW)
    assert [sequence for sequence in range(18) if trace.differs(sequence, "f" * 64)] == list(range(6, 16))


def test_an_anchor_holds_the_whole_digest_of_its_last_event_and_the_beginning_of_the_others(three: Path) -> None:
    anchors = anchors_in(three)
    trace, digits = Trace(anchors), "".join(anchor.trace for anchor in anchors)
    beginning = {sequence: digits[8 * sequence - 8 : 8 * sequence] for sequence in range(1, 16)}
    differing = [sequence for sequence in beginning if trace.differs(sequence, beginning[sequence] + "f" * 56)]
    assert differing == [5, 10, 15]
    assert not any(trace.differs(anchor.sequence, anchor.digest) for anchor in anchors)
    assert all(trace.differs(sequence, "x" + beginning[sequence][1:]) for sequence in beginning)
    assert all(trace.differs(sequence, beginning[sequence][:7] + "x") for sequence in beginning)


def test_where_nothing_was_anchored_nothing_differs(tmp_path: Path) -> None:
    empty = tmp_path / "anchors.jsonl"
    empty.touch()
    trace = Trace(anchors_in(empty))
    assert (trace.through, trace.at) == (0, "")
    assert not any(trace.differs(sequence, "f" * 64) for sequence in range(5))
