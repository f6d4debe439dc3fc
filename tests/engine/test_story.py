"""The story of DESIGN, case by case, through the kernel."""

import tomllib
from typing import Any

import pytest

from engine.answers import write_answer
from tests.engine.questions import ROOT, asked, shipped, verdict

STORY = tomllib.loads((ROOT / "tests/cases/story.toml").read_text())
RULEBOOK = shipped()


@pytest.mark.parametrize("case", STORY["case"], ids=lambda case: case["title"])
def test_the_story(case: dict[str, Any]) -> None:
    decisions = asked(RULEBOOK, {**STORY["customer"], **case["question"]})
    answer = write_answer(decisions, 0)
    for offer_id, rule in case.get("refused", {}).items():
        assert verdict(decisions, offer_id)[0] == rule
    for template, rule in case.get("why_not", {}).items():
        assert [refusal["rules"][0] for refusal in answer["why_not"] if refusal["template"] == template] == [rule]
    assert answer["stance"] == case.get("stance", answer["stance"])
    for name, value in case.get("first", {}).items():
        assert (answer["offers"][0][name] or "" if value == "" else answer["offers"][0][name]) == value


def test_with_an_open_fault_there_is_a_repair_and_nothing_to_sell() -> None:
    answer = write_answer(asked(RULEBOOK, {**STORY["customer"], "open_fault": "no signal"}), 0)
    assert answer["repair"] == {"fault": "no signal", "promise": None}
    assert answer["offers"] == answer["entitlements"] == answer["why_not"] == []
    assert "no signal" in answer["sentences"]["agent"]["fr"]


def test_the_secured_margin_of_the_story_is_its_floor_to_the_cent() -> None:
    wish = {"wants_device": "galaxy-a17", "wants_max_commitment_months": 12}
    decisions = asked(RULEBOOK, {**STORY["customer"], **wish})
    page, at = decisions.at(0)
    assert page.sheet.secured_cents[at, page.table.wish[at]] == (1492 - 400) * 12 + 1700 - 11900 - 500 == 2404


def test_a_top_up_of_20_39_in_the_catalogue_is_refused_one_cent_short() -> None:
    grid = "top_up_cents = [100, 1_990, 3_990, 5_990,"
    rulebook = shipped(offers=(grid, "top_up_cents = [2_039, 2_040, 3_990, 5_990,"))
    decisions = asked(rulebook, STORY["customer"])
    assert verdict(decisions, "phone.galaxy-a17.12m.top002039")[0] == "HOUSE-FLOOR-CENTS"
    assert "HOUSE-FLOOR-CENTS" not in verdict(decisions, "phone.galaxy-a17.12m.top002040")
    page, at = decisions.at(0)
    column = decisions.question.in_force.catalogue.column_of["phone.galaxy-a17.12m.top002039"]
    assert 2404 - page.sheet.secured_cents[at, column] == 1
