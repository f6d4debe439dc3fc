"""When and whom one may call, in the words of the law: what speaks against one call of ours."""

import datetime

from tests.slow_reference.book import Book
from tests.slow_reference.customer import Customer

UNTOLD = {
    "time_zone": "",
    "department": "",
    "calls_made": (),
    "call_refused_on": None,
    "calls_consented_on": None,
    "do_not_call": False,
    "on_do_not_call_list": False,
    "contract_ended_on": None,
    "best_tariff_notice_on": None,
    "call_on": None,
    "call_minute": -1,
    "call_zone": "",
    "public_holidays": (),
    "call_asked_for": False,
}
"""A call of which nothing is known."""


def against_the_call(book: Book, customer: Customer) -> set[str]:
    """The rules that a call to this customer would break; none where the customer comes to us."""
    if customer.channel != "phone_out":
        return set()
    day = customer.call_on or book.today
    consented = customer.calls_consented_on is not None and customer.calls_consented_on <= day
    current = customer.contract_ended_on is None or day <= customer.contract_ended_on
    broken = {"HOUSE-DND"} if customer.do_not_call else set()
    if customer.on_do_not_call_list:
        broken.add("BE-DNCM")
    if customer.reason_for_contact == "port_requested":
        broken.add("FR-PORT")
    if not (current or consented or customer.call_asked_for):
        broken.add("FR-CALL-OPTIN")
    if current and customer.best_tariff_notice_on is not None and customer.best_tariff_notice_on > day:
        broken.add("EU-BEST")
    if not customer.call_asked_for:
        broken |= _too_soon(book, customer, day)
    if customer.call_minute >= 0 and not consented and not _within_hours(book, customer, day):
        broken.add("FR-CALL-H")
    return {rule for rule in broken if rule == "HOUSE-DND" or rule in book.law}


def _too_soon(book: Book, customer: Customer, day: datetime.date) -> set[str]:
    broken = set()
    silence, attempts = book.law.get("FR-CALL-60"), book.law.get("FR-CALL-N")
    if silence and customer.call_refused_on is not None:
        last_silent_day = customer.call_refused_on + datetime.timedelta(days=silence["days"])
        if day <= last_silent_day:
            broken.add("FR-CALL-60")
    if attempts:
        rolling = [(day - datetime.timedelta(days=back)).isoformat() for back in range(attempts["days"])]
        if len([made for made in customer.calls_made if made in rolling]) + 1 > attempts["calls"]:
            broken.add("FR-CALL-N")
    return broken


def _within_hours(book: Book, customer: Customer, day: datetime.date) -> bool:
    hours = book.law.get("FR-CALL-H")
    if hours is None:
        return True
    clock = f"{customer.call_minute // 60:02d}:{customer.call_minute % 60:02d}"
    inside = [window for window in hours["windows"] if window[:5] <= clock < window[6:]]
    holiday = day.isoformat() in customer.public_holidays
    return bool(inside) and not holiday and day.weekday() + 1 in hours["weekdays"]
