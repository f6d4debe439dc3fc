"""Fifty at once for one thing: one of them gets it, the others are told so, and nothing is above what is held."""

from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import func, select

from ledger.store import reading
from ledger.tables import acceptances, proposals, stock
from tests.faults.clients import Desk, Line, Reply
from tests.faults.conftest import Figure
from tests.faults.crowds import Crowd
from tests.faults.operators import PHONE, WISH, Place
from tests.faults.records import Told, count_acceptances, doubled, flaw_of_journal, lost, wrong
from tests.faults.servers import Server

CROWD = 50


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    crowd = Crowd(CROWD)
    yield crowd
    crowd.go()


def desks_at(server: Server, key: str) -> list[Desk]:
    """A client for each of the crowd; told to wait (503), it asks again with the same key."""
    return [Desk(Line(server.port, key)) for _ in range(CROWD)]


def waited(desks: list[Desk]) -> str:
    """How many answers were 503: too crowded, and nothing was done. No other 5xx was among them."""
    late = [reply.status for desk in desks for _, reply in desk.answers if reply.status >= 500]
    assert set(late) <= {503}
    return f"{len(late)} x 503 on the way"


@pytest.mark.shows("B9", "F11")
def test_fifty_accept_one_offer_and_one_of_them_has_it(
    place: Place, server: Server, crowd: Crowd, soak: bool, figure: Figure
) -> None:
    rounds = 2_000 if soak else 200
    place.add_contracts([f"C-{number}" for number in range(rounds)])
    desk, crew = Desk(Line(server.port, place.keys[0])), desks_at(server, place.keys[0])
    told: list[Told] = []
    seen: Counter[tuple[int, str]] = Counter()
    for number in range(rounds):
        named = desk.offer_shown(f"C-{number}")
        keys = [f"{number}-{one}" for one in range(CROWD)]
        acts = [partial(one.ask, "/accept", named, key) for one, key in zip(crew, keys, strict=True)]
        replies = crowd.at_once(acts)
        assert sorted(reply.status for reply in replies) == [201] + [409] * (CROWD - 1), _statuses(replies)
        seen.update((reply.status, reply.problem) for reply in replies)
        told += [Told(key, named, reply) for key, reply in zip(keys, replies, strict=True) if reply.status == 201]
    _check(place, told)
    assert seen == {(201, ""): rounds, (409, "already-accepted"): rounds * (CROWD - 1)}
    figure(f"{rounds} rounds of {CROWD}: one 201 and {CROWD - 1} x 409 each, {waited(crew)}, 0 doubled")


@pytest.mark.shows("A7")
def test_fifty_want_the_last_phone_and_one_of_them_has_it(
    place: Place, crowd: Crowd, soak: bool, figure: Figure
) -> None:
    rounds = 1_000 if soak else 30
    place.add_contracts([f"C-{number}" for number in range(rounds + CROWD)])
    place.set_stock(PHONE, 1)
    told: list[Told] = []
    refused: Counter[str] = Counter()
    with Server(place).running() as server:
        desk, crew = Desk(Line(server.port, place.keys[0])), desks_at(server, place.keys[0])
        hopeful = [desk.offer_shown(f"C-{number}", wants=WISH) for number in range(CROWD)]
        for number in range(rounds):
            keys = [f"{number}-{one}" for one in range(CROWD)]
            asked = zip(crew, hopeful, keys, strict=True)
            replies = crowd.at_once([partial(one.ask, "/accept", named, key) for one, named, key in asked])
            assert sorted(reply.status for reply in replies) == [201] + [409] * (CROWD - 1), _statuses(replies)
            refused.update(reply.problem for reply in replies if reply.status != 201)
            [winner] = [one for one, reply in enumerate(replies) if reply.status == 201]
            told.append(Told(keys[winner], hopeful[winner], replies[winner]))
            assert _shelf(place) == (1, 1, 1)
            _bring_back(desk, hopeful[winner]["proposal_id"], number)
            hopeful[winner] = desk.offer_shown(f"C-{number + CROWD}", wants=WISH)
    _check(place, told)
    assert set(refused) <= {"sold-out", "no-longer-allowed"}
    others = f"the others {dict(refused)}, {waited(crew)}"
    figure(f"{rounds} rounds of {CROWD} for the last phone: one has it, never above held; {others}")


def _bring_back(desk: Desk, proposal_id: str, number: int) -> None:
    body = {"proposal_id": proposal_id, "by": "customer", "because": "changed_mind"}
    reply = desk.ask("/withdraw", body, f"back-{number}")
    assert reply.status in (200, 201), reply.body


def _shelf(place: Place) -> tuple[int, int, int]:
    """Phones taken, phones held, and acceptances of it that stand."""
    store = place.open()
    with reading(store) as connection:
        row = connection.execute(select(stock).where(stock.c.device == PHONE, stock.c.held == 1)).one()
        standing = (acceptances.c.device == PHONE) & (acceptances.c.state == "accepted")
        count = connection.execute(select(func.count()).select_from(acceptances).where(standing)).scalar_one()
    store.dispose()
    return int(row.taken), int(row.held), int(count)


@pytest.mark.shows("A7")
def test_fifty_ask_for_one_contract_and_one_proposal_lies_on_the_table(
    place: Place, server: Server, crowd: Crowd, soak: bool, figure: Figure
) -> None:
    rounds = 200 if soak else 10
    place.add_contracts([f"C-{number}" for number in range(rounds)])
    crew, made = desks_at(server, place.keys[0]), 0
    store = place.open()
    for number in range(rounds):
        wishes = [{"max_upfront_cents": 1_000 * (one % 25)} for one in range(CROWD)]
        bodies = [{"contract_id": f"C-{number}", "channel": "phone_in", "wants": wish} for wish in wishes]
        asked = zip(crew, bodies, strict=True)
        replies = crowd.at_once([partial(one.ask, "/offer", body) for one, body in asked])
        assert {reply.status for reply in replies} == {200}, _statuses(replies)
        with reading(store) as connection:
            rows = connection.execute(select(proposals).order_by(proposals.c.made_at)).all()
        live = [row for row in rows if row.state == "live"]
        assert len(live) == len({row.subject_id for row in live}) == number + 1
        made = len(rows)
    assert made > rounds
    assert doubled(store) == []
    assert flaw_of_journal(store) is None
    store.dispose()
    found = f"{made} proposals made, one live on each, {waited(crew)}"
    figure(f"{rounds} rounds of {CROWD} questions on one contract: {found}")


def _check(place: Place, told: list[Told]) -> None:
    store = place.open()
    assert count_acceptances(store) == len(told)
    assert (lost(store, told), doubled(store), wrong(store, told)) == ([], [], [])
    assert flaw_of_journal(store) is None
    store.dispose()


def _statuses(replies: list[Reply]) -> dict[object, int]:
    return Counter((reply.status, reply.problem) for reply in replies)
