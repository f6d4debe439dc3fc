"""What each rule has read of a candidate: the fact or number by its name, what was found, what was needed, the unit."""

from collections.abc import Iterator, Mapping

from engine.conditions import satisfied
from engine.explanation import calls
from engine.explanation.levers import OF_THE_MARGIN
from engine.explanation.reading import ABOVE, AT_LEAST, AT_MOST, EQUALS, NONE_OF, ONE_OF, Read, Reading, fact, plain
from engine.fields import NOTHING_REFUSED_MICRO, OUTBOUND_CHANNELS
from engine.offers import cell
from engine.policy import ROLES_THAT_OFFER
from engine.question import Sheet
from engine.rules.ladder import refused_as
from engine.tables import MICRO
from engine.terms import NONE
from engine.wish import UNLIMITED


def _fault(sheet: Sheet) -> Iterator[Reading]:
    yield Reading("open_fault", fact(sheet, "open_fault"), EQUALS, "", "text")


def _promise(sheet: Sheet) -> Iterator[Reading]:
    yield Reading("unkept_promise", fact(sheet, "unkept_promise"), EQUALS, "", "text")


def _objection(sheet: Sheet) -> Iterator[Reading]:
    yield Reading("objects_to_profiling", fact(sheet, "objects_to_profiling"), EQUALS, False, "flag")
    yield Reading("standard", bool(cell(sheet.marks.standard, 0, 0)), EQUALS, True, "flag", "offers.toml")
    if cell(sheet.marks.standard, 0, 0):
        yield Reading("channel", fact(sheet, "channel"), NONE_OF, list(OUTBOUND_CHANNELS), "choice")


def _catalogue(sheet: Sheet) -> Iterator[Reading]:
    yield Reading("in_the_catalogue", bool(cell(sheet.candidates.exists, 0, 0)), EQUALS, True, "flag", "offers.toml")


def _conditions(sheet: Sheet) -> Iterator[Reading]:
    """The facts of the conditions that do not hold; of a choice between conditions, each."""
    template = sheet.question.in_force.catalogue.templates[cell(sheet.priced.terms.template, 0, 0)]
    for condition in template.conditions:
        if not satisfied([condition], sheet.question.facts, 1)[0]:
            for one in condition.get("any_of", [condition]):
                for test, needed in one.items():
                    if test != "fact":
                        name, secret = one["fact"], one["fact"] in OF_THE_MARGIN
                        yield Reading(name, fact(sheet, name), test, plain(needed), "", template.id, secret)


def _trade_in(sheet: Sheet) -> Iterator[Reading]:
    taken = cell(sheet.priced.terms.trade_in, 0, 0)
    names = sheet.question.in_force.catalogue.goods.device_ids
    yield Reading("current_device", fact(sheet, "current_device"), EQUALS, names[taken], "device", "devices.toml")


def _stock(sheet: Sheet) -> Iterator[Reading]:
    goods, device = sheet.question.in_force.catalogue.goods, cell(sheet.priced.terms.device, 0, 0)
    sold_out = goods.device_ids[device] in sheet.question.facts["sold_out"][0]
    left = 0 if sold_out else int(goods.stock[device])
    yield Reading("stock", left, AT_LEAST, 1, "count", goods.device_ids[device])


def _shop_price(sheet: Sheet) -> Iterator[Reading]:
    goods, terms = sheet.question.in_force.catalogue.goods, sheet.priced.terms
    device = cell(terms.device, 0, 0)
    price = int(goods.device_price_cents[device])
    yield Reading("top_up_cents", cell(terms.top_up_cents, 0, 0), AT_MOST, price, "cents", goods.device_ids[device])


def _discount(sheet: Sheet) -> Iterator[Reading]:
    price = cell(sheet.question.tariffs.price_cents, 0, 0)
    yield Reading("discount_cents", cell(sheet.priced.terms.discount_cents, 0, 0), AT_MOST, price, "cents")


def _months(sheet: Sheet) -> Iterator[Reading]:
    yield Reading("month_lacks_cents", cell(sheet.months.lacks_cents, 0, 0), AT_MOST, 0, "cents", margin=True)


