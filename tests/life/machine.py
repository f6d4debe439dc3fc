"""The life of offers over HTTP: agents, lines, wishes, signals, approvals, keys and the clock, in any order.

Each rule asks one door, says what the model expects of it, and holds the answer against that.
"""

import datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ledger import writer
from ledger.store import writing
from tests.life.driver import WHOEVER_TALKS, Driver
from tests.life.model import OK, UNKNOWN, Code, Proposal

AGENT = st.sampled_from((*[WHOEVER_TALKS] * 8, "ann", "ben", "sue", "max"))
APPROVER = st.sampled_from(("sue", "max", "max", "ann"))
LINE = st.sampled_from(("C-1", "C-1", "C-1", "C-1", "C-2", "C-3"))
CHANNEL = st.sampled_from(("phone_in", "phone_in", "phone_out", "shop", "web"))
REASONS = "commitment_too_long", "top_up_too_high", "not_the_device_i_want", "too_expensive", "rivals_offer", "not_now"
WISHES: tuple[dict[str, Any], ...] = (
    {"device": "galaxy-a17", "max_commitment_months": 12},
    {"device": "galaxy-a17", "max_upfront_cents": 4_000},
    {"device": "galaxy-s25"},
    {"needs": ["international_60min"]},
    {"max_monthly_cents": 1_500},
    {},
)
WHICH = st.sampled_from(("live", "live", "live", "live", "live", "older", "of another line", "nowhere"))
PLACE = st.sampled_from((0, 0, 0, 0, 1, 2, 3))
DIGEST = st.sampled_from((None, None, None, None, None, "0" * 64))
KEY = st.sampled_from((None, None, None, "k-1", "k-2"))
SIDE = st.sampled_from(("customer", "operator"))
SIGNALS: tuple[dict[str, Any], ...] = (
    {"kind": "fault_opened", "text": "pas de réseau"},
    {"kind": "fault_closed"},
    {"kind": "fault_closed"},
    {"kind": "public_complaint", "where": "forum", "reach": 5_000},
    {"kind": "port_requested"},
    {"kind": "callback"},
)
TOO_LATE = datetime.timedelta(days=15)
LATER = st.sampled_from(
    (
        *[datetime.timedelta(minutes=2)] * 4,
        datetime.timedelta(minutes=29, seconds=59),
        datetime.timedelta(minutes=31),
        datetime.timedelta(hours=11),
        datetime.timedelta(days=1),
        datetime.timedelta(days=3),
        datetime.timedelta(days=14, hours=11),
        TOO_LATE,
    )
)
OF_AN_ACCEPTANCE: dict[str, Code] = {
    "expired": (410, "offer-expired"),
    "withdrawn": (409, "withdrawn"),
    "withdrawn_by_customer": (409, "withdrawn"),
}
"""What is answered about an acceptance that holds no longer."""


