"""docs/law.md publishes every rule with what holds it; a rule that nothing holds fails here."""

import pytest

from tests.law.table import DOCUMENT, ROOT, cases_of, duties, rules, with_table

TESTED = {name: rule for name, rule in rules().items() if rule["kind"] in ("offer", "contact", "fee")}


def test_the_published_table_is_that_of_the_rulebook_and_its_cases() -> None:
    published = DOCUMENT.read_text("utf-8")
    assert with_table(published) == published


@pytest.mark.parametrize("name", TESTED)
def test_every_offer_contact_and_fee_rule_has_a_case_that_it_allows_and_one_that_it_refuses(name: str) -> None:
    assert {case["allowed"] for case in cases_of(name)} == {True, False}


@pytest.mark.parametrize("name", [name for name in rules() if name not in TESTED])
def test_every_duty_and_rate_has_a_record_and_a_test_that_is_there(name: str) -> None:
    file, _, function = duties()[name]["test"].partition("::")
    assert f"def {function}(" in (ROOT / file).read_text("utf-8")


def test_no_case_speaks_of_a_rule_that_is_not_there() -> None:
    assert set(duties()) <= set(rules())
