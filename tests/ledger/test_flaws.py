"""Every flaw of a journal is told in words of its own, at the event where it stands."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from engine.rulebook import Rulebook
from ledger import writer
from ledger.anchors import Trace
from ledger.journal import By, Event
from ledger.store import writing
from ledger.writer import append
from tests.api.world import NOON, fill_store
from tests.ledger.journals import NOW, Row, Rows, anchored, live_a_little
from tests.ledger.tampering import seal_again

Change = Callable[[Rows, int], None]
BODY_GONE = "its body is missing, and no event says that it was erased or purged"
OTHERWISE = "what was worked out from it does not say what it says"
NO_RULEBOOK = "the rulebook that it tells of is not the one on file"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, rulebook: Rulebook) -> tuple[Rows, Trace]:
    """A journal with every kind of row, one customer of which was erased, and its anchors."""
    folder = tmp_path_factory.mktemp("flaws")
    store = fill_store(f"sqlite:///{folder}/store.db")
    live_a_little(store, rulebook, rounds=1)
    with writing(store) as connection:
        assert writer.erase(connection, "C-wish", NOON)
        heard = Event("signal", By("agent-1", "agent"), "", "s" * 32, {}, b'{"text":"no signal at home"}')
        append(connection, NOW, heard, Event("shown", By("agent-1", "agent")))
    found = Rows.of(store), anchored(store, folder / "anchors.jsonl")
    store.dispose()
    return found


def flaw(rows: Rows, trace: Trace) -> tuple[int, str] | None:
    found = rows.audit(trace)
    return None if found is None else (found.sequence, found.what)


def first(rows: Rows, kind: str) -> int:
    """The sequence of the first event of a kind; "erased decision": of the customer who was erased."""
    if kind == "erased decision":
        [gone] = [row["subject_id"] for row in rows.events if row["kind"] == "erased"]
        return next(row["sequence"] for row in rows.events if (row["kind"], row["subject_id"]) == ("decided", gone))
    return next(int(row["sequence"]) for row in rows.events if row["kind"] == kind)


def at(rows: Rows, table: str, sequence: int) -> Row:
    return next(row for row in rows.tables[table] if row["sequence"] == sequence)


def changed(table: str, **columns: Any) -> Change:
    return lambda rows, sequence: at(rows, table, sequence).update(columns)


def removed(table: str) -> Change:
    return lambda rows, sequence: rows.tables[table].remove(at(rows, table, sequence))


def added(table: str, **columns: Any) -> Change:
    """A copy of the first row of a table, that points at the event as well."""

    def change(rows: Rows, sequence: int) -> None:
        rows.tables[table].append({**rows.tables[table][0], "sequence": sequence, **columns})

    return change


def of_the_same(table: str) -> Change:
    return lambda rows, sequence: rows.tables[table].append(dict(at(rows, table, sequence)))


@pytest.mark.parametrize(
    ("kind", "change", "what"),
    [
        ("shown", removed("events"), "it is missing: the next event is {next}"),
        ("shown", changed("events", digest="f" * 64), "it is not the event that was anchored"),
        ("decided", removed("bodies"), BODY_GONE),
        ("signal", removed("bodies"), BODY_GONE),
        ("signal", changed("bodies", content=b"{}"), "its body does not give the digest it holds"),
        ("decided", of_the_same("bodies"), "it has two bodies"),
        ("decided", changed("bodies", subject_id="s" * 32), "its body is that of another subject"),
        ("decided", changed("bodies", content=b"{}"), "its body does not give the digest it holds"),
        ("decided", changed("bodies", content="{}"), "its body does not give the digest it holds"),
        ("imported", added("bodies"), "it has a body, and says nothing of one"),
        ("imported", added("outcomes"), "a row of outcomes points at it, and it is no outcome"),
        ("shown", added("bodies"), "it has a body, and says nothing of one"),
        ("erased decision", added("bodies"), "its body is there, and its customer was erased"),
        ("decided", removed("decisions"), "its row of decisions is missing"),
        ("decided", of_the_same("decisions"), "its row of decisions is missing"),
        ("decided", changed("decisions", role="auditor"), "its row of decisions has another role"),
        ("decided", changed("decisions", role="auditor", arm="explore"), "its row of decisions has another arm"),
        ("decided", changed("decisions", answer_digest=""), "its row of decisions has another answer_digest"),
        ("erased decision", changed("decisions", answer_digest="0"), "its row of decisions has another answer_digest"),
        ("shown", added("decisions"), "a row of decisions points at it, and it is no decision"),
        ("shown", added("reactions"), "a row of reactions points at it, and it is no refusal"),
        ("shown", added("outcomes"), "a row of outcomes points at it, and it is no outcome"),
        ("declined", removed("reactions"), OTHERWISE),
        ("declined", changed("reactions", reason="other"), OTHERWISE),
        ("outcome", removed("outcomes"), OTHERWISE),
        ("outcome", of_the_same("outcomes"), OTHERWISE),
        ("outcome", changed("outcomes", kind="left"), OTHERWISE),
        ("outcome", changed("outcomes", happened_on="2026-11-24"), OTHERWISE),
    ],
)
def test_a_flaw_is_named_where_it_is(story: tuple[Rows, Trace], kind: str, change: Change, what: str) -> None:
    rows, trace = story[0].again(), story[1]
    sequence = first(rows, kind)
    change(rows, sequence)
    assert flaw(rows, trace) == (sequence, what.format(next=sequence + 1))


@pytest.mark.parametrize("column", ["at", "kind", "actor", "role", "about", "subject_id"])
def test_a_column_of_an_event_is_held_by_its_digest(story: tuple[Rows, Trace], column: str) -> None:
    for value in ("another", b"another"):
        rows = story[0].again()
        changed("events", **{column: value})(rows, 9)
        assert flaw(rows, story[1]) == flaw(rows, Trace([])) == (9, "its columns do not give its digest")


def test_an_event_that_does_not_go_on_from_the_one_before_it_is_named(story: tuple[Rows, Trace]) -> None:
    rows = story[0].again()
    changed("events", previous="f" * 64)(rows, 9)
    assert flaw(rows, Trace([])) == (9, "it does not go on from the event before it")


@pytest.mark.parametrize("sequence", [-2, 0])
def test_an_event_before_the_first_is_named_by_its_own_number(story: tuple[Rows, Trace], sequence: int) -> None:
    rows = story[0].again()
    added("events")(rows, sequence)
    assert flaw(rows, Trace([])) == (sequence, "it stands where no event can stand")


def test_an_event_that_stands_twice_is_named(story: tuple[Rows, Trace]) -> None:
    rows = story[0].again()
    of_the_same("events")(rows, 9)
    assert flaw(rows, Trace([])) == (9, "it stands where no event can stand")


def test_a_number_that_is_none_counts_as_missing(story: tuple[Rows, Trace]) -> None:
    rows = story[0].again()
    changed("events", sequence="nine")(rows, 9)
    assert flaw(rows, Trace([])) == (9, "it is missing: the next event is 10")


@pytest.mark.parametrize("table", ["bodies", "decisions", "reactions", "outcomes"])
@pytest.mark.parametrize(
    ("sequence", "told"),
    [(-float("inf"), -(2**63)), (-1, -1), (0, 0), (2.5, 2), (1e300, 2**63), (float("inf"), 2**63), ("x", 2**63)],
)
def test_a_row_that_points_at_no_event_is_named(
    story: tuple[Rows, Trace], table: str, sequence: Any, told: int
) -> None:
    rows = story[0].again()
    added(table)(rows, sequence)
    assert flaw(rows, story[1]) == (told, f"a row of {table} points at it, and it is not there")


@pytest.mark.parametrize("table", ["bodies", "decisions", "reactions", "outcomes"])
def test_a_row_that_points_behind_the_last_event_is_named(story: tuple[Rows, Trace], table: str) -> None:
    rows = story[0].again()
    behind = len(rows.events) + 1
    added(table)(rows, behind)
    assert flaw(rows, story[1]) == (behind, f"a row of {table} points at it, and it is not there")


@pytest.mark.parametrize(
    "texts", ["", "{}", "[]", "null", "5", '{"policy.toml": 5}', '{"policy.toml": "another"}', b"\xff"]
)
def test_a_rulebook_that_is_not_the_one_kept_is_named(story: tuple[Rows, Trace], texts: Any) -> None:
    rows = story[0].again()
    [digest] = rows.rulebooks
    rows.rulebooks[digest] = texts
    assert flaw(rows, story[1]) == (first(rows, "rulebook_kept"), NO_RULEBOOK)
    del rows.rulebooks[digest]
    assert flaw(rows, story[1]) == (first(rows, "rulebook_kept"), NO_RULEBOOK)


def test_a_head_that_is_missing_is_told_behind_the_last_event(story: tuple[Rows, Trace]) -> None:
    rows = story[0].again()
    rows.head = None
    assert flaw(rows, story[1]) == (len(rows.events) + 1, "the head of the chain is missing")


@pytest.mark.parametrize(("more", "place"), [(-1, 0), (1, 1), (7, 1)])
def test_a_head_that_counts_otherwise_is_told(story: tuple[Rows, Trace], more: int, place: int) -> None:
    rows = story[0].again()
    count = len(rows.events)
    assert rows.head is not None
    rows.head["length"] = count + more
    what = f"the journal holds {count} events, the head of its chain says {count + more}"
    assert flaw(rows, story[1]) == (count + place, what)


def test_a_head_with_another_digest_is_told(story: tuple[Rows, Trace]) -> None:
    rows = story[0].again()
    assert rows.head is not None
    rows.head["head"] = "f" * 64
    assert flaw(rows, story[1]) == (len(rows.events), "the head of the chain is not its digest")


def test_what_was_anchored_and_is_no_longer_there_is_told_with_the_moment_of_the_anchor(
    story: tuple[Rows, Trace],
) -> None:
    rows, trace = story[0].again(), story[1]
    last = rows.events.pop()["sequence"]
    seal_again(rows, last - 1)
    assert rows.audit(Trace([])) is None
    what = f"it is missing: the journal was anchored to event {last} on {trace.at}"
    assert flaw(rows, trace) == (last, what)


@pytest.mark.parametrize(
    ("kind", "details", "what"),
    [
        ("decided", {}, "its row of decisions has another arm"),
        ("decided", [], "its row of decisions has another arm"),
        ("declined", {}, OTHERWISE),
        ("declined", {"declined": 5}, OTHERWISE),
        ("declined", {"declined": [["a"]]}, OTHERWISE),
        ("declined", {"offer_id": {}}, OTHERWISE),
        ("declined", [], OTHERWISE),
        ("outcome", {}, OTHERWISE),
        ("outcome", 5, OTHERWISE),
    ],
)
def test_details_forged_with_every_digest_after_them_are_told_by_the_rows_that_came_of_them(
    story: tuple[Rows, Trace], kind: str, details: Any, what: str
) -> None:
    rows = story[0].again()
    sequence = first(rows, kind)
    changed("events", details=orjson.dumps(details).decode())(rows, sequence)
    seal_again(rows, sequence)
    assert flaw(rows, Trace([])) == (sequence, what)


@pytest.mark.parametrize(
    ("kind", "what"),
    [("decided", "its row of decisions has another arm"), ("declined", OTHERWISE), ("outcome", OTHERWISE)],
)
def test_details_that_are_no_json_say_nothing(story: tuple[Rows, Trace], kind: str, what: str) -> None:
    rows = story[0].again()
    sequence = first(rows, kind)
    changed("events", details="{")(rows, sequence)
    seal_again(rows, sequence)
    assert flaw(rows, Trace([])) == (sequence, what)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("decided", "its row of decisions is missing"),
        ("declined", OTHERWISE),
        ("outcome", OTHERWISE),
        ("rulebook_kept", NO_RULEBOOK),
    ],
)
def test_an_event_forged_into_another_kind_lacks_the_rows_of_that_kind(
    story: tuple[Rows, Trace], kind: str, what: str
) -> None:
    rows = story[0].again()
    sequence = first(rows, "accepted")
    changed("events", kind=kind)(rows, sequence)
    seal_again(rows, sequence)
    assert flaw(rows, Trace([])) == (sequence, what)
