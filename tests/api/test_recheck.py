"""The last look before an acceptance: what was shown is accepted only where the limits of the moment still allow it."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from engine.rulebook import Rulebook, parse_rulebook
from ledger.tables import offers
from tests.api.calls import Call, named, problem
from tests.api.orders import WISH, rows_of
from tests.api.policies import with_policy
from tests.api.world import ROOT, Operator, read_texts

STEPS = pytest.mark.parametrize("step", [-1, 0, 1])


def shown(operator: Operator) -> tuple[Call, dict[str, Any]]:
    call = Call(operator)
    answer = call.ask(wants=WISH)
    assert call.show(answer).status_code == 200
    return call, answer


def column(operator: Operator, answer: dict[str, Any], name: str) -> int:
    found = {row.offer_id: getattr(row, name) for row in rows_of(operator.service.store, offers)}
    return int(found[answer["offers"][0]["offer_id"]])


def refused_by(reply: TestResponse) -> str:
    """The rules named by a refusal; "" where the acceptance stands."""
    if reply.status_code == 201:
        return ""
    assert problem(reply) == (409, "no-longer-allowed")
    return str(reply.get_json(force=True)["detail"]).removeprefix("refused by ")


@STEPS
def test_a_floor_raised_meanwhile_holds_to_the_cent(operator: Operator, step: int) -> None:
    call, answer = shown(operator)
    floor = column(operator, answer, "secured_cents") + step
    operator.under(with_policy(floor_cents_12=floor))
    assert refused_by(call.accept(answer)) == ("HOUSE-FLOOR-CENTS" if step > 0 else "")


@STEPS
def test_an_authority_cut_meanwhile_holds_to_the_cent(operator: Operator, step: int) -> None:
    call, answer = shown(operator)
    depth = column(operator, answer, "depth_cents") + step
    operator.under(with_policy(depth_cents_agent=depth))
    assert refused_by(call.accept(answer)) == ("HOUSE-AUTHORITY" if step < 0 else "")


@STEPS
def test_the_limit_of_an_account_cut_meanwhile_holds_to_the_cent(operator: Operator, step: int) -> None:
    call, answer = shown(operator)
    operator.under(with_policy(account_depth_cents=column(operator, answer, "depth_cents") + step))
    assert refused_by(call.accept(answer)) == ("HOUSE-ACCOUNT" if step < 0 else "")


@STEPS
def test_four_eyes_asked_for_meanwhile_hold_to_the_cent(operator: Operator, step: int) -> None:
    call, answer = shown(operator)
    operator.under(with_policy(four_eyes_depth_cents=column(operator, answer, "depth_cents") + step))
    reply = call.accept(answer)
    assert (reply.status_code if step >= 0 else problem(reply)) == (201 if step >= 0 else (403, "needs-approval"))


@STEPS
def test_a_share_raised_meanwhile_holds_to_the_millionth_that_asks_for_a_cent_more(
    operator: Operator, step: int
) -> None:
    call, answer = shown(operator)
    secured, revenue = column(operator, answer, "secured_cents"), 12 * 1492  # 17.90, net and half up
    first_too_high = next(micro for micro in range(1_000_000) if -(-revenue * micro // 1_000_000) > secured)
    operator.under(with_policy(floor_share=(first_too_high + step) / 1_000_000))
    assert refused_by(call.accept(answer)) == ("HOUSE-FLOOR-SHARE" if step >= 0 else "")


def without(device: str) -> Rulebook:
    texts = read_texts(ROOT / "rulebook")
    begin = texts["devices.toml"].index(f"[{device}]")
    entry = texts["devices.toml"][begin : texts["devices.toml"].index("trade_in", begin)]
    gone = entry.replace("stock = 420", "stock = 0")
    assert gone != entry
    return parse_rulebook({**texts, "devices.toml": texts["devices.toml"].replace(entry, gone)})


def test_a_device_that_is_gone_meanwhile_is_not_sold(operator: Operator) -> None:
    call, answer = shown(operator)
    operator.under(without("galaxy-a17"))
    assert refused_by(call.accept(answer)) == "HOUSE-STOCK"


def test_every_limit_that_speaks_against_it_is_named(operator: Operator) -> None:
    call, answer = shown(operator)
    operator.under(with_policy(floor_cents_12=900_000, depth_cents_agent=0))
    assert refused_by(call.accept(answer)) == "HOUSE-FLOOR-CENTS, HOUSE-AUTHORITY"


def test_what_should_rather_not_be_offered_may_still_be_accepted(operator: Operator) -> None:
    call, answer = shown(operator)
    operator.under(with_policy(hassle_log_odds=10.0, contact_cost_cents=100_000, worth_months=1))
    assert refused_by(call.accept(answer)) == ""


def test_whose_approval_stands_behind_it_has_the_authority(operator: Operator) -> None:
    call = Call(operator)
    answer = call.ask(wants=WISH)
    depth = column(operator, answer, "depth_cents")
    operator.under(with_policy(depth_cents_agent=depth - 1))
    assert call.show(answer).status_code == 200
    Call(operator, "supervisor").signal("contact", channel="shop")
    approval = {**named(answer), "verdict": "approved"}
    assert Call(operator, "supervisor").post("/approval", approval).status_code == 200
    assert refused_by(call.accept(answer)) == ""


def test_who_came_to_us_and_objects_to_profiling_gets_the_standard_offer_that_was_shown(operator: Operator) -> None:
    call = Call(operator, contract_id="C-objects", channel="shop")
    answer = call.ask()
    assert answer["stance"] == "standard_only"
    assert call.show(answer).status_code == 200
    assert refused_by(call.accept(answer)) == ""
