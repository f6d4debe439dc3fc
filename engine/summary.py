"""The contract summary of one offer, in the fields of the template of Regulation (EU) 2019/2243 (EU-SUM)."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.texts import Writer

FIELDS = ("services", "speeds", "price", "duration", "disabilities", "other")
"""The fields of the template, in its order."""


def contract_summary(offer: Mapping[str, Any], made_on: str, writer: Writer) -> dict[str, list[str]]:
    """What each field of the template says of an offer as it was answered; what nobody told us is said to be unknown.

    `made_on`: the day on which it was made, YYYY-MM-DD.
    """
    say = writer.phrases["summary"]
    return {
        "services": [say["current"].format(gifts=writer.gifts(offer))],
        "speeds": [say["not_known"]],
        "price": list(_price(offer, writer)),
        "duration": list(_duration(offer, writer)),
        "disabilities": [say["not_known"]],
        "other": [say["offer"].format(offer=offer["offer_id"], date=writer.date(made_on))],
    }


def _price(offer: Mapping[str, Any], writer: Writer) -> Iterator[str]:
    say, monthly = writer.phrases["summary"], writer.money(offer["monthly_cents"])
    if offer["discount_cents"]:
        until, after = writer.date(offer["discount_ends_on"]), writer.money(offer["monthly_cents_after_discount"])
        yield say["discounted"].format(amount=monthly, date=until, after=after)
    else:
        yield say["monthly"].format(amount=monthly)
    if offer["device"]:
        yield say["once"].format(what=offer["device_says"], amount=writer.money(offer["top_up_cents"]))
    for cents in (offer["credit_cents"], offer["trade_in_credit_cents"]):
        if cents:
            yield say["credit"].format(amount=writer.money(cents))


def _duration(offer: Mapping[str, Any], writer: Writer) -> Iterator[str]:
    say = writer.phrases["summary"]
    if not offer["commitment_months"]:
        yield say["uncommitted"]
        return
    months, ends = offer["commitment_months"], writer.date(offer["commitment_ends_on"])
    yield say["committed"].format(months=months, date=ends)
    for month, cents in enumerate(offer["leaving_cents"]):
        yield say["leaving"].format(month=month, amount=writer.money(cents))
    if until := _uncapped_until(offer):
        yield say["terms"].format(month=until)


def _uncapped_until(offer: Mapping[str, Any]) -> int:
    """The month until whose end no law caps what leaving costs; 0 where one always does."""
    steps = offer["leaving"]
    for step, following in zip(steps, [*steps[1:], {"after_months": offer["commitment_months"]}], strict=True):
        if step["basis"] == "contract terms":
            return int(following["after_months"])
    return 0
