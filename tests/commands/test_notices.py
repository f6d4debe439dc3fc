"""counteroffer notices: everybody who is due, nobody twice, in their language; the journal knows, and calls read it."""

import csv
import datetime
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from ledger import writer
from ledger.store import reading, writing
from ledger.tables import events
from tests.api.calls import Call
from tests.commands.desk import House, open_house
from tests.engine.questions import customers

AS_OF = datetime.date(2026, 11, 22)
WITHIN = 60


@pytest.fixture
def house(tmp_path: Path, database: str) -> Iterator[House]:
    with open_house(database, tmp_path / "kept", tmp_path / "files") as opened:
        yield opened


def bring_in(house: House, people: list[dict[str, Any]]) -> None:
    """Contracts on file, by their facts."""
    with writing(house.store) as connection:
        writer.save_contracts(connection, customers(*people), {}, writer.Source("m" * 64, AS_OF))


def give(house: House, as_of: datetime.date = AS_OF) -> list[dict[str, str]]:
    """The rows of the file of notices of one day."""
    out = house.files / "notices.csv"
    _, fault = house.call("notices", "--as-of", str(as_of), "--ends-within", str(WITHIN), "--out", str(out))
    assert fault is None, fault
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with out.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def person(number: int, ends: datetime.date | None = None, **facts: Any) -> dict[str, Any]:
    return {"contract_id": f"C-{number}", "customer_id": f"K-{number}", "commitment_end": ends, **facts}


def test_who_is_told_what_on_each_side_of_every_bound(house: House) -> None:
    day = datetime.timedelta(1)
    last, year = AS_OF + WITHIN * day, datetime.date(2025, 11, 22)
    bring_in(
        house,
        [
            person(0, AS_OF),
            person(1, AS_OF - day),
            person(2, last),
            person(3, last + day),
            person(4),
            person(5, best_tariff_notice_on=year),
            person(6, best_tariff_notice_on=year + day),
            person(7, last, best_tariff_notice_on=AS_OF - day),
            person(8, contract_ended_on=AS_OF - day),
            person(9, contract_ended_on=AS_OF),
        ],
    )
    end, best = "end_of_commitment", "best_tariff"
    told = {row["contract_id"]: row["kind"] for row in give(house)}
    assert told == {"C-0": end, "C-1": best, "C-2": end, "C-3": best, "C-4": best, "C-5": best, "C-9": best}


def test_the_words_are_the_customers_own_and_hold_the_end_and_the_best_tariff(house: House) -> None:
    usage = {
        **{"data_mb_per_month": 1_500, "voice_minutes_per_month": 60, "international_minutes_per_month": 0},
        "sms_per_month": 5,
    }
    bring_in(house, [person(n, AS_OF, language=one, **usage) for n, one in enumerate(("fr", "nl", "en"))])
    french, dutch, english = give(house)
    assert "22 novembre 2026" in french["text"]
    assert "22 november 2026" in dutch["text"]
    assert "22 November 2026" in english["text"]
    assert english["text"].endswith("the 2 GB tariff would cost you €7.99 a month, €9.91 less than today.")
    assert (english["tariff"], english["monthly_cents"], english["saves_cents"]) == ("mobile-2gb", "799", "991")


def test_where_usage_is_not_on_file_the_notice_says_so_and_invents_nothing(house: House) -> None:
    bring_in(house, [person(0, AS_OF, language="en")])
    [row] = give(house)
    assert "We cannot say which of our tariffs is the best for you" in row["text"]
    assert row["tariff"] == ""


def test_nobody_is_told_twice_and_the_next_end_is_told_again(house: House) -> None:
    bring_in(house, [person(0, AS_OF), person(1)])
    assert len(give(house)) == 2
    assert give(house) == []
    bring_in(house, [person(0, AS_OF + datetime.timedelta(3)), person(1)])
    assert [(row["contract_id"], row["kind"]) for row in give(house)] == [("C-0", "end_of_commitment")]


def test_of_a_thousand_people_everybody_who_is_due_is_told_once(house: House) -> None:
    random = Random(7)
    people = []
    for number in range(1_000):
        ends = random.choice((None, AS_OF + datetime.timedelta(random.randint(-90, 200))))
        before = random.choice((None, None, AS_OF - datetime.timedelta(random.randint(0, 800))))
        people.append(person(number, ends, best_tariff_notice_on=before))
    bring_in(house, people)
    told = {row["contract_id"]: row["kind"] for row in give(house)}
    expected = {}
    for one in people:
        ends, before = one["commitment_end"], one["best_tariff_notice_on"]
        lately = before is not None and before > datetime.date(2025, 11, 22)
        soon = ends is not None and 0 <= (ends - AS_OF).days <= WITHIN
        knows = before is not None and soon and before > ends.replace(year=ends.year - 1)
        if soon and not knows:
            expected[one["contract_id"]] = "end_of_commitment"
        elif not lately:
            expected[one["contract_id"]] = "best_tariff"
    assert told == expected
    assert give(house) == []


def test_the_journal_knows_of_it_without_a_name_and_holds(house: House) -> None:
    bring_in(house, [person(0, AS_OF)])
    give(house)
    with reading(house.store) as connection:
        [event] = connection.execute(select(events).where(events.c.kind == "notified")).all()
    told = {"kind": "end_of_commitment", "notice_on": "2026-11-22", "ends_on": "2026-11-22"}
    assert orjson.loads(event.details) == told
    assert "C-0" not in json.dumps(tuple(event))
    assert "K-0" not in json.dumps(tuple(event))
    house.call("audit", "anchor")
    assert house.call("audit", "verify")[1] is None


def test_a_call_of_ours_reads_that_the_notice_has_gone_out(house: House) -> None:
    bring_in(house, [person(0, AS_OF), person(1, AS_OF)])
    before, after = (Call(house.operator, contract_id=f"C-{n}", channel="phone_out") for n in (0, 1))
    assert "EU-BEST" in before.ask()["call"]["unchecked"]
    give(house)
    assert "EU-BEST" not in after.ask()["call"]["unchecked"]
