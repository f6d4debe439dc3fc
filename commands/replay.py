"""`counteroffer replay`: decides recorded questions again and compares byte for byte."""

import itertools
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from sqlalchemy import Connection, Row

from api.settings import read_settings
from engine.errors import Fault, Faults
from engine.fields import IDENTIFIER_PATTERN
from engine.rulebook import Rulebook, parse_rulebook
from ledger import queries
from ledger.gone import DECIDED, ERASED, PURGED, Gone
from ledger.replay import Difference
from ledger.replay import replay as replay_decisions
from ledger.store import migrate, open_store, reading

SHOWN_CHARACTERS = 64
DECISION_ID = re.compile(IDENTIFIER_PATTERN)


@click.command(epilog="Example: counteroffer replay --all")
@click.argument("decision_ids", nargs=-1, metavar="[DECISION_ID]...")
@click.option("--all", "everything", is_flag=True, help="Every decision on record.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def replay(decision_ids: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Decide again from the recorded facts, scores and rulebook; exit 65 when an answer is not the same to the byte.

    A decision whose customer was erased, or whose time was over, is counted as such; named alone, it exits 66.
    """
    if everything == bool(decision_ids):
        raise click.UsageError("name decisions, or say --all")
    store = open_store(read_settings(os.environ).database)
    migrate(store)
    with reading(store) as connection:
        gone = Tally(Gone.read(connection))
        pages = _all(connection, as_json) if everything else iter([_named(connection, decision_ids)])
        count, differences = _replay_pages(connection, (gone.leave_out(page) for page in pages))
    if differences or gone.unexplained:
        raise Faults([*map(_fault, differences), *map(_missing, gone.unexplained)])
    if gone.named and not everything:
        raise Faults(Fault(why, name, "its record is no longer there") for name, why in gone.named.items())
    _tell(count, gone.counts, as_json)


@dataclass
class Tally:
    """The decisions whose record is no longer there, and why."""

    gone: Gone
    named: dict[str, str] = field(default_factory=dict)
    unexplained: list[str] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        """How many for each reason."""
        return Counter(self.named.values())

    def leave_out(self, page: Sequence[Row[Any]]) -> list[Row[Any]]:
        """The rows of a page that have a record; the others are noted."""
        for row in page:
            if row.record is None:
                event = {"sequence": row.sequence, "subject_id": row.subject_id, "kind": DECIDED, "at": row.decided_at}
                why = self.gone.why(event)
                if why is None:
                    self.unexplained.append(row.decision_id)
                else:
                    self.named[row.decision_id] = why
        return [row for row in page if row.record is not None]


def _tell(count: int, gone: Counter[str], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"replayed": count, "differ": 0, **{why: gone[why] for why in (ERASED, PURGED)}}))
    else:
        also = "".join(f", {number} {why}" for why, number in gone.items())
        click.echo(f"{count} decisions replayed, none differs{also}")


def _missing(decision_id: str) -> Fault:
    what = "its record is missing, and no event says that it was erased or purged"
    return Fault("record-missing", decision_id, what, fix="counteroffer audit verify")


def _all(connection: Connection, quiet: bool) -> Iterator[Sequence[Row[Any]]]:
    total = -(-queries.count_decisions(connection) // queries.PAGE)
    pages = queries.pages_of_decisions(connection)
    yield from track(pages, "replaying", total=total, disable=quiet, console=Console(stderr=True))


def _named(connection: Connection, decision_ids: Sequence[str]) -> list[Row[Any]]:
    asked = {decision_id: bool(DECISION_ID.fullmatch(decision_id)) for decision_id in decision_ids}
    found = {name: queries.find_decision(connection, name) if valid else None for name, valid in asked.items()}
    missing = [decision_id for decision_id, row in found.items() if row is None]
    if missing:
        raise Faults(Fault("no-input", decision_id, "no such decision on record") for decision_id in missing)
    return [row for row in found.values() if row is not None]


def _replay_pages(connection: Connection, pages: Iterator[Sequence[Row[Any]]]) -> tuple[int, list[Difference]]:
    rulebooks: dict[str, Rulebook] = {}
    count, differences = 0, []
    for page in pages:
        count += len(page)
        for digest, rows in itertools.groupby(page, key=lambda row: str(row.rulebook_digest)):
            if digest not in rulebooks:
                rulebooks[digest] = _recorded_rulebook(connection, digest)
            differences += replay_decisions(list(rows), rulebooks[digest])
    return count, differences


def _recorded_rulebook(connection: Connection, digest: str) -> Rulebook:
    texts = queries.find_rulebook(connection, digest)
    if texts is None:
        raise Faults([Fault("rulebook-missing", digest, "the store does not hold this rulebook")])
    return parse_rulebook(texts)


def _fault(difference: Difference) -> Fault:
    what = f"{difference.pointer or '/'} was {_short(difference.recorded)}, now {_short(difference.again)}"
    return Fault("replay-differs", difference.decision_id, what, "the recorded bytes")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
