"""Every limit that a decision meets, one step to each side of where a candidate stands: t - 1, t and t + 1."""

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from engine.decide import Decisions
from engine.offers import cell
from engine.rulebook import Rulebook
from tests.engine.questions import asked, verdict
from tests.properties.rulebooks import as_rulebook, house_documents, with_numbers

CUSTOMER = {
    "p_churn": 0.4,
    "price_cents": 2990,
    "channel": "phone_in",
    "reason_for_contact": "wants_to_leave",
    "customer_since": np.datetime64("2016-01-01"),
}
FREE, YEAR, LONG = "extras.0m.data_5gb", "discount.12m.-100x12", "phone.fairphone-6.24m.data_20gb.top000100"
OFFER_OF = {0: FREE, 12: YEAR, 24: LONG}
ROLES = ("agent", "supervisor", "manager")


def under(numbers: Mapping[str, Any], **facts: Any) -> Decisions:
    return asked(as_rulebook(with_numbers(house_documents(), numbers)), {**CUSTOMER, "role": "manager", **facts})


def measured(name: str, offer: str) -> int:
    """A number of one candidate as the shipped rulebook weighs it."""
    sheet = under({}).pages[0].sheet
    column = sheet.question.in_force.catalogue.column_of[offer]
    amounts = {
        "secured": sheet.secured_cents,
        "depth": sheet.priced.depth_cents,
        "gap": sheet.twin_cents - sheet.priced.terms.top_up_cents,
    }
    return cell(amounts[name], 0, column)


@pytest.mark.parametrize("step", [-1, 0, 1])
@pytest.mark.parametrize("months", OFFER_OF)
def test_the_floor_of_each_commitment_holds_to_the_cent(months: int, step: int) -> None:
    offer = OFFER_OF[months]
    found = verdict(under({f"floor_cents_{months}": measured("secured", offer) + step}), offer)
    assert ("HOUSE-FLOOR-CENTS" in found) == (step > 0)


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_the_floor_as_a_share_holds_to_the_millionth_that_asks_for_a_cent_more(step: int) -> None:
    secured, revenue = measured("secured", YEAR), 12 * (2492 - 83)  # 29.90 and 1.00, net and half up
    first_too_high = next(micro for micro in range(1_000_000) if -(-revenue * micro // 1_000_000) > secured)
    found = verdict(under({"floor_share": (first_too_high + step) / 1_000_000}), YEAR)
    assert ("HOUSE-FLOOR-SHARE" in found) == (step >= 0)


@pytest.mark.parametrize("step", [-1, 0, 1])
@pytest.mark.parametrize("role", ROLES)
def test_the_authority_of_each_role_holds_to_the_cent(role: str, step: int) -> None:
    found = verdict(under({f"depth_cents_{role}": measured("depth", LONG) + step}, role=role), LONG)
    assert ("HOUSE-AUTHORITY" in found) == (step < 0)


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_the_limit_of_an_account_holds_to_the_cent(step: int) -> None:
    granted = 5_000
    limit = measured("depth", LONG) + granted + step
    found = verdict(under({"account_depth_cents": limit}, account_granted_cents=granted), LONG)
    assert ("HOUSE-ACCOUNT" in found) == (step < 0)


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_the_ladder_ends_at_its_step(step: int) -> None:
    found = verdict(under({"ladder_steps": 3}, steps_taken=3 + step), YEAR)
    assert ("LADDER-OVER" in found) == (step >= 0)


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_the_gap_to_the_twin_holds_to_the_cent(step: int) -> None:
    found = verdict(under({"twin_gap_cents": measured("gap", LONG) + step}), LONG)
    assert ("FR-TWINGAP" in found) == (step < 0)


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_an_alternative_lies_within_the_distance_to_the_cent(step: int) -> None:
    page = under({"near_margin_cents": 1_000_000}).pages[0]
    main, second, *_ = (int(column) for column in page.table.offers[0])
    secured = page.sheet.secured_cents[0]
    apart = int(abs(secured[second] - secured[main]))
    nearer = under({"near_margin_cents": apart + step}).pages[0].table.offers[0].tolist()
    assert (second in nearer) == (step >= 0)


def law_with(rule: str, months: int, market: str) -> Rulebook:
    documents = copy.deepcopy(with_numbers(house_documents(), {"market": market}))
    (file,) = [name for name in documents if name.startswith("law-") and rule in documents[name]]
    documents[file][rule]["values"] = [{**documents[file][rule]["values"][0], "months": months}]
    return as_rulebook(documents)


@pytest.mark.parametrize("step", [-1, 0, 1])
@pytest.mark.parametrize(("rule", "market"), [("FR-MAX24", "FR"), ("BE-24", "BE"), ("EU-24", "FR"), ("EU-24", "BE")])
def test_the_longest_commitment_holds_to_the_month(rule: str, market: str, step: int) -> None:
    found = verdict(asked(law_with(rule, 12 + step, market), CUSTOMER), YEAR)
    assert (rule in found) == (step < 0)
