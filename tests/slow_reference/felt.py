"""What a customer feels of terms: the worth of every line as learned, and at which weights, point by point."""

from tests.slow_reference.book import Book, Candidate
from tests.slow_reference.customer import Customer, Point
from tests.slow_reference.money import MICRO, down

MONEY = "money"
FIRST_YEAR_MONTHS = 12


def gains(book: Book, candidate: Candidate, customer: Customer) -> dict[str, int]:
    """What the terms give over the months of worth, in cents as felt: money, and each taste that is touched."""
    worth_months, counts = book.numbers["worth_months"], customer.score.reaction.counts
    micro_cents = {MONEY: _money(book, candidate, customer)}
    if candidate.device:
        shop_price = book.devices[candidate.device]["price_cents"]
        stated = down(book.numbers["device_worth_share"] * shop_price, MICRO)
        micro_cents["device"] = stated * counts(f"device:{candidate.device}")
    for name in candidate.extras:
        extra = book.extras[name]
        each = extra["worth_cents"] * counts(f"extra:{name}") * min(candidate.extras_months, worth_months)
        micro_cents[extra["taste"]] = micro_cents.get(extra["taste"], 0) + each
    bound = 0
    for month in range(1, candidate.commitment_months + 1):
        bound += counts("commitment_first_year" if month <= FIRST_YEAR_MONTHS else "commitment_later")
    micro_cents["commitment"] = -book.numbers["commitment_worth_cents"] * worth_months * bound
    return {line: down(amount, MICRO) for line, amount in micro_cents.items()}


def _money(book: Book, candidate: Candidate, customer: Customer) -> int:
    counts = customer.score.reaction.counts
    back = book.devices[candidate.trade_in]["trade_in"]["credit_cents"] if candidate.trade_in else 0
    discounted = candidate.discount_cents * min(candidate.discount_months, book.numbers["worth_months"])
    return int(
        candidate.credit_cents * counts("credit")
        + back * counts("trade_in")
        + discounted * counts("discount")
        - candidate.top_up_cents * counts("top_up")
    )


def point_weights(customer: Customer, point: Point) -> dict[str, int]:
    """What money and each taste count for one who is nothing but this point."""
    weights = {MONEY: point.counts(MONEY)}
    for taste, multiplier in customer.score.tastes_micro.items():
        weights[taste] = down(min(max(multiplier, 0), 20 * MICRO) * point.counts(taste), MICRO)
    return weights


def mean_weights(customer: Customer) -> dict[str, int]:
    """What money and each taste count on average over the points."""
    points = customer.score.reaction.points
    each = [point_weights(customer, point) for point in points]
    if len(points) == 1:
        return each[0]
    return {
        line: down(sum(point.share_micro * weights[line] for point, weights in zip(points, each, strict=True)), MICRO)
        for line in each[0]
    }


def worth_at(book: Book, felt: dict[str, int], weights: dict[str, int]) -> int:
    """The surplus of terms at some weights, in 1e-6 cents a month."""
    return down(sum(cents * weights[line] for line, cents in felt.items()), book.numbers["worth_months"])
