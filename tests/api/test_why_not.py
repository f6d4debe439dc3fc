"""Why an offer was not made: the rules with what they read, and a change that really turns the answer."""

from typing import Any

from sqlalchemy import delete, func, select

from ledger import writer
from ledger.journal import By, Event
from ledger.store import reading, writing
from ledger.tables import bodies, events
from tests.api.calls import Call, problem
from tests.api.world import NOON, Operator

TOO_CHEAP = "phone.galaxy-a17.12m.top001990"


def why_not(call: Call, decision_id: str, candidate: str) -> Any:
    return call.get(f"/decision/{decision_id}/why-not/{candidate}")


def test_a_top_up_that_is_too_low_names_the_smallest_that_passes_and_checked_it_does(operator: Operator) -> None:
    call = Call(operator, channel="phone_in")
    decision = call.ask(reason_for_contact="wants_to_leave")
    told = why_not(call, decision["decision_id"], TOO_CHEAP).get_json()
    assert not told["allowed"]
    assert "HOUSE-FLOOR-CENTS" in [rule["id"] for rule in told["rules"]]
    turn = next(one for one in told["turns"] if [each["name"] for each in one["changes"]] == ["top_up_cents"])
    [change] = turn["changes"]
    assert change["from"] == 1990
    terms = {"device": "galaxy-a17", "commitment_months": 12}
    checked = [
        call.post("/offer/check", {"contract_id": "C-1", "terms": {**terms, "top_up_cents": cents}}).get_json()
        for cents in (change["to"] - 1, change["to"])
    ]
    assert ["HOUSE-FLOOR-CENTS" in one["limits"] for one in checked] == [True, False]


def test_an_agent_sees_no_margin_and_a_manager_does(operator: Operator) -> None:
    decision = Call(operator).ask(reason_for_contact="wants_to_leave")
    seen = {}
    for role in ("agent", "supervisor", "manager", "auditor"):
        told = why_not(Call(operator, role), decision["decision_id"], TOO_CHEAP).get_json()
        [floor] = [rule for rule in told["rules"] if rule["id"] == "HOUSE-FLOOR-CENTS"]
        seen[role] = floor["read"][0]["found"], floor["read"][0]["needed"]
    assert seen["agent"] == seen["supervisor"] == (None, None)
    assert seen["manager"] == seen["auditor"]
    assert seen["manager"][1] == 2404


def test_one_reading_is_one_event_and_what_is_not_there_is_unknown(operator: Operator) -> None:
    call = Call(operator)
    decision = call.ask()
    assert why_not(call, decision["decision_id"], TOO_CHEAP).status_code == 200
    assert problem(why_not(call, decision["decision_id"], "no-such-offer")) == (404, "not-found")
    assert problem(why_not(call, "f" * 32, TOO_CHEAP)) == (404, "not-found")
    with reading(operator.service.store) as connection:
        read = connection.execute(select(events).where(events.c.kind == "decision_read")).all()
    assert [(row.actor, row.about) for row in read] == [("agent-1", decision["decision_id"])]


def test_a_decision_on_an_erased_customer_is_gone_for_who_might_read_it_and_unknown_to_others(
    operator: Operator,
) -> None:
    decision = Call(operator).ask()
    with writing(operator.service.store) as connection:
        assert writer.erase(connection, "C-1", NOON)
    door = f"/decision/{decision['decision_id']}"
    for path in ("/why", f"/why-not/{TOO_CHEAP}"):
        assert problem(Call(operator, "manager").get(door + path)) == (410, "erased")
        assert problem(Call(operator).get(door + path)) == (404, "not-found")
    contested = Call(operator, "manager").post(f"{door}/contest", {"reason": "x"})
    assert problem(contested) == (404, "not-found")


