"""Sentences for agents and customers, from the phrases of one language; every number in them is of the offer itself."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Phrases = Mapping[str, Any]


@dataclass(frozen=True)
class Writer:
    """Writes in one language."""

    language: str
    phrases: Phrases

    def money(self, cents: int) -> str:
        """An amount in cents as people of the language write it, e.g. 17,90 €."""
        form = self.phrases["format"]
        return _amount(cents, form["money"], form["thousands"], form["decimal"])

    def figure(self, digits: str) -> str:
        """Digits with the decimal sign of the language."""
        return digits.replace(".", self.phrases["format"]["decimal"])

    def date(self, iso: str) -> str:
        """A day, given as YYYY-MM-DD, in words."""
        day, form = datetime.date.fromisoformat(iso), self.phrases["format"]
        number = form["first_day"] if day.day == 1 else str(day.day)
        return form["date"].format(day=number, month=form["months"][day.month - 1], year=day.year)

    def enumerate(self, parts: Sequence[str]) -> str:
        """Several things in one breath: a, b and c."""
        if len(parts) < 2:
            return "".join(parts)
        return ", ".join(parts[:-1]) + self.phrases["format"]["and"] + parts[-1]

    def in_short(self, offer: Mapping[str, Any]) -> str:
        """An offer in one breath: what the customer gets, and for how long they commit."""
        months = offer["commitment_months"]
        return self.phrases["gift"]["committed" if months else "uncommitted"].format(
            gifts=self.gifts(offer), months=months
        )

    def roles(self, roles: Sequence[str]) -> str:
        """The roles in words."""
        return self.enumerate([self.phrases["roles"][role] for role in roles])

    def gifts(self, offer: Mapping[str, Any]) -> str:
        """What the customer gets, in one enumeration."""
        say, given = self.phrases["gift"], []
        if offer["device"]:
            key = "device" if offer["top_up_cents"] else "device_free"
            given.append(say[key].format(device=offer["device_says"], top_up=self.money(offer["top_up_cents"])))
        if offer["trade_in"]:
            amount = self.money(offer["trade_in_credit_cents"])
            given.append(say["trade_in"].format(device=offer["trade_in_says"], amount=amount))
        if offer["discount_cents"]:
            given.append(say["discount"].format(discount=self.money(offer["discount_cents"])))
        if offer["credit_cents"]:
            given.append(say["credit"].format(amount=self.money(offer["credit_cents"])))
        given += [says[self.language] for says in offer["extras_say"]]
        return self.enumerate(given) or say["nothing"]

    def to_customer(self, offer: Mapping[str, Any]) -> str:
        """The offer to the customer: price, price after the discount, months and end date always said."""
        say = self.phrases["customer"]
        return say["offer"].format(
            gifts=self.gifts(offer),
            price=self._price(offer),
            extras=self._extras(offer) if offer["extras"] else "",
            commitment=self._commitment(offer),
            twin=self._twin(offer["twin"]) if offer["twin"] else "",
        )

    def read_back(self, to_customer: str) -> str:
        """What the agent reads back of an offer, so that both sides speak of the same one."""
        return self.phrases["customer"]["read_back"].format(offer=to_customer)

    def difference(self, offer: Mapping[str, Any], before: Mapping[str, Any]) -> str:
        """What is not as in the offer before."""
        say = self.phrases["difference"]
        changes = [
            say[name].format(now=now, before=was)
            for name, now, was in (
                ("gifts", self.gifts(offer), self.gifts(before)),
                ("months", offer["commitment_months"], before["commitment_months"]),
                ("monthly", self.money(offer["monthly_cents"]), self.money(before["monthly_cents"])),
                ("discount_months", offer["discount_months"], before["discount_months"]),
            )
            if now != was
        ]
        return say["changes"].format(changes=", ".join(changes)) if changes else say["same"]

    def _price(self, offer: Mapping[str, Any]) -> str:
        say, monthly = self.phrases["customer"], self.money(offer["monthly_cents"])
        if not offer["discount_cents"]:
            return say["price"].format(monthly=monthly)
        return say["price_discounted"].format(
            monthly=monthly,
            months=offer["discount_months"],
            ends=self.date(offer["discount_ends_on"]),
            after=self.money(offer["monthly_cents_after_discount"]),
        )

    def _extras(self, offer: Mapping[str, Any]) -> str:
        ends = self.date(offer["extras_end_on"])
        return self.phrases["customer"]["extras"].format(months=offer["extras_months"], ends=ends)

    def _commitment(self, offer: Mapping[str, Any]) -> str:
        if offer["commitment_months"]:
            key = "commitment"
        else:
            key = "current_commitment" if offer["current_commitment_continues"] else "no_commitment"
        ends = self.date(offer["commitment_ends_on"])
        return self.phrases["customer"][key].format(months=offer["commitment_months"], ends=ends)

    def _twin(self, twin: Mapping[str, Any]) -> str:
        key = "twin_device" if twin["device"] else "twin"
        return self.phrases["customer"][key].format(
            months=twin["commitment_months"],
            ends=self.date(twin["commitment_ends_on"]),
            top_up=self.money(twin["top_up_cents"]),
            price=self._price(twin),
        )

    def to_agent(self, offer: Mapping[str, Any]) -> str:
        """The offer to the agent: what to say, why, and whose approval it needs."""
        say = self.phrases["agent"]
        after = approval = ""
        if offer["discount_cents"]:
            price_after = self.money(offer["monthly_cents_after_discount"])
            after = say["after"].format(after=price_after, discount_months=offer["discount_months"])
        why = say[offer["why"]].format(missing=self._missing(offer["missing"]))
        if offer["below_nothing"]:
            why += say["below_nothing"]
        if offer["needs_approval"]:
            approval = say["approval"].format(roles=self.roles(offer["may_approve"]))
        return say["offer" if offer["commitment_months"] else "offer_free"].format(
            gifts=self.gifts(offer),
            months=offer["commitment_months"],
            ends=self.date(offer["commitment_ends_on"]),
            monthly=self.money(offer["monthly_cents"]),
            after=after,
            why=why,
            approval=approval,
        )

    def _missing(self, missing: Mapping[str, int]) -> str:
        say, parts = self.phrases["agent"], []
        if months := missing.get("commitment_months"):
            parts.append(say["missing_months"].format(count=months))
        if cents := missing.get("monthly_cents"):
            parts.append(say["missing_monthly"].format(amount=self.money(cents)))
        if cents := missing.get("upfront_cents"):
            parts.append(say["missing_upfront"].format(amount=self.money(cents)))
        return self.enumerate(parts)

    def why_not(self, offer: Mapping[str, Any], refusal: Mapping[str, Any]) -> str:
        """Why an offer was not made, to the agent: the first rule that refused it."""
        return self.phrases["why_not"][refusal["rules"][0]].format(
            offer=self.in_short(offer),
            missing=self.money(refusal["missing_cents"]),
            roles=self.roles(refusal["may_approve"]) or self.phrases["roles"]["nobody"],
        )

    def unknown(self, names: Sequence[str]) -> str:
        """Why terms that name these things cannot be offered."""
        say = self.phrases["why_not"]["HOUSE-CATALOGUE"]
        return say.format(offer=self.enumerate(names), missing=self.money(0), roles="")

    def to_do(self, what: Sequence[str], about: Mapping[str, Any]) -> tuple[str, str]:
        """(to the agent, to the customer): what to do before any offer, one sentence after the other."""
        say, promise = self.phrases["stance"], about.get("promise") or ""
        words = {**about, "promise": self.phrases["promise"].get(promise, promise), **self._of_a_call(about)}
        agent, customer = ([say[f"{one}_{to}"].format(**words) for one in what] for to in ("agent", "customer"))
        return " ".join(agent), " ".join(customer)

    def _of_a_call(self, about: Mapping[str, Any]) -> dict[str, str]:
        """When one may call, and why not before: `not_before` is a minute by the customer's clock."""
        if "not_before" not in about:
            return {}
        date, _, time = (about["not_before"] or "").partition("T")
        why = self.enumerate([self.phrases["call"][rule] for rule in about["rules"]])
        return {"why": why, "date": self.date(date) if date else "", "time": time}


@lru_cache(maxsize=16_384)
def _amount(cents: int, money: str, thousands: str, decimal: str) -> str:
    euros, rest = divmod(abs(cents), 100)
    grouped = f"{euros:,}".replace(",", thousands)
    sign = "-" if cents < 0 else ""
    return money.format(amount=f"{sign}{grouped}{decimal}{rest:02d}")