class Life(Driver):
    """Every door that moves an offer, and the clock."""

    @rule(who=AGENT, line=LINE, channel=CHANNEL, wish=st.sampled_from((None, None, *WISHES)))
    def ask(self, who: str, line: str, channel: str, wish: dict[str, Any] | None) -> None:
        who = self.whoever(who, line)
        self.asked(who, self.model.lines[line], channel, wish)

    @rule(who=AGENT, line=LINE, channel=CHANNEL, wish=st.sampled_from((None, *WISHES)), place=PLACE)
    def ask_and_show(self, who: str, line: str, channel: str, wish: dict[str, Any] | None, place: int) -> None:
        self.ask(who, line, channel, wish)
        self.everything_is_true()
        if self.model.lines[line].live is not None:
            self.show(who, line, "live", place, None, True)

    @rule(who=AGENT, line=LINE, channel=CHANNEL, wish=st.sampled_from((None, *WISHES)))
    def ask_show_and_accept(self, who: str, line: str, channel: str, wish: dict[str, Any] | None) -> None:
        self.ask_and_show(who, line, channel, wish, 0)
        self.everything_is_true()
        if self.model.lines[line].live is not None:
            self.accept(who, line, "live", 0, None, None)

    @rule(who=AGENT, line=LINE, channel=CHANNEL, wish=st.sampled_from((None, *WISHES)), reason=st.sampled_from(REASONS))
    def ask_show_and_decline(self, who: str, line: str, channel: str, wish: dict[str, Any] | None, reason: str) -> None:
        self.ask_and_show(who, line, channel, wish, 0)
        self.everything_is_true()
        if self.model.lines[line].live is not None:
            self.decline(who, line, "live", 0, None, reason)

    @rule(who=AGENT, line=LINE, channel=CHANNEL)
    def is_in_contact(self, who: str, line: str, channel: str) -> None:
        who = self.whoever(who, line)
        self.meet(who, self.model.lines[line], channel)

    @precondition(lambda self: self.model.proposals)
    @rule(who=AGENT, line=LINE, which=WHICH, place=PLACE, digest=DIGEST, read_back=st.booleans())
    def show(self, who: str, line: str, which: str, place: int, digest: str | None, read_back: bool) -> None:
        who = self.whoever(who, line)
        named = self.name(line, which, place, digest)
        expected, offer = self.model.meant(who, named)
        self.holds(expected, self.post("/shown", who, {**named, "read_back": read_back}))
        if offer is not None:
            offer.state, offer.read_back = "shown", offer.read_back or read_back

    @precondition(lambda self: self.model.proposals)
    @rule(who=AGENT, line=LINE, which=WHICH, place=PLACE, digest=DIGEST, reason=st.sampled_from(REASONS))
    def decline(self, who: str, line: str, which: str, place: int, digest: str | None, reason: str) -> None:
        who = self.whoever(who, line)
        named = self.name(line, which, place, digest)
        expected, offer = self.model.meant(who, named)
        if offer is not None and offer.state != "shown":
            expected = 409, "not-shown"
        answer = self.post("/reaction", who, {**named, "reason": reason})
        self.holds(expected, answer)
        if expected == OK:
            declined = self.model.proposals[named["proposal_id"]].line
            self.model.decline(declined, reason)
            declined.wants = {"moved by": reason}
            self.proposed(declined, declined.contacts[who].channel, answer)
            said = answer.get_json()
            if not said["offers"] and said["stance"] != "repair_first":
                declined.answered = None
                self.model.hang_up(declined)

    @precondition(lambda self: self.model.proposals)
    @rule(who=AGENT, line=LINE, which=WHICH, place=PLACE, digest=DIGEST, key=KEY)
    def accept(self, who: str, line: str, which: str, place: int, digest: str | None, key: str | None) -> None:
        who = self.whoever(who, line)
        named = self.name(line, which, place, digest)
        if (answer := self.once("/accept", who, named, key)) is None:
            return
        expected, offer = self.model.meant(who, named)
        if offer is not None and offer.state != "shown":
            expected = 409, "not-shown"
        elif offer is not None and offer.lacks_consent:
            expected = 409, "not-read-back"
        elif offer is not None:
            accepting = self.model.proposals[named["proposal_id"]].line
            expected = self.model.may_accept(accepting, who, offer)
            if expected[0] == 201 and self.is_no_call(accepting, who, answer):
                expected = 409, "no-longer-allowed"
        self.holds(expected, answer)
        if offer is not None and expected[0] == 201:
            self.accepted(who, offer, answer.get_json())

    @precondition(lambda self: self.model.proposals)
    @rule(who=APPROVER, line=LINE, which=WHICH, place=PLACE, said=st.sampled_from(("approved", "approved", "refused")))
    def approve(self, who: str, line: str, which: str, place: int, said: str) -> None:
        named = self.name(line, which, place, None)
        answer = self.post("/approval", who, {**named, "verdict": said})
        if self.role(who) == "agent":
            return self.holds((403, "not-allowed"), answer)
        expected, offer = self.model.meant(who, named, contact=False)
        if offer is not None and self.role(who) not in offer.terms["may_approve"]:
            expected = 403, "not-allowed"
        elif offer is not None and who in offer.verdicts:
            expected = 409, "already-approved"
        self.holds(expected, answer)
        if offer is not None and expected == OK:
            offer.verdicts[who] = said

    @precondition(lambda self: any(self.model.acceptances()))
    @rule(who=AGENT, index=st.integers(0, 3), meets=st.booleans(), key=KEY)
    def confirm(self, who: str, index: int, meets: bool, key: str | None) -> None:
        acceptance = self.acceptance(index, meets)
        who = self.whoever(who, acceptance.proposal.line.contract_id)
        if (answer := self.once("/confirm", who, {"acceptance_id": acceptance.id, "how": "signed"}, key)) is None:
            return
        line, state = acceptance.proposal.line, acceptance.offer.state
        expected = OF_AN_ACCEPTANCE.get(state, OK)
        self.holds(expected if self.model.in_contact(line, who, or_was=True) else UNKNOWN, answer)
        if answer.status_code == 200:
            assert answer.get_json()["status"] == "accepted"
            self.promised(line, answer.get_json()["promises"])
            if state == "to_confirm":
                acceptance.offer.state, acceptance.until = "accepted", self.model.end_of_day(14)

    @precondition(lambda self: any(self.model.acceptances()))
    @rule(who=AGENT, index=st.integers(0, 3), meets=st.booleans(), by=SIDE, key=KEY)
    def withdraw_what_was_accepted(self, who: str, index: int, meets: bool, by: str, key: str | None) -> None:
        acceptance = self.acceptance(index, meets)
        who = self.whoever(who, acceptance.proposal.line.contract_id)
        body = {"proposal_id": acceptance.proposal.id, "by": by, "because": "other"}
        if (answer := self.once("/withdraw", who, body, key)) is None:
            return
        line, state = acceptance.proposal.line, acceptance.offer.state
        expected = OF_AN_ACCEPTANCE.get(state, OK)
        if state == "accepted" and by == "operator":
            expected = 409, "already-accepted"
        elif state == "accepted" and acceptance.until <= self.model.now():
            expected = 409, "withdrawal-over"
        self.holds(expected if self.model.in_contact(line, who, or_was=True) else UNKNOWN, answer)
        if answer.status_code == 200:
            acceptance.offer.state = "withdrawn" if state == "to_confirm" else "withdrawn_by_customer"
            assert answer.get_json()["status"] == acceptance.offer.state
            line.answered = None
            self.promised(line, answer.get_json()["promises"])

    @precondition(lambda self: self.model.proposals)
    @rule(who=AGENT, line=LINE, which=WHICH, by=SIDE, key=KEY)
    def withdraw_from_the_table(self, who: str, line: str, which: str, by: str, key: str | None) -> None:
        who = self.whoever(who, line)
        proposal_id = self.name(line, which, 0, None)["proposal_id"]
        proposal = self.model.proposals.get(proposal_id)
        if any(each.proposal is proposal for each in self.model.acceptances()):
            return
        body = {"proposal_id": proposal_id, "by": by, "because": "mistake"}
        if (answer := self.once("/withdraw", who, body, key)) is None:
            return
        expected = UNKNOWN if proposal is None else self._off_the_table(proposal, who, by)
        self.holds(expected, answer)
        if expected == OK and proposal is not None:
            proposal.close("withdrawn")
            proposal.line.answered = None

    def _off_the_table(self, proposal: Proposal, who: str, by: str) -> Code:
        live = proposal.line.live is proposal
        if not self.model.in_contact(proposal.line, who, or_was=not live):
            return UNKNOWN
        if not live:
            return (410, "offer-expired") if "expired" in proposal.states else (409, "withdrawn")
        return OK if by == "operator" else (409, "not-accepted")

    @rule(who=AGENT, line=LINE, what=st.sampled_from(SIGNALS))
    def hear(self, who: str, line: str, what: dict[str, Any]) -> None:
        who = self.whoever(who, line)
        heard, on = self.post("/signal", who, {"contract_id": line, **what}), self.model.lines[line]
        assert heard.status_code == 201, heard.data
        self.promised(on, heard.get_json()["promises"])
        if what["kind"] != "callback":
            on.answered = None
        if what["kind"] in ("fault_opened", "fault_closed"):
            on.faulty = what["kind"] == "fault_opened"
        assert heard.get_json()["withdrawn"] == (on.live.id if on.faulty and on.live is not None else None)
        if on.faulty and on.live is not None:
            on.live.close("withdrawn")

    @precondition(lambda self: any(line.promises for line in self.model.lines.values()))
    @rule(who=AGENT, line=LINE, index=st.integers(0, 5), state=st.sampled_from(("kept", "kept", "broken")))
    def settle(self, who: str, line: str, index: int, state: str) -> None:
        who = self.whoever(who, line)
        promises = list(self.model.lines[line].promises.values())
        if not promises:
            return
        made, on = promises[index % len(promises)], self.model.lines[line]
        answer = self.post(f"/promise/{made['promise_id']}", who, {"state": state})
        expected = OK if made["state"] in ("open", "broken", state) else (409, "already-recorded")
        may = self.role(who) != "agent" or self.model.in_contact(on, who)
        self.holds(expected if may else UNKNOWN, answer)
        if answer.status_code == 200 and made["state"] != state:
            made["state"], on.answered = state, None

    @precondition(lambda self: self.model.proposals)
    @rule(who=AGENT, line=LINE, kind=st.sampled_from(("stayed", "left", "ported")))
    def end(self, who: str, line: str, kind: str) -> None:
        who = self.whoever(who, line)
        body = {"contract_id": line, "kind": kind, "happened_on": self.model.today.isoformat()}
        answer, on = self.post("/outcome", who, body), self.model.lines[line]
        if self.role(who) == "agent":
            return self.holds((403, "not-allowed"), answer)
        self.holds((409, "already-recorded") if self.model.today in on.endings else (201, ""), answer)
        if answer.status_code == 201:
            on.endings.add(self.model.today)
            on.answered = None
            if kind != "stayed" and on.live is not None:
                on.live.close("withdrawn")

    @rule(later=LATER, swept=st.booleans())
    def time_passes(self, later: datetime.timedelta, swept: bool) -> None:
        self.clock.moment += later
        self.model.pass_time()
        if swept:
            with writing(self.store) as connection:
                writer.sweep(connection, self.clock.here())
