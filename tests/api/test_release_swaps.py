"""While releases are swapped under load, no request fails, and every record is wholly of the release it names."""

import http.client
import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson
import pytest

from engine.tables import MICRO
from ledger import queries, writer
from ledger.store import reading, writing
from models.features import columns_of_records
from models.registry import load_version
from tests.api.world import NOON, contracts
from tests.faults.operators import Place, new_place
from tests.faults.servers import Server
from tests.models.learned import random_customers
from tests.models.test_registry import House

CLIENTS = 4
MOST_SECONDS_TO_FOLLOW = 5.0
LOOKS = 12


def add_contracts(place: Place, house: House, ids: Sequence[str]) -> None:
    """Contracts of their own customers, without a stored chance, with what the releases read."""
    churn = load_version(house.releases, house.keys, house.first).churn
    wish = contracts().take(np.full(len(ids), 3))  # the row without a score on file
    names = {"contract_id": np.array(ids, object), "customer_id": np.array([f"K-{id}" for id in ids], object)}
    cases = type(wish)({**dict(wish.items()), **names})
    store = place.open()
    with writing(store) as connection:
        features = random_customers(churn, len(ids), 7, odd=(np.nan,))
        writer.save_contracts(connection, cases, features, writer.Source("m" * 64, NOON.date()))
    store.dispose()


def ask_all(server: Server, key: str, ids: Sequence[str], statuses: list[int]) -> None:
    """Every second connection is kept, the others are closed after each request.

    Whom a crowded store tells to come again comes again, as without any swap.
    """
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    kept = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for number, contract_id in enumerate(ids):
        connection = kept if number % 2 else http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        status = 503
        while status == 503:
            body = json.dumps({"contract_id": contract_id, "channel": "phone_in"})
            connection.request("POST", "/offer", body, headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        statuses.append(status)
        if connection is not kept:
            connection.close()


def seconds_to_follow(server: Server, version: str) -> float:
    """How long until a dozen connections in a row meet workers with this release."""
    began, met = time.monotonic(), 0
    while met < LOOKS and time.monotonic() - began < 2 * MOST_SECONDS_TO_FOLLOW:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("GET", "/ready")
        met = met + 1 if json.load(connection.getresponse())["release"] == version else 0
        connection.close()
    return time.monotonic() - began


def test_a_few_swaps_on_sqlite_fail_no_request(tmp_path: Path) -> None:
    swap_under_load(tmp_path, f"sqlite:///{tmp_path}/store.db", requests=200, swaps=4)


@pytest.mark.long
def test_twenty_swaps_fail_none_of_ten_thousand_requests(tmp_path: Path, postgresql_database: str) -> None:
    swap_under_load(tmp_path, postgresql_database, requests=10_000, swaps=20)


def swap_under_load(tmp_path: Path, database: str, requests: int, swaps: int) -> None:
    house, place = House(tmp_path), new_place(database, tmp_path)
    house.serve(house.first)
    ids = [f"C-{number}" for number in range(requests // 10)]
    add_contracts(place, house, ids)
    asked, statuses, followed = [*ids * 10], [], []
    with Server(place, releases=house.releases).running() as server:
        threads = [
            threading.Thread(target=ask_all, args=(server, place.keys[n], asked[n::CLIENTS], statuses))
            for n in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        for number in range(swaps):
            while len(statuses) < requests // 10 * (number + 1) // (swaps + 1):  # while new questions come
                time.sleep(0.005)
            version = (house.second, house.first)[number % 2]
            house.serve(version)
            followed.append(seconds_to_follow(server, version))
        for thread in threads:
            thread.join()
    assert statuses == [200] * requests
    assert max(followed) <= MOST_SECONDS_TO_FOLLOW
    assert_each_record_is_of_one_release(place, house)


def assert_each_record_is_of_one_release(place: Place, house: House) -> None:
    releases = {name: load_version(house.releases, house.keys, name) for name in (house.first, house.second)}
    store, named = place.open(), set()
    with reading(store) as connection:
        for page in queries.pages_of_decisions(connection):
            for row in page:
                record, release = orjson.loads(row.record), releases[row.model_version]
                columns = columns_of_records([record["features"]], release.churn.encoding)
                assert record["scores"]["p_churn_micro"] == round(float(release.churn.probability(columns)[0]) * MICRO)
                named.add(row.model_version)
    store.dispose()
    assert named == set(releases)
