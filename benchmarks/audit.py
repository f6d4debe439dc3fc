"""`python -m benchmarks.audit`: how many records a second `counteroffer audit verify` walks."""

import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from ledger.anchors import Seal, Trace, add_anchors, read_anchors
from ledger.audit import find_flaw, read_copy
from ledger.journal import By, Event, draw_id
from ledger.store import migrate, open_store, reading, writing
from ledger.writer import append

EVENTS, AT_ONCE, ROUNDS = 300_000, 1_000, 5
NOW = "2026-11-23T12:00:00.000000Z"
BODY = b'{"fault":"' + b"x" * 200 + b'"}'


def fill(store: Engine) -> None:
    """A journal in which every fifth event has a body."""
    by, details = By("agent-1", "agent"), {"offer_id": "bundle-12", "read_back": True}
    for _ in range(EVENTS // AT_ONCE):
        happened = [
            Event("shown", by, draw_id(), draw_id(), details, BODY if n % 5 == 0 else None) for n in range(AT_ONCE)
        ]
        with writing(store) as connection:
            append(connection, NOW, *happened)


def main() -> None:
    """Fill, anchor, verify, print."""
    with tempfile.TemporaryDirectory() as folder:
        store, anchors = open_store(f"sqlite:///{folder}/store.db"), Path(folder) / "anchors.jsonl"
        migrate(store)
        fill(store)
        seal = Seal("benchmark", Ed25519PrivateKey.generate())
        with reading(store) as connection:
            add_anchors(connection, anchors, seal, NOW)
        rates, of_the_processor = [], []
        for _ in range(ROUNDS):
            start, busy = time.perf_counter(), time.process_time()
            trace = Trace(list(read_anchors(anchors, {seal.key_id: seal.key.public_key()})))
            with reading(store) as connection:
                assert find_flaw(read_copy(connection), trace) is None
            rates.append(EVENTS / (time.perf_counter() - start))
            of_the_processor.append(EVENTS / (time.process_time() - busy))
        store.dispose()
    print(f"{EVENTS:,} events, a fifth with a body, every one anchored; {ROUNDS} rounds")
    for name, found in (("by the clock", rates), ("of processor time", of_the_processor)):
        print(f"records a second {name}: median {sorted(found)[ROUNDS // 2]:,.0f}, lowest {min(found):,.0f}")


if __name__ == "__main__":
    main()
