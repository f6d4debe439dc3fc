"""What a decision came from: parts that add up, features that add up, and what only some may see."""

import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.releases import Releases
from ledger import writer
from ledger.store import writing
from models.keys import signing_key
from models.registry import set_current
from models.store import golden_rows, model_bytes, write_release
from tests.api.calls import Call, problem
from tests.api.world import NOON, Operator, contracts
from tests.models.learned import random_churn, random_customers


def why(call: Call, decision_id: str) -> Any:
    told = call.get(f"/decision/{decision_id}/why")
    assert told.status_code == 200, told.data
    return told.get_json()


def test_the_parts_of_an_offer_add_up_to_its_worth(operator: Operator) -> None:
    call = Call(operator, "manager", "C-1")
    decision = call.ask(reason_for_contact="wants_to_leave", wants={"device": "galaxy-a17"})
    told = why(call, decision["decision_id"])
    assert told["replays"]
    on_table = [*decision["offers"], *decision["entitlements"]]
    assert [offer["offer_id"] for offer in told["offers"]] == [offer["offer_id"] for offer in on_table]
    for offer, answered in zip(told["offers"], on_table, strict=True):
        whole = offer["worth_to_customer_cents_a_month"]
        assert sum(part["cents_a_month"] for part in offer["parts"]) == pytest.approx(whole, abs=0.05)
        assert int(whole // 1) == answered["worth_to_customer_cents_a_month"]
    assert told["offers"][0]["house"]["secured_cents"] >= told["offers"][0]["house"]["floor_cents"]


def test_the_counts_are_those_of_all_candidates(operator: Operator) -> None:
    call = Call(operator, "manager", "C-fault")
    told = why(call, call.ask()["decision_id"])
    counted = told["refusals"]
    assert (counted["allowed"], told["stance"]) == (0, "repair_first")
    assert counted["rules"][0] == {"rule": "HOUSE-REPAIR-FIRST", "refused": counted["candidates"]}


def test_what_the_house_expects_is_for_managers_and_auditors(operator: Operator) -> None:
    decision = Call(operator).ask(reason_for_contact="wants_to_leave")
    seen = {
        role: why(Call(operator, role), decision["decision_id"])["offers"][0]["house"] is not None
        for role in ("agent", "supervisor", "manager", "auditor")
    }
    assert seen == {"agent": False, "supervisor": False, "manager": True, "auditor": True}


def test_the_customer_hears_no_margin_and_no_number(operator: Operator) -> None:
    call = Call(operator)
    told = why(call, call.ask()["decision_id"])
    assert not any(letter.isdigit() for sentence in told["sentences"]["customer"].values() for letter in sentence)


def test_who_objects_is_told_that_no_profile_was_made(operator: Operator) -> None:
    call = Call(operator, contract_id="C-objects")
    told = why(call, call.ask()["decision_id"])
    assert (told["churn"]["source"], told["churn"]["p_churn"], told["churn"]["features"]) == ("objection", None, [])
    assert told["sentences"]["customer"]["fr"].startswith("Aucun profil")


def test_a_decision_that_is_not_there_has_no_why(operator: Operator) -> None:
    assert problem(Call(operator, "manager").get(f"/decision/{'f' * 32}/why")) == (404, "not-found")


def test_the_features_add_up_to_the_score_and_without_its_release_it_is_said_to_be_gone(
    operator: Operator, tmp_path: Path
) -> None:
    releases, keys = tmp_path / "releases", tmp_path / "keys"
    written = [_written(releases, keys, seed) for seed in (3, 4)]
    set_current(releases, keys, written[0].name, "a test", "2026-11-23T11:00:00Z")
    features = random_customers(random_churn(3, numeric=2, categorical=1), 4, 5, odd=(np.nan,))
    with writing(operator.service.store) as connection:
        writer.save_contracts(connection, contracts(), features, writer.Source("m" * 64, NOON.date()))
    call = Call(operator.with_service(releases=Releases(releases, keys)), contract_id="C-wish")
    decision = call.ask()
    told = why(call, decision["decision_id"])["churn"]
    assert (told["source"], told["at_hand"], told["release"]) == ("model", True, written[0].name)
    assert told["base_log_odds"] + sum(feature["log_odds"] for feature in told["features"]) == told["log_odds"]
    assert round(1 / (1 + math.exp(-told["log_odds"])), 6) == told["p_churn"] == decision["p_churn"]
    set_current(releases, keys, written[1].name, "a test", "2026-11-23T11:00:00Z")
    assert why(call, decision["decision_id"])["churn"] == told
    shutil.rmtree(written[0])
    gone = why(call, decision["decision_id"])["churn"]
    assert gone == {**told, "at_hand": False, "features": [], "base_log_odds": None, "log_odds": None}


def _written(releases: Path, keys: Path, seed: int) -> Path:
    churn = random_churn(seed, numeric=2, categorical=1)
    files = {"model.joblib": model_bytes(churn), "card.json": b"{}", "card.html": b""}
    manifest = {"window_months": 6, "golden": golden_rows(churn, random_customers(churn, 20, seed, odd=(np.nan,)))}
    return write_release(releases, "test", files, manifest, signing_key(keys))


def test_of_terms_that_an_agent_put_on_the_table_the_parts_are_told(operator: Operator) -> None:
    call = Call(operator, contract_id="C-wish")
    call.ask()
    body = {"contract_id": "C-wish", "terms": {"discount_cents": 200, "discount_months": 6}, "put_on_table": True}
    put = call.post("/offer/check", body).get_json()
    told = why(call, put["proposal_id"])
    assert told["replays"]
    [offer] = told["offers"]
    assert (offer["offer_id"], offer["parts"]) == (
        put["offer"]["offer_id"],
        [{"of": "discount", "cents_a_month": 50.0}],
    )
