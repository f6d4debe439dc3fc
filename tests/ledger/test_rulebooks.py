"""Which rulebook is in force: one at any moment, whoever changes it at the same time."""

import datetime
import threading
from collections import Counter

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from engine.rulebook import Rulebook, parse_rulebook
from ledger.anchors import Trace
from ledger.audit import find_flaw, read_copy
from ledger.journal import By
from ledger.rulebooks import (
    digest_in_force,
    digests_beginning,
    every_activation,
    rulebook_before,
    rulebook_proposed,
    rulebook_stands,
)
from ledger.store import StoreUnavailable, reading, writing
from ledger.tables import activations
from ledger.writer import (
    Act,
    Change,
    Overtaken,
    activate_rulebook,
    approve_rulebook,
    propose_rulebook,
    roll_back_rulebook,
)
from tests.engine.questions import shipped

PLAIN = shipped()
NOON = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)
ANNE, BERT = Act(By("anne", "manager"), NOON), Act(By("bert", "manager"), NOON)


def other(number: int) -> Rulebook:
    """The rulebook that ships, with a remark."""
    return parse_rulebook({**PLAIN.texts, "policy.toml": PLAIN.texts["policy.toml"] + f"\n# {number}\n"})


def change(rulebook: Rulebook, over: Rulebook | None) -> Change:
    return Change(rulebook.digest, rulebook.texts, "why", None if over is None else over.digest, asked=7, changed=2)


def activate(store: Engine, rulebook: Rulebook, over: Rulebook | None) -> None:
    with writing(store) as connection:
        activate_rulebook(connection, change(rulebook, over), ANNE)


def in_force(store: Engine) -> str | None:
    with reading(store) as connection:
        return digest_in_force(connection)


def test_before_the_first_nothing_is_in_force(store: Engine) -> None:
    assert in_force(store) is None
    with reading(store) as connection:
        assert rulebook_before(connection) is None
        assert rulebook_proposed(connection) is None
    with writing(store) as connection:
        assert not rulebook_stands(connection, PLAIN.digest)


def test_the_new_one_takes_the_place_of_the_one_it_was_measured_against(store: Engine) -> None:
    activate(store, PLAIN, None)
    activate(store, other(1), PLAIN)
    with pytest.raises(Overtaken):
        activate(store, other(2), PLAIN)
    assert in_force(store) == other(1).digest
    with reading(store) as connection:
        rows = every_activation(connection)
        assert [(row.state, row.asked, row.changed, row.note) for row in rows] == [
            ("past", 7, 2, "why"),
            ("in_force", 7, 2, "why"),
        ]
        assert digests_beginning(connection, other(2).digest[:12]) == []
        assert digests_beginning(connection, PLAIN.digest[:12]) == [PLAIN.digest]


def test_a_proposal_is_approved_once(store: Engine) -> None:
    activate(store, PLAIN, None)
    with writing(store) as connection:
        propose_rulebook(connection, change(other(1), PLAIN), ANNE)
    with reading(store) as connection:
        proposed = rulebook_proposed(connection)
    assert proposed is not None
    with writing(store) as connection:
        approve_rulebook(connection, proposed, BERT, PLAIN.digest)
    with pytest.raises(Overtaken), writing(store) as connection:
        approve_rulebook(connection, proposed, BERT, other(1).digest)
    assert in_force(store) == other(1).digest


def test_a_roll_back_over_another_rulebook_than_the_one_seen_does_nothing(store: Engine) -> None:
    activate(store, PLAIN, None)
    activate(store, other(1), PLAIN)
    with pytest.raises(Overtaken), writing(store) as connection:
        roll_back_rulebook(connection, BERT, "why", PLAIN.digest)
    with writing(store) as connection:
        roll_back_rulebook(connection, BERT, "why", other(1).digest)
    assert in_force(store) == PLAIN.digest
    with pytest.raises(Overtaken), writing(store) as connection:
        roll_back_rulebook(connection, BERT, "why", PLAIN.digest)
    assert in_force(store) == PLAIN.digest


def test_of_many_who_activate_at_once_one_does(store: Engine) -> None:
    activate(store, PLAIN, None)
    heard: list[str] = []

    def try_it(number: int) -> None:
        try:
            activate(store, other(number), PLAIN)
            heard.append("done")
        except (Overtaken, StoreUnavailable) as refused:
            heard.append(type(refused).__name__)

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(heard)["done"] == 1
    with reading(store) as connection:
        assert Counter(row.state for row in every_activation(connection)) == {"past": 1, "in_force": 1}


@pytest.mark.parametrize("state", ["in_force", "proposed"])
def test_the_database_holds_no_two_of_a_kind(store: Engine, state: str) -> None:
    activate(store, PLAIN, None)
    with writing(store) as connection:
        propose_rulebook(connection, change(other(1), PLAIN), ANNE)
    row = {"digest": PLAIN.digest, "proposed_by": "x", "note": "x", "proposed_at": "x", "asked": 0, "changed": 0}
    with pytest.raises(IntegrityError), writing(store) as connection:
        connection.execute(insert(activations).values(sequence=1, state=state, **row))


def test_every_step_is_an_event_and_the_journal_holds(store: Engine) -> None:
    activate(store, PLAIN, None)
    activate(store, other(1), PLAIN)
    with writing(store) as connection:
        roll_back_rulebook(connection, BERT, "why", other(1).digest)
    with reading(store) as connection:
        copy = read_copy(connection)
        events = list(copy.events)
    assert [event["kind"] for event in events] == [
        *("rulebook_kept", "rulebook_activated"),
        *("rulebook_kept", "rulebook_activated"),
        "rulebook_rolled_back",
    ]
    assert (events[-1]["actor"], events[-1]["about"]) == ("bert", PLAIN.digest)
    with reading(store) as connection:
        assert find_flaw(read_copy(connection), Trace([])) is None
