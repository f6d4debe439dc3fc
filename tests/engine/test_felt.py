"""A customer as points of taste: what they feel of terms; a mixture decides the same alone and beside others."""

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from engine.answers import write_answer
from engine.decide import Decisions, decide
from engine.explanation.factors import points_of, write_factors
from engine.ladder import Heard, remember
from engine.rulebook import Rulebook
from engine.tables import MICRO, STATED, TASTES, Response, Scores, quantise_scores
from engine.terms import COMMITMENT, DEVICE, MONEY, NONE
from ledger.records import read_scores, write_scores
from tests.engine.questions import TODAY, customers, shipped
from tests.engine.reactions import AVERAGE, EAGER, TERMS, TWO, WARY

FACTS: tuple[dict[str, Any], ...] = (
    {"p_churn": 0.4, "p_churn_window_months": 6, "reason_for_contact": "wants_to_leave", "channel": "phone_in"},
    {"p_churn": 0.2, "p_churn_window_months": 12, "wants_device": "galaxy-a17", "channel": "shop"},
    {"p_churn": 0.6, "p_churn_window_months": 6, "channel": "phone_out", "price_cents": 3_990},
)


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return shipped()


def scores(*responses: Response) -> Scores:
    """The scores of so many customers with average tastes."""
    facts = [FACTS[row % len(FACTS)] for row in range(len(responses))]
    window = np.array([fact["p_churn_window_months"] for fact in facts])
    tastes = np.ones((len(facts), len(TASTES)))
    p_churn = np.array([fact["p_churn"] for fact in facts])
    return quantise_scores(p_churn, window, tastes, np.zeros(len(facts), dtype=bool), responses)


def decided(rulebook: Rulebook, *responses: Response) -> Decisions:
    """The decisions for as many customers, FACTS over and over, who react like this."""
    facts = [{**FACTS[row % len(FACTS)], "contract_id": f"C-{row}"} for row in range(len(responses))]
    return decide(customers(*facts), scores(*responses), rulebook, TODAY)


def numbers(decisions: Decisions, row: int) -> dict[str, Any]:
    """All that was weighed for one customer, and the answer but for what it says is only stated."""
    page, at = decisions.at(row)
    sheet = page.sheet
    weighed = {name: getattr(sheet, name)[at].tobytes() for name in ("surplus_micro", "p_accept_micro", "value_cents")}
    gains = sheet.gains_cents[:, min(at, sheet.gains_cents.shape[1] - 1)].tobytes()
    answer = {name: told for name, told in write_answer(decisions, row).items() if name != "priors"}
    return {**weighed, "p_leave": sheet.p_leave_micro[at].tobytes(), "gains": gains, "answer": json.dumps(answer)}


@pytest.mark.parametrize("points", [1, 2, 3, 4])
def test_points_that_are_all_average_decide_as_the_priors_do(rulebook: Rulebook, points: int) -> None:
    shares = (MICRO - 100_001 * (points - 1), *([100_001] * (points - 1)))
    alike = Response(shares, (0,) * points, (AVERAGE,) * points, ("top_up", "credit"), (MICRO, MICRO))
    for row in range(len(FACTS)):
        told = numbers(decided(rulebook, *[STATED] * 3), row)
        assert numbers(decided(rulebook, *[alike] * 3), row) == told


@pytest.mark.parametrize("points", [2, 3, 4])
def test_points_that_are_all_alike_are_the_one_that_they_are(rulebook: Rulebook, points: int) -> None:
    one = Response((MICRO,), (-500_000,), (WARY,), TERMS.term_names, TERMS.terms_micro, 300_000)
    shares = (MICRO - 250_000 * (points - 1), *([250_000] * (points - 1)))
    many = dataclasses.replace(
        one, share_micro=shares, willing_micro=one.willing_micro * points, weights_micro=one.weights_micro * points
    )
    for row in range(len(FACTS)):
        assert numbers(decided(rulebook, *[many] * 3), row) == numbers(decided(rulebook, *[one] * 3), row)


@pytest.mark.parametrize("response", [TWO, TERMS])
def test_a_point_without_a_share_changes_nothing(rulebook: Rulebook, response: Response) -> None:
    beside = dataclasses.replace(
        response,
        share_micro=(*response.share_micro, 0),
        willing_micro=(*response.willing_micro, 30 * MICRO),
        weights_micro=(*response.weights_micro, (20 * MICRO,) * (1 + len(TASTES))),
    )
    for row in range(len(FACTS)):
        assert numbers(decided(rulebook, *[beside] * 3), row) == numbers(decided(rulebook, *[response] * 3), row)


def test_a_customer_alone_and_beside_others_is_decided_the_same_to_the_bit(rulebook: Rulebook) -> None:
    one_point = Response((MICRO,), (900_000,), (EAGER,), ("discount",), (700_000,), -400_000)
    mixed = [STATED, TWO, TERMS, one_point, STATED, TERMS, TWO, one_point, STATED]
    together = decided(rulebook, *mixed)
    for row, response in enumerate(mixed):
        facts = {**FACTS[row % len(FACTS)], "contract_id": f"C-{row}"}
        all_three = scores(response, response, response)
        told = Scores(**{name: column[[row % len(FACTS)]] for name, column in vars(all_three).items()})
        alone = decide(customers(facts), told, rulebook, TODAY)
        assert numbers(alone, 0) == numbers(together, row), row


