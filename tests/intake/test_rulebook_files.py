"""Rulebook folders that are wrong: each fault with its exact code and line, all of them at once."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from engine.errors import Faults
from intake.rulebook import read_rulebook
from tests.intake.rulebook_copies import ROOT, copied_rulebook, spoil
from tests.intake.small_files import each_is_told_in_full, faults_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rulebook."""
    return copied_rulebook(tmp_path)


def test_the_shipped_rulebook_is_read_and_holds_today(folder: Path) -> None:
    rulebook = read_rulebook(folder)
    assert rulebook.digest == read_rulebook(ROOT / "rulebook").digest
    assert rulebook.as_of(date(2026, 11, 22)).policy["handling_cents"] == 500


def test_a_changed_word_changes_the_digest(folder: Path) -> None:
    spoil(folder, "texts/fr.toml", "# ", "# ! ")
    assert read_rulebook(folder).digest != read_rulebook(ROOT / "rulebook").digest


SPOILT: dict[str, tuple[str, str, str, str]] = {
    "an unknown number of the policy": ("policy.toml", "[handling_cents]", "[handling_cts]", "unknown-key"),
    "a number without a unit": ("policy.toml", 'unit = "cents"\n', "", "missing-key"),
    "a share above its range": (
        "policy.toml",
        "{ from = 2020-01-01, value = 0.10 }",
        "{ from = 2020-01-01, value = 1.10 }",
        "out-of-range",
    ),
    "cents with decimals": ("policy.toml", "value = 500 }", "value = 500.0 }", "wrong-type"),
    "cents as a text": ("policy.toml", "value = 500 }", 'value = "500" }', "wrong-type"),
    "a boolean for a number": ("policy.toml", "value = 500 }", "value = true }", "wrong-type"),
    "a share that is not a number": ("policy.toml", "value = 0.10 }", "value = nan }", "non-finite-number"),
    "a day in quotes": (
        "policy.toml",
        "from = 2020-01-01, value = 500",
        'from = "2020-01-01", value = 500',
        "wrong-type",
    ),
    "a moment for a day": (
        "policy.toml",
        "from = 2020-01-01, value = 500",
        "from = 2020-01-01T00:00:00, value = 500",
        "invalid-string",
    ),
    "a value that starts after it ends": (
        "policy.toml",
        "{ from = 2020-01-01, value = 500 }",
        "{ from = 2020-01-01, to = 2019-01-01, value = 500 }",
        "invalid-time",
    ),
    "days that go back": (
        "policy.toml",
        "{ from = 2020-01-01, value = 500 }",
        "{ from = 2020-01-01, value = 500 }, { from = 2019-01-01, value = 400 }",
        "invalid-time",
    ),
    "an unknown choice": ("policy.toml", 'value = "approve" }', 'value = "perhaps" }', "not-a-choice"),
    "a status that is none": ("policy.toml", 'status = "policy"', 'status = "guess"', "not-a-choice"),
    "the same number twice": ("policy.toml", "[floor_cents_12]", "[floor_cents_0]", "duplicate-key"),
    "an offer of a device that is not on sale": (
        "offers.toml",
        '"galaxy-a17", "galaxy-a36", "redmi',
        '"galaxy-a99", "galaxy-a36", "redmi',
        "unknown-name",
    ),
    "a trade-in of a device that nobody takes back": (
        "offers.toml",
        'trade_in = ["galaxy-a17"',
        'trade_in = ["fairphone-6"',
        "unknown-name",
    ),
    "an extra that does not exist": (
        "offers.toml",
        'extras = [[], ["data_20gb"]',
        'extras = [[], ["data_99gb"]',
        "unknown-name",
    ),
    "an offer twice": ("offers.toml", 'id = "phone-discount"', 'id = "phone"', "repeated-value"),
    "a kind that is none": ("offers.toml", 'kind = "device"', 'kind = "gadget"', "not-a-choice"),
    "a commitment of 36 months": (
        "offers.toml",
        "commitment_months = [0, 12, 24]",
        "commitment_months = [0, 12, 36]",
        "not-a-choice",
    ),
    "a discount below zero": (
        "offers.toml",
        "discount_cents = [200, 400]",
        "discount_cents = [-200, 400]",
        "out-of-range",
    ),
    "a discount with decimals": (
        "offers.toml",
        "discount_cents = [200, 400]",
        "discount_cents = [2.0, 400]",
        "wrong-type",
    ),
    "an unknown lever": ("offers.toml", "credit_cents = [1_000", "credits = [1_000", "unknown-key"),
    "an offer without words in Dutch": ("offers.toml", 'nl = "Een toestel bij verlenging", ', "", "missing-key"),
    "a condition on a fact that does not exist": (
        "offers.toml",
        'fact = "tenure_months", at_least = 12',
        'fact = "mood", at_least = 12',
        "not-a-choice",
    ),
    "a condition without a test": (
        "offers.toml",
        'fact = "tenure_months", at_least = 12',
        'fact = "tenure_months"',
        "missing-key",
    ),
    "a condition that compares months with a word": (
        "offers.toml",
        'fact = "tenure_months", at_least = 12',
        'fact = "tenure_months", at_least = "12"',
        "wrong-type",
    ),
    "a device without a price": ("devices.toml", "price_cents = 17_990\n", "", "missing-key"),
    "a device with decimals in its cost": ("devices.toml", "cost_cents = 11_900", "cost_cents = 119.0", "wrong-type"),
    "a device whose name is a path": ("devices.toml", "[galaxy-a17]", '["../a17"]', "unknown-key"),
    "a stock below zero": ("devices.toml", "stock = 420", "stock = -1", "out-of-range"),
    "a law without VAT": ("law-fr.toml", "[FR-VAT]", "[FR-TVA]", "missing-key"),
    "a VAT rate of 120 percent": ("law-fr.toml", "share = 0.20 }", "share = 1.20 }", "out-of-range"),
    "a rule of exit without its share": (
        "law-fr.toml",
        "free_after_months = 12, share = 0.20",
        "free_after_months = 12",
        "missing-key",
    ),
    "a rule without a source": ("law-fr.toml", 'source = "CGI art. 278"\n', "", "missing-key"),
    "a commitment of 25 months in the law": ("law-fr.toml", "months = 24 }", "months = 25 }", "out-of-range"),
    "a text without its end date": ("texts/nl.toml", "{ends}", "", "missing-word"),
    "a text with a word nobody fills in": ("texts/en.toml", "{monthly}", "{monthly} {margin}", "unknown-name"),
    "a text that reaches into the program": ("texts/en.toml", "{monthly}", "{monthly.__class__}", "unknown-name"),
    "a text that formats its numbers": ("texts/en.toml", "{monthly}", "{monthly:>9999}", "broken-text"),
    "a text with an open brace": ("texts/fr.toml", "{monthly}", "{monthly", "broken-text"),
    "eleven months": ("texts/en.toml", '"November", ', "", "too-few"),
    "a text too many": ("texts/en.toml", "[roles]\n", '[roles]\nboss = "the boss"\n', "unknown-key"),
}


