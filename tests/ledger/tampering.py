"""Ways to tamper with a journal, drawn at random; each knows the first sequence that is no longer as it was."""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson

from tests.ledger.journals import Row, Rows

Generator = np.random.Generator
CHECKED = {
    "events": ("at", "kind", "subject_id", "actor", "role", "about", "details", "body_digest", "previous", "digest"),
    "bodies": ("subject_id", "salt", "content", "answer"),
    "decisions": (
        "decision_id",
        "subject_id",
        "agent_id",
        "role",
        "decided_at",
        "decided_on",
        "stance",
        "model_version",
        "rulebook_digest",
        "engine_version",
        "answer_digest",
        "arm",
        "probability_micro",
    ),
    "reactions": ("subject_id", "proposal_id", "offer_id", "reason", "reacted_on"),
    "outcomes": ("subject_id", "kind", "happened_on"),
}


def seal_again(rows: Rows, start: int) -> None:
    """Work out the chain anew from one event on, as a forger with the source text would, and the head."""
    events = rows.events
    for index in range(start - 1, len(events)):
        events[index]["previous"] = events[index - 1]["digest"] if index else "0" * 64
        unsigned = {name: value for name, value in events[index].items() if name != "digest"}
        events[index]["digest"] = hashlib.sha256(orjson.dumps(unsigned, option=orjson.OPT_SORT_KEYS)).hexdigest()
    assert rows.head is not None
    rows.head.update(length=len(events), head=events[-1]["digest"])


def _other(value: Any, random: Generator) -> Any:
    """A value that is not the one that stands there, often of the same length, now and then of another type."""
    if random.random() < 0.05:
        return next(one for one in (None, 7, b"x", "x") if one != value)
    if value is None or isinstance(value, int):
        return "other"
    at = int(random.integers(len(value))) if value else 0
    if isinstance(value, bytes):
        return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :] if value else b"x"
    return value[:at] + ("0" if value[at] != "0" else "1") + value[at + 1 :] if value else "x"


def _draw(rows: list[Row], random: Generator) -> Row:
    return rows[int(random.integers(len(rows)))]


def change_a_column(rows: Rows, random: Generator) -> int:
    name = str(random.choice(list(CHECKED), p=[0.5, 0.2, 0.2, 0.05, 0.05]))
    row = _draw(rows.tables[name], random)
    column = str(random.choice(CHECKED[name]))
    row[column] = _other(row[column], random)
    return int(row["sequence"])


def change_an_event_and_its_digest(rows: Rows, random: Generator) -> int:
    row = _draw(rows.events, random)
    row["actor"] = "somebody-else"
    unsigned = {name: value for name, value in row.items() if name != "digest"}
    row["digest"] = hashlib.sha256(orjson.dumps(unsigned, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return int(row["sequence"])


def change_an_event_and_all_digests_after(rows: Rows, random: Generator) -> int:
    row = _draw(rows.events, random)
    row["at"] = "2020-01-01T00:00:00.000000Z"
    seal_again(rows, row["sequence"])
    return int(row["sequence"])


def move_a_row(rows: Rows, random: Generator) -> int:
    """Another sequence in a row of any table: where nothing stands in the journal, or where something does."""
    name = str(random.choice(list(CHECKED)))
    row = _draw(rows.tables[name], random)
    was, count = row["sequence"], len(rows.events)
    taken = {other["sequence"] for other in rows.tables[name]}
    free = sorted(set(range(-2, count + 4)) - taken)
    row["sequence"] = free[int(random.integers(len(free)))]
    return min(was, int(row["sequence"]))


def delete_a_row(rows: Rows, random: Generator) -> int:
    name = str(random.choice(["events", "bodies", "decisions", "reactions", "outcomes"]))
    row = _draw(rows.tables[name], random)
    rows.tables[name].remove(row)
    return int(row["sequence"])


def insert_an_event(rows: Rows, random: Generator) -> int:
    """Between two others, which move up; sealed as a forger would, or not."""
    at = int(random.integers(1, len(rows.events) + 1))
    for name in rows.tables:
        for row in rows.tables[name]:
            row["sequence"] += row["sequence"] >= at
    rows.events.insert(at - 1, {**_draw(rows.events, random), "sequence": at, "about": "forged", "body_digest": None})
    if random.random() < 0.5:
        seal_again(rows, at)
    return at


def add_a_row(rows: Rows, random: Generator) -> int:
    """A body, a decision or an event that nobody wrote, behind all others."""
    name, last = str(random.choice(["events", "bodies", "decisions"])), len(rows.events)
    rows.tables[name].append({**_draw(rows.tables[name], random), "sequence": last + 1})
    return last + 1


def swap_two_events(rows: Rows, random: Generator) -> int:
    first, second = sorted(random.choice(len(rows.events), 2, replace=False).tolist())
    rows.events[first]["sequence"], rows.events[second]["sequence"] = second + 1, first + 1
    return int(first) + 1


def _cut(rows: Rows, random: Generator) -> int:
    kept = int(random.integers(1, len(rows.events)))
    for name in rows.tables:
        rows.tables[name] = [row for row in rows.tables[name] if row["sequence"] <= kept]
    return kept


def cut_the_end_off(rows: Rows, random: Generator) -> int:
    kept = _cut(rows, random)
    if random.random() < 0.7:
        seal_again(rows, kept)
    return kept + 1


def cut_and_write_on(rows: Rows, random: Generator) -> int:
    """The end cut off, and other events after it, every digest as it should be."""
    length = len(rows.events)
    kept = _cut(rows, random)
    more = int(random.integers(1, length - kept + 5))
    for sequence in range(kept + 1, kept + 1 + more):
        forged = {"sequence": sequence, "kind": "shown", "about": "forged", "body_digest": None}
        rows.events.append({**_draw(rows.events, random), **forged})
    seal_again(rows, kept + 1)
    return kept + 1


def change_the_head(rows: Rows, random: Generator) -> int:
    assert rows.head is not None
    length = len(rows.events)
    way = int(random.integers(3))
    if way == 0:
        rows.head = None
        return length + 1
    if way == 1:
        rows.head["head"] = _other(rows.head["head"], random)
        return length
    rows.head["length"] = length + int(random.choice([-3, -1, 1, 7]))
    return min(length, rows.head["length"]) + 1


def change_a_rulebook(rows: Rows, random: Generator) -> int:
    digest = str(random.choice(list(rows.rulebooks)))
    rows.rulebooks[digest] = rows.rulebooks[digest].replace("2_404", "1_404", 1)
    return next(int(row["sequence"]) for row in rows.events if row["about"] == digest)


WAYS: tuple[Callable[[Rows, Generator], int], ...] = (
    change_a_column,
    change_an_event_and_its_digest,
    change_an_event_and_all_digests_after,
    move_a_row,
    delete_a_row,
    insert_an_event,
    add_a_row,
    swap_two_events,
    cut_the_end_off,
    cut_and_write_on,
    change_the_head,
    change_a_rulebook,
)
"""Each changes the rows and returns the first sequence that is no longer as it was."""
