"""The money that is certain: what a candidate costs at once, a month, on leaving, and at the worst moment to leave."""

from tests.slow_reference.book import Book, Candidate
from tests.slow_reference.customer import Customer
from tests.slow_reference.money import MICRO, down, net, up


def credit_gross(book: Book, candidate: Candidate) -> int:
    """One-off credit and trade-in credit, including VAT."""
    if not candidate.trade_in:
        return candidate.credit_cents
    return candidate.credit_cents + book.devices[candidate.trade_in]["trade_in"]["credit_cents"]


def device_cost(book: Book, candidate: Candidate) -> int:
    """What the operator pays for the device."""
    return book.devices[candidate.device]["cost_cents"] if candidate.device else 0


def resale(book: Book, candidate: Candidate) -> int:
    """What the device taken back brings."""
    return book.devices[candidate.trade_in]["trade_in"]["resale_cents"] if candidate.trade_in else 0


def extras_cost(book: Book, candidate: Candidate) -> int:
    """What the extras cost, a month."""
    return sum(book.extras[name]["cost_cents"] for name in candidate.extras)


def once(book: Book, candidate: Candidate) -> int:
    """What is paid and received once."""
    return (
        net(candidate.top_up_cents, book.vat_micro)
        - device_cost(book, candidate)
        - net(credit_gross(book, candidate), book.vat_micro)
        + resale(book, candidate)
        - book.numbers["handling_cents"]
    )


def depth(book: Book, candidate: Candidate) -> int:
    """How deep a concession is: what an authority is measured against."""
    return (
        device_cost(book, candidate)
        - net(candidate.top_up_cents, book.vat_micro)
        + net(credit_gross(book, candidate), book.vat_micro)
        - resale(book, candidate)
        + net(candidate.discount_cents, book.vat_micro) * candidate.discount_months
        + extras_cost(book, candidate) * candidate.extras_months
    )


def month_pays(book: Book, candidate: Candidate, customer: Customer) -> bool:
    """Whether a month of discount and extras, where any is given, brings at least what it costs."""
    given = net(candidate.discount_cents, book.vat_micro) + extras_cost(book, candidate)
    return given == 0 or net(customer.price_cents, book.vat_micro) - customer.cost_to_serve_cents >= given


def is_subsidised(book: Book, candidate: Candidate) -> bool:
    """Whether a handset costs more than its net top-up."""
    return bool(candidate.device) and device_cost(book, candidate) > net(candidate.top_up_cents, book.vat_micro)


def exit_share_micro(book: Book, candidate: Candidate, month: int) -> int | None:
    """France: the largest share of the dues that leaving after a month may cost; None where no law caps it."""
    rule = book.law.get("FR-EXIT-B" if is_subsidised(book, candidate) else "FR-EXIT-A", book.law.get("FR-EXIT-C"))
    if rule is None or candidate.commitment_months <= 12 or month < rule["free_after_months"]:
        return None
    return round(rule["share"] * MICRO)


def secured_margin(book: Book, candidate: Candidate, customer: Customer) -> int:
    """The margin that is left at the worst month to leave."""
    vat, length = book.vat_micro, candidate.commitment_months
    price_net, discount_net = net(customer.price_cents, vat), net(candidate.discount_cents, vat)
    monthly_cost = customer.cost_to_serve_cents + extras_cost(book, candidate)
    lasts = [month <= candidate.discount_months for month in range(1, length + 1)]
    paid_net = [price_net - (discount_net if lasting else 0) for lasting in lasts]
    paid_gross = [customer.price_cents - (candidate.discount_cents if lasting else 0) for lasting in lasts]
    margins = []
    so_far = 0
    for month in range(length + 1):
        if month > 0:
            so_far += paid_net[month - 1] - monthly_cost
        margins.append(so_far + fee_net(book, candidate, customer, month, paid_net, paid_gross))
    return once(book, candidate) + min(margins)


def fee_net(
    book: Book, candidate: Candidate, customer: Customer, month: int, paid_net: list[int], paid_gross: list[int]
) -> int:
    """What leaving after a month brings the operator at most, net of VAT."""
    if customer.over_indebted and "FR-DEBT" in book.law:
        return 0
    if book.market == "BE":
        return _belgian_fee_net(book, candidate, month, paid_net, paid_gross)
    share = exit_share_micro(book, candidate, month)
    if share is None:
        return sum(paid_net[month:])
    return net(down(share * max(0, sum(paid_gross[month:])), MICRO), book.vat_micro)


def _belgian_fee_net(book: Book, candidate: Candidate, month: int, paid_net: list[int], paid_gross: list[int]) -> int:
    """Belgium: what is due to the end of month 6, and what is left of a handset got cheap, up to the rest."""
    handset = 0
    if "BE-DEV" in book.law and is_subsidised(book, candidate):
        value = book.devices[candidate.device].get("agreed_value_cents", 0)
        left = candidate.commitment_months - month
        rest = max(0, sum(paid_gross[month:]))
        handset = min(down(value * left, candidate.commitment_months), rest) if left else 0
    if "BE-6M" not in book.law:
        return sum(paid_net[month:]) + net(handset, book.vat_micro)
    due = max(0, sum(paid_gross[month : book.law["BE-6M"]["free_after_months"]]))
    return net(due + handset, book.vat_micro)


def share_floor(book: Book, candidate: Candidate, customer: Customer) -> int:
    """The floor as a share of the net revenue of the committed months, in cents."""
    vat, length = book.vat_micro, candidate.commitment_months
    revenue = length * net(customer.price_cents, vat)
    revenue -= net(candidate.discount_cents, vat) * min(candidate.discount_months, length)
    return up(book.numbers["floor_share"] * revenue, MICRO)


def keeps_floors(book: Book, candidate: Candidate, customer: Customer) -> bool:
    """Whether the secured margin keeps the floor in cents and, where there is a commitment, the one that is a share."""
    secured, length = secured_margin(book, candidate, customer), candidate.commitment_months
    keeps_cents = secured >= book.numbers[f"floor_cents_{length}"]
    return keeps_cents and (length == 0 or secured >= share_floor(book, candidate, customer))


def authority_cents(book: Book, customer: Customer) -> int:
    """The deepest concession the role may grant; a role without a limit may grant none."""
    return int(book.numbers.get(f"depth_cents_{customer.role}", 0))


def account_left_cents(book: Book, customer: Customer) -> int:
    """What may still be granted on the lines of this customer."""
    return int(book.numbers["account_depth_cents"] - customer.account_granted_cents)
