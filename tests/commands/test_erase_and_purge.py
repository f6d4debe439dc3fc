"""Who is erased is found nowhere; what is old is deleted; the journal holds, and says what was done."""

import datetime
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from commands.main import main
from engine.errors import Faults
from ledger import queries
from ledger.store import reading, writing
from ledger.tables import bodies, cases, decisions, events, outbox, replies
from tests.api.calls import Call, named, problem
from tests.api.world import HOSTS, NOON, create_app
from tests.commands.desk import House, open_house
from tests.databases import PostgreSQL

NAME = b"SENTINEL"


@pytest.fixture
def house(database: str, tmp_path: Path) -> Iterator[House]:
    with open_house(database, tmp_path / "kept", tmp_path / "files") as opened:
        yield opened


@pytest.fixture
def in_a_file(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "kept").mkdir()
    with open_house(f"sqlite:///{tmp_path}/kept/store.db", tmp_path / "kept", tmp_path / "files") as opened:
        yield opened


def codes_of(error: BaseException | None) -> list[str]:
    assert isinstance(error, Faults)
    return [fault.code for fault in error.faults]


def erase_them_all(house: House, people: int) -> None:
    names = [f"SENTINEL{number:04d}" for number in range(people)]
    house.bring_in([*names, "REMAINS"])
    for number, name in enumerate([*names, "REMAINS"]):
        house.live(name, accepts=number % 2 == 0)
    house.bring_in(names)  # a second import leaves the rows of the first in free pages
    house.deliver_everything()
    house.call("audit", "anchor")
    assert house.call("erase", *(f"{name}-line" for name in names)) == ({"erased": people}, None)
    found, _ = house.call("audit", "verify")
    assert found["events"] >= found["anchored_to"] > 5 * people
    replayed, _ = house.call("replay", "--all")
    assert (replayed["erased"], replayed["differ"]) == (
        2 * people + people // 2,
        0,
    )  # a refusal is followed by a decision
    assert replayed["replayed"] == 2
    house.call("purge", "--dry-run")


@pytest.mark.parametrize("people", [50, pytest.param(1_000, marks=pytest.mark.long)])
def test_of_people_who_were_erased_nothing_is_found(
    in_a_file: House, people: int, caplog: pytest.LogCaptureFixture
) -> None:
    erase_them_all(in_a_file, people)
    kept = in_a_file.kept()
    assert {"store.db", "anchors.jsonl", "said"} <= set(kept)
    assert any(b"REMAINS" in content for content in kept.values())
    assert {name: content.count(NAME) for name, content in kept.items() if NAME in content} == {}
    assert NAME.decode() not in caplog.text


@pytest.mark.long
def test_of_people_who_were_erased_nothing_is_found_in_the_files_of_postgresql(
    postgresql: PostgreSQL, postgresql_database: str, tmp_path: Path
) -> None:
    with open_house(postgresql_database, tmp_path / "kept", tmp_path / "files") as house:
        erase_them_all(house, 50)
        kept = house.kept()
        house.store.dispose()
    postgresql.do("CHECKPOINT", "CHECKPOINT")
    for path in (postgresql.folder / "data" / "base").rglob("*"):
        kept[str(path)] = path.read_bytes() if path.is_file() else b""
    assert any(b"REMAINS" in content for content in kept.values())
    assert [name for name, content in kept.items() if NAME in content] == []


def test_a_proposal_of_an_erased_customer_is_gone_and_the_contract_not_found(house: House) -> None:
    house.bring_in(["ADA"])
    answer = Call(house.operator, contract_id="ADA-line").ask()
    house.call("erase", "ADA-line")
    call = Call(house.operator, contract_id="ADA-line")
    assert problem(call.post("/shown", {**named(answer), "read_back": True})) == (410, "erased")
    assert problem(call.post("/accept", named(answer), **{"Idempotency-Key": "k"})) == (410, "erased")
    assert problem(call.post("/offer", {"contract_id": "ADA-line", "channel": "shop"})) == (404, "not-found")
    unknown = {**named(answer), "proposal_id": "0" * 32}
    assert problem(call.post("/shown", {**unknown, "read_back": True})) == (404, "not-found")


def test_the_decision_of_an_erased_customer_says_so_and_is_no_difference(house: House) -> None:
    house.bring_in(["ADA", "BEA"])
    answers = {name: Call(house.operator, contract_id=f"{name}-line").ask() for name in ("ADA", "BEA")}
    house.call("erase", "ADA-line")
    assert codes_of(house.call("replay", answers["ADA"]["decision_id"])[1]) == ["erased"]
    said, _ = house.call("replay", "--all")
    assert said == {"replayed": 1, "differ": 0, "erased": 1, "purged": 0}


def test_all_contracts_of_a_customer_are_erased_at_once(house: House) -> None:
    house.bring_in(["ADA", "BEA"])
    assert house.call("erase", "--customer", "ADA-payer") == ({"erased": 1}, None)
    with reading(house.store) as connection:
        assert queries.find_contract(connection, "ADA-line") is None
        assert queries.find_contract(connection, "BEA-line") is not None
        told = connection.execute(select(events).where(events.c.kind == "erased")).one()
    assert (told.details, told.about, told.body_digest) == ("{}", "", None)


