"""The figures of a value report worked out slowly, one contract at a time, from the texts and from nothing of ours.

The economics are those of docs/arithmetic.md, the rest is docs/value.md; the numbers come from the rulebook's files.
"""

import json
import math
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scipy.stats import t as students_t
from sqlalchemy import Connection, text

from tests.slow_reference.money import MICRO, half_up, net

VAT_MICRO = 200_000


@dataclass(frozen=True)
class Line:
    """One contract: the account, the side, whether it left, and what it brought and cost in cents."""

    decision_id: str
    contract: str
    account: str
    control: bool
    left: bool
    margin: int
    cost: int
    called: int

    @property
    def net(self) -> int:
        return self.margin - self.cost


class Book:
    """The numbers of the rulebook's files."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        policy = tomllib.loads(texts["policy.toml"])
        self.number = {name: entry["values"][-1]["value"] for name, entry in policy.items()}
        self.extras = tomllib.loads(texts["offers.toml"])["extras"]
        self.devices = tomllib.loads(texts["devices.toml"])

    def months(self, survives: Any, upto: int = 10**6) -> int:
        """Discounted months to come, in 1e-6, of who is there in month t with some chance, over the first `upto`."""
        rate, total = 1 + self.number["yearly_discount_share"], 0.0
        for t in range(1, self.number["horizon_months"] + 1):
            if t <= upto:
                total += rate ** (-t / 12) * survives(t)
        return round(total * MICRO)

    def leaver(self, window: int) -> Any:
        return lambda t: max(0.0, 1 - (t - 0.5) / window)

    def stayer(self, window: int, name: str) -> Any:
        return lambda t: (1 - self.number[name]) ** max(0, t - window)

    def accepter(self, window: int, commitment: int) -> Any:
        def survives(t: int) -> float:
            chance = 1.0
            for month in range(window + 1, t + 1):
                name = "in_commitment" if month <= commitment else "after_accepting"
                chance *= 1 - self.number[f"monthly_leaving_{name}_share"]
            return chance

        return survives

    def given(self, terms: Mapping[str, Any], survives: Any) -> int:
        """What an acceptance gives: once, and in the months of who is there."""
        commitment = terms["commitment_months"]
        lasts = terms["discount_months"] or commitment
        extras = sum(self.extras[name]["cost_cents"] for name in terms["extras"])
        monthly = net(terms["discount_cents"], VAT_MICRO) * self.months(survives, lasts)
        monthly += extras * self.months(survives, terms["extras_months"])
        once = net(terms["credit_cents"] + terms["trade_in_credit_cents"], VAT_MICRO)
        if terms["device"]:
            once += self.devices[terms["device"]]["cost_cents"] - net(terms["top_up_cents"], VAT_MICRO)
        assert not terms["trade_in"], "no case of ours hands a phone in"
        return once + half_up(monthly, MICRO)


def lines(connection: Connection, texts: Mapping[str, str], window: int = 6) -> list[Line]:
    """Every contract of the store whose end is known, from its first decision."""
    book, seen, found = Book(texts), set(), []
    told = connection.execute(text(_DECIDED)).all()
    for decision_id, subject, arm, content in told:
        if subject in seen:
            continue
        seen.add(subject)
        case = json.loads(bytes(content))["case"]
        kinds = connection.execute(text(_ENDED), {"subject": subject}).all()
        if not kinds:
            continue
        left = any(kind in ("left", "ported") and day < "2024-09-04" for kind, day in kinds)
        taken = [json.loads(row.terms) for row in connection.execute(text(_TAKEN), {"subject": subject})]
        offered = bool(connection.execute(text(_OFFERED), {"subject": subject}).scalar())
        earned = net(case["price_cents"], VAT_MICRO) - case["cost_to_serve_cents"]
        leaves = half_up(earned * book.months(book.leaver(window)), MICRO)
        untouched = half_up(earned * book.months(book.stayer(window, "monthly_leaving_uncontacted_share")), MICRO)
        refuses = half_up(earned * book.months(book.stayer(window, "monthly_leaving_after_refusing_share")), MICRO)
        contacts = [json.loads(row.details) for row in connection.execute(text(_CONTACTS), {"subject": subject})]
        called = sum(contact["channel"] == "phone_out" for contact in contacts)
        margin, cost = leaves if left else refuses if offered else untouched, called * book.number["contact_cost_cents"]
        for terms in taken:
            stays = book.accepter(window, terms["commitment_months"])
            cost += book.given(terms, book.leaver(window) if left else stays) + book.number["handling_cents"]
            if not left:
                margin = half_up(earned * book.months(stays), MICRO)
        account = case["customer_id"] or case["contract_id"]
        found.append(Line(decision_id, case["contract_id"], account, arm == "control", left, margin, cost, called))
    return found


def interval(some: Sequence[Line], figure: Any) -> tuple[float, float, float]:
    """(value, low, high) of the treated's mean less the control's, by account."""
    sides = {control: [line for line in some if line.control == control] for control in (False, True)}
    means = {control: Fraction(sum(figure(line) for line in side), len(side)) for control, side in sides.items()}
    variance, fewest = 0.0, math.inf
    for control, side in sides.items():
        by_account: dict[str, Fraction] = defaultdict(Fraction)
        for line in side:
            by_account[line.account] += figure(line) - means[control]
        many = len(by_account)
        fewest = min(fewest, many)
        variance += float(sum(pull**2 for pull in by_account.values())) / len(side) ** 2 * many / (many - 1)
    half = float(students_t.ppf(0.975, fewest - 1)) * math.sqrt(variance)
    value = float(means[False] - means[True])
    return value, value - half, value + half


_DECIDED = """
    SELECT d.decision_id, d.subject_id, d.arm, b.content FROM decisions d JOIN bodies b ON b.sequence = d.sequence
    ORDER BY d.sequence
"""
_ENDED = "SELECT kind, happened_on FROM outcomes WHERE subject_id = :subject"
_TAKEN = """
    SELECT o.terms FROM acceptances a JOIN offers o ON o.proposal_id = a.proposal_id AND o.offer_id = a.offer_id
    WHERE a.subject_id = :subject AND a.state = 'accepted'
"""
_OFFERED = """
    SELECT COUNT(*) FROM proposals p JOIN offers o ON o.proposal_id = p.proposal_id
    WHERE p.subject_id = :subject AND o.place = 'main'
"""
_CONTACTS = "SELECT details FROM events WHERE subject_id = :subject AND kind = 'contact_opened'"
