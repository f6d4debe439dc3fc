"""What would be offered if things were otherwise: nothing of it is written, nothing of it can be accepted."""

import pytest
from sqlalchemy import select

from engine.rulebook import parse_rulebook
from ledger.store import reading
from ledger.tables import metadata
from tests.api.calls import Call, problem
from tests.api.world import ASKED, Operator
from tests.engine.questions import shipped_texts

WISH = {"device": "galaxy-a17", "max_commitment_months": 12}


def everything(operator: Operator) -> dict[str, list[object]]:
    """Every row of every table."""
    with reading(operator.service.store) as connection:
        return {table.name: list(connection.execute(select(table))) for table in metadata.sorted_tables}


def suppose(operator: Operator, **asked: object) -> dict[str, object]:
    answer = Call(operator, "manager").post("/what-if", {**ASKED, **asked})
    assert answer.status_code == 200, answer.data
    return answer.get_json()


def test_the_same_facts_give_what_would_be_offered(operator: Operator) -> None:
    supposed = suppose(operator, wants=WISH)
    assert supposed["what_if"] is True
    assert supposed["offers"] == Call(operator, "manager").ask(wants=WISH)["offers"]


def test_nothing_is_written_table_by_table(operator: Operator) -> None:
    call = Call(operator)
    call.show(call.ask())
    before = everything(operator)
    for facts in ({"price_cents": 9990}, {"open_fault": "no signal"}, {"objects_to_profiling": True}, {"p_churn": 0.9}):
        suppose(operator, facts=facts, wants=WISH)
    assert everything(operator) == before


def test_other_facts_give_another_answer(operator: Operator) -> None:
    assert suppose(operator, facts={"open_fault": "no signal"})["stance"] == "repair_first"
    assert suppose(operator, facts={"objects_to_profiling": True})["p_churn"] is None
    cheaper = suppose(operator, facts={"price_cents": 2990}, wants=WISH)["offers"][0]
    assert cheaper["top_up_cents"] < 2040


def test_an_announced_number_holds_on_its_day(operator: Operator) -> None:
    old = "values = [{ from = 2020-01-01, value = 14 }]"
    texts = shipped_texts()
    announced = old.replace(" }]", " }, { from = 2027-02-01, value = 21 }]")
    where = texts["policy.toml"].index("[offer_valid_days]")
    texts["policy.toml"] = texts["policy.toml"][:where] + texts["policy.toml"][where:].replace(old, announced, 1)
    then = operator.under(parse_rulebook(texts))
    expires = {day: suppose(then, as_of=day)["offers"][0]["expires_on"] for day in ("2027-01-31", "2027-02-01")}
    assert expires == {"2027-01-31": "2027-02-14", "2027-02-01": "2027-02-22"}
    assert suppose(then)["decided_on"] == "2026-11-23"


@pytest.mark.parametrize(
    ("as_of", "code"), [("2019-12-31", "invalid-time"), ("2026-02-30", "invalid-time"), (7, "wrong-type")]
)
def test_a_day_of_which_the_rulebook_says_nothing_is_named(operator: Operator, as_of: object, code: str) -> None:
    answer = Call(operator, "manager").post("/what-if", {**ASKED, "as_of": as_of})
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/as_of")
    assert answer.get_json()["errors"][0]["code"] == code


def test_what_is_supposed_has_no_id_that_a_door_would_take(operator: Operator) -> None:
    assert not {"decision_id", "proposal_id", "digest"} & suppose(operator).keys()


@pytest.mark.parametrize("role", ["agent", "auditor"])
def test_who_may_not_suppose(operator: Operator, role: str) -> None:
    assert problem(Call(operator, role).post("/what-if", ASKED)) == (403, "not-allowed")


@pytest.mark.parametrize(
    ("facts", "code", "pointer"),
    [
        ({"price_cents": "5"}, "wrong-type", "/facts/price_cents"),
        ({"price_cents": -1}, "out-of-range", "/facts/price_cents"),
        ({"price_cents": 2**64}, "out-of-range", "/facts/price_cents"),
        ({"customer_since": "2026-02-30"}, "invalid-time", "/facts/customer_since"),
        ({"customer_since": 5}, "wrong-type", "/facts/customer_since"),
        ({"p_churn": 1.5}, "out-of-range", "/facts/p_churn"),
        ({"p_churn": True}, "wrong-type", "/facts/p_churn"),
        ({"open_fault": "x" * 201}, "invalid-string", "/facts/open_fault"),
        ({"objects_to_profiling": "yes"}, "wrong-type", "/facts/objects_to_profiling"),
        ({"language": "de"}, "invalid-string", "/facts/language"),
        ({"contract_id": "C-2"}, "unknown-field", "/facts/contract_id"),
        ({"role": "manager"}, "unknown-field", "/facts/role"),
        ({"sold_out": []}, "unknown-field", "/facts/sold_out"),
    ],
)
def test_facts_that_cannot_be_are_named(operator: Operator, facts: dict[str, object], code: str, pointer: str) -> None:
    answer = Call(operator, "manager").post("/what-if", {**ASKED, "facts": facts}).get_json(force=True)
    assert [(flaw["code"], flaw["pointer"]) for flaw in answer["errors"]] == [(code, pointer)]
