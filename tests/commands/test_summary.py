"""counteroffer summary: an offer in the fields of the template of Regulation (EU) 2019/2243, in three languages."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.fields import LANGUAGES
from tests.api.calls import Call
from tests.batch.world import ROOT
from tests.commands.desk import House, open_house

FIELDS = ["services", "speeds", "price", "duration", "disabilities", "other"]


@pytest.fixture
def house(tmp_path: Path, database: str) -> Iterator[House]:
    with open_house(database, tmp_path / "kept", tmp_path / "files") as opened:
        opened.bring_in(["ada"])
        yield opened


def summed_up(house: House, answer: dict[str, Any], offer: dict[str, Any], language: str) -> tuple[str, dict[str, Any]]:
    """(the text, the JSON) of one offer's summary."""
    out = house.files / "summary.txt"
    named = (answer["proposal_id"], offer["offer_id"])
    _, fault = house.call("summary", *named, "--language", language, "--out", str(out))
    assert fault is None, fault
    return out.read_text("utf-8"), json.loads(out.with_suffix(".json").read_text("utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_offer_fills_the_fields_of_the_template_in_their_order(house: House, language: str) -> None:
    answer = Call(house.operator, contract_id="ada-line").ask()
    say = tomllib.loads((ROOT / f"rulebook/texts/{language}.toml").read_text("utf-8"))["summary"]
    assert answer["offers"]
    for offer in answer["offers"]:
        text, told = summed_up(house, answer, offer, language)
        assert list(told) == ["language", *FIELDS]
        assert (told["speeds"], told["disabilities"]) == ([say["not_known"]], [say["not_known"]])
        headings = [text.index(f"\n{say[name]}\n") for name in FIELDS]
        assert headings == sorted(headings)
        assert offer["offer_id"] in told["other"][0]


def test_leaving_is_told_month_by_month_and_where_no_law_caps_it(house: House) -> None:
    answer = Call(house.operator, contract_id="ada-line").ask()
    offer = next(one for one in answer["offers"] if one["commitment_months"] == 24)
    _, told = summed_up(house, answer, offer, "en")
    months = [line for line in told["duration"] if line.startswith("Leaving after")]
    assert len(months) == 25
    assert months[24] == "Leaving after 24 months costs at most €0.00."
    assert told["duration"][-1].startswith("Until the end of month 12 the law sets no cap")


def test_of_an_offer_that_was_not_made_that_is_said(house: House) -> None:
    _, fault = house.call("summary", "none", "none", "--out", str(house.files / "none.txt"))
    assert [one.code for one in fault.faults] == ["no-input"]
