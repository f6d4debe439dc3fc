"""A market where everything varies smoothly: with the facts, and with log-normal tastes that nobody sees."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.markets.market import Market, State, even_points
from benchmarks.markets.people import BRANDS, REGIONS, Floats, People

EXTRA_EUR = {
    "sms_15": 0.25,
    "sms_unlimited": 1.1,
    "data_5gb": 1.5,
    "data_20gb": 3.0,
    "data_50gb": 4.3,
    "international_60min": 2.6,
    "roaming_plus": 2.3,
    "tv_option": 2.5,
}
EXTRA_TASTE = ("data", "sms", "abroad", "service")
UNSEEN = 5


class SmoothMarket(Market):
    """Tastes: top-up, other money, a device of each brand, commitment, extras of four kinds."""

    spread_eur = 32.0
    hassle_eur = 56.0
    hazard = 0.135

    def terms(self) -> tuple[Floats, NDArray[np.bool_]]:
        shelf = self.shelf
        saved = shelf.credit + 0.35 * shelf.taken_back + shelf.discount * shelf.discount_months**0.9
        bound = -12.0 * (shelf.commitment / 12) ** 2
        kind = {"data": 0, "sms_": 1, "inte": 2, "roam": 2, "tv_o": 3}
        extras = np.zeros((len(EXTRA_TASTE), len(shelf)))
        for name, months in zip(shelf.extra_names, self.extras_months(), strict=True):
            extras[kind[name[:4]]] += EXTRA_EUR[name] * months
        worths = np.concatenate([[-shelf.top_up, saved], self.brand_worth(0.9), [bound], extras])
        self.leanings = np.exp(0.12 * self.rng.standard_normal(24))
        self.regions = 0.25 * self.rng.standard_normal(len(REGIONS))
        return worths[None], np.ones((1, len(shelf)), dtype=bool)

    def states(self, people: People) -> Iterator[State]:
        points = even_points(UNSEEN)
        for point in points:
            yield self._state(people, np.broadcast_to(point, (len(people), UNSEEN)), 1 / len(points))

    def draw_states(self, people: People, rng: np.random.Generator) -> State:
        return self._state(people, rng.standard_normal((len(people), UNSEEN)), 1.0)

    def _state(self, people: People, unseen: Floats, share: float) -> State:
        lean, fact = iter(self.leanings), people.fact
        money, device, bound, extra, mistrust = unseen.T
        use = np.log(fact("data_mb_per_month") / 8_000)
        aged = np.tanh((fact("device_age_months") - 26) / 18)
        loyal = np.tanh((fact("tenure_months") - 40) / 40)
        dear = fact("price_cents") / 1_000 - 1.8
        poor = np.tanh(fact("late_bills") - 0.4)
        quiet = np.tanh((np.nan_to_num(fact("last_contact_months"), nan=30.0) - 9) / 8)
        euro = np.exp(0.25 * money + next(lean) * 0.2 * poor - next(lean) * 0.1 * dear)
        wants = np.exp(-1.06 + next(lean) * 0.65 * aged + next(lean) * 0.15 * np.tanh(use) + 0.45 * device)
        own = people.brand()[:, None] == np.arange(len(BRANDS))
        apple = np.array([0.0, 0.15, 0.0, -0.05, -0.1])
        devices = wants[:, None] * (0.85 + apple + 0.3 * next(lean) * own)
        dislike = np.exp(0.5 * bound - next(lean) * 0.35 * loyal + next(lean) * 0.15 * np.sin(1.5 * dear))
        more = np.exp(0.3 * extra)
        extras = [
            more * np.exp(-0.35 + next(lean) * 0.5 * np.tanh(use)),
            more * np.exp(-0.3 + next(lean) * 0.5 * np.tanh(np.log1p(fact("sms_per_month")) - 3.6)),
            more * np.exp(-0.9 + next(lean) * 1.1 * np.tanh(fact("international_minutes_per_month") / 25)),
            more * np.exp(-0.5 + next(lean) * 0.3 * np.tanh(fact("app_logins") / 4 - 1)),
        ]
        hassle = (
            self.hassle_eur + 26 * mistrust + next(lean) * 18 * loyal - next(lean) * 18 * np.tanh(fact("complaints"))
        )
        region = self.regions[people.code("region", REGIONS)]
        hazard = self.hazard * np.exp(
            region
            - next(lean) * 0.45 * loyal
            + next(lean) * 0.3 * np.tanh(dear)
            + next(lean) * 0.5 * np.tanh(fact("complaints") / 2)
            + next(lean) * 0.25 * poor
            + next(lean) * 0.2 * aged
            - next(lean) * 0.1 * fact("remaining_months")
            + 0.3 * mistrust
        )
        woken = hazard * np.exp(0.18 + next(lean) * 0.28 * quiet + 0.15 * mistrust) + 0.004
        tastes = np.column_stack([euro, np.ones(len(people)), devices, dislike, *extras])
        return State(share, 0, tastes, hassle, hazard, woken, np.ones(len(people)))
