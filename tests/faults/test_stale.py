"""What has changed between the offer and the acceptance counts: nothing is accepted that the house no longer allows."""

import datetime
import re
from collections import Counter
from functools import partial

import pytest
from sqlalchemy import Engine, func, select
from werkzeug.test import TestResponse

from api.service import at_desk
from engine.rulebook import Rulebook, parse_rulebook
from ledger import writer
from ledger.keys import KeyHolder
from ledger.store import reading, writing
from ledger.tables import acceptances, events
from tests.api.world import NOON, put_in_force
from tests.faults.conftest import Figure
from tests.faults.houses import House
from tests.faults.operators import PHONE, Place
from tests.faults.records import doubled, flaw_of_journal

STALE = {"no-longer-allowed", "offer-expired", "sold-out", "needs-approval", "unauthenticated"}


def changed(rulebook: Rulebook, name: str, value: int) -> Rulebook:
    """The same rulebook with another number of house policy, from the first day on."""
    texts = dict(rulebook.texts)
    found = re.compile(rf"(\[{name}\]\n.*?values = \[\{{ from = [0-9-]+, value = )[-0-9_]+", re.DOTALL)
    texts["policy.toml"], times = found.subn(rf"\g<1>{value}", texts["policy.toml"], count=1)
    assert times == 1
    return parse_rulebook(texts)


def code(reply: TestResponse) -> str:
    """What was answered: `accepted`, or the code of the problem."""
    body = reply.get_json(force=True)
    return "accepted" if reply.status_code == 201 else str(body["type"]).removeprefix("/problems/")


def sequence(store: Engine, kind: str, about: str) -> int:
    """Where the last event of a kind on something stands in the journal; 0 where there is none."""
    mine = (events.c.kind == kind) & (events.c.about == about)
    with reading(store) as connection:
        return connection.execute(select(func.max(events.c.sequence)).where(mine)).scalar() or 0


@pytest.mark.shows("B11")
@pytest.mark.parametrize("name", ["floor_cents_12", "depth_cents_agent"])
def test_a_tighter_rulebook_accepts_nothing_it_does_not_allow(
    place: Place, house: House, soak: bool, name: str, figure: Figure
) -> None:
    rounds, key, seen = 1_000 if soak else 200, place.keys[0], Counter[str]()
    place.add_contracts([f"C-{number}" for number in range(rounds)])
    store, loose = house.service.store, house.service.rulebook
    tight = changed(loose, name, 900_000 if name.startswith("floor") else 0)
    for number in range(rounds):
        put_in_force(store, loose)
        named = house.offer_shown(f"C-{number}", key)
        accept = partial(house.accept, named, key, f"k-{number}")
        seen[code(house.race(partial(put_in_force, store, tight), accept))] += 1
        tightened = sequence(store, "rulebook_activated", tight.digest)
        assert sequence(store, "accepted", named["proposal_id"]) < tightened
        assert code(house.accept(named, key, f"late-{number}")) != "accepted"
    assert set(seen) <= {"accepted", "no-longer-allowed", "needs-approval", "dependency-unavailable"}
    assert sum(seen[word] for word in STALE)
    _check(house)
    figure(f"{rounds} races under another {name}: {dict(seen)}; 0 stale accepted")


@pytest.mark.shows("B11")
def test_a_refused_approval_or_a_revoked_key_stops_what_comes_after_it(
    place: Place, house: House, soak: bool, figure: Figure
) -> None:
    rounds, seen = 1_000 if soak else 200, Counter[str]()
    store = house.service.store
    place.add_contracts([f"C-{number}" for number in range(rounds)])
    for number in range(rounds):
        with writing(store) as connection:
            key = writer.create_key(connection, f"temp-{number}", "agent")
        prefix = key.split("_")[1]
        named = house.offer_shown(f"C-{number}", key)
        accept = partial(house.accept, named, key, "once")
        refuse = partial(house.post, "/approval", {**named, "verdict": "refused"}, house.manager)
        found = code(house.race(refuse if number % 2 else partial(revoke, store, prefix), accept))
        seen[found] += 1
        stopped = (
            sequence(store, "refused", named["proposal_id"]) if number % 2 else sequence(store, "key_revoked", prefix)
        )
        accepted = sequence(store, "accepted", named["proposal_id"])
        assert not (accepted and stopped and accepted > stopped), f"accepted at {accepted}, stopped at {stopped}"
        assert (found == "accepted") is bool(accepted)
    _check(house)
    figure(f"{rounds} races with a refusal or a revoked key: {dict(seen)}; 0 stale accepted")


