"""The rulebooks that serve: which one is in force is asked of the store each time; each is parsed once."""

import threading

from sqlalchemy import Connection

from engine.errors import Fault, Faults
from engine.rulebook import Rulebook, parse_rulebook
from ledger import queries
from ledger.rulebooks import digest_in_force

MOST_KEPT = 4
"""Requests under way may still hold the one before; a rollback finds it parsed."""


class Rulebooks:
    """Rulebooks of the store by digest, the last few of them parsed; for all threads of a process."""

    def __init__(self) -> None:
        self._parsed: dict[str, Rulebook] = {}
        self._lock = threading.Lock()

    def in_force(self, connection: Connection) -> Rulebook:
        """The rulebook in force as the connection sees it. Raises Faults where there is none or it cannot be used."""
        return self.of(connection, digest_in_force(connection))

    def of(self, connection: Connection, digest: str | None) -> Rulebook:
        """The rulebook of a digest that is on file. Raises Faults where it cannot be used."""
        if digest is None:
            fix = "counteroffer rulebook activate rulebook --by NAME --note TEXT"
            raise Faults([Fault("rulebook-missing", "store", "no rulebook is in force", "an activated one", fix)])
        found = self._parsed.get(digest)
        return found if found is not None else self._parse(connection, digest)

    def _parse(self, connection: Connection, digest: str) -> Rulebook:
        with self._lock:
            if digest not in self._parsed:
                parsed = kept_rulebook(connection, digest)
                while len(self._parsed) >= MOST_KEPT:
                    del self._parsed[next(iter(self._parsed))]
                self._parsed[digest] = parsed
            return self._parsed[digest]


def kept_rulebook(connection: Connection, digest: str) -> Rulebook:
    """A rulebook of the store, parsed. Raises Faults where it is not there, or not the one of its digest."""
    texts = queries.find_rulebook(connection, digest)
    if texts is None:
        raise Faults([Fault("rulebook-missing", digest, "the store does not hold this rulebook")])
    parsed = parse_rulebook(texts)
    if parsed.digest != digest:
        raise Faults([Fault("rulebook-altered", digest, "the texts on file are not those of its digest")])
    return parsed
