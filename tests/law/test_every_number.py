"""Every number of the rulebook is tried at t - 1, t and t + 1, or a reason says why nothing turns at it."""

import ast
import datetime
import fnmatch
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.properties.rulebooks import house_documents

ROOT = Path(__file__).parents[2]
DECISION, DATED = "tests/law/test_thresholds.py", "tests/law/test_dated_thresholds.py"
DESK, RETENTION = "tests/api/test_desk_thresholds.py", "tests/commands/test_retention_thresholds.py"
CHANCE, IMPACT = "tests/law/test_chance_thresholds.py", "tests/law/test_impact_threshold.py"

TRIED: dict[str, str] = {
    "policy.floor_cents_*": f"{DECISION}::test_the_floor_of_each_commitment_holds_to_the_cent",
    "policy.floor_share": f"{DECISION}::test_the_floor_as_a_share_holds_to_the_millionth_that_asks_for_a_cent_more",
    "policy.depth_cents_*": f"{DECISION}::test_the_authority_of_each_role_holds_to_the_cent",
    "policy.account_depth_cents": f"{DECISION}::test_the_limit_of_an_account_holds_to_the_cent",
    "policy.ladder_steps": f"{DECISION}::test_the_ladder_ends_at_its_step",
    "policy.twin_gap_cents": f"{DECISION}::test_the_gap_to_the_twin_holds_to_the_cent",
    "policy.near_margin_cents": f"{DECISION}::test_an_alternative_lies_within_the_distance_to_the_cent",
    "policy.offer_valid_days": f"{DESK}::test_what_lasts_until_a_moment_is_over_at_that_moment",
    "policy.confirm_days": f"{DESK}::test_what_lasts_until_a_moment_is_over_at_that_moment",
    "policy.withdraw_days": f"{DESK}::test_what_lasts_until_a_moment_is_over_at_that_moment",
    "policy.interaction_minutes": f"{DESK}::test_what_lasts_until_a_moment_is_over_at_that_moment",
    "policy.contest_answer_days": f"{DESK}::test_what_lasts_until_a_moment_is_over_at_that_moment",
    "policy.promise_*_days": f"{DESK}::test_a_promise_is_unkept_from_the_day_after_the_day_it_is_due",
    "policy.round_days": f"{DESK}::test_a_refusal_is_remembered_through_the_last_day_of_its_round",
    "policy.account_months": f"{DESK}::test_what_an_account_was_granted_counts_through_its_last_day",
    "policy.four_eyes_depth_cents": f"{DESK}::test_two_people_stand_behind_a_concession_deeper_than_four_eyes",
    "policy.complaint_*": f"{DESK}::test_a_complaint_that_reaches_many_goes_to_a_manager_in_its_own_hours",
    "policy.retention_*_months": f"{RETENTION}::test_what_was_kept_is_over_a_day_after_its_months",
    "policy.rulebook_impact_share": f"{IMPACT}::test_more_than_the_share_of_policy_needs_a_second_person",
    "policy.control_share": f"{CHANCE}::test_who_draws_a_cell_below_the_share_is_of_the_control_group",
    "policy.control_months": f"{CHANCE}::test_the_group_is_drawn_anew_on_the_first_day_of_a_validity",
    "policy.explore_share": f"{CHANCE}::test_who_draws_a_cell_below_the_share_explores",
    "policy.near_value_cents": f"{CHANCE}::test_what_is_as_near_to_the_best_value_as_policy_says_is_drawn_from",
    "law-*.from": f"{DATED}::test_a_dated_line_holds_from_its_first_day_to_its_last",
    "law-*.to": f"{DATED}::test_a_dated_line_holds_from_its_first_day_to_its_last",
    "policy.*.from": f"{DATED}::test_a_dated_line_holds_from_its_first_day_to_its_last",
    "law-fr.FR-MAX24.months": f"{DECISION}::test_the_longest_commitment_holds_to_the_month",
    "law-be.BE-24.months": f"{DECISION}::test_the_longest_commitment_holds_to_the_month",
    "law-eu.EU-24.months": f"{DECISION}::test_the_longest_commitment_holds_to_the_month",
    "law-fr.FR-TWIN12.months": f"{DATED}::test_an_offer_longer_than_the_months_of_the_law_wants_its_twin",
    "law-fr.FR-EXIT-*.free_after_months": f"{DATED}::test_a_french_fee_is_a_share_from_the_month_that_the_law_names",
    "law-fr.FR-UNI.months": f"{DATED}::test_changed_terms_free_the_customer_for_the_months_that_the_law_names",
    "law-fr.FR-CALL-N.calls": f"{DATED}::test_calls_are_counted_up_to_the_number_that_the_law_names",
    "law-fr.FR-CALL-N.days": f"{DATED}::test_calls_are_counted_over_the_days_that_the_law_names",
    "law-fr.FR-CALL-60.days": f"{DATED}::test_silence_lasts_the_days_that_the_law_names",
    "law-fr.FR-CALL-H.weekdays": f"{DATED}::test_the_weekdays_are_those_that_the_law_names",
    "law-be.BE-6M.free_after_months": f"{DATED}::test_a_belgian_fee_ends_with_the_month_that_the_law_names",
    "offers.*.conditions.at_least": f"{DATED}::test_a_condition_on_tenure_holds_from_its_month",
    "tariffs.*.valid_*": f"{DATED}::test_what_is_on_sale_is_so_from_its_first_day_to_its_last",
    "tariffs.*.included": f"{DATED}::test_a_tariff_charges_every_started_step_beyond_what_it_includes",
    "tariffs.*.step": f"{DATED}::test_a_tariff_charges_every_started_step_beyond_what_it_includes",
    "devices.*.stock": f"{DATED}::test_a_device_is_offered_to_the_last_one_on_the_shelf",
    "devices.*.price_cents": f"{DATED}::test_a_top_up_is_no_higher_than_the_price_in_the_shop",
    "devices.*.cost_cents": f"{DATED}::test_a_handset_is_subsidised_up_to_the_cent_that_pays_its_cost",
    "devices.*.agreed_value_cents": f"{DATED}::test_a_value_is_agreed_from_nothing_on",
}
"""The test of each number, which may stand for several; texts (`windows` of FR-CALL-H) are numbers of no field."""

