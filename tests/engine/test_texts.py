"""What agents and customers read: amounts and dates as Babel writes them, and nothing left unsaid."""

import datetime
import string
import tomllib
from typing import Any

import numpy as np
import pytest
from babel.dates import format_date
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from engine.answers import write_answer
from engine.fields import LANGUAGES
from engine.rules import RULES
from engine.texts import Writer
from tests.engine.questions import ROOT, asked, shipped

PHRASES = {lang: tomllib.loads((ROOT / f"rulebook/texts/{lang}.toml").read_text()) for lang in LANGUAGES}
LOCALES = {"fr": "fr_FR", "nl": "nl_BE", "en": "en_IE"}
RULEBOOK = shipped()


@pytest.mark.parametrize("language", LANGUAGES)
@given(cents=st.integers(0, 99_999_999))
def test_amounts_are_written_as_babel_writes_them(language: str, cents: int) -> None:
    expected = format_currency(cents / 100, "EUR", locale=LOCALES[language])
    assert Writer(language, PHRASES[language]).money(cents) == expected


@pytest.mark.parametrize("language", LANGUAGES)
@given(day=st.dates(datetime.date(2000, 1, 1), datetime.date(2050, 12, 31)))
def test_days_are_written_as_babel_writes_them(language: str, day: datetime.date) -> None:
    expected = format_date(day, "long", locale=LOCALES[language])
    if language == "fr" and day.day == 1:
        expected = expected.replace("1 ", "1er ", 1)
    assert Writer(language, PHRASES[language]).date(day.isoformat()) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things_with_the_same_blanks(language: str) -> None:
    def blanks(phrases: Any) -> Any:
        if isinstance(phrases, dict):
            return {name: blanks(phrase) for name, phrase in phrases.items()}
        if isinstance(phrases, list):
            return len(phrases)
        return sorted(name for _, name, _, _ in string.Formatter().parse(phrases) if name)

    assert blanks(PHRASES[language]) == blanks(PHRASES["fr"])
    assert set(PHRASES[language]["why_not"]) == {rule.id for rule in RULES}


QUESTIONS = [
    {"p_churn": 0.4, "reason_for_contact": "wants_to_leave"},
    {"p_churn": 0.4, "reason_for_contact": "wants_to_leave", "customer_since": np.datetime64("2012-01-01")},
    {"p_churn": 0.3, "channel": "phone_in", "wants_device": "galaxy-a17", "price_cents": 2990},
    {"p_churn": 0.3, "channel": "phone_in", "wants_max_monthly_cents": 990},
    {"p_churn": 0.3, "channel": "phone_in", "wants_needs": ("data_50gb", "sms_unlimited")},
    {"p_churn": 0.3, "channel": "phone_in", "commitment_end": np.datetime64("2027-03-31"), "price_cents": 3990},
    {"p_churn": 0.3, "objects_to_profiling": True, "price_cents": 2490},
    {"p_churn": 0.4, "channel": "shop", "current_device": "galaxy-a36", "price_cents": 4490},
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_customer_sentence_says_months_end_date_and_the_price_after_a_discount(language: str) -> None:
    decisions = asked(RULEBOOK, *QUESTIONS)
    writer, seen = Writer(language, PHRASES[language]), 0
    for row in range(len(QUESTIONS)):
        answer = write_answer(decisions, row)
        for offer in (*answer["offers"], *answer["entitlements"]):
            sentence = offer["sentences"]["customer"][language]
            assert str(offer["commitment_months"]) in sentence
            assert writer.date(offer["commitment_ends_on"]) in sentence
            assert writer.money(offer["monthly_cents"]) in sentence
            if offer["discount_cents"]:
                assert str(offer["discount_months"]) in sentence
                assert writer.date(offer["discount_ends_on"]) in sentence
                assert writer.money(offer["monthly_cents_after_discount"]) in sentence
            if offer["device"]:
                assert offer["device_says"] in sentence
                assert not offer["top_up_cents"] or writer.money(offer["top_up_cents"]) in sentence
            if offer["extras"]:
                assert writer.date(offer["extras_end_on"]) in sentence
            if offer["twin"]:
                assert writer.date(offer["twin"]["commitment_ends_on"]) in sentence
                assert writer.money(offer["twin"]["monthly_cents_after_discount"]) in sentence
            assert "{" not in sentence
            seen += 1
    assert seen >= 15


def test_the_sentence_of_the_story_word_for_word() -> None:
    wish = {"p_churn": 0.4, "wants_device": "galaxy-a17", "wants_max_commitment_months": 12, "channel": "phone_in"}
    sentence = write_answer(asked(RULEBOOK, wish), 0)["offers"][0]["sentences"]["customer"]["fr"]
    assert sentence == (
        "Nous vous proposons le téléphone Samsung Galaxy A17 pour 20,40\u00a0€. Vous payez 17,90\u00a0€ par mois. "
        "Vous vous engagez pour 12 mois, jusqu'au 23 novembre 2027."
    )


def test_a_customer_still_committed_reads_until_when() -> None:
    bound = {"p_churn": 0.3, "commitment_end": np.datetime64("2027-03-31"), "wants_needs": ("data_20gb",)}
    offer = write_answer(asked(RULEBOOK, {**bound, "wants_max_commitment_months": 0}), 0)["offers"][0]
    assert offer["commitment_months"] == 0
    assert "votre engagement actuel court jusqu'au 31 mars 2027" in offer["sentences"]["customer"]["fr"]


def test_what_the_customer_hears_holds_no_margin_and_no_score() -> None:
    for row, answer in enumerate(write_answer(asked(RULEBOOK, *QUESTIONS), row) for row in range(len(QUESTIONS))):
        for offer in answer["offers"]:
            for sentence in offer["sentences"]["customer"].values():
                assert "marge" not in sentence, row
                assert "%" not in sentence, row
