"""Arm and chance are on record for every step, and nothing that anybody is told says or shows them."""

import datetime
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
import pytest
from sqlalchemy import Row, select

from engine.rulebook import parse_rulebook
from engine.tables import MICRO, Cases, objects
from ledger import writer
from ledger.replay import replay
from ledger.store import reading, writing
from ledger.tables import bodies, decisions
from tests.api.calls import Call
from tests.api.world import NOON, ROOT, Operator, make_operator, read_texts
from tests.databases import open_migrated
from tests.engine.chances import texts_left_to_chance

CUSTOMERS = 60
RULEBOOK = parse_rulebook(texts_left_to_chance(read_texts(ROOT / "rulebook"), control=0.4, explore=0.4))
TELLING = re.compile(
    r"(?<![a-z])(arm|arms|control|explor\w*|probability\w*|random\w*|lot|draw\w*|drawn|chance_salt|near_value)(?![a-z])"
)
"""Words that would give it away; `p_churn` and `p_accept` are chances of the customer's."""
CANDIDATE = "discount.12m.-300x12"
TERMS = {"discount_cents": 200, "commitment_months": 0}


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """Sixty customers alike but for the account, of whom half are in the control group and the others explore."""
    store = open_migrated(f"sqlite:///{tmp_path_factory.mktemp('operator')}/store.db")
    alike = {
        "contract_id": objects([f"C-{index}" for index in range(CUSTOMERS)]),
        "customer_id": objects([f"P-{index}" for index in range(CUSTOMERS)]),
        "price_cents": np.full(CUSTOMERS, 1_490),
        "cost_to_serve_cents": np.full(CUSTOMERS, 400),
        "customer_since": np.full(CUSTOMERS, np.datetime64("2020-11-01")),
        "p_churn": np.full(CUSTOMERS, 0.3),
        "p_churn_window_months": np.full(CUSTOMERS, 6),
    }
    with writing(store) as connection:
        writer.save_contracts(connection, Cases(alike), {}, writer.Source("m" * 64, NOON.date(), []))
    yield make_operator(store, RULEBOOK)
    store.dispose()


@pytest.fixture(scope="module")
def told(operator: Operator) -> dict[str, dict[str, Any]]:
    """All that an agent is told of each customer, by contract and door."""
    return {f"C-{index}": _all_doors(Call(operator, contract_id=f"C-{index}")) for index in range(CUSTOMERS)}


def _all_doors(call: Call) -> dict[str, Any]:
    offer = call.ask(reason_for_contact="wants_to_leave")
    door = f"/decision/{offer['decision_id']}"
    asked = {"contract_id": call.contract_id}
    return {
        "/offer": offer,
        "/why": call.get(f"{door}/why").get_json(),
        "/why-not": call.get(f"{door}/why-not/{CANDIDATE}").get_json(),
        "/offer/check": call.post("/offer/check", {**asked, "terms": TERMS}).get_json(),
        "/what-if": call.post("/what-if", {**asked, "channel": "shop"}).get_json(),
        "/case": call.get(f"/case/{call.contract_id}").get_json(),
    }


def on_record(operator: Operator) -> list[Row[Any]]:
    with reading(operator.service.store) as connection:
        found = select(decisions, bodies.c.content.label("record"), bodies.c.answer)
        joined = found.join_from(decisions, bodies, decisions.c.sequence == bodies.c.sequence)
        return list(connection.execute(joined.order_by(decisions.c.sequence)))


def arms_of(operator: Operator) -> dict[str, set[str]]:
    """The contracts of each arm, as first decided."""
    found: dict[str, set[str]] = {}
    for row in on_record(operator):
        found.setdefault(row.arm, set()).add(orjson.loads(row.answer)["contract_id"])
    return found


def pointers(value: Any, at: str = "") -> set[str]:
    """Where something stands in an answer, whatever it is; one place for all entries of a list."""
    if isinstance(value, dict):
        return {at}.union(*(pointers(item, f"{at}/{name}") for name, item in value.items()))
    if isinstance(value, list):
        return {at}.union(*(pointers(item, f"{at}/*") for item in value))
    return {at}