def revoke(store: Engine, prefix: str) -> None:
    with writing(store) as connection:
        assert writer.revoke_key(connection, prefix)


@pytest.mark.shows("B11")
def test_nothing_is_accepted_after_its_last_day(place: Place, house: House, soak: bool, figure: Figure) -> None:
    rounds, key, seen = 1_000 if soak else 200, place.keys[0], Counter[str]()
    place.add_contracts([f"C-{number}" for number in range(rounds)])
    zone, store = house.service.zone, house.service.store
    for number in range(rounds):
        house.moment[0] = NOON
        named = house.offer_shown(f"C-{number}", key)
        last_day = NOON.astimezone(zone).date() + datetime.timedelta(_days_valid(house))
        midnight = datetime.datetime.combine(last_day + datetime.timedelta(1), datetime.time.min, zone)
        house.moment[0] = midnight - datetime.timedelta(seconds=1)
        _call_again(house, KeyHolder("agent-0", "agent", key.split("_")[1]), f"C-{number}")
        accept = partial(house.accept, named, key, f"k-{number}")
        strike = partial(house.moment.__setitem__, 0, midnight)
        seen[code(house.race(strike, accept))] += 1
        assert code(house.accept(named, key, f"late-{number}")) != "accepted"
        with reading(store) as connection:
            at = connection.execute(
                select(acceptances.c.accepted_at).where(acceptances.c.proposal_id == named["proposal_id"])
            ).scalar()
        assert at is None or datetime.datetime.fromisoformat(at) < midnight
    assert set(seen) <= {"accepted", "offer-expired"}
    _check(house)
    figure(f"{rounds} races with the end of the last day: {dict(seen)}; 0 stale accepted")


def _call_again(house: House, holder: KeyHolder, contract_id: str) -> None:
    """The same agent speaks with the customer again; a question would be decided anew on another day."""
    with at_desk(house.service, holder, contract_id) as desk:
        contact = writer.Contact(desk.by, "phone_in", desk.moment, 30)
        writer.append(desk.connection, desk.now, *writer.open_interaction(desk.connection, desk.case, contact))


def _days_valid(house: House) -> int:
    return int(house.service.in_force().policy["offer_valid_days"])


@pytest.mark.shows("B11", "A7")
def test_a_phone_that_is_gone_is_not_accepted(place: Place, house: House, soak: bool, figure: Figure) -> None:
    rounds, key, seen = 1_000 if soak else 200, place.keys[0], Counter[str]()
    place.add_contracts([f"C-{number}" for number in range(2 * rounds)])
    store, texts = house.service.store, dict(house.service.rulebook.texts)
    texts["devices.toml"] = re.sub(rf"(\[{PHONE}\][^\[]*?stock = )\d+", r"\g<1>1", texts["devices.toml"])
    book = parse_rulebook(texts)
    put_in_force(store, book)
    for number in range(rounds):
        both = [house.offer_shown(f"C-{2 * number + one}", key) for one in (0, 1)]
        first, second = [partial(house.accept, named, key, named["proposal_id"]) for named in both]
        replies: list[TestResponse] = []
        replies.append(house.race(lambda: replies.append(first()), second))  # noqa: B023
        found = sorted(code(reply) for reply in replies)
        assert found[0] == "accepted", found
        seen[found[1]] += 1
        winner = next(reply.get_json()["proposal_id"] for reply in replies if code(reply) == "accepted")
        back = {"proposal_id": winner, "by": "customer", "because": "changed_mind"}
        assert house.post("/withdraw", back, key, f"back-{number}").status_code in (200, 201)
    assert set(seen) <= {"sold-out", "no-longer-allowed"}
    _check(house)
    figure(f"{rounds} races for the last phone of a shelf: the other hears {dict(seen)}; 0 stale accepted")


def _check(house: House) -> None:
    assert doubled(house.service.store) == []
    assert flaw_of_journal(house.service.store) is None
