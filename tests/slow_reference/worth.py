"""What is expected: what the terms are worth to the customer, how likely each reaction is, and what it brings."""

import math
from dataclasses import dataclass
from functools import lru_cache

from tests.slow_reference.book import Book, Candidate
from tests.slow_reference.customer import Customer, Point, read_wish
from tests.slow_reference.felt import gains, mean_weights, point_weights, worth_at
from tests.slow_reference.margin import extras_cost, once
from tests.slow_reference.money import MICRO, half_up, net

OUTBOUND = "phone_out"


def surplus(book: Book, candidate: Candidate, customer: Customer) -> int:
    """What the terms are worth to the customer, in 1e-6 cents a month, at the mean weights."""
    return worth_at(book, gains(book, candidate, customer), mean_weights(customer))


def is_asked_for(book: Book, candidate: Candidate, customer: Customer) -> bool:
    """Whether the candidate is what the customer asked for, within every limit stated."""
    wish = read_wish(book, customer)
    if not wish.stated:
        return False
    holds_all = (not wish.device or candidate.device == wish.device) and set(wish.extras) <= set(candidate.extras)
    return holds_all and excesses(candidate, customer) == (0, 0, 0)


def excesses(candidate: Candidate, customer: Customer) -> tuple[int, int, int]:
    """By how much top-up, monthly price and months of commitment go beyond the limits stated."""

    def beyond(amount: int, limit: int) -> int:
        return max(0, amount - limit) if limit >= 0 else 0

    return (
        beyond(candidate.top_up_cents, customer.wants_max_upfront_cents),
        beyond(customer.price_cents - candidate.discount_cents, customer.wants_max_monthly_cents),
        beyond(candidate.commitment_months, customer.wants_max_commitment_months),
    )


def p_churn_micro(book: Book, customer: Customer) -> int:
    """The chance of leaving, or the one to assume."""
    known = 0 <= customer.score.p_churn_micro <= MICRO
    return customer.score.p_churn_micro if known else book.numbers["p_churn_when_unknown"]


def window_months(book: Book, customer: Customer) -> int:
    """The window of the chance of leaving, or the one to assume."""
    known = customer.score.window_months >= 1
    return customer.score.window_months if known else book.numbers["window_months_when_unknown"]


def leaving_log_odds(book: Book, customer: Customer, with_contact: bool) -> float:
    """The log-odds of leaving, in this contact or without it."""
    micro = min(max(p_churn_micro(book, customer), 1), MICRO - 1)
    odds = math.log(micro / (MICRO - micro)) + book.numbers[f"reason_log_odds_{customer.reason_for_contact}"]
    if with_contact and customer.channel == OUTBOUND:
        odds += book.numbers["contact_log_odds"] + customer.score.reaction.woken_micro / MICRO
    return odds


def reactions(book: Book, candidate: Candidate, customer: Customer) -> tuple[int, int]:
    """The chances of accepting and of leaving, in micro, the mean over the points of taste; the rest stays."""
    felt, asked_for = gains(book, candidate, customer), is_asked_for(book, candidate, customer)
    leave = math.exp(leaving_log_odds(book, customer, with_contact=True))
    accepts = leaves = 0.0
    for point in customer.score.reaction.points:
        accept = _accept(book, worth_at(book, felt, point_weights(customer, point)), asked_for, point)
        accepts += point.share_micro / MICRO * accept / (1.0 + accept + leave)
        leaves += point.share_micro / MICRO * leave / (1.0 + accept + leave)
    return round(accepts * MICRO), round(leaves * MICRO)


def _accept(book: Book, surplus_micro: int, asked_for: bool, point: Point) -> float:
    numbers = book.numbers
    euros = min(max(surplus_micro, -(10**13)), 10**13) / (100 * MICRO)
    asked = numbers["asked_for_log_odds"] if asked_for else 0.0
    exponent = numbers["euro_log_odds"] * euros + asked - numbers["hassle_log_odds"] + point.willing_micro / MICRO
    return math.exp(min(max(exponent, -50.0), 50.0))