_ADDED = "added up or multiplied: every cent of it counts alike, and nothing turns at it"
_BELIEVED = "a weight in a chance: what is believed moves with it a little at a time"
_OFFERED = "what is offered, not how far: another value is another candidate"
NO_LIMIT: dict[str, str] = {
    "policy.handling_cents": _ADDED,
    "policy.contact_cost_cents": _ADDED,
    "policy.commitment_worth_cents": _ADDED,
    "policy.device_worth_share": _ADDED,
    "policy.shadow_price": _ADDED,
    "policy.horizon_months": _ADDED,
    "policy.worth_months": _ADDED,
    "policy.yearly_discount_share": _ADDED,
    "policy.monthly_leaving_*_share": _ADDED,
    "policy.months_of_discount_without_commitment": _OFFERED,
    "policy.chance_salt": "a name for a draw: another draws other groups, none of them more",
    "policy.window_months_when_unknown": _BELIEVED,
    "policy.p_churn_when_unknown": _BELIEVED,
    "policy.*_log_odds*": _BELIEVED,
    "policy.belief_log_sd_*": _BELIEVED,
    "law-*.*-VAT.share": _ADDED,
    "law-fr.FR-EXIT-*.share": _ADDED,
    "law-be.BE-DEV.months": "how a value falls, month by month, over the commitment itself; no decision reads it",
    "offers.*_cents": _OFFERED,
    "offers.*months": _OFFERED,
    "devices.*.trade_in.*": _ADDED,
    "tariffs.*_cents": _ADDED,
}
"""Why a number is no limit."""


def numbers() -> set[str]:
    """Every number and every day of the rulebook, by its place: the entry, and the field where it has several."""
    documents = {name: document for name, document in house_documents().items() if not name.startswith("texts/")}
    found = {place for name, document in documents.items() for place in _places(document, name.removesuffix(".toml"))}
    return {place.removesuffix(".value") for place in found if not place.endswith(".range")}


def _places(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _places(each, place if name == "values" else f"{place}.{name}")
    elif isinstance(value, list):
        for each in value:
            yield from _places(each, place)
    elif isinstance(value, int | float | datetime.date) and not isinstance(value, bool):
        yield place


def test_every_number_is_tried_on_both_sides_or_is_no_limit() -> None:
    patterns = (*TRIED, *NO_LIMIT)
    assert sorted(each for each in numbers() if not any(fnmatch.fnmatch(each, one) for one in patterns)) == []


def test_no_line_speaks_of_a_number_that_is_not_there() -> None:
    found = numbers()
    stale = [one for one in (*TRIED, *NO_LIMIT) if not fnmatch.filter(found, one)]
    assert stale == []


def test_the_tests_that_are_named_are_there() -> None:
    for named in set(TRIED.values()):
        file, _, name = named.partition("::")
        functions = [
            each.name for each in ast.parse((ROOT / file).read_text()).body if isinstance(each, ast.FunctionDef)
        ]
        assert name in functions, named