def test_who_is_still_needed_is_not_erased_and_nobody_else_either(house: House) -> None:
    house.bring_in(["ADA", "BEA"])
    house.live("ADA", accepts=True)
    refused = house.call("erase", "BEA-line", "ADA-line", "nobody")[1]
    assert codes_of(refused) == ["still-needed", "no-input"]
    assert "1 messages on its orders are not delivered yet" in str(refused)
    with reading(house.store) as connection:
        assert queries.find_contract(connection, "BEA-line") is not None
    house.deliver_everything()
    assert house.call("erase", "BEA-line", "ADA-line") == ({"erased": 2}, None)


def test_who_was_erased_and_comes_back_is_somebody_new(house: House) -> None:
    house.bring_in(["ADA"])
    first = Call(house.operator, contract_id="ADA-line").ask()
    house.call("erase", "ADA-line")
    house.bring_in(["ADA"])
    again = Call(house.operator, contract_id="ADA-line").ask()
    assert again["decision_id"] != first["decision_id"]
    house.call("audit", "anchor")
    assert house.call("audit", "verify")[1] is None


def test_a_body_that_was_erased_and_is_there_again_is_seen(house: House) -> None:
    house.bring_in(["ADA"])
    Call(house.operator, contract_id="ADA-line").ask()
    with reading(house.store) as connection:
        kept = connection.execute(select(bodies)).mappings().all()
    house.call("erase", "ADA-line")
    house.call("audit", "anchor")
    with writing(house.store) as connection:
        connection.execute(bodies.insert(), [dict(row) for row in kept])
    assert "its body is there, and its customer was erased" in str(house.call("audit", "verify")[1])


def at(house: House, moment: datetime.datetime) -> House:
    """The same house with another clock on the wall."""
    service = replace(house.operator.service, clock=lambda: moment)
    operator = replace(house.operator, service=service, client=create_app(service, HOSTS).test_client())
    return replace(house, operator=operator)


YEARS_AGO = {years: NOON.replace(year=NOON.year - years) for years in (2, 4, 6)}


@pytest.fixture
def old(house: House) -> House:
    """Three people, whose last contacts lie two, four and six years back."""
    house.bring_in(["SIX", "FOUR", "TWO"])
    for name, years in (("SIX", 6), ("FOUR", 4), ("TWO", 2)):
        at(house, YEARS_AGO[years]).live(name, accepts=True)
    with writing(house.store) as connection:
        connection.execute(update(outbox).values(delivered_at="2026-11-23T12:00:00.000000Z"))
    house.call("audit", "anchor")
    return house


def test_what_was_kept_for_long_enough_is_deleted_and_the_journal_holds(old: House) -> None:
    looked, _ = old.call("purge", "--dry-run", "--as-of", "2026-11-22")
    assert looked == {"decisions": 2, "contacts": 2, "cases": 2, "replies": 2, "messages": 2, "dry_run": True}
    assert old.call("purge", "--as-of", "2026-11-22") == ({**looked, "dry_run": False}, None)
    assert old.call("audit", "verify")[1] is None
    replayed, _ = old.call("replay", "--all")
    assert replayed == {"replayed": 4, "differ": 0, "erased": 0, "purged": 2}
    again, _ = old.call("purge", "--as-of", "2026-11-22")
    assert set(again.values()) == {0}


def test_a_purge_says_which_events_it_covered(old: House) -> None:
    old.call("purge", "--as-of", "2026-11-22")
    with reading(old.store) as connection:
        told = connection.execute(select(events.c.details).where(events.c.kind == "purged")).scalars().all()
        assert connection.execute(select(func.count()).select_from(decisions)).scalar_one() == 6
        blank = connection.execute(select(func.count()).where(decisions.c.answer_digest == "")).scalar_one()
        left = connection.execute(select(cases.c.wants, cases.c.heard)).all()
    assert ['"keeping":"decisions"' in each for each in told] == [True, False]
    assert all('"before":"20' in each and '"first":' in each and '"last":' in each for each in told)
    assert blank == 2
    assert sorted(row.wants == "null" for row in left) == [False, True, True]


def test_a_second_acceptance_is_refused_when_the_reply_to_the_first_is_gone(house: House) -> None:
    house.bring_in(["ADA"])
    then = at(house, YEARS_AGO[6])
    answer = then.live("ADA", accepts=True)
    house.deliver_everything()
    house.call("purge", "--as-of", "2026-11-22")
    with reading(house.store) as connection:
        assert connection.execute(select(func.count()).select_from(replies)).scalar_one() == 0
    again = Call(then.operator, contract_id="ADA-line").accept(answer, key="ADA-key")
    assert problem(again) == (409, "already-accepted")


@pytest.mark.parametrize("arguments", [["erase"], ["purge", "--as-of", "2199-01-01"]])
def test_what_cannot_be_meant_is_a_usage_error(
    in_a_file: House, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in in_a_file.environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == os.EX_USAGE
