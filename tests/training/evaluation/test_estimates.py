"""Estimates against worlds counted out in full and against slow loops; refusals where the log does not bear them."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from training.evaluation.cross_fit import cross_fitted, folds_of
from training.evaluation.estimates import Expected, Logged, direct, doubly_robust, effective_sample, snips

Row = tuple[int, int, int]
"""A kind of customer, an arm, an outcome in cents."""


class Tiny:
    """Two kinds of customers, three arms, two outcomes, all chances fractions: every log can be counted out."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.kinds = [Fraction(1, 4), Fraction(3, 4)]
        self.drawn = [[Fraction(int(part), 8) for part in parts] for parts in ([1, 2, 5], [4, 1, 3])]
        self.wins = [[Fraction(int(one), 4) for one in row] for row in rng.integers(1, 4, (2, 3))]
        self.cents = [[(int(low), int(low + 700)) for low in row] for row in rng.integers(-300, 300, (2, 3))]
        self.policy = [int(arm) for arm in rng.integers(0, 3, 2)]
        self.guess = rng.normal(scale=500.0, size=(2, 3))

    def rows(self) -> list[tuple[Row, Fraction]]:
        """Every row there can be, with its chance."""
        found = []
        for kind, arm, won in itertools.product(range(2), range(3), range(2)):
            chance = self.kinds[kind] * self.drawn[kind][arm]
            chance *= self.wins[kind][arm] if won else 1 - self.wins[kind][arm]
            found.append(((kind, arm, self.cents[kind][arm][won]), chance))
        return found

    def truth(self) -> Fraction:
        """What the policy earns: over kinds and outcomes, no arm drawn."""
        total = Fraction(0)
        for kind, arm in enumerate(self.policy):
            less, more = self.cents[kind][arm]
            wins = self.wins[kind][arm]
            total += self.kinds[kind] * (wins * more + (1 - wins) * less)
        return total

    def columns(self, rows: list[Row]) -> tuple[Logged, np.ndarray, Expected]:
        kind, arm, cents = (np.array(column) for column in zip(*rows, strict=True))
        chance = np.array([float(self.drawn[one][other]) for one, other in zip(kind, arm, strict=True)])
        chosen = np.array(self.policy)[kind]
        expected = Expected(self.guess[kind, arm], self.guess[kind, chosen])
        return Logged(chance, cents.astype(float), np.arange(len(rows))), (arm == chosen).astype(float), expected


@pytest.mark.parametrize("seed", range(8))
def test_a_log_that_holds_every_row_as_often_as_it_is_likely_gives_the_truth(seed: int) -> None:
    tiny = Tiny(seed)
    log = [row for row, chance in tiny.rows() for _ in range(int(chance * 4096))]
    assert len(log) == 4096
    logged, share, expected = tiny.columns(log)
    for found in (snips(logged, share), doubly_robust(logged, share, expected)):
        assert found.interval is not None
        assert found.interval.value == pytest.approx(float(tiny.truth()), abs=1e-9)
        assert found.interval.low < float(tiny.truth()) < found.interval.high


@pytest.mark.parametrize("seed", range(8))
def test_a_doubly_robust_score_is_right_on_average_whatever_the_model_guesses(seed: int) -> None:
    tiny = Tiny(seed)
    mean = 0.0
    for (kind, arm, cents), chance in tiny.rows():
        score = tiny.guess[kind, tiny.policy[kind]]
        if arm == tiny.policy[kind]:
            score += (cents - tiny.guess[kind, arm]) / float(tiny.drawn[kind][arm])
        mean += float(chance) * score
    assert mean == pytest.approx(float(tiny.truth()), abs=1e-9)


