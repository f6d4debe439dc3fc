"""The life of an offer in memory, written from the words of the issue and of INVARIANTS B10, not from the code.

An offer is offered, then shown, expired or withdrawn; a shown one is accepted (the customer came to us), waits to be
confirmed (we called), or is declined, expired or withdrawn; one that waits is accepted, expired or withdrawn; an
accepted one changes only when the customer withdraws. Whoever has an open interaction may read and accept it.
"""

import datetime
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

MAY_BECOME = {
    "offered": {"shown", "expired", "withdrawn"},
    "shown": {"accepted", "to_confirm", "declined", "expired", "withdrawn"},
    "to_confirm": {"accepted", "expired", "withdrawn"},
    "accepted": {"withdrawn_by_customer"},
}
UNANSWERED = ("offered", "shown")
BINDING = ("to_confirm", "accepted")
ROLE_OF = {"ann": "agent", "ben": "agent", "sue": "supervisor", "max": "manager"}
FOUR_EYES_CENTS, ACCOUNT_CENTS = 25_000, 60_000
ROUND_DAYS, CONTACT_MINUTES = 60, 30
CONFIRM_DAYS = WITHDRAW_DAYS = 14

Code = tuple[int, str]
OK: Code = (200, "")
UNKNOWN: Code = (404, "not-found")
CONFLICT: Code = (412, "not-the-same-offer")


@dataclass
class Contact:
    """An agent's interaction: until when it was to last, and whether it ended before."""

    channel: str
    until: datetime.datetime
    ended: bool = False


@dataclass
class Offer:
    """One offer of a proposal: its terms as answered, its concession, its state, and what was said by whom of it."""

    terms: dict[str, Any]
    depth_cents: int
    state: str = "offered"
    read_back: bool = False
    verdicts: dict[str, str] = field(default_factory=dict)

    @property
    def lacks_consent(self) -> bool:
        """Goods that come with a new term, which the customer was never read: EU-107."""
        goods = self.terms["device"] or self.terms["extras"]
        return bool(goods and self.terms["commitment_months"]) and not self.read_back

    @property
    def is_due(self) -> bool:
        return bool(self.terms["place"] == "entitlement")


@dataclass
class Proposal:
    """What was put on the table of a contract at once."""

    id: str
    digest: str
    line: "Line"
    channel: str
    last_day: datetime.date
    offers: dict[str, Offer]

    @property
    def states(self) -> set[str]:
        return {offer.state for offer in self.offers.values()}

    def close(self, state: str) -> None:
        """Leave the table; what nobody has answered comes into a state."""
        for offer in self.offers.values():
            if offer.state in UNANSWERED:
                offer.state = state
        self.line.live = None


@dataclass
class Acceptance:
    """What a customer has accepted; `until`: to confirm it, or to withdraw."""

    id: str
    proposal: Proposal
    offer: Offer
    until: datetime.datetime


@dataclass
class Line:
    """One contract: what is on the table, who is in contact, what was accepted, promised and refused."""

    contract_id: str
    customer_id: str
    live: Proposal | None = None
    contacts: dict[str, Contact] = field(default_factory=dict)
    acceptances: list[Acceptance] = field(default_factory=list)
    promises: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[tuple[datetime.date, str]] = field(default_factory=list)
    faulty: bool = False
    wants: dict[str, Any] | None = None
    answered: tuple[datetime.date, bytes] | None = None
    """The last answer and its day, while nothing has happened that makes it another question."""
    endings: set[datetime.date] = field(default_factory=set)
    conflicts: int = 0


