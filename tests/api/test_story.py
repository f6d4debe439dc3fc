"""The story of DESIGN, case by case, over the API: facts on file, the wish and the contact in the request."""

import datetime
import tomllib
from typing import Any

import pytest

from engine.fields import CONTACT, WANTS
from ledger import writer
from ledger.store import writing
from tests.api.world import ROOT, Operator
from tests.engine.questions import customers

STORY = tomllib.loads((ROOT / "tests/cases/story.toml").read_text())
ASKED = {field.name for field in (*WANTS, *CONTACT)}


def put_on_file(operator: Operator, facts: dict[str, Any]) -> None:
    source = writer.Source("m" * 64, datetime.date(2026, 11, 23))
    with writing(operator.service.store) as connection:
        writer.save_contracts(connection, customers(facts), {}, source)


def body_of(question: dict[str, Any]) -> dict[str, Any]:
    wants = {name.removeprefix("wants_"): value for name, value in question.items() if name.startswith("wants_")}
    contact = {field.name: question[field.name] for field in CONTACT if field.name in question}
    return {"contract_id": "story", **contact, **({"wants": wants} if wants else {})}


@pytest.mark.parametrize("case", STORY["case"], ids=lambda case: case["title"])
def test_the_story(operator: Operator, case: dict[str, Any]) -> None:
    facts = {name: value for name, value in case["question"].items() if name not in ASKED}
    put_on_file(operator, {**STORY["customer"], **facts})
    answer = operator.client.post("/offer", json=body_of(case["question"]), headers=operator.headers()).get_json()
    assert answer["stance"] == case.get("stance", answer["stance"])
    for template, rule in case.get("why_not", {}).items():
        assert [refusal["rules"][0] for refusal in answer["why_not"] if refusal["template"] == template] == [rule]
    for name, value in case.get("first", {}).items():
        assert (answer["offers"][0][name] or "" if value == "" else answer["offers"][0][name]) == value