def _remaining(sheet: Sheet) -> Iterator[Reading]:
    left = fact(sheet, "remaining_months")
    yield Reading("counted_months", cell(sheet.counted_months, 0, 0), AT_LEAST, left, "months")


def _longest(rule: str) -> Read:
    def longest(sheet: Sheet) -> Iterator[Reading]:
        most = sheet.question.in_force.law.months(rule)
        yield Reading("counted_months", cell(sheet.counted_months, 0, 0), AT_MOST, most, "months", rule)

    return longest


def _vulnerable(sheet: Sheet) -> Iterator[Reading]:
    for name in ("over_indebted", "protected_adult"):
        if fact(sheet, name):
            yield Reading(name, True, EQUALS, False, "flag")
    yield Reading("standard", bool(cell(sheet.marks.standard, 0, 0)), EQUALS, True, "flag", "offers.toml")


def _void(sheet: Sheet) -> Iterator[Reading]:
    template = sheet.question.in_force.catalogue.templates[cell(sheet.priced.terms.template, 0, 0)]
    yield Reading("void_words", True, EQUALS, False, "flag", template.id)


def _stated_value(sheet: Sheet) -> Iterator[Reading]:
    goods, device = sheet.question.in_force.catalogue.goods, cell(sheet.priced.terms.device, 0, 0)
    yield Reading("value_of_the_handset_stated", False, EQUALS, True, "flag", goods.device_ids[device])


def _floor_cents(sheet: Sheet) -> Iterator[Reading]:
    name = f"floor_cents_{cell(sheet.priced.terms.commitment_months, 0, 0)}"
    yield _secured(sheet, cell(sheet.priced.floor_cents, 0, 0), name)


def _floor_share(sheet: Sheet) -> Iterator[Reading]:
    yield _secured(sheet, cell(sheet.months.share_floor_cents, 0, 0), "floor_share")


def _secured(sheet: Sheet, needed: int, number: str) -> Reading:
    found = cell(sheet.secured_cents, 0, 0)
    return Reading("secured_margin_cents", found, AT_LEAST, needed, "cents", number, margin=True)


def _authority(sheet: Sheet) -> Iterator[Reading]:
    number = f"depth_cents_{fact(sheet, 'role')}"
    limit = cell(sheet.question.depth_limit_cents, 0, 0)
    depth = cell(sheet.priced.depth_cents, 0, 0)
    yield Reading("role", fact(sheet, "role"), ONE_OF, _roles_beyond(sheet, depth), "role")
    yield Reading("concession_cents", depth, AT_MOST, limit, "cents", number, margin=True)


def _roles_beyond(sheet: Sheet, depth: int) -> list[str]:
    policy = sheet.question.in_force.policy
    return [role for role in ROLES_THAT_OFFER if depth <= policy.depth_cents[role]]


def _account(sheet: Sheet) -> Iterator[Reading]:
    granted = fact(sheet, "account_granted_cents")
    found = max(cell(sheet.priced.depth_cents, 0, 0), 0) + granted
    limit = sheet.question.in_force.policy["account_depth_cents"]
    yield Reading("account_concessions_cents", found, AT_MOST, limit, "cents", "account_depth_cents", margin=True)


def _twin(sheet: Sheet) -> Iterator[Reading]:
    term, longest = cell(sheet.priced.terms.commitment_months, 0, 0), sheet.question.in_force.law.months("FR-TWIN12")
    yield Reading("commitment_months", term, AT_MOST, longest, "months", "FR-TWIN12")
    yield Reading("twin_that_passes", False, EQUALS, True, "flag", "FR-TWIN12")


def _twin_gap(sheet: Sheet) -> Iterator[Reading]:
    gap = cell(sheet.twin_cents, 0, 0) - cell(sheet.priced.terms.top_up_cents, 0, 0)
    most = sheet.question.in_force.policy["twin_gap_cents"]
    yield Reading("twin_costs_more_cents", gap, AT_MOST, most, "cents", "twin_gap_cents")


def _steps(sheet: Sheet) -> Iterator[Reading]:
    most = sheet.question.in_force.policy["ladder_steps"] - 1
    yield Reading("steps_taken", fact(sheet, "steps_taken"), AT_MOST, most, "count", "ladder_steps")


