"""Whatever is changed in the journal, the audit names the first event that is not as it was."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, delete, event, text, update

from engine.rulebook import Rulebook
from ledger.anchors import Trace
from ledger.audit import find_flaw, read_copy
from ledger.journal import By, Event
from ledger.store import reading, writing
from ledger.tables import bodies, chain, decisions, events
from ledger.writer import append
from tests.api.world import fill_store
from tests.ledger.journals import NOW, Rows, anchored, live_a_little
from tests.ledger.tampering import WAYS

SEED = 20261125


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, rulebook: Rulebook) -> tuple[Rows, Trace]:
    folder = tmp_path_factory.mktemp("audit")
    store = fill_store(f"sqlite:///{folder}/store.db")
    live_a_little(store, rulebook, rounds=6)
    found = Rows.of(store), anchored(store, folder / "anchors.jsonl")
    store.dispose()
    return found


def test_a_journal_that_nobody_touched_has_no_flaw(story: tuple[Rows, Trace]) -> None:
    rows, trace = story
    assert len(rows.events) == trace.through > 80
    assert {name for name, found in rows.tables.items() if found} == set(rows.tables)
    assert rows.audit(trace) is None
    assert rows.audit(Trace([])) is None


@pytest.mark.parametrize("tries", [600, pytest.param(10_000, marks=pytest.mark.long)])
def test_every_tampering_is_caught_and_the_first_bad_sequence_named(story: tuple[Rows, Trace], tries: int) -> None:
    rows, trace = story
    random = np.random.default_rng(SEED)
    print(f"seed {SEED}")
    wrong = []
    for number in range(tries):
        way = WAYS[number % len(WAYS)]
        tampered = rows.again()
        expected = way(tampered, random)
        flaw = tampered.audit(trace)
        if flaw is None or flaw.sequence != expected:
            wrong.append((number, way.__name__, expected, flaw))
    assert wrong == []


def test_without_anchors_a_cut_that_moves_the_head_along_is_not_seen_and_with_them_it_is(
    story: tuple[Rows, Trace],
) -> None:
    rows, trace = story
    cut = rows.again()
    for name in cut.tables:
        cut.tables[name] = [row for row in cut.tables[name] if row["sequence"] <= 20]
    assert cut.head is not None
    cut.head.update(length=20, head=cut.events[-1]["digest"])
    assert cut.audit(Trace([])) is None
    flaw = cut.audit(trace)
    assert flaw is not None
    assert (flaw.sequence, "anchored to event" in flaw.what) == (21, True)


@pytest.fixture
def lived(database: str, tmp_path: Path, rulebook: Rulebook) -> Iterator[tuple[Engine, Trace]]:
    """A store with a story, on each database."""
    store = fill_store(database)
    live_a_little(store, rulebook, rounds=2)
    yield store, anchored(store, tmp_path / "anchors.jsonl")
    store.dispose()


def flaw_of(store: Engine, trace: Trace) -> tuple[int, str] | None:
    with reading(store) as connection:
        found = find_flaw(read_copy(connection), trace)
    return None if found is None else (found.sequence, found.what)


def test_a_database_is_read_as_it_is(lived: tuple[Engine, Trace]) -> None:
    store, trace = lived
    assert flaw_of(store, trace) is None
    with writing(store) as connection:
        append(connection, NOW, Event("shown", By("agent-1", "agent")))
    assert flaw_of(store, trace) is None


def test_a_column_that_was_changed_in_the_database_is_named(lived: tuple[Engine, Trace]) -> None:
    store, trace = lived
    with writing(store) as connection:
        connection.execute(update(events).where(events.c.sequence == 9).values(actor="somebody-else"))
    assert flaw_of(store, trace) == (9, "its columns do not give its digest")


def test_a_body_and_a_decision_that_were_changed_in_the_database_are_named(lived: tuple[Engine, Trace]) -> None:
    store, trace = lived
    with writing(store) as connection:
        decided = connection.execute(decisions.select().order_by(decisions.c.sequence)).first()
        assert decided is not None
        here = decisions.c.sequence == decided.sequence
        connection.execute(update(decisions).where(here).values(stance="bribe"))
    assert flaw_of(store, trace) == (decided.sequence, "its row of decisions has another stance")
    with writing(store) as connection:
        connection.execute(update(decisions).where(here).values(stance=decided.stance))
        connection.execute(update(bodies).where(bodies.c.sequence == decided.sequence).values(answer=b"{}"))
    assert flaw_of(store, trace) == (decided.sequence, "its body does not give the digest it holds")
    with writing(store) as connection:
        connection.execute(delete(bodies).where(bodies.c.sequence == decided.sequence))
    assert flaw_of(store, trace) == (
        decided.sequence,
        "its body is missing, and no event says that it was erased or purged",
    )


def test_the_end_of_a_database_cannot_be_cut_off_unseen(lived: tuple[Engine, Trace]) -> None:
    store, trace = lived
    last = trace.through
    with writing(store) as connection:
        kept = connection.execute(events.select().where(events.c.sequence == last - 2)).one()
        for name in ("reactions", "outcomes"):
            connection.execute(text(f"DELETE FROM {name}"))
        connection.execute(delete(events).where(events.c.sequence > last - 2))
        connection.execute(update(chain).values(length=last - 2, head=kept.digest))
    found = flaw_of(store, trace)
    assert found is not None
    assert found[0] == last - 1


def test_text_that_is_no_text_is_named_where_the_file_of_sqlite_holds_it(tmp_path: Path, rulebook: Rulebook) -> None:
    store = fill_store(f"sqlite:///{tmp_path}/store.db")
    event.listen(store, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = OFF"))
    live_a_little(store, rulebook, rounds=1)
    trace = anchored(store, tmp_path / "anchors.jsonl")
    with writing(store) as connection:
        connection.execute(text("UPDATE events SET details = x'00ff' WHERE sequence = 5"))
    assert flaw_of(store, trace) == (5, "its columns do not give its digest")
    store.dispose()


@pytest.mark.parametrize("sequence", ["9e999", "-9e999"])
def test_a_row_without_end_is_named_where_the_file_of_sqlite_holds_it(tmp_path: Path, sequence: str) -> None:
    store = fill_store(f"sqlite:///{tmp_path}/store.db")
    store.dispose()
    event.listen(store, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = OFF"))
    with writing(store) as connection:
        connection.execute(text(f"INSERT INTO outcomes VALUES ({sequence}, 's', 'left', '2026-11-23')"))
    found = flaw_of(store, Trace([]))
    assert found is not None
    assert found[1] == "a row of outcomes points at it, and it is not there"
    store.dispose()


def test_rows_are_fetched_as_the_walk_goes_on_and_a_store_may_be_larger_than_memory(
    lived: tuple[Engine, Trace],
) -> None:
    store, trace = lived
    at_once = []
    with reading(store) as connection:
        event.listen(
            store,
            "before_cursor_execute",
            lambda _, __, said, ___, context, ____: at_once.append((context.execution_options.get("yield_per"), said)),
        )
        assert find_flaw(read_copy(connection), trace) is None
    walked = [size for size, said in at_once if "ORDER BY" in said and "kind IN" not in said]
    assert len(walked) == 5
    assert all(0 < size <= 10_000 for size in walked)