def test_every_arm_is_met_and_its_chance_is_on_record_in_the_column_and_in_the_record(
    operator: Operator, told: dict[str, Any]
) -> None:
    rows = [row for row in on_record(operator) if orjson.loads(row.answer)["contract_id"] in told]
    assert {row.arm for row in rows} == {"control", "explore", "best"}
    for row in rows:
        record = orjson.loads(row.record)
        assert (record["arm"], record["probability_micro"]) == (row.arm, row.probability_micro)
        assert 0 < row.probability_micro < MICRO
    assert replay(rows, RULEBOOK) == []


@pytest.mark.parametrize("door", ["/offer", "/why", "/why-not", "/offer/check", "/what-if", "/case"])
def test_no_door_says_anything_of_arms_or_chance(told: dict[str, Any], door: str) -> None:
    for answers in told.values():
        assert not TELLING.findall(orjson.dumps(answers[door]).decode().lower())


@pytest.mark.parametrize("door", ["/offer", "/why", "/why-not", "/offer/check", "/what-if", "/case"])
def test_answers_to_the_control_group_have_no_part_that_others_lack(
    operator: Operator, told: dict[str, Any], door: str
) -> None:
    control = arms_of(operator)["control"]
    of_control = set().union(*(pointers(told[name][door]) for name in control))
    of_others = set().union(*(pointers(told[name][door]) for name in told if name not in control))
    assert of_control <= of_others


def test_stance_words_and_what_the_rules_say_are_the_same_in_every_arm(told: dict[str, Any]) -> None:
    same = {
        "/offer": (
            "stance",
            "p_churn",
            "entitlements",
            "wish",
            "why_not",
            "sentences",
            "best_tariff",
            "priors",
            "duties",
        ),
        "/why": ("stance", "refusals", "churn", "sentences", "degraded", "replays"),
        "/why-not": ("allowed", "rules", "turns", "missing_cents", "may_approve", "sentences"),
        "/offer/check": ("allowed", "rules", "limits", "missing_cents", "may_approve", "why_not"),
    }
    for door, names in same.items():
        found = {orjson.dumps([answers[door][name] for name in names]) for answers in told.values()}
        assert len(found) == 1, door
    assert {answers["/offer"]["offers"][0]["why"] for answers in told.values()} == {"best"}


def test_each_step_of_a_ladder_has_its_own_chance_and_the_group_of_the_account(operator: Operator) -> None:
    contract_id = sorted(arms_of(operator)["control"])[0]
    call = Call(operator, contract_id=contract_id)
    answer, steps = call.ask(reason_for_contact="wants_to_leave"), 0
    while answer["offers"]:
        assert all(offer["template"].startswith("standard-") for offer in answer["offers"])
        assert call.show(answer).status_code == 200
        answer, steps = call.decline(answer).get_json(), steps + 1
    mine = [row for row in on_record(operator) if orjson.loads(row.answer)["contract_id"] == contract_id]
    assert steps >= 1
    assert len(mine) == steps + 1
    assert {row.arm for row in mine} == {"control"}


def test_terms_that_an_agent_composes_are_certain_in_every_arm(operator: Operator) -> None:
    contract_id = sorted(arms_of(operator)["control"])[-1]
    call = Call(operator, contract_id=contract_id)
    call.ask()
    body = {"contract_id": contract_id, "terms": TERMS, "put_on_table": True}
    checked = call.post("/offer/check", body).get_json()
    assert checked["allowed"]
    row = next(row for row in on_record(operator) if row.decision_id == checked["proposal_id"])
    assert (row.arm, row.probability_micro) == ("control", MICRO)


def test_the_same_question_later_that_day_gets_the_same_offer_and_the_next_day_is_drawn_anew(
    operator: Operator,
) -> None:
    tomorrow = operator.with_service(clock=lambda: NOON + datetime.timedelta(days=1))
    drawn = {}
    for contract_id in sorted(arms_of(operator)["explore"]):
        first = Call(operator, contract_id=contract_id).ask(reason_for_contact="wants_to_leave")
        again = Call(operator, "supervisor", contract_id, "shop").ask(reason_for_contact="wants_to_leave")
        assert again["decision_id"] == first["decision_id"]
        drawn[contract_id] = Call(tomorrow, contract_id=contract_id).ask(reason_for_contact="wants_to_leave")
    rows = {row.decision_id: row.arm for row in on_record(operator)}
    assert len({rows[answer["decision_id"]] for answer in drawn.values()}) == 2