def _refused(sheet: Sheet) -> Iterator[Reading]:
    facts, catalogue = sheet.question.facts, sheet.question.in_force.catalogue
    terms = sheet.priced.terms.at(0, 0)
    for same in refused_as(catalogue, terms, facts["refused_offers"][0])[:1]:
        yield Reading("refused_offers", same, NONE_OF, list(facts["refused_offers"][0]), "offer")
    names = (*catalogue.goods.device_ids, "")
    if terms["device"] != NONE and names[terms["device"]] in facts["unwanted_devices"][0]:
        yield Reading("unwanted_devices", names[terms["device"]], NONE_OF, list(facts["unwanted_devices"][0]), "device")


def _better(sheet: Sheet) -> Iterator[Reading]:
    least = fact(sheet, "least_worth_micro")
    needed = None if least == NOTHING_REFUSED_MICRO else least // MICRO
    yield Reading("worth_to_customer_cents_a_month", _worth_cents(sheet), ABOVE, needed, "cents")


def _worth(sheet: Sheet) -> Iterator[Reading]:
    yield Reading("worth_to_customer_cents_a_month", _worth_cents(sheet), AT_LEAST, 0, "cents")


def _worth_cents(sheet: Sheet) -> int:
    return cell(sheet.surplus_micro, 0, 0) // MICRO


def _said(sheet: Sheet) -> Iterator[Reading]:
    wish, terms = sheet.question.wish, sheet.priced.terms
    for name, column, limit, unit in (
        ("commitment_months", terms.commitment_months, wish.max_commitment_months, "months"),
        ("top_up_cents", terms.top_up_cents, wish.max_upfront_cents, "cents"),
    ):
        most = cell(limit, 0, 0)
        if most != UNLIMITED and cell(column, 0, 0) > most:
            yield Reading(name, cell(column, 0, 0), AT_MOST, most, unit)


def _value(sheet: Sheet) -> Iterator[Reading]:
    yield Reading("value_cents", cell(sheet.value_cents, 0, 0), ABOVE, 0, "cents", margin=True)


READ: Mapping[str, Read] = {
    "HOUSE-REPAIR-FIRST": _fault,
    "HOUSE-PROMISE-FIRST": _promise,
    "GDPR-21": _objection,
    "HOUSE-DND": calls.flag("do_not_call"),
    "BE-DNCM": calls.flag("on_do_not_call_list"),
    "FR-PORT": calls.port,
    "FR-CALL-OPTIN": calls.consent,
    "EU-BEST": calls.notice,
    "FR-CALL-60": calls.silence,
    "FR-CALL-N": calls.attempts,
    "FR-CALL-H": calls.hours,
    "AIA-5": _vulnerable,
    "HOUSE-CATALOGUE": _catalogue,
    "HOUSE-ELIGIBLE": _conditions,
    "HOUSE-TRADE-IN": _trade_in,
    "HOUSE-STOCK": _stock,
    "HOUSE-SHOP-PRICE": _shop_price,
    "HOUSE-PRICE": _discount,
    "HOUSE-MONTH": _months,
    "HOUSE-SHORTENS": _remaining,
    "FR-MAX24": _longest("FR-MAX24"),
    "BE-24": _longest("BE-24"),
    "EU-24": _longest("EU-24"),
    "BE-VOID": _void,
    "FR-PERF": _stated_value,
    "HOUSE-FLOOR-CENTS": _floor_cents,
    "HOUSE-FLOOR-SHARE": _floor_share,
    "HOUSE-AUTHORITY": _authority,
    "HOUSE-ACCOUNT": _account,
    "FR-TWIN12": _twin,
    "FR-TWINGAP": _twin_gap,
    "LADDER-OVER": _steps,
    "LADDER-REFUSED": _refused,
    "LADDER-BETTER": _better,
    "WORTH-NOTHING": _worth,
    "BEYOND-LIMIT": _said,
    "BELOW-NOTHING": _value,
}
"""What every rule reads; a test fails for a rule that does not say it."""