@dataclass(frozen=True)
class Pace:
    """Who leaves when: shares of those left lost a month, inside a commitment and after it, in micro."""

    within_micro: int
    after_micro: int
    commitment_months: int = 0


@lru_cache(maxsize=10_000)
def months_of_leaver(horizon: int, discount_micro: int, window: int) -> int:
    """The discounted months of one who leaves within the window, in micro."""
    weights = [max(0.0, 1 - (t - 0.5) / window) * _discounted(t, discount_micro) for t in range(1, horizon + 1)]
    return round(sum(weights) * MICRO)


@lru_cache(maxsize=100_000)
def months_of_stayer(horizon: int, discount_micro: int, window: int, pace: Pace) -> int:
    """The discounted months, up to a horizon, of one who is still there after the window, in micro."""
    total, left = 0.0, 1.0
    for t in range(1, horizon + 1):
        if t > window:
            lost = pace.within_micro if t <= pace.commitment_months else pace.after_micro
            left *= 1 - lost / MICRO
        total += left * _discounted(t, discount_micro)
    return round(total * MICRO)


def _discounted(t: int, discount_micro: int) -> float:
    return (1 + discount_micro / MICRO) ** (-t / 12)


def value(book: Book, candidate: Candidate, customer: Customer, chances: tuple[int, int]) -> int:
    """What making the offer is expected to bring above making none, in cents; chances are of accepting and leaving."""
    numbers = book.numbers
    p_accept, p_leave = chances
    left, refused, _ = _without_accepting(book, customer)
    expected = half_up(
        p_accept * accepted(book, candidate, customer) + p_leave * left + (MICRO - p_accept - p_leave) * refused, MICRO
    )
    contact = numbers["contact_cost_cents"] if customer.channel == OUTBOUND else 0
    return expected - contact - nothing(book, customer)


def accepted(book: Book, candidate: Candidate, customer: Customer) -> int:
    """What one who accepts brings, in cents."""
    numbers, vat = book.numbers, book.vat_micro
    pace = Pace(
        numbers["monthly_leaving_in_commitment_share"],
        numbers["monthly_leaving_after_accepting_share"],
        candidate.commitment_months,
    )
    margin = net(customer.price_cents, vat) - customer.cost_to_serve_cents

    def months(most: int) -> int:
        horizon = min(most, numbers["horizon_months"])
        return months_of_stayer(horizon, numbers["yearly_discount_share"], window_months(book, customer), pace)

    micro_cents = (
        margin * months(numbers["horizon_months"])
        - net(candidate.discount_cents, vat) * months(candidate.discount_months)
        - extras_cost(book, candidate) * months(candidate.extras_months)
    )
    return half_up(micro_cents, MICRO) + once(book, candidate)


def nothing(book: Book, customer: Customer) -> int:
    """What a customer brings who is made no offer, in cents."""
    left, _, uncontacted = _without_accepting(book, customer)
    leave = math.exp(leaving_log_odds(book, customer, with_contact=False))
    p_leave = round(leave / (1.0 + leave) * MICRO)
    return half_up(p_leave * left + (MICRO - p_leave) * uncontacted, MICRO)


def _without_accepting(book: Book, customer: Customer) -> tuple[int, int, int]:
    numbers = book.numbers
    horizon, discount = numbers["horizon_months"], numbers["yearly_discount_share"]
    window = window_months(book, customer)
    margin = net(customer.price_cents, book.vat_micro) - customer.cost_to_serve_cents
    refusing = numbers["monthly_leaving_after_refusing_share"]
    uncontacted = numbers["monthly_leaving_uncontacted_share"]
    return (
        half_up(margin * months_of_leaver(horizon, discount, window), MICRO),
        half_up(margin * months_of_stayer(horizon, discount, window, Pace(refusing, refusing)), MICRO),
        half_up(margin * months_of_stayer(horizon, discount, window, Pace(uncontacted, uncontacted)), MICRO),
    )
