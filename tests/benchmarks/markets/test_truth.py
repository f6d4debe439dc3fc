"""What the markets say is true, held against chance, the kernel's economics and common sense."""

import numpy as np
import pytest

from benchmarks.markets import KINDS, Market, Shelf, make_market, read_shelf
from benchmarks.markets.economics import WINDOW_MONTHS, worth
from benchmarks.markets.market import GROUPS, REACTIONS, even_points
from benchmarks.markets.people import draw_people
from benchmarks.markets.shelf import TODAY, cases_of
from engine.decide import decide
from engine.fields import FIELD_BY_NAME
from engine.rules import LIMITS
from engine.tables import MICRO, TASTES, quantise_scores

PEOPLE = 300


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return read_shelf()


@pytest.fixture(scope="module", params=sorted(KINDS))
def market(request: pytest.FixtureRequest, shelf: Shelf) -> Market:
    return make_market(request.param, 3, shelf)


def test_chances_are_chances_and_add_up(market: Market) -> None:
    chances = market.chances(market.people(PEOPLE, np.random.default_rng(0)))
    assert chances.accept.min() >= 0
    assert chances.leave.min() >= 0
    assert (chances.accept + chances.leave).max() <= 1
    assert 0.08 <= chances.leave_uncontacted.mean() <= 0.15
    assert np.ptp(chances.leave_uncontacted) > 0.1


def test_the_mean_over_what_nobody_sees_is_that_of_many_drawn_customers(market: Market) -> None:
    people, rng, draws = market.people(6, np.random.default_rng(1)), np.random.default_rng(2), 40_000
    told = market.chances(people)
    for row in range(len(people)):
        many = people.take(np.full(draws, row))
        column = int(np.argmax(told.accept[row] * market.shelf.allowed(people)[row]))
        for offered, accept, leave in (
            (-1, 0.0, told.leave_uncontacted[row]),
            (column, told.accept[row, column], told.leave[row, column]),
        ):
            reaction, left = market.react(many, np.full(draws, offered), rng)
            error = 4.5 * np.sqrt(0.25 / draws)
            assert np.mean(reaction == REACTIONS.index("accepted")) == pytest.approx(accept, abs=error)
            assert np.mean(left) == pytest.approx(leave, abs=error)


def test_more_money_never_makes_an_offer_less_liked(market: Market) -> None:
    shelf = market.shelf
    terms = ("commitment", "discount", "discount_months", "credit", "taken_back", "brand", "device_price")
    alike = np.column_stack([*(getattr(shelf, name) for name in terms), shelf.extras])
    accept = market.chances(market.people(40, np.random.default_rng(3))).accept
    _, of = np.unique(alike, axis=0, return_inverse=True)
    compared = 0
    for group in range(of.max() + 1):
        columns = np.flatnonzero(of.reshape(-1) == group)
        dearer = columns[np.argsort(shelf.top_up[columns], kind="stable")]
        compared += len(dearer) - 1
        assert (np.diff(accept[:, dearer], axis=1) <= 1e-12).all()
    assert compared > 500


def test_a_commitment_is_never_a_gift(market: Market) -> None:
    shelf, people = market.shelf, market.people(40, np.random.default_rng(4))
    ids = [str(offer_id) for offer_id in shelf.in_force.catalogue.offer_ids]
    accept = market.chances(people).accept
    pairs = [(ids.index(name), ids.index(name.replace("12m", "24m"))) for name in ids if name.startswith("credit.12m")]
    assert pairs
    assert all((accept[:, short] >= accept[:, long]).all() for short, long in pairs)


def test_contacts_are_drawn_as_their_chances_say(market: Market) -> None:
    contacts = market.draw_contacts(4_000, np.random.default_rng(5))
    called = contacts.offered >= 0
    allowed = market.shelf.allowed(contacts.people)
    assert allowed[np.flatnonzero(called), contacts.offered[called]].all()
    assert contacts.probability[called] == pytest.approx(0.8 / allowed[called].sum(axis=1))
    assert set(contacts.probability[~called]) == {0.2}
    assert np.mean(~called) == pytest.approx(0.2, abs=0.03)
    assert (1 / contacts.probability[~called]).sum() == pytest.approx(4_000, rel=0.1)
    reactions = {name: contacts.reaction == index for index, name in enumerate(REACTIONS)}
    assert (reactions["none"] == ~called).all()
    assert not (reactions["accepted"] & contacts.left).any()
    assert set(GROUPS) == {"control", "offered"}


