"""Walks the journal from its first event to its last and names the first that is not as it was written."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Table, select

from engine.rulebook import digest_of
from ledger.anchors import Trace
from ledger.gone import Gone
from ledger.journal import CHAIN, GENESIS, body_digest, link
from ledger.tables import bodies, chain, decisions, events, outcomes, reactions, rulebooks

Row = Mapping[str, Any]
_ROWS_A_FETCH = 500
_OF_A_REACTION = ("proposal_id", "subject_id", "reacted_on", "offer_id", "reason")
_TOLD_ELSEWHERE = ("decided", "declined", "outcome", "rulebook_kept")
_OTHERWISE = "what was worked out from it does not say what it says"
_NOWHERE, _OVER = 2.0**63, float("inf")


@dataclass(frozen=True)
class Flaw:
    """The first sequence at which the journal is not as it was written, and what is wrong there."""

    sequence: int
    what: str


@dataclass(frozen=True)
class Copy:
    """What an audit walks: the head of the chain, and the rows of each table in the order of their sequence."""

    head: Row | None
    gone: Gone
    rulebooks: Mapping[str, str]
    events: Iterable[Row]
    bodies: Iterable[Row]
    decisions: Iterable[Row]
    reactions: Iterable[Row]
    outcomes: Iterable[Row]


def read_copy(connection: Connection) -> Copy:
    """The rows of a store, as they stood when the connection began to read; they are fetched as the walk goes on."""
    found = connection.execute(select(chain).where(chain.c.name == CHAIN)).first()
    head = None if found is None else dict(found._mapping)
    texts = {row.digest: row.texts for row in connection.execute(select(rulebooks.c.digest, rulebooks.c.texts))}
    tables = (events, bodies, decisions, reactions, outcomes)
    return Copy(head, Gone.read(connection), texts, *(_rows(connection, table) for table in tables))


def _rows(connection: Connection, table: Table) -> Iterator[Row]:
    names = [str(column.name) for column in table.columns]  # plain texts, as JSON wants them
    options = {"yield_per": _ROWS_A_FETCH}
    for row in connection.execute(select(table).order_by(table.c.sequence), execution_options=options):
        yield dict(zip(names, row, strict=True))


def find_flaw(copy: Copy, trace: Trace) -> Flaw | None:
    """The first flaw of a journal, None where every event is as it was written and as it was anchored."""
    return next(_flaws(copy, trace), None)


def _flaws(copy: Copy, trace: Trace) -> Iterator[Flaw]:
    sequence, last = 0, GENESIS
    beside = {name: _Beside(name, getattr(copy, name)) for name in ("bodies", "decisions", "reactions", "outcomes")}
    tables = tuple(beside.values())
    nearest = min(table.place for table in tables)
    for event in copy.events:
        sequence += 1
        wrong = _wrong_with_event(event, sequence, last, trace)
        if wrong:
            yield Flaw(_first_of(sequence, event["sequence"]), wrong)
        if nearest <= sequence or event["body_digest"] is not None or event["kind"] in _TOLD_ELSEWHERE:
            wrong = _wrong_beside(event, {name: table.take(sequence) for name, table in beside.items()}, copy)
            if wrong:
                yield Flaw(sequence, wrong)
            yield from _strays(tables, sequence)
            nearest = min(table.place for table in tables)
        last = event["digest"]
    if trace.through > sequence:
        yield Flaw(sequence + 1, f"it is missing: the journal was anchored to event {trace.through} on {trace.at}")
    yield from _strays(tables, _NOWHERE)
    yield from _wrong_with_head(copy.head, sequence, last)


def _wrong_beside(event: Row, rows: Mapping[str, list[Row]], copy: Copy) -> str | None:
    return (
        _wrong_with_body(event, rows["bodies"], copy.gone)
        or _wrong_with_decision(event, rows["decisions"], rows["bodies"])
        or _wrong_with_reactions(event, rows["reactions"])
        or _wrong_with_outcome(event, rows["outcomes"])
        or _wrong_with_rulebook(event, copy.rulebooks)
    )


class _Beside:
    """The rows of a table that point at events, taken in step with the walk; `place`: where the next one points."""

    place: float

    def __init__(self, name: str, rows: Iterable[Row]) -> None:
        self.name = name
        self._rows = iter(rows)
        self._advance()

    def _advance(self) -> None:
        self._next = next(self._rows, None)
        self.place = _OVER if self._next is None else _place(self._next["sequence"])

    def take(self, sequence: int) -> list[Row]:
        """The rows that point at one event."""
        taken = []
        while self._next is not None and self.place == sequence:
            taken.append(self._next)
            self._advance()
        return taken


def _place(found: Any) -> float:
    """Where a row stands among the events: what is no number comes last, as it is sorted; no place is endless."""
    return max(-_NOWHERE, min(found, _NOWHERE)) if isinstance(found, int | float) else _NOWHERE


def _strays(tables: Iterable[_Beside], sequence: float) -> Iterator[Flaw]:
    for table in tables:
        if table.place <= sequence:
            yield Flaw(int(table.place), f"a row of {table.name} points at it, and it is not there")


def _wrong_with_event(event: Row, sequence: int, last: str, trace: Trace) -> str | None:
    found = event["sequence"]
    if found != sequence:
        told = f"it is missing: the next event is {found}"
        return told if _first_of(sequence, found) == sequence else "it stands where no event can stand"
    if trace.differs(sequence, str(event["digest"])):
        return "it is not the event that was anchored"
    if event["previous"] != last:
        return "it does not go on from the event before it"
    return None if _link(event) == event["digest"] else "its columns do not give its digest"


def _first_of(expected: int, found: Any) -> int:
    return min(expected, found) if isinstance(found, int) else expected


def _link(event: Row) -> str | None:
    try:
        return link(event)
    except TypeError:  # bytes where there should be text
        return None


def _wrong_with_body(event: Row, rows: list[Row], gone: Gone) -> str | None:
    if event["body_digest"] is None:
        return "it has a body, and says nothing of one" if rows else None
    if not rows:
        return None if gone.why(event) else "its body is missing, and no event says that it was erased or purged"
    if len(rows) > 1:
        return "it has two bodies"
    [body] = rows
    if gone.erased(event):
        return "its body is there, and its customer was erased"
    if body["subject_id"] != event["subject_id"]:
        return "its body is that of another subject"
    try:
        digest = body_digest(body["salt"], body["content"], body["answer"])
    except TypeError:  # text where there should be bytes
        digest = None
    return None if digest == event["body_digest"] else "its body does not give the digest it holds"


def _wrong_with_decision(event: Row, rows: list[Row], kept: list[Row]) -> str | None:
    if event["kind"] != "decided":
        return "a row of decisions points at it, and it is no decision" if rows else None
    if len(rows) != 1:
        return "its row of decisions is missing"
    expected = {
        "decision_id": event["about"],
        "sequence": event["sequence"],
        "subject_id": event["subject_id"],
        "agent_id": event["actor"],
        "role": event["role"],
        "decided_at": event["at"],
        "answer_digest": hashlib.sha256(kept[0]["answer"] or b"").hexdigest() if kept else "",
        **_details(event),
    }
    wrong = [name for name in {*expected, *rows[0]} if expected.get(name) != rows[0].get(name)]
    return f"its row of decisions has another {sorted(wrong)[0]}" if wrong else None


def _wrong_with_reactions(event: Row, rows: list[Row]) -> str | None:
    if event["kind"] != "declined":
        return "a row of reactions points at it, and it is no refusal" if rows else None
    found = {tuple(row[name] for name in _OF_A_REACTION) for row in rows}
    return None if found == _told_refusals(event) else _OTHERWISE


def _told_refusals(event: Row) -> set[tuple[Any, ...]] | None:
    """What an event says was refused, as the rows of reactions say it; None where it says no such thing."""
    details = _details(event)
    try:
        about = (event["about"], event["subject_id"], details["day"])
        reasons = dict.fromkeys(details["declined"], "other") | {details["offer_id"]: details["reason"]}
        return {(*about, *pair) for pair in reasons.items()}
    except (KeyError, TypeError):
        return None


def _wrong_with_outcome(event: Row, rows: list[Row]) -> str | None:
    if event["kind"] != "outcome":
        return "a row of outcomes points at it, and it is no outcome" if rows else None
    details = _details(event)
    ended = [(row["subject_id"], row["kind"], row["happened_on"]) for row in rows]
    told = ended == [(event["subject_id"], details.get("outcome"), details.get("happened_on"))]
    return None if told else _OTHERWISE


def _wrong_with_rulebook(event: Row, texts: Mapping[str, str]) -> str | None:
    if event["kind"] != "rulebook_kept" or _digest_of_texts(texts.get(event["about"])) == event["about"]:
        return None
    return "the rulebook that it tells of is not the one on file"


def _wrong_with_head(head: Row | None, sequence: int, last: str) -> Iterator[Flaw]:
    if head is None:
        yield Flaw(sequence + 1, "the head of the chain is missing")
    elif head["length"] != sequence:
        first = _first_of(sequence, head["length"]) + 1
        yield Flaw(first, f"the journal holds {sequence} events, the head of its chain says {head['length']}")
    elif head["head"] != last:
        yield Flaw(sequence, "the head of the chain is not its digest")


def _details(event: Row) -> dict[str, Any]:
    try:
        details: dict[str, Any] = orjson.loads(event["details"])
    except ValueError:
        return {}
    return details if isinstance(details, dict) else {}


def _digest_of_texts(texts: Any) -> str | None:
    try:
        return digest_of(orjson.loads(texts))
    except (ValueError, AttributeError):
        return None