def test_a_chance_of_accepting_is_the_mean_over_the_points(rulebook: Rulebook) -> None:
    each = [
        dataclasses.replace(TWO, share_micro=(MICRO,), willing_micro=(willing,), weights_micro=(weights,))
        for willing, weights in zip(TWO.willing_micro, TWO.weights_micro, strict=True)
    ]
    both, *alone = (decided(rulebook, *[one] * 3).at(0)[0].sheet.p_accept_micro[0] for one in (TWO, *each))
    mean = sum(share * p for share, p in zip(TWO.share_micro, alone, strict=True)) / MICRO
    assert np.abs(both - mean).max() <= 1
    assert both.max() > 10_000


def test_what_single_terms_are_worth_is_felt_line_by_line_and_rounded_down(rulebook: Rulebook) -> None:
    learned, stated = decided(rulebook, *[TERMS] * 3), decided(rulebook, *[STATED] * 3)
    felt, priors = (one.at(0)[0].sheet.gains_cents[:, 0] for one in (learned, stated))
    terms = stated.at(0)[0].sheet.priced.terms
    device = stated.question.in_force.catalogue.goods.device_ids.index("galaxy-a17")
    held = terms.device[0] == device
    assert held.any()
    assert (felt[DEVICE][held] == priors[DEVICE][held] * 2_222_222 // MICRO).all()
    assert (felt[DEVICE][~held] == priors[DEVICE][~held]).all()
    months = terms.commitment_months[0]
    short, long = months <= 12, months == 24
    assert long.any()
    assert (felt[COMMITMENT][short] == priors[COMMITMENT][short]).all()
    a_year = priors[COMMITMENT][long] // 2
    assert (felt[COMMITMENT][long] == (a_year * MICRO + a_year * 333_333) // MICRO).all()
    more = terms.top_up_cents[0] * 700_001
    assert (felt[MONEY] == (priors[MONEY] * MICRO - more) // MICRO).all()


def test_a_device_unknown_to_the_release_counts_at_its_taste_and_one_unknown_to_the_rulebook_nowhere(
    rulebook: Rulebook,
) -> None:
    gone = Response((MICRO,), (0,), (WARY,), ("device:gone",), (9 * MICRO,))
    without = Response((MICRO,), (0,), (WARY,))
    for row in range(len(FACTS)):
        assert numbers(decided(rulebook, *[gone] * 3), row) == numbers(decided(rulebook, *[without] * 3), row)


def test_what_a_contact_wakes_counts_when_we_call_and_only_then(rulebook: Rulebook) -> None:
    woken = dataclasses.replace(STATED, woken_micro=2 * MICRO)
    calm, awake = (decided(rulebook, *[one] * 3) for one in (STATED, woken))
    for row in (0, 1):
        assert numbers(calm, row) == numbers(awake, row)
    leave = [one.at(2)[0].sheet.p_leave_micro[one.at(2)[1]] for one in (calm, awake)]
    assert (leave[1] > leave[0]).all()


def test_a_refusal_takes_share_from_the_points_that_would_rather_have_accepted(rulebook: Rulebook) -> None:
    same_tastes = Response((500_000, 500_000), (2 * MICRO, -2 * MICRO), (AVERAGE, AVERAGE))
    offer = write_answer(decided(rulebook, same_tastes), 0)["offers"][0]
    left = remember(customers(FACTS[0]), scores(same_tastes), rulebook, TODAY, [Heard(offer, "other")])
    eager, reluctant = left.scores.responses[0].share_micro
    assert eager < 500_000 < reluctant
    assert eager + reluctant == MICRO
    assert left.scores.responses[0].weights_micro == same_tastes.weights_micro


@pytest.mark.parametrize("response", [STATED, TWO, TERMS])
def test_what_was_learned_goes_through_a_record_and_back(response: Response) -> None:
    told = scores(response)
    written = json.loads(json.dumps(write_scores(told, 0)))
    assert ("response" in written) == (response is not STATED)
    back = read_scores([written])
    assert back.responses[0] == response
    assert [back.p_churn_micro[0], back.tastes_micro.tolist()] == [told.p_churn_micro[0], told.tastes_micro.tolist()]


@pytest.mark.parametrize("response", [STATED, TWO, TERMS])
def test_the_parts_of_a_worth_are_told_as_felt_none_that_is_not_there_and_add_up(
    rulebook: Rulebook, response: Response
) -> None:
    """A top-up or a discount felt otherwise than stated once stood as a credit that nobody gave."""
    decisions = decided(rulebook, *[response] * 3)
    page, row = decisions.at(0)
    sheet, points, seen = page.sheet, points_of(decisions, 0), set()
    terms = sheet.priced.terms
    for column in range(0, sheet.listed, 7):
        told = write_factors((sheet, row, column), points, sees_margins=False)
        parts = {part["of"]: part["cents_a_month"] for part in told["parts"]}
        assert sum(parts.values()) == pytest.approx(told["worth_to_customer_cents_a_month"], abs=0.05)
        given = {
            "top_up": terms.top_up_cents[0, column] > 0,
            "discount": terms.discount_cents[0, column] > 0,
            "credit": terms.credit_cents[0, column] > 0 or terms.trade_in[0, column] != NONE,
        }
        assert {name for name in given if name in parts} == {name for name in given if given[name]}
        seen |= {name for name in given if given[name]}
    assert seen == {"top_up", "discount", "credit"}
