"""Decides recorded questions again, from their stored facts and scores, and names the first thing that differs."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row

from engine.rulebook import Rulebook
from ledger.retaken import Retaken, take_again

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
    for again in take_again(list(readable), rulebook):
        differences += differences_of(again)
    return differences


def _reads(row: Row[Any]) -> bool:
    try:
        orjson.loads(row.record)
        orjson.loads(row.answer)
    except orjson.JSONDecodeError:
        return False
    return True


def differences_of(again: Retaken) -> Iterator[Difference]:
    """Where a decision that was taken again is not, byte for byte, as recorded: nowhere, or the first place."""
    row, record = again.row, again.record
    for was, now_is in ((row.answer, record.answer), (row.record, record.body)):
        if was != now_is:
            found = _first_difference("", orjson.loads(was), orjson.loads(now_is))
            yield Difference(row.decision_id, *(found or ("", "bytes", "other bytes")))
            return


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
