"""The calls were drawn by chance alone, the draw is on record, and calling has a price of its own."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from tests.training.market.conftest import TODAY, Export, day, difference, left, number
from training.market import simulate_market

CONTROL, BARE_CALL, OFFER_CALL = 0, 1, 2
GROUPS = {"temoin": 0.20, "appel_sans_offre": 0.20, "appel_avec_offre": 0.60}
Row = dict[str, str]


@dataclass(frozen=True)
class Draws:
    """Every draw of a market: its arm, who left, and the line as it was that day, the unseen part included."""

    day: np.ndarray
    arm: np.ndarray
    left: np.ndarray
    lines: dict[str, np.ndarray]

    @property
    def bound(self) -> np.ndarray:
        """Who is bound by a commitment."""
        return self.lines["commitment_end"] > self.day


@pytest.fixture(scope="module")
def draws() -> Draws:
    market = simulate_market(30_000, 4, TODAY)
    waves = [(past, wave, np.searchsorted(past.lines["serial"], wave.serial)) for past, wave in market.past]
    day = np.concatenate([np.full(len(rows), past.day) for past, _, rows in waves])
    left_on = np.concatenate([market.left_on[wave.serial] for _, wave, _ in waves])
    names = ("kind", "tariff", "wary", "town", "commitment_end", "anger", "faults", "contacts", "serial")
    lines = {name: np.concatenate([past.lines[name][rows] for past, _, rows in waves]) for name in names}
    assert (lines["serial"] == np.concatenate([wave.serial for _, wave, _ in waves])).all()
    # six months are 181 to 184 days, and nobody leaves between the 29th of a month and the 7th of the next
    left = (left_on - day) < np.timedelta64(181, "D")
    return Draws(day, np.concatenate([wave.arm for _, wave, _ in waves]), left, lines)


SEEN_AND_UNSEEN: dict[str, Callable[[Draws], np.ndarray]] = {
    "what kind of person": lambda draws: draws.lines["kind"],
    "tariff": lambda draws: draws.lines["tariff"],
    "mistrust": lambda draws: draws.lines["wary"],
    "region": lambda draws: draws.lines["town"] // 16,
    "commitment": lambda draws: draws.bound,
    "anger": lambda draws: draws.lines["anger"] > 0.5,
}


@pytest.mark.parametrize("name", SEEN_AND_UNSEEN)
def test_the_groups_are_alike_in_what_is_seen_and_unseen(draws: Draws, name: str) -> None:
    value = SEEN_AND_UNSEEN[name](draws).astype(int)
    table = [[((draws.arm == arm) & (value == one)).sum() for one in np.unique(value)] for arm in range(3)]
    assert chi2_contingency(table).pvalue > 0.001


def test_a_call_wakes_the_sleeping_and_hardly_those_who_are_bound(draws: Draws) -> None:
    troubled = (draws.lines["faults"].sum(axis=1) > 0) | (draws.lines["contacts"].sum(axis=1) > 1)
    sleeping = ~draws.bound & ~troubled
    called, control = draws.arm == BARE_CALL, draws.arm == CONTROL
    low, high = difference(draws.left[sleeping & called], draws.left[sleeping & control])
    assert 0.02 < low < high < 0.12
    assert np.mean(draws.left[draws.bound & called]) - np.mean(draws.left[draws.bound & control]) < low


def test_some_ten_thousand_draws_in_three_groups(market: Export) -> None:
    found = Counter(row["groupe"] for row in market.contacts)
    assert 9_000 <= len(market.contacts) <= 11_000
    assert {group: found[group] / len(market.contacts) for group in GROUPS} == pytest.approx(GROUPS, abs=0.02)


def test_each_draw_carries_the_probability_of_its_group_and_terms(market: Export) -> None:
    for row in market.contacts:
        chance = number(row["probabilite_tirage"])
        if row["groupe"] == "appel_avec_offre":
            assert 0 < chance < GROUPS["appel_avec_offre"] / 10
        else:
            assert chance == pytest.approx(GROUPS[row["groupe"]])


def test_terms_are_drawn_as_often_as_their_probability_says(market: Export) -> None:
    offers = [row for row in market.contacts if row["groupe"] == "appel_avec_offre"]
    credits = [row for row in offers if row["avoir_ttc"] != "0,00"]
    # ten percent of the offers are credits: five amounts, three lengths, all alike
    assert len(credits) / len(offers) == pytest.approx(0.10, abs=0.012)
    assert {number(row["probabilite_tirage"]) for row in credits} == {0.60 * 0.10 / 15}
    drawn = np.array(list(Counter((row["avoir_ttc"], row["engagement_mois"]) for row in credits).values()))
    expected = len(credits) / 15
    assert len(drawn) == 15
    assert ((drawn - expected) ** 2 / expected).sum() < 36.1  # chi-square, 14 degrees, p = 0.001


def test_terms_and_answers_fit_their_group(market: Export) -> None:
    answers = {
        "temoin": {""},
        "appel_sans_offre": {"injoignable", "sans_offre"},
        "appel_avec_offre": {"injoignable", "accepte", "refuse"},
    }
    for row in market.contacts:
        assert row["reaction"] in answers[row["groupe"]]
        assert (row["engagement_mois"] != "") == (row["groupe"] == "appel_avec_offre")
        assert (row["motif_refus"] != "") == (row["reaction"] == "refuse")
        assert (row["reste_a_payer_ttc"] != "") == (row["terminal_propose"] != "")


def test_calls_fall_on_weekdays_and_never_reach_whoever_objected(market: Export) -> None:
    assert all(day(row["date_contact"]).weekday() < 5 for row in market.contacts)
    objectors = {row["numero_contrat"] for row in market.contracts if row["opposition_profilage"] == "oui"}
    assert not objectors & {row["numero_contrat"] for row in market.contacts}


def test_a_call_without_an_offer_makes_people_leave(draws: Draws) -> None:
    low, high = difference(draws.left[draws.arm == BARE_CALL], draws.left[draws.arm == CONTROL])
    assert 0.01 < low < high < 0.08


def test_an_offer_takes_back_a_part_of_what_the_call_costs(draws: Draws) -> None:
    low, _ = difference(draws.left[draws.arm == BARE_CALL], draws.left[draws.arm == OFFER_CALL])
    assert low > 0


def test_calling_everybody_with_random_offers_is_worse_than_calling_nobody(draws: Draws) -> None:
    low, _ = difference(draws.left[draws.arm == OFFER_CALL], draws.left[draws.arm == CONTROL])
    assert low > 0


def test_whoever_accepts_leaves_less_than_whoever_refuses(market: Export) -> None:
    refused = left([row for row in market.contacts if row["reaction"] == "refuse"])
    took = left([row for row in market.contacts if row["reaction"] == "accepte"])
    assert difference(refused, took)[0] > 0


def accepted(rows: list[Row]) -> np.ndarray:
    return np.array([row["reaction"] == "accepte" for row in rows if row["reaction"] in ("accepte", "refuse")])


def test_more_money_is_accepted_more_often(market: Export) -> None:
    only = [row for row in market.contacts if row["groupe"] == "appel_avec_offre" and not row["terminal_propose"]]
    small = accepted([row for row in only if number(row["remise_mensuelle_ttc"]) == 1])
    large = accepted([row for row in only if number(row["remise_mensuelle_ttc"]) == 7])
    assert difference(large, small)[0] > 0.1


def test_a_smaller_top_up_is_accepted_more_often(market: Export) -> None:
    devices = [row for row in market.contacts if row["terminal_propose"]]
    gift = accepted([row for row in devices if number(row["reste_a_payer_ttc"]) == 1])
    dear = accepted([row for row in devices if number(row["reste_a_payer_ttc"]) > 300])
    assert difference(gift, dear)[0] > 0.1
    assert gift.mean() < 0.6
