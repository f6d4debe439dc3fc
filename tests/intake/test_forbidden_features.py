"""What no model may learn from is refused where a mapping names it, derives from it or marks it."""

import tomllib
from pathlib import Path

import pytest

from engine.errors import Faults
from intake.forbidden import FORBIDDEN, kind_of
from intake.mapping import read_mapping

ROOT = Path(__file__).parents[2]
RULES = {
    "age": "AIA-5",
    "gender": "AIA-5",
    "family": "AIA-5",
    "health": "AIA-5",
    "origin": "AIA-5",
    "belief": "AIA-5",
    "means": "AIA-5B",
    "place": "AIA-5",
    "agent": "AIA-4B",
}
MAPPING = """
format = 1
name = "small"
description = "small"

[facts]
contract_id = "id"
price_cents = {{ column = "price", unit = "EUR incl. VAT" }}
{facts}

[assumptions]
cost_to_serve_cents = {{ value = 400, because = "none" }}

[features]
numeric = ["price", "{feature}"]

[label]
column = "left"
left = ["1"]
window_months = 6
"""


def read(folder: Path, feature: str, before: str = "", facts: str = "") -> list[tuple[str, str, str]]:
    """(code, place, what) of every fault of a small mapping with one feature more."""
    path = folder / "mapping.toml"
    path.write_text(before + MAPPING.format(feature=feature, facts=facts), "utf-8")
    try:
        read_mapping(path)
    except Faults as found:
        return [(fault.code, fault.where, fault.what) for fault in found.faults]
    return []


@pytest.mark.parametrize(
    ("column", "tells"),
    [
        ("age", "age or date of birth (AIA-5)"),
        ("CustomerAge", "age or date of birth (AIA-5)"),
        ("account_holder_age", "age or date of birth (AIA-5)"),
        ("Date of birth", "age or date of birth (AIA-5)"),
        ("date_naissance", "age or date of birth (AIA-5)"),
        ("geboortedatum", "age or date of birth (AIA-5)"),
        ("SeniorCitizen", "age or date of birth (AIA-5)"),
        ("gender", "gender or sexual orientation (AIA-5)"),
        ("Civilité", "gender or sexual orientation (AIA-5)"),
        ("Partner", "family situation (AIA-5)"),
        ("situation de famille", "family situation (AIA-5)"),
        ("is_disabled", "health or disability (AIA-5)"),
        ("nationalité", "ethnic origin, nationality or birthplace (AIA-5)"),
        ("trade_union", "religion, political opinion or union membership (AIA-5)"),
        ("IncomeBand", "income, debt or credit standing (AIA-5B)"),
        ("credit_score", "income, debt or credit standing (AIA-5B)"),
        ("postcode", "a place so small that it tells the social or ethnic group (AIA-5)"),
        ("code_postal", "a place so small that it tells the social or ethnic group (AIA-5)"),
        ("agent_id", "who works for us (AIA-4B)"),
    ],
)
def test_a_feature_is_refused_by_its_name(tmp_path: Path, column: str, tells: str) -> None:
    assert read(tmp_path, column) == [("forbidden-feature", "mapping.toml:15", f"{column} tells {tells}")]


@pytest.mark.parametrize(
    "column",
    [
        *("age_terminal_mois", "DeviceAge", "age_of_the_device", "account_age", "usage", "page", "region", "state"),
        *("mode_paiement", "credit_cents", "roaming_partner", "union_europeenne", "user_agent", "email_address"),
    ],
)
def test_a_name_that_only_sounds_alike_is_no_reason(tmp_path: Path, column: str) -> None:
    assert read(tmp_path, column) == []


def test_a_feature_is_refused_by_what_it_is_derived_from_however_far_behind(tmp_path: Path) -> None:
    derived = '[derived]\nyears = { months_between = ["birth_date", "@as_of"] }\nx = { ratio = ["years", "price"] }\n'
    told = "x is derived from birth_date, which tells age or date of birth (AIA-5)"
    assert read_derived(tmp_path, derived) == [("forbidden-feature", "mapping.toml:19", told)]


def read_derived(folder: Path, derived: str) -> list[tuple[str, str, str]]:
    """The faults of the small mapping with a feature `x` derived."""
    return read(folder, "x", facts="\n" + derived)


def test_what_is_derived_from_itself_is_told_and_not_followed_for_ever(tmp_path: Path) -> None:
    assert ("used-before", "x") in [
        (code, what.split()[0]) for code, _, what in read_derived(tmp_path, '[derived]\nx = { sum = ["x", "price"] }\n')
    ]


def test_a_column_that_the_mapping_marks_is_refused_under_any_name(tmp_path: Path) -> None:
    found = read(tmp_path, "x17", before='sensitive = ["x17"]\n')
    assert found == [("forbidden-feature", "mapping.toml:16", "x17 tells what the mapping marks as sensitive")]


@pytest.mark.parametrize("fact", ["over_indebted", "protected_adult"])
def test_the_column_of_a_fact_that_protects_is_refused_under_any_name(tmp_path: Path, fact: str) -> None:
    found = read(tmp_path, "x17", facts=f'{fact} = {{ column = "x17", yes = ["1"], no = ["0"] }}')
    assert found == [("forbidden-feature", "mapping.toml:15", f"x17 tells the fact {fact} (AIA-5)")]


def test_the_list_names_a_rule_for_every_kind_and_holds_plain_words() -> None:
    listed = tomllib.loads(FORBIDDEN.read_text("utf-8"))
    assert {name: entry["rule"] for name, entry in listed.items()} == RULES
    law = tomllib.loads((ROOT / "rulebook/law-eu.toml").read_text("utf-8"))
    assert {entry["rule"] for entry in listed.values()} <= set(law)
    for entry in listed.values():
        for word in entry["words"]:
            assert kind_of(word), word
        assert all(word.isascii() and word == word.lower() for word in (*entry["words"], *entry.get("unless", ())))


@pytest.mark.parametrize("path", sorted((ROOT / "mappings").glob("*.toml")), ids=lambda path: path.stem)
def test_no_mapping_that_ships_learns_from_any_of_it(path: Path) -> None:
    mapping = read_mapping(path)
    assert not [name for name in (*mapping.numeric, *mapping.categorical) if kind_of(name)]
