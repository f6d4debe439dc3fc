"""The answer is lost after the commit: who asks again with the same key hears it, and nothing is doubled."""

import http.client
from collections.abc import Sequence

import pytest

from tests.databases import PostgreSQL
from tests.faults.clients import Desk, Line
from tests.faults.conftest import Figure
from tests.faults.operators import Place
from tests.faults.proxies import COMMIT, Proxy, to_port, to_unix
from tests.faults.records import Told, count_acceptances, doubled, flaw_of_journal, lost, wrong
from tests.faults.servers import Server


def ids_of(place: Place, count: int) -> list[str]:
    """So many contracts, put on file."""
    ids = [f"C-{number}" for number in range(count)]
    place.add_contracts(ids)
    return ids


def check(place: Place, told: Sequence[Told]) -> None:
    """Each acceptance stands once, as it was offered, and was told as it is kept."""
    store = place.open()
    assert [each.reply.status for each in told] == [201] * len(told)
    assert [each.key for each in told if not each.reply.replayed] == []
    assert count_acceptances(store) == len(told)
    assert (lost(store, told), doubled(store), wrong(store, told)) == ([], [], [])
    assert flaw_of_journal(store) is None
    store.dispose()


@pytest.mark.shows("B4")
def test_a_commit_whose_answer_is_lost_is_told_by_its_key(
    postgresql: PostgreSQL, postgresql_place: Place, soak: bool, figure: Figure
) -> None:
    place, told, unknown = postgresql_place, [], 0
    ids = ids_of(place, 5_000 if soak else 500)
    with Proxy(to_unix(f"{postgresql.folder}/.s.PGSQL.5432"), lambda said: COMMIT in said) as proxy:
        name = place.database.partition("?")[0].rpartition("/")[2]
        through = f"postgresql://counteroffer@127.0.0.1:{proxy.port}/{name}"
        with Server(place, database=through).running() as server:
            desk = Desk(Line(server.port, place.keys[0]))
            for contract_id in ids:
                named, key = desk.offer_shown(contract_id), f"key-of-{contract_id}"
                proxy.drop_next()
                first = desk.line.post("/accept", named, key)
                assert (first.status, first.problem) == (503, "dependency-unavailable")
                unknown += 1
                told.append(Told(key, named, desk.ask("/accept", named, key)))
        assert proxy.dropped == len(ids)
    check(place, told)
    figure(f"{unknown} answers to COMMIT lost: each 503, then the acceptance by its key; 0 doubled")


@pytest.mark.shows("B4")
def test_an_answer_lost_on_its_way_to_the_client_is_told_by_its_key(
    place: Place, server: Server, soak: bool, figure: Figure
) -> None:
    told, unknown = [], 0
    ids = ids_of(place, 500 if soak else 100)
    with Proxy(to_port(server.port), lambda said: b"POST /accept" in said) as proxy:
        desk = Desk(Line(proxy.port, place.keys[0]))
        for contract_id in ids:
            named, key = desk.offer_shown(contract_id), f"key-of-{contract_id}"
            proxy.drop_next()
            with pytest.raises((OSError, http.client.HTTPException)):
                desk.line.post("/accept", named, key)
            unknown += 1
            told.append(Told(key, named, desk.ask("/accept", named, key)))
        assert proxy.dropped == len(ids)
    check(place, told)
    figure(f"{unknown} answers lost on their way to the client: each told again to the byte; 0 doubled")