def sample(seed: int, rows: int = 3_000) -> tuple[Logged, np.ndarray, Expected]:
    rng = np.random.default_rng(seed)
    chance = rng.choice([0.1, 0.25, 0.5], rows)
    share = (rng.random(rows) < chance).astype(float)
    logged = Logged(chance, rng.gamma(2.0, 800.0, rows), rng.integers(0, rows // 2, rows))
    return logged, share, Expected(rng.normal(1_600, 100, rows), rng.normal(1_600, 100, rows))


@pytest.mark.parametrize("seed", range(4))
def test_estimates_agree_with_slow_loops(seed: int) -> None:
    logged, share, expected = sample(seed)
    above = below = corrected = 0.0
    weights: dict[int, float] = {}
    for row in range(len(share)):
        weight = share[row] / logged.probability[row]
        above, below = above + weight * logged.reward_cents[row], below + weight
        corrected += expected.of_policy[row] + weight * (logged.reward_cents[row] - expected.of_logged[row])
        weights[logged.customers[row]] = weights.get(logged.customers[row], 0.0) + weight
    effective = sum(weights.values()) ** 2 / sum(weight**2 for weight in weights.values())
    weighted, both = snips(logged, share), doubly_robust(logged, share, expected)
    model = direct(logged, share, expected)
    assert weighted.interval is not None
    assert both.interval is not None
    assert model.interval is not None
    assert weighted.interval.value == pytest.approx(above / below)
    assert both.interval.value == pytest.approx(corrected / len(share))
    assert model.interval.value == pytest.approx(expected.of_policy.mean())
    assert weighted.effective == both.effective == pytest.approx(effective)
    assert weighted.matches == int(share.sum())


def test_one_arm_in_1169_is_told_by_the_model_alone() -> None:
    rng = np.random.default_rng(5)
    rows, candidates = 80_000, 1_169
    control = rng.random(rows) < 0.2
    arm = np.where(control, -1, rng.integers(0, candidates, rows))
    chance = np.where(control, 0.2, 0.8 / candidates)
    share = (arm == rng.integers(0, candidates, rows)).astype(float)
    logged = Logged(chance, rng.normal(size=rows), np.arange(rows))
    expected = Expected(np.zeros(rows), rng.normal(size=rows))
    for found in (snips(logged, share), doubly_robust(logged, share, expected)):
        assert found.interval is None
        assert 30 < found.matches < 90
        assert found.refusal.startswith(f"refused: in {found.matches} of 80,000 logged decisions the same was done")
        assert "Only the model's figure is told" in found.refusal
    assert direct(logged, share, expected).interval is not None


@pytest.mark.parametrize(("matches", "told"), [(200, False), (201, True)])
def test_two_hundred_matches_are_too_few_and_one_more_is_enough(matches: int, told: bool) -> None:
    share = (np.arange(2_000) < matches).astype(float)
    logged = Logged(np.full(2_000, matches / 2_000), np.arange(2_000.0), np.arange(2_000))
    assert (snips(logged, share).interval is not None) is told


def half_drawn(rows: int = 4_000, never: float = 0.5) -> tuple[Logged, np.ndarray]:
    """Two arms drawn alike; for some customers the policy does a third one, that was never drawn."""
    rng = np.random.default_rng(2)
    arm = rng.integers(0, 2, rows)
    chosen = np.where(rng.random(rows) < never, 2, 0)
    return Logged(np.full(rows, 0.5), rng.normal(size=rows), np.arange(rows)), (arm == chosen).astype(float)


def test_what_the_log_never_drew_is_refused_however_many_others_match() -> None:
    logged, share = half_drawn()
    for found in (snips(logged, share), doubly_robust(logged, share, Expected(np.zeros(4_000), np.zeros(4_000)))):
        assert found.effective > 900
        assert found.interval is None
        assert f"stands for {2 * share.mean():.0%} of what the policy does" in found.refusal


def test_what_the_log_could_have_drawn_is_told() -> None:
    logged, share = half_drawn(never=0.0)
    assert snips(logged, share).interval is not None


def test_a_log_that_drew_nothing_by_chance_bears_no_other_policy() -> None:
    certain = Logged(np.ones(4_000), np.random.default_rng(0).normal(size=4_000), np.arange(4_000))
    assert snips(certain, np.ones(4_000)).interval is not None
    assert snips(certain, (np.arange(4_000) % 10 > 0).astype(float)).interval is None


def test_many_rows_of_few_customers_are_few() -> None:
    share, rewards = np.ones(5_000), np.random.default_rng(0).normal(size=5_000)
    assert snips(Logged(np.ones(5_000), rewards, np.arange(5_000) % 150), share).interval is None
    assert snips(Logged(np.ones(5_000), rewards, np.arange(5_000)), share).interval is not None


def test_a_few_heavy_weights_count_as_few() -> None:
    assert effective_sample(np.full(300, 7.0)) == pytest.approx(300)
    assert effective_sample(np.append(np.ones(1_000), 1_000.0)) == pytest.approx(4, abs=0.01)
    assert effective_sample(np.zeros(3)) == 0


def test_rewards_that_are_all_alike_tell_nothing_of_others() -> None:
    logged = Logged(np.full(1_000, 0.5), np.zeros(1_000), np.arange(1_000))
    found = snips(logged, np.ones(1_000))
    assert found.interval is None
    assert "brought the same" in found.refusal


@pytest.mark.parametrize(
    ("chance", "reward"), [(0.0, 1.0), (-0.1, 1.0), (1.1, 1.0), (np.nan, 1.0), (0.5, np.nan), (0.5, np.inf)]
)
def test_a_chance_or_a_reward_that_cannot_be_is_refused(chance: float, reward: float) -> None:
    with pytest.raises(ValueError, match=r"a logged probability|a reward"):
        Logged(np.array([0.5, chance]), np.array([1.0, reward]), np.arange(2))


class RemembersEveryone:
    """Expects of a row it has seen what it saw, of any other 0."""

    def fit(self, inputs: np.ndarray, rewards: np.ndarray) -> None:
        self.seen = {tuple(row): reward for row, reward in zip(inputs, rewards, strict=True)}

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        return np.array([self.seen.get(tuple(row), 0.0) for row in inputs])


def test_the_reward_model_has_not_seen_the_customer_whose_reward_it_expects() -> None:
    rng = np.random.default_rng(1)
    customers = rng.integers(0, 100, 400)
    logged = Logged(np.full(400, 0.5), rng.normal(size=400) + 5, customers)
    inputs = customers[:, None].astype(float)
    expected = cross_fitted(RemembersEveryone, inputs, inputs, logged, folds_of(customers))
    assert not expected.of_logged.any()
    assert not expected.of_policy.any()


def test_folds_keep_customers_whole_and_are_of_one_size() -> None:
    customers = np.repeat(np.arange(1_000), 3)
    fold = folds_of(customers)
    assert all(len(set(fold[customers == one])) == 1 for one in range(1_000))
    assert np.bincount(fold).tolist() == [600] * 5
