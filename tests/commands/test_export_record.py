"""counteroffer export-record: a customer's own record in plain words, with nothing of the house in it."""

import json
import re
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from commands.own_record import PERSONAL, in_plain_words
from engine.fields import LANGUAGES
from engine.texts import Writer
from ledger.store import reading
from ledger.tables import events
from tests.api.calls import Call
from tests.batch.world import ROOT
from tests.commands.desk import House, open_house

OF_THE_HOUSE = (
    "secured_cents",
    "floor_cents",
    "depth_cents",
    "cost_to_serve",
    "value_cents",
    "margin",
    "marge",
    "may_approve",
    "needs_approval",
    "missing_cents",
    "agent_id",
    "shop-12",
    "HOUSE-FLOOR",
)


@pytest.fixture
def house(tmp_path: Path, database: str) -> Iterator[House]:
    with open_house(database, tmp_path / "kept", tmp_path / "files") as opened:
        opened.bring_in(["ada", "bob"])
        yield opened


def export(house: House, name: str, *more: str) -> tuple[str, dict[str, Any]]:
    """(the text, the JSON beside it) of one person's own record."""
    out = house.files / "record.txt"
    _, fault = house.call("export-record", f"{name}-line", "--out", str(out), *more)
    assert fault is None, fault
    return out.read_text("utf-8"), json.loads(out.with_suffix(".json").read_text("utf-8"))


def test_all_that_was_said_decided_accepted_and_promised_stands_in_it(house: House) -> None:
    last = house.live("ada", accepts=True)
    text, record = export(house, "ada", "--language", "en")
    assert {fact["fact"] for fact in record["on_file"]} >= {"contract_id", "customer_id", "price_cents", "language"}
    assert "ada-street" in record["read_for_an_estimate"].values()
    assert [one["decision_id"] for one in record["decisions"]][-1] == last["decision_id"]
    assert last["offers"][0]["sentences"]["customer"]["en"] in text
    assert last["best_tariff"]["sentences"]["customer"]["en"] in text
    assert [one["offer_id"] for one in record["accepted"]] == [last["offers"][0]["offer_id"]]
    assert {one["kind"] for one in record["promised"]} >= {"repair"}
    assert "ada has no signal at home" in text
    assert "look" in text.splitlines()[-1]


def test_nothing_of_the_house_and_of_others_stands_in_it(house: House) -> None:
    house.live("bob", accepts=False)
    house.live("ada", accepts=False)
    text, record = export(house, "ada")
    for written in (text, json.dumps(record)):
        assert "bob" not in written
        for word in OF_THE_HOUSE:
            assert word not in written, word
    roles = {one["role"] for one in (*record["decisions"], *record["happened"])}
    assert roles <= {"agent", "supervisor", "manager", "auditor", "system"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_written_in_the_language_asked_for(house: House, language: str) -> None:
    house.live("ada", accepts=False)
    text, record = export(house, "ada", "--language", language)
    phrases = tomllib.loads((ROOT / f"rulebook/texts/{language}.toml").read_text("utf-8"))["own_record"]
    assert record["language"] == language
    for name in ("on_file", "decisions", "happened", "rights"):
        assert phrases[name] in text
    assert not re.search(r"[{}]", text)


def test_the_text_holds_words_and_no_codes(house: House) -> None:
    house.signal("ada", kind="port_requested")
    text, record = export(house, "ada", "--language", "fr")
    assert "la raison du dernier contact: une demande de portabilité" in text
    assert "la langue: français" in text
    assert "None" not in text
    assert not re.search(r": *$", text, re.M)
    known = {name for name, value in record["read_for_an_estimate"].items() if value not in (None, "")}
    assert all(f"- {name}: " in text for name in known)


def test_under_a_rulebook_that_has_no_word_for_a_code_the_code_stands(house: House) -> None:
    _, record = export(house, "ada", "--language", "fr")
    phrases = tomllib.loads((ROOT / "rulebook/texts/fr.toml").read_text("utf-8"))
    older = {name: words for name, words in phrases.items() if name not in ("reason_for_contact", "language")}
    assert "la langue: fr" in in_plain_words(record, Writer("fr", older))


def test_what_was_assumed_of_anybody_is_told_as_no_estimate_of_the_customer(house: House) -> None:
    Call(house.operator, contract_id="ada-line").ask()
    text, record = export(house, "ada", "--language", "fr")
    writer = Writer("fr", tomllib.loads((ROOT / "rulebook/texts/fr.toml").read_text("utf-8")))
    assumed = [{**one, "p_churn_source": "assumed"} for one in record["decisions"]]
    assert "Nous avons estimé" in text
    assert "Nous avons estimé" not in in_plain_words({**record, "decisions": assumed}, writer)


def test_after_an_objection_it_tells_no_estimate_of_any_later_decision(house: House) -> None:
    house.signal("ada", kind="contact", channel="phone_in")
    call = Call(house.operator, contract_id="ada-line")
    call.ask()
    house.signal("ada", kind="objection")
    call.ask()
    _, record = export(house, "ada")
    first, last = record["decisions"][0], record["decisions"][-1]
    assert (first["p_churn"] is None, last["p_churn"], last["tastes"]) == (False, None, None)


def test_the_files_are_for_the_eyes_of_who_wrote_them_and_the_export_is_on_record(house: House) -> None:
    export(house, "ada")
    for name in ("record.txt", "record.json"):
        assert stat.S_IMODE((house.files / name).stat().st_mode) == 0o600
    with reading(house.store) as connection:
        kinds = connection.execute(select(events.c.kind, events.c.details)).all()
    assert ("record_exported", "{}") in [tuple(one) for one in kinds]


def test_of_who_is_not_on_file_that_is_said(house: House) -> None:
    out = house.files / "none.txt"
    for name in ("nobody", "../etc"):
        _, fault = house.call("export-record", name, "--out", str(out))
        assert [one.code for one in fault.faults] == ["no-input"]
    assert not out.exists()


def test_every_fact_of_a_customer_has_words_in_every_language() -> None:
    for language in LANGUAGES:
        words = tomllib.loads((ROOT / f"rulebook/texts/{language}.toml").read_text("utf-8"))["fact"]
        assert {field.name for field in PERSONAL} <= set(words)
