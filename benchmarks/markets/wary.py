"""A wary market: being called wakes people, strongly and unlike each other; many do not answer, few accept."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.markets.market import Market, State, even_points
from benchmarks.markets.people import PAYMENTS, REGIONS, Floats, People

UNSEEN = 4
EXTRA_EUR = {
    "data_5gb": 1.2,
    "data_20gb": 2.6,
    "data_50gb": 3.6,
    "international_60min": 2.4,
    "roaming_plus": 2.2,
    "sms_15": 0.2,
    "sms_unlimited": 1.0,
    "tv_option": 2.2,
}


class WaryMarket(Market):
    """Tastes: money, device, commitment, extras; who mistrusts accepts less and leaves more once called."""

    spread_eur = 24.0
    hassle_eur = 66.0
    hazard = 0.14

    def terms(self) -> tuple[Floats, NDArray[np.bool_]]:
        shelf = self.shelf
        given = (
            0.9 * shelf.discount * np.minimum(shelf.discount_months, 18)
            + shelf.credit
            + 0.3 * shelf.taken_back
            - 1.05 * shelf.top_up
        )
        bound = -14.0 * np.sqrt(shelf.commitment / 12) - 28.0 * (shelf.commitment > 12)
        extras = np.array([EXTRA_EUR[name] for name in shelf.extra_names]) @ self.extras_months()
        device = self.brand_worth(0.95).sum(axis=0)
        self.lean = np.exp(0.12 * self.rng.standard_normal(12))
        self.regions = 0.2 * self.rng.standard_normal(len(REGIONS))
        return np.stack([given, device, bound, extras])[None], np.ones((1, len(shelf)), dtype=bool)

    def states(self, people: People) -> Iterator[State]:
        points = even_points(UNSEEN)
        for point in points:
            yield self._state(people, np.broadcast_to(point, (len(people), UNSEEN)), 1 / len(points))

    def draw_states(self, people: People, rng: np.random.Generator) -> State:
        return self._state(people, rng.standard_normal((len(people), UNSEEN)), 1.0)

    def _state(self, people: People, unseen: Floats, share: float) -> State:
        fact, lean = people.fact, self.lean
        mistrust, device, money, bound = unseen.T
        silent = np.nan_to_num(fact("last_contact_months"), nan=40.0)
        asleep = 1 / (1 + np.exp(-(np.log(silent) - 2.2) / 0.5))
        settled = 1 / (1 + np.exp(-(fact("tenure_months") - 40) / 12))
        held = np.minimum(fact("remaining_months"), 6) / 6
        aged = np.clip(fact("device_age_months") / 30, 0, 2)
        by_hand = people.code("payment", PAYMENTS) > 0
        saving = (fact("price_cents") - 1_700) / 1_000
        wants = 0.56 * np.exp(0.45 * device) * (0.55 + lean[0] * 0.55 * aged)
        euros = np.exp(0.2 * money + lean[1] * 0.2 * by_hand)
        use = np.sqrt(fact("data_mb_per_month") / 10_000)
        tastes = np.column_stack([euros, wants, np.exp(0.5 * bound), 0.45 * lean[2] * use])
        hassle = (
            self.hassle_eur
            + 36 * mistrust
            - lean[3] * 34 * (fact("complaints") > 0)
            - lean[4] * 30 * held
            + 16 * settled
        )
        hazard = self.hazard * np.exp(
            self.regions[people.code("region", REGIONS)]
            + lean[5] * 0.4 * saving
            - lean[6] * 0.8 * held
            - lean[7] * 0.6 * settled
            + 0.25 * by_hand
            + lean[8] * 0.35 * np.minimum(fact("complaints"), 3)
        )
        wakes = 0.02 + lean[9] * 0.3 * asleep * (1 - 0.8 * held) * (0.4 + 0.6 * settled) * np.exp(0.3 * saving)
        woken = hazard * 1.15 + wakes * np.exp(0.5 * mistrust - 0.125)
        reached = 0.6 + 0.25 * np.tanh(fact("voice_minutes_per_month") / 150 - 0.5)
        return State(share, 0, tastes, hassle, hazard, woken, reached)