def test_a_decision_whose_time_was_over_is_gone(operator: Operator) -> None:
    decision = Call(operator).ask()
    with writing(operator.service.store) as connection:
        connection.execute(delete(bodies))
        last = connection.execute(select(func.max(events.c.sequence))).scalar_one()
        said = {"keeping": "decisions", "first": 1, "last": last, "before": "2099-01-01T00:00:00.000000Z"}
        writer.append(connection, "2026-11-23T13:00:00.000000Z", Event("purged", By("purge"), "", None, said))
    assert problem(Call(operator, "auditor").get(f"/decision/{decision['decision_id']}/why")) == (410, "purged")


def test_terms_that_an_agent_composed_are_explained_as_they_were_judged(operator: Operator) -> None:
    call = Call(operator, contract_id="C-wish")
    call.ask()
    terms = {"device": "galaxy-a36", "commitment_months": 12, "top_up_cents": 4_000}
    put = call.post("/offer/check", {"contract_id": "C-wish", "terms": terms, "put_on_table": True}).get_json()
    assert put["rules"] == ["HOUSE-AUTHORITY"], put["rules"]
    told = why_not(call, put["proposal_id"], put["offer"]["offer_id"]).get_json()
    assert ([rule["id"] for rule in told["rules"]], told["place"]) == (["HOUSE-AUTHORITY"], "main")
    assert {"name": "role", "unit": "role", "from": "agent", "to": "supervisor"} in [
        change for turn in told["turns"] for change in turn["changes"]
    ]
    assert told["replays"]


def test_what_is_allowed_and_not_on_the_table_names_what_went_before(operator: Operator) -> None:
    call = Call(operator, "manager")
    decision = call.ask(reason_for_contact="wants_to_leave")
    on_table = {offer["offer_id"] for offer in (*decision["offers"], *decision["entitlements"])}
    names = ("discount-extras.12m.data_20gb.-500x12", "discount-extras.24m.data_5gb.-500x24", "credit.12m.credit8000")
    told = [why_not(call, decision["decision_id"], name).get_json() for name in names]
    assert on_table.isdisjoint(names)
    for one in told:
        assert (one["allowed"], one["rules"], one["turns"]) == (True, [], [])
        assert one["gave_way_to"]["offer_id"] == decision["offers"][0]["offer_id"]
        assert one["gave_way_to"]["short_cents"] >= 0
    assert [one["gave_way_to"]["because"] for one in told][:2] == ["same_kind", "same_kind"]
    seen = why_not(Call(operator, "supervisor"), decision["decision_id"], names[0]).get_json()
    assert seen["gave_way_to"]["short_cents"] is None


def test_no_sentence_to_a_customer_names_a_margin_a_role_or_a_score(operator: Operator) -> None:
    call = Call(operator, "manager")
    decision = call.ask(reason_for_contact="wants_to_leave", wants={"device": "galaxy-a17"})
    catalogue = operator.service.in_force().catalogue
    house = ("marge", "margin", "délégation", "superviseur", "responsable", "risque", "valeur", "%")
    forbidden = (*house, "du client", "le client", "van de klant", "de klant", "the customer", "a customer", " 0 mois")
    for name in catalogue.offer_ids[::300]:
        told = why_not(call, decision["decision_id"], str(name)).get_json()
        amounts = {read["found"] for rule in told["rules"] for read in rule["read"] if "margin" in read["name"]}
        for sentence in told["sentences"]["customer"].values():
            assert not [word for word in forbidden if word in sentence], sentence
            figures = {operator_money(amount) for amount in amounts if isinstance(amount, int)}
            assert not [figure for figure in figures if figure in sentence], sentence


def test_a_customer_hears_of_no_commitment_in_words(operator: Operator) -> None:
    call = Call(operator, "manager")
    decision = call.ask(reason_for_contact="wants_to_leave", wants={"device": "galaxy-a17"})
    told = why_not(call, decision["decision_id"], "discount.12m.-100x12").get_json()["sentences"]["customer"]
    assert told["fr"].endswith("Ce serait possible avec : aucun engagement (au lieu de 12 mois).")
    assert told["nl"].endswith("Het kan wel met: geen verbintenis (in plaats van 12 maanden).")


def operator_money(cents: int) -> str:
    """An amount as a French sentence has it."""
    return f"{abs(cents) // 100},{abs(cents) % 100:02d}"
