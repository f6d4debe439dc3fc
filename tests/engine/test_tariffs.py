"""The best tariff: usage and prices on sale alone decide; every boundary of what a tariff includes."""

import datetime
from typing import Any

import numpy as np
import pytest

from engine.answers import write_answer
from engine.rulebook import Rulebook, parse_rulebook
from engine.terms import NONE
from tests.engine.questions import TODAY, asked, shipped_texts

USAGE = {"data_mb_per_month": 0, "voice_minutes_per_month": 0, "international_minutes_per_month": 0, "sms_per_month": 0}
UNLIMITED = '{ included = "unlimited" }'
METERED = "{ included = 1_000, step = 100, step_cents = 30 }"


def tariff(name: str, cents: int, data: str = UNLIMITED, sms: str = UNLIMITED, dates: str = "") -> str:
    """One tariff of tariffs.toml: calls are unlimited."""
    says = f'{{ fr = "{name} fr", nl = "{name} nl", en = "{name} en" }}'
    dates = dates or "valid_from = 2020-01-01"
    calls = f"voice_minutes = {UNLIMITED}\ninternational_minutes = {UNLIMITED}"
    return f"[{name}]\nsays = {says}\nmonthly_cents = {cents}\ndata_mb = {data}\nsms = {sms}\n{calls}\n{dates}\n"


def selling(*tariffs: str) -> Rulebook:
    """The shipped rulebook with other tariffs."""
    return parse_rulebook({**shipped_texts(), "tariffs.toml": "\n".join(tariffs)})


def best(rulebook: Rulebook, today: datetime.date = TODAY, **facts: Any) -> dict[str, Any]:
    """What one customer is told of the best tariff."""
    told: dict[str, Any] = write_answer(asked(rulebook, {**USAGE, **facts}, today=today), 0)["best_tariff"]
    return told


@pytest.mark.parametrize(
    ("used", "cents"),
    [(0, 500), (999, 500), (1_000, 500), (1_001, 530), (1_099, 530), (1_100, 530), (1_101, 560), (2_000, 800)],
)
def test_what_is_included_is_free_and_every_started_step_beyond_it_costs(used: int, cents: int) -> None:
    assert best(selling(tariff("small", 500, METERED)), data_mb_per_month=used)["monthly_cents"] == cents


def test_the_cheapest_at_this_usage_is_the_best_whatever_its_price() -> None:
    rulebook = selling(tariff("small", 500, METERED), tariff("large", 800))
    assert best(rulebook, data_mb_per_month=1_900)["tariff"] == "small"
    assert best(rulebook, data_mb_per_month=2_001)["tariff"] == "large"


def test_of_two_that_cost_the_same_the_first_by_its_id_is_told() -> None:
    rulebook = selling(tariff("small", 500, METERED), tariff("large", 800))
    assert best(rulebook, data_mb_per_month=2_000)["tariff"] == "large"


def test_several_usages_add_up() -> None:
    rulebook = selling(tariff("small", 500, METERED, METERED))
    assert best(rulebook, data_mb_per_month=1_001, sms_per_month=1_101)["monthly_cents"] == 500 + 30 + 60


@pytest.mark.parametrize(
    ("price", "saves", "said"), [(501, 1, "less"), (500, 0, "costs less"), (499, -1, "costs less")]
)
def test_a_saving_is_told_from_one_cent_on(price: int, saves: int, said: str) -> None:
    told = best(selling(tariff("small", 500)), price_cents=price)
    assert told["saves_cents"] == saves
    assert ("€0.01 less than today" in told["sentences"]["customer"]["en"]) == (saves > 0)
    assert said in told["sentences"]["customer"]["en"]


def test_no_advice_is_made_up_where_a_metered_usage_is_not_on_file() -> None:
    told = best(selling(tariff("small", 500, METERED), tariff("large", 800)), data_mb_per_month=-1)
    assert told["reason"] == "usage_unknown"
    assert told["unknown"] == ["data_mb_per_month"]
    assert (told["tariff"], told["monthly_cents"], told["saves_cents"]) == (None, None, None)
    assert "mobile data" in told["sentences"]["customer"]["en"]


def test_usage_that_every_tariff_leaves_unlimited_need_not_be_known() -> None:
    told = best(selling(tariff("small", 500, METERED)), sms_per_month=-1, data_mb_per_month=1)
    assert told["tariff"] == "small"


def test_only_tariffs_on_sale_on_the_day_are_told() -> None:
    ends = "valid_from = 2020-01-01\nvalid_to = 2026-11-21"
    begins = "valid_from = 2026-11-23"
    rulebook = selling(tariff("ended", 100, dates=ends), tariff("here", 900), tariff("announced", 50, dates=begins))
    days = [datetime.date(2026, 11, day) for day in (21, 22, 23)]
    assert [best(rulebook, today=day)["tariff"] for day in days] == ["ended", "here", "announced"]


def test_where_nothing_is_on_sale_that_is_said() -> None:
    told = best(selling(tariff("ended", 100, dates="valid_from = 2020-01-01\nvalid_to = 2026-11-21")))
    assert (told["reason"], told["tariff"], told["unknown"]) == ("none_on_sale", None, [])


@pytest.mark.parametrize(
    "other",
    [
        {"objects_to_profiling": True},
        {"open_fault": "no network"},
        {"unkept_promise": "repair"},
        {"over_indebted": True},
        {"p_churn": 0.9},
        {"cost_to_serve_cents": 3_000},
        {"customer_since": np.datetime64("2001-01-01")},
        {"channel": "phone_out"},
        {"role": "manager"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_neither_margin_nor_score_nor_objection_changes_it(other: dict[str, Any]) -> None:
    rulebook = selling(tariff("small", 500, METERED), tariff("large", 800))
    usage = {"data_mb_per_month": 1_500, "price_cents": 1_790}
    told = best(rulebook, **usage, **other)
    assert told == best(rulebook, **usage)
    assert told["tariff"] == "small"


def test_it_is_another_thing_than_what_is_offered() -> None:
    decisions = asked(selling(tariff("small", 1)), {**USAGE, "price_cents": 1_790, "p_churn": 0.4})
    dearer = asked(selling(tariff("small", 900_000)), {**USAGE, "price_cents": 1_790, "p_churn": 0.4})
    first, second = write_answer(decisions, 0), write_answer(dearer, 0)
    assert first.pop("best_tariff") != second.pop("best_tariff")
    assert first == second
    assert decisions.cheapest.tariff[0] != NONE
