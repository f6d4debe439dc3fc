"""Decides recorded questions again, from their stored facts and scores, and names the first thing that differs."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row

from engine.check import check
from engine.decide import decide
from engine.rulebook import Rulebook
from engine.tables import Scores
from ledger.records import Outcome, Question, Record, read_occasion, read_scores
from ledger.snapshots import read_snapshots

_ABSENT = "absent"


@dataclass(frozen=True)
class Difference:
    """The first place where a decision is not what it was: a JSON pointer and both values."""

    decision_id: str
    pointer: str
    recorded: Any
    again: Any


def replay(decisions: Sequence[Row[Any]], rulebook: Rulebook) -> list[Difference]:
    """The decisions, all of one rulebook, that do not come out byte for byte as recorded."""
    differences = [Difference(row.decision_id, "/record", "no JSON", _ABSENT) for row in decisions if not _reads(row)]
    readable = filter(_reads, decisions)
    for _, same_day in itertools.groupby(readable, key=lambda row: row.decided_on):
        differences += _replay_day(list(same_day), rulebook)
    return differences


def _reads(row: Row[Any]) -> bool:
    try:
        orjson.loads(row.record)
        orjson.loads(row.answer)
    except orjson.JSONDecodeError:
        return False
    return True


def _replay_day(rows: Sequence[Row[Any]], rulebook: Rulebook) -> Iterator[Difference]:
    records = [orjson.loads(row.record) for row in rows]
    occasions = [read_occasion(record) for record in records]
    cases = read_snapshots([record["case"] for record in records])
    scores, day = read_scores([record["scores"] for record in records]), occasions[0].decided_on
    decided = decide(cases, scores, rulebook, day)
    for index, (row, record) in enumerate(zip(rows, records, strict=True)):
        occasion = occasions[index]
        question = Question(record["case"], record["features"], record["scores"], record["given"])
        outcome = Outcome.of(decided, index, occasion.previous)
        if question.given is not None:
            at = slice(index, index + 1)
            alone = Scores(*(column[at] for column in vars(scores).values()))
            checked = check(cases.take(at), alone, rulebook, day, [question.given])
            outcome = outcome.instead(checked, 0, occasion.previous)
        again = Record(occasion, question, outcome)
        for was, now_is in ((row.answer, again.answer), (row.record, again.body)):
            if was != now_is:
                recorded, now = orjson.loads(was), orjson.loads(now_is)
                yield Difference(
                    row.decision_id, *(_first_difference("", recorded, now) or ("", "bytes", "other bytes"))
                )
                break


def _first_difference(pointer: str, recorded: Any, again: Any) -> tuple[str, Any, Any] | None:
    if isinstance(recorded, dict) and isinstance(again, dict):
        pairs = ((name, recorded.get(name, _ABSENT), again.get(name, _ABSENT)) for name in sorted({*recorded, *again}))
    elif isinstance(recorded, list) and isinstance(again, list):
        both = itertools.zip_longest(recorded, again, fillvalue=_ABSENT)
        pairs = ((str(index), left, right) for index, (left, right) in enumerate(both))
    else:
        return None if recorded == again else (pointer, recorded, again)
    found = (_first_difference(f"{pointer}/{name}", left, right) for name, left, right in pairs)
    return next((difference for difference in found if difference), None)