@dataclass
class Model:
    """All lines at one moment of the operator's calendar."""

    lines: dict[str, Line]
    stock: dict[str, int]
    now: Callable[[], datetime.datetime]
    proposals: dict[str, Proposal] = field(default_factory=dict)
    replies: dict[tuple[str, str, str], tuple[Any, int, bytes]] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def today(self) -> datetime.date:
        return self.now().date()

    def acceptances(self) -> Iterator[Acceptance]:
        return (each for line in self.lines.values() for each in line.acceptances)

    def pass_time(self) -> None:
        """The calendar does its part: last days pass, confirmations do not come in time."""
        for line in self.lines.values():
            if line.live is not None and line.live.last_day < self.today:
                line.live.close("expired")
            for each in line.acceptances:
                if each.offer.state == "to_confirm" and each.until <= self.now():
                    each.offer.state = "expired"
                    line.answered = None

    # Who is in contact.

    def meet(self, line: Line, who: str, channel: str) -> None:
        until = self.now() + datetime.timedelta(minutes=CONTACT_MINUTES)
        line.contacts.pop(who, None)
        line.contacts[who] = Contact(channel, until)

    def in_contact(self, line: Line, who: str, or_was: bool = False) -> bool:
        """Whether an interaction is open; `or_was`: or has just ended with an acceptance or an exit."""
        contact = line.contacts.get(who)
        return contact is not None and contact.until > self.now() and (or_was or not contact.ended)

    def hang_up(self, line: Line) -> None:
        for contact in line.contacts.values():
            contact.ended = True

    # What becomes of an offer that somebody names.

    def meant(self, who: str, named: dict[str, str], contact: bool = True) -> tuple[Code, Offer | None]:
        """What is answered to whoever names an offer, and the offer on the table if it is the one."""
        proposal = self.proposals.get(named["proposal_id"])
        if proposal is None:
            return UNKNOWN, None
        line = proposal.line
        if contact and not self.in_contact(line, who, or_was=line.live is not proposal):
            return UNKNOWN, None
        if line.live is not proposal:
            return self._gone(proposal), None
        offer = proposal.offers.get(named["offer_id"])
        if offer is None or proposal.digest != named["digest"]:
            return self._conflict(line), None
        return OK, offer

    def _gone(self, proposal: Proposal) -> Code:
        if proposal.states & set(BINDING):
            return 409, "already-accepted"
        if proposal.line.live is not None:
            return self._conflict(proposal.line)
        return (410, "offer-expired") if "expired" in proposal.states else (409, "withdrawn")

    def _conflict(self, line: Line) -> Code:
        line.conflicts += 1
        return CONFLICT

    def may_accept(self, line: Line, who: str, offer: Offer) -> Code:
        """Authority, limits and stock at the moment of the acceptance."""
        others = [given for given, said in offer.verdicts.items() if said == "approved" and given != who]
        four_eyes = not offer.is_due and offer.depth_cents > FOUR_EYES_CENTS
        if "refused" in offer.verdicts.values():
            return 403, "needs-approval"
        if not others and (ROLE_OF[who] not in offer.terms["may_approve"] or four_eyes):
            return 403, "needs-approval"
        if self.unkept(line) or self._beyond_the_account(line, offer) or self._sold_out(offer):
            return 409, "no-longer-allowed"
        return 201, ""

    def unkept(self, line: Line) -> bool:
        today = self.today.isoformat()
        return any(
            each["state"] == "broken" or (each["state"] == "open" and each["due_on"] < today)
            for each in line.promises.values()
        )

    def _beyond_the_account(self, line: Line, offer: Offer) -> bool:
        granted = sum(
            max(each.offer.depth_cents, 0)
            for each in self.acceptances()
            if each.offer.state in BINDING and each.proposal.line.customer_id == line.customer_id
        )
        return not offer.is_due and granted + max(offer.depth_cents, 0) > ACCOUNT_CENTS

    def taken(self) -> Counter[str]:
        """The devices of binding acceptances."""
        binding = [each.offer.terms["device"] for each in self.acceptances() if each.offer.state in BINDING]
        return Counter(device for device in binding if device)

    def _sold_out(self, offer: Offer) -> bool:
        device = offer.terms["device"]
        return bool(device) and self.taken()[device] >= self.stock[device]

    def end_of_day(self, days: int) -> datetime.datetime:
        midnight = datetime.datetime.combine(self.today, datetime.time.min, self.now().tzinfo)
        return midnight + datetime.timedelta(days=days + 1)

    def accept(self, line: Line, who: str, offer: Offer, acceptance_id: str) -> str:
        """What is accepted, and whether it binds: not after a call of ours.

        An offer takes the place of one that waits for its confirmation; a due stands beside it.
        """
        proposal = line.live
        assert proposal is not None
        outbound = "phone_out" in (proposal.channel, line.contacts[who].channel)
        for waiting in line.acceptances if not offer.is_due else ():
            if waiting.offer.state == "to_confirm" and not waiting.offer.is_due:
                waiting.offer.state = "withdrawn"
        offer.state = "to_confirm" if outbound else "accepted"
        proposal.close("withdrawn")
        until = self.end_of_day(CONFIRM_DAYS if outbound else WITHDRAW_DAYS)
        line.acceptances.append(Acceptance(acceptance_id, proposal, offer, until))
        line.answered = None
        self.hang_up(line)
        return offer.state

    def decline(self, line: Line, reason: str) -> None:
        """Every shown offer is declined with the one that is named; the others are withdrawn."""
        assert line.live is not None
        for offer_id, offer in line.live.offers.items():
            if offer.state == "shown":
                offer.state = "declined"
                line.refused.append((self.today, offer_id))
        line.live.close("withdrawn")
        self.seen[f"declined: {reason}"] += 1

    def not_again(self, line: Line) -> set[str]:
        """What was refused in this round."""
        since = self.today - datetime.timedelta(days=ROUND_DAYS)
        return {offer_id for day, offer_id in line.refused if day >= since}
