"""docs/rights.md: every right names a rule of the rulebook, and the classification under the AI Act is written down."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/rights.md").read_text("utf-8")
CLASSIFICATION = DOCUMENT.partition("## Classification under the AI Act")[2]
RULES = {
    name: rule
    for file in sorted((ROOT / "rulebook").glob("law-*.toml"))
    for name, rule in tomllib.loads(file.read_text("utf-8")).items()
}


def test_every_rule_that_is_named_is_in_the_rulebook() -> None:
    named = set(re.findall(r"\b(?:EU|FR|BE|GDPR|AIA)-[A-Z0-9]+\b", DOCUMENT))
    assert named
    assert named <= set(RULES)


def test_the_classification_names_every_rule_of_the_ai_act() -> None:
    assert {name for name in RULES if name.startswith("AIA-")} <= set(re.findall(r"AIA-[A-Z0-9]+", CLASSIFICATION))


def test_the_classification_says_from_when_the_duties_hold() -> None:
    for name in ("AIA-DATE", "AIA-TIER"):
        assert RULES[name]["values"][0]["from"].isoformat() in CLASSIFICATION