def test_the_shelf_refuses_what_the_kernel_refuses_each_customer(shelf: Shelf) -> None:
    people = draw_people(150, np.random.default_rng(6))
    n = len(people)
    scores = quantise_scores(np.full(n, 0.1), np.full(n, 6), np.ones((n, len(TASTES))), np.zeros(n, dtype=bool))
    (page,) = decide(cases_of(people), scores, shelf.rulebook, TODAY).pages
    allowed = ((page.sheet.refused & LIMITS) == 0) & ~page.sheet.marks.entitlement
    np.testing.assert_array_equal(shelf.allowed(people), allowed)


def test_the_economics_are_those_of_the_kernel(shelf: Shelf) -> None:
    people = draw_people(60, np.random.default_rng(7))
    n, p_churn = len(people), np.random.default_rng(8).uniform(0.02, 0.5, 60)
    scores = quantise_scores(p_churn, np.full(n, WINDOW_MONTHS), np.ones((n, len(TASTES))), np.zeros(n, dtype=bool))
    (page,) = decide(cases_of(people), scores, shelf.rulebook, TODAY).pages
    sheet = page.sheet
    accept, leave = sheet.p_accept_micro / MICRO, sheet.p_leave_micro / MICRO
    ours = worth(people, shelf).expected(accept, leave, np.rint(p_churn * MICRO) / MICRO)
    assert np.abs(ours * 100 - sheet.value_cents).max() < 25


def test_a_drawn_contact_is_worth_on_average_what_is_expected_of_it(market: Market) -> None:
    people, rng = market.people(1, np.random.default_rng(9)), np.random.default_rng(10)
    many, draws = people.take(np.zeros(30_000, dtype=np.int64)), 30_000
    column = int(np.argmax(market.true_values(people)[0]))
    economics = worth(many, market.shelf)
    came_to = {}
    for offered in (column, -1):
        chosen = np.full(draws, offered)
        reaction, left = market.react(many, chosen, rng)
        came_to[offered] = economics.realised(chosen, reaction == REACTIONS.index("accepted"), left)
    gained = came_to[column].mean() - came_to[-1].mean()
    error = np.sqrt(came_to[column].var() / draws + came_to[-1].var() / draws)
    assert gained == pytest.approx(market.true_values(people)[0, column], abs=4.5 * error)


def test_the_points_stand_for_independent_normal_tastes() -> None:
    points = even_points(5)
    assert points.mean(axis=0) == pytest.approx(np.zeros(5), abs=1e-12)
    assert np.cov(points.T, bias=True) == pytest.approx(np.eye(5), abs=1e-9)
    assert np.exp(0.5 * points).mean(axis=0) == pytest.approx(np.full(5, np.exp(0.125)), rel=0.02)


def test_the_same_seed_is_the_same_market_and_another_seed_another(market: Market, shelf: Shelf) -> None:
    people = market.people(20, np.random.default_rng(11))
    again, other = type(market)(shelf, 3), type(market)(shelf, 4)
    np.testing.assert_array_equal(market.true_values(people), again.true_values(people))
    assert not np.array_equal(market.chances(people).accept, other.chances(people).accept)


def test_a_market_is_what_its_kind_says(market: Market) -> None:
    people = market.people(1_500, np.random.default_rng(13))
    values = market.true_values(people)
    best, most = values.argmax(axis=1), values.max(axis=1)
    worth_calling = most > 0
    to_all = np.where(np.isfinite(values), values, 0.0).mean(axis=0)
    device = market.shelf.brand[best[worth_calling]] >= 0
    contacts = market.draw_contacts(4_000, np.random.default_rng(14))
    taken = contacts.reaction[contacts.offered >= 0] == REACTIONS.index("accepted")
    assert 0.15 <= worth_calling.mean() <= 0.6
    assert 0.12 <= device.mean() <= 0.55
    assert to_all.max() < 0.1 * np.maximum(most, 0).mean()
    assert len(set(best[worth_calling])) >= 8
    assert 0.05 <= taken.mean() <= 0.2
    assert values[np.isfinite(values)].mean() < -10


def test_in_the_wary_market_a_call_wakes_people_unlike_each_other(shelf: Shelf) -> None:
    wary = make_market("wary", 0, shelf)
    chances = wary.chances(wary.people(500, np.random.default_rng(15)))
    dull = chances.accept.argmin(axis=1)
    wakes = chances.leave[np.arange(500), dull] - chances.leave_uncontacted
    assert (wakes > 0).mean() > 0.99
    assert np.quantile(wakes, 0.9) > 3 * np.quantile(wakes, 0.1)


def test_facts_are_within_what_the_product_reads(market: Market) -> None:
    cases = cases_of(market.people(2_000, np.random.default_rng(12)))
    for name in ("price_cents", "cost_to_serve_cents", "device_age_months", "data_mb_per_month"):
        field = FIELD_BY_NAME[name]
        assert field.low <= cases[name].min()
        assert cases[name].max() <= field.high
