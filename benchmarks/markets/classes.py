"""A market of a few kinds of customer with thresholds of their own; facts tell only partly who is of which."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.markets.market import Market, State
from benchmarks.markets.people import BRANDS, TARIFFS, Floats, People

KINDS = ("apple", "thrifty", "free", "bargain", "user", "asleep")


class ClassesMarket(Market):
    """Tastes: money, device, commitment, data, abroad, other extras; what counts of them differs by class."""

    spread_eur = 18.0
    hazards = (0.09, 0.10, 0.22, 0.27, 0.12, 0.04)
    woken = (1.25, 1.35, 1.3, 1.35, 1.4, 6.5)
    hassles = (46.0, 34.0, 42.0, 56.0, 40.0, 140.0)

    def terms(self) -> tuple[Floats, NDArray[np.bool_]]:
        self.moved = np.exp(0.07 * self.rng.standard_normal((3, len(KINDS))))
        pairs = [self._terms_of(kind) for kind in KINDS]
        return np.stack([worth for worth, _ in pairs]), np.stack([takes for _, takes in pairs])

    def _terms_of(self, kind: str) -> tuple[Floats, NDArray[np.bool_]]:
        shelf = self.shelf
        from_eur = {"free": 3.0, "user": 3.0, "apple": 5.0, "bargain": 2.0}.get(kind, 0.0)
        felt = np.where(shelf.discount >= from_eur, shelf.discount, 0.0) * shelf.discount_months
        brands = {"apple": ("apple",), "thrifty": ("samsung", "xiaomi")}.get(kind, ())
        likes = np.isin(shelf.brand, [BRANDS.index(brand) for brand in brands])
        extras = dict(zip(shelf.extra_names, self.extras_months(), strict=True))
        worth = np.stack(
            [
                felt + shelf.credit + 0.3 * shelf.taken_back - shelf.top_up,
                likes * shelf.device_price,
                -np.where(shelf.commitment > 12, 45.0, np.where(shelf.commitment > 0, 14.0, 0.0)),
                4.4 * extras["data_20gb"] + 6.0 * extras["data_50gb"] + (kind != "user") * extras["data_5gb"],
                5.0 * extras["international_60min"] + 2.2 * extras["roaming_plus"],
                0.8 * extras["sms_unlimited"] + 2.0 * extras["tv_option"],
            ]
        )
        longest = {"free": 12, "user": 12}.get(kind, 24)
        dearest = {"apple": 450.0, "thrifty": 160.0}.get(kind, 0.0)
        wanted = likes | (shelf.brand < 0)
        return worth, wanted & (shelf.commitment <= longest) & (shelf.top_up <= dearest)

    def states(self, people: People) -> Iterator[State]:
        shares = self.shares(people)
        for kind in range(len(KINDS)):
            yield self._state(people, kind, shares[:, kind])

    def draw_states(self, people: People, rng: np.random.Generator) -> State:
        ends = np.cumsum(self.shares(people), axis=1)
        kind = np.minimum((rng.random(len(people))[:, None] > ends).sum(axis=1), len(KINDS) - 1)
        return self._state(people, kind, 1.0)

    def shares(self, people: People) -> Floats:
        """The chance of each class given the facts, [n, K]."""
        fact, brand = people.fact, people.brand()
        silent = np.nan_to_num(fact("last_contact_months"), nan=60.0)
        apple = brand == BRANDS.index("apple")
        old = fact("device_age_months") > 28
        cheap = people.code("tariff", TARIFFS) <= 1
        scores = np.column_stack(
            [
                -0.9 + 1.4 * apple + 1.6 * (apple & old),
                -0.4 + 1.8 * (~apple & old) * cheap + 0.6 * (fact("late_bills") > 0),
                -0.1 + 1.5 * ((fact("tenure_months") <= 18) & cheap) + 0.5 * (fact("app_logins") > 4),
                -0.7 + 1.7 * (fact("price_cents") > 2_100) + 0.9 * (silent < 5),
                -0.3
                + 1.5 * (fact("data_mb_per_month") > 14_000)
                + 1.3 * (fact("international_minutes_per_month") > 15),
                0.4 + 1.8 * ((fact("tenure_months") > 36) & (silent > 12)) + 0.4 * (fact("lines") > 1),
            ]
        )
        weights = np.exp(scores)
        return weights / weights.sum(axis=1, keepdims=True)

    def _state(self, people: People, kind: NDArray[np.int64] | int, share: Floats | float) -> State:
        n, fact = len(people), people.fact
        of = np.broadcast_to(kind, (n,))
        old = fact("device_age_months") > 28
        young_phone = fact("device_age_months") < 10
        device = (
            np.array([1.03, 1.05, 0.0, 0.0, 0.0, 0.0])[of] * self.moved[0][of] * (1 + 0.2 * old - 0.4 * young_phone)
        )
        bound = np.array([0.6, 0.8, 1.0, 0.5, 0.9, 1.5])[of]
        data = np.array([0.2, 0.2, 0.4, 0.3, 1.0, 0.2])[of] * (1 + 0.3 * (fact("data_mb_per_month") > 14_000))
        abroad = np.array([0.1, 0.1, 0.3, 0.2, 0.7, 0.1])[of] * (fact("international_minutes_per_month") > 15)
        hazard = np.array(self.hazards)[of] * self.moved[1][of] * np.where(fact("remaining_months") > 0, 0.55, 1.2)
        hazard = hazard * (1 + 0.5 * (fact("complaints") > 0))
        woken = hazard * np.array(self.woken)[of] + 0.006
        hassle = np.array(self.hassles)[of] * self.moved[2][of] - 10 * (fact("complaints") > 0)
        tastes = np.column_stack([np.ones(n), device, bound, data, abroad, np.full(n, 0.6)])
        return State(share, kind, tastes, hassle, hazard, woken, np.ones(n))
