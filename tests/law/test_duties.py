"""The duties of the law that every answer carries."""

import datetime
from typing import Any

import pytest

from engine.answers import write_answer, writers_of
from engine.fields import CASE_FIELDS, LANGUAGES
from engine.offers import describe, twin_of
from engine.reasons import cell
from tests.engine.questions import TODAY, asked, shipped

MONTHS = {"fr": "mois", "nl": "maanden", "en": "months"}


def told(market: str, **facts: Any) -> dict[str, Any]:
    rulebook = shipped(policy=('value = "FR"', f'value = "{market}"'))
    return write_answer(asked(rulebook, {"p_churn": 0.4, "channel": "phone_in", **facts}), 0)


def duties(answer: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {duty["rule"]: duty["sentences"] for duty in answer["duties"]}


@pytest.mark.parametrize("reason", ["port_requested", "wants_to_leave"])
@pytest.mark.parametrize("state", [{}, {"open_fault": "no signal"}, {"objects_to_profiling": True}, {"steps_taken": 9}])
def test_the_rio_is_told_to_whoever_asks_for_a_port_or_wants_to_leave(reason: str, state: dict[str, Any]) -> None:
    said = duties(told("FR", reason_for_contact=reason, **state))["FR-RIO"]
    assert set(said) == set(LANGUAGES)
    assert all("3179" in sentence and "40" in sentence for sentence in said.values())


def test_who_wants_to_leave_hears_that_the_contract_can_be_ended_online() -> None:
    assert "en ligne" in duties(told("FR", reason_for_contact="wants_to_leave"))["FR-ONLINE"]["fr"]
    assert "FR-ONLINE" not in duties(told("FR", reason_for_contact="information"))


def test_belgium_does_not_hear_french_duties() -> None:
    assert duties(told("BE", reason_for_contact="wants_to_leave")) == {}


def test_belgian_prices_hold_belgian_vat() -> None:
    rulebook = shipped(policy=('value = "FR"', 'value = "BE"'))
    question = asked(rulebook, {"price_cents": 2420}).question
    assert question.tariffs.price_net_cents.tolist() == [[2000]]


def test_no_commitment_is_hidden_behind_a_gift() -> None:
    decisions = asked(shipped(), {"p_churn": 0.4, "wants_device": "galaxy-a36"})
    (page,) = decisions.pages
    writers = writers_of(decisions.question.in_force)
    for column in range(page.sheet.refused.shape[1]):
        months = cell(page.sheet.priced.terms.commitment_months, 0, column)
        offer = {**describe(page.sheet, 0, column), "twin": twin_of(page.sheet, 0, column)}
        last_day = datetime.date(TODAY.year + (TODAY.month - 1 + months) // 12, (TODAY.month - 1 + months) % 12 + 1, 23)
        for writer in writers:
            sentence = writer.to_customer(offer)
            assert f"{months} {MONTHS[writer.language]}" in sentence
            assert writer.date(last_day.isoformat()) in sentence


def test_nothing_about_an_agent_enters_a_decision() -> None:
    assert [field.name for field in CASE_FIELDS if "agent" in field.name] == []