@pytest.mark.parametrize("title", SPOILT)
def test_a_rulebook_is_refused_for(title: str, folder: Path) -> None:
    name, old, new, code = SPOILT[title]
    spoil(folder, name, old, new)
    with pytest.raises(Faults) as refused:
        read_rulebook(folder)
    assert code in [found for found, _ in faults_of(refused.value)]
    assert all(fault.where.startswith(f"{name}:") for fault in refused.value.faults)
    assert each_is_told_in_full(refused.value.faults)


EXACT_LINES = ["cents with decimals", "a day in quotes", "an offer twice", "a stock below zero", "a kind that is none"]


@pytest.mark.parametrize("title", EXACT_LINES)
def test_the_line_of_a_fault_is_that_of_the_slip(title: str, folder: Path) -> None:
    name, old, new, code = SPOILT[title]
    line = spoil(folder, name, old, new)
    with pytest.raises(Faults) as refused:
        read_rulebook(folder)
    assert faults_of(refused.value) == [(code, f"{name}:{line}")]


def test_the_faults_of_all_files_are_told_at_once(folder: Path) -> None:
    spoil(folder, "devices.toml", "stock = 420", "stock = -1")
    spoil(folder, "texts/nl.toml", "{ends}", "")
    spoil(folder, "policy.toml", "value = 500 }", "value = nan }")
    (folder / "law-fr.toml").unlink()
    with pytest.raises(Faults) as refused:
        read_rulebook(folder)
    assert {where.split(":")[0] for _, where in faults_of(refused.value)} == {
        "devices.toml",
        "texts/nl.toml",
        "policy.toml",
        "law-fr.toml",
    }


def test_a_rulebook_that_makes_too_many_candidates_is_refused(folder: Path) -> None:
    many = "top_up_cents = [" + ", ".join(str(100 * number) for number in range(1, 51)) + "]\n"
    discounts = "discount_cents = [" + ", ".join(str(10 * number) for number in range(1, 51)) + "]\n"
    credits = "credit_cents = [" + ", ".join(str(10 * number) for number in range(1, 21)) + "]\n"
    with (folder / "offers.toml").open("a", encoding="utf-8") as offers:
        offers.write('[[offer]]\nid = "bomb"\nkind = "device"\nsays = { fr = "a", nl = "a", en = "a" }\n')
        offers.write('devices = ["galaxy-a17"]\ncommitment_months = [12]\n' + many + discounts + credits)
    with pytest.raises(Faults) as refused:
        read_rulebook(folder)
    assert [code for code, _ in faults_of(refused.value)] == ["too-many"]


BROKEN: dict[str, Callable[[Path], object]] = {
    "no-input": lambda path: (path.unlink(), path.mkdir()),
    "file-missing": lambda path: path.unlink(),
    "too-large": lambda path: path.write_text("#\n" * 200_000),
    "too-deep": lambda path: path.write_text("a = " + "[" * 500),
    "not-utf-8": lambda path: path.write_bytes(b"# \xff\n"),
    "broken-toml": lambda path: path.write_text("[open"),
}


@pytest.mark.parametrize("code", BROKEN)
def test_a_file_of_a_rulebook_can_be(code: str, folder: Path) -> None:
    BROKEN[code](folder / "texts/en.toml")
    with pytest.raises(Faults) as refused:
        read_rulebook(folder)
    assert faults_of(refused.value) == [(code, "texts/en.toml:1")]


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_rulebook(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        read_rulebook(tmp_path / "file")
