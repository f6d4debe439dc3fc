"""An application in this process, whose rulebook and clock the test holds, over a store of either kind."""

import datetime
import random
import time
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from werkzeug.test import TestResponse

from api.app import create_app
from api.releases import Releases
from api.rulebooks import Rulebooks
from api.service import Service
from intake.rulebook import read_rulebook
from ledger import writer
from ledger.store import writing
from tests.api.world import HOSTS, NOON, ROOT, put_in_force
from tests.faults.crowds import Crowd
from tests.faults.operators import WISH, Place

LONGEST_HEAD_START_SECONDS = 0.02


@dataclass
class House:
    """An application over a store whose rulebook and clock the test holds; the agents' and a manager's keys."""

    service: Service
    chance: random.Random
    manager: str
    moment: list[datetime.datetime]
    crowd: Crowd = field(default_factory=lambda: Crowd(2))

    def __post_init__(self) -> None:
        self._client = create_app(self.service, HOSTS).test_client()

    def post(self, door: str, body: object, key: str, once: str = "") -> TestResponse:
        """One request, with its idempotency key `once` where the door wants one."""
        headers = {"Authorization": f"Bearer {key}", **({"Idempotency-Key": once} if once else {})}
        return self._client.post(door, json=body, headers=headers)

    def accept(self, named: object, key: str, once: str) -> TestResponse:
        """One acceptance."""
        return self.post("/accept", named, key, once)

    def offer_shown(self, contract_id: str, key: str) -> dict[str, str]:
        """An offer on the table that was shown."""
        asked = {"contract_id": contract_id, "channel": "phone_in", "wants": WISH}
        answer = self.post("/offer", asked, key).get_json()
        named = {"proposal_id": answer["proposal_id"], "offer_id": answer["offers"][0]["offer_id"]}
        named["digest"] = answer["digest"]
        assert self.post("/shown", {**named, "read_back": True}, key).status_code == 200
        return named

    def race(self, change: Callable[[], object], accept: Callable[[], TestResponse]) -> TestResponse:
        """Both at once, one of them with a small head start."""
        waits = [0.0, self.chance.uniform(0, LONGEST_HEAD_START_SECONDS)]
        self.chance.shuffle(waits)
        replies: list[TestResponse] = []

        def change_it() -> None:
            time.sleep(waits[0])
            change()

        def accept_it() -> None:
            time.sleep(waits[1])
            replies.append(accept())

        self.crowd.at_once([change_it, accept_it])
        return replies[0]


@contextmanager
def open_house(place: Place, seed: int) -> Iterator[House]:
    """A house over `place`, at noon."""
    store = place.open(8)
    put_in_force(store, read_rulebook(place.rulebook))
    with writing(store) as connection:
        manager = writer.create_key(connection, "manager-1", "manager")
    moment = [NOON]
    service = Service(
        store, Rulebooks(), Releases(None, ROOT), zoneinfo.ZoneInfo("Europe/Paris"), clock=lambda: moment[0]
    )
    found = House(service, random.Random(seed), manager, moment)
    yield found
    found.crowd.go()
    store.dispose()
