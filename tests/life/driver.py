"""What the rules of the machine share: a request, what the model makes of its answer, and the offer that is named."""

import datetime
from typing import Any, ClassVar

import orjson
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import select
from werkzeug.test import TestResponse

from api.errors import PROBLEM_JSON
from ledger import queries
from ledger.store import reading
from ledger.tables import offers
from tests.api.calls import problem
from tests.life.lines import CUSTOMERS, Stand, stock_of
from tests.life.model import ROLE_OF, Acceptance, Code, Line, Model, Offer, Proposal
from tests.life.truths import Truths

NOWHERE = {"proposal_id": "f" * 32, "offer_id": "sms-renewal.24m.sms_15", "digest": "0" * 64}
WHOEVER_TALKS = "whoever talks"
OUTSIDE = 3
"""The place of an offer that is in no proposal."""


def terms_of(offer_id: str) -> str:
    """The terms that an id spells, whatever the template."""
    return offer_id.partition(".")[2]


class Driver(RuleBasedStateMachine):
    """One run on a store as it was at first."""

    stand: ClassVar[Stand]
    seen: ClassVar[Truths]

    def __init__(self) -> None:
        super().__init__()
        self.stand.begin()
        self.operator, self.clock, self.truths, self.keys = self.stand.operator, self.stand.clock, Truths(), 0
        self.store = self.operator.service.store
        lines = {contract_id: Line(contract_id, customer_id) for contract_id, customer_id in CUSTOMERS.items()}
        self.model = Model(lines, stock_of(self.operator.service.rulebook), self.clock.here)

    def teardown(self) -> None:
        with reading(self.store) as connection:
            self.truths.hold_at_the_end(connection, self.model)
        self.seen.changes.update(self.truths.changes)
        self.seen.asked.update(self.model.seen)

    @invariant()
    def everything_is_true(self) -> None:
        with reading(self.store) as connection:
            self.truths.hold(connection, self.model)

    # Requests.

    def post(self, door: str, who: str, body: dict[str, Any], **headers: str) -> TestResponse:
        answer = self.operator.client.post(door, json=body, headers={**self.operator.headers(who), **headers})
        self.model.seen[f"/{door.split('/')[1]} {answer.status_code}"] += 1
        return answer

    def holds(self, expected: Code, answer: TestResponse) -> None:
        """The answer is the one that was expected."""
        if expected[0] < 300:
            assert answer.status_code == expected[0], (expected, answer.data)
        else:
            assert problem(answer) == expected, answer.data
            assert answer.mimetype == PROBLEM_JSON

    def once(self, door: str, who: str, body: dict[str, Any], key: str | None) -> TestResponse | None:
        """The answer to a request with a key; None where the key was used before, and the old answer came again."""
        self.keys += 1
        name = (who, door, key or f"new-{self.keys}")
        answer = self.post(door, who, body, **{"Idempotency-Key": name[2]})
        if name in self.model.replies:
            before, status, reply = self.model.replies[name]
            if before == body:
                assert (answer.status_code, answer.data) == (status, reply)
                assert answer.headers["Idempotency-Replayed"] == "true"
            else:
                assert problem(answer) == (422, "idempotency-mismatch")
            return None
        assert "Idempotency-Replayed" not in answer.headers
        if answer.status_code != 404:  # of what the agent may not know nothing is kept
            self.model.replies[name] = body, answer.status_code, answer.data
        return answer

    def whoever(self, who: str, contract_id: str) -> str:
        """An agent by name, or the one who met the customer of a line last."""
        if who != WHOEVER_TALKS:
            return who
        line = self.model.lines[contract_id]
        talking = [name for name in line.contacts if self.model.in_contact(line, name)]
        return talking[-1] if talking else "ann"

    # Offers, by name.

    def name(self, contract_id: str, which: str, place: int, digest: str | None) -> dict[str, str]:
        """An offer as a request names it: of the live proposal if there is one, or of another on purpose."""
        proposal = self._proposal(contract_id, which)
        if proposal is None:
            return NOWHERE
        names = list(proposal.offers)
        offer_id = NOWHERE["offer_id"] if place == OUTSIDE else names[place % len(names)]
        return {"proposal_id": proposal.id, "offer_id": offer_id, "digest": digest or proposal.digest}

    def _proposal(self, contract_id: str, which: str) -> Proposal | None:
        line = self.model.lines[contract_id]
        if which == "live" and line.live is not None:
            return line.live
        if which == "nowhere":
            return None
        known = list(self.model.proposals.values())
        older = [each for each in known if each.line is line and each is not line.live]
        others = [each for each in known if each.line is not line]
        found = others if which == "of another line" else older
        return found[-1] if found else None

    def acceptance(self, index: int, meets: bool) -> Acceptance:
        """One of the acceptances, the last first; somebody meets the customer before if asked to."""
        known = list(self.model.acceptances())
        found = known[-1 - index % len(known)]
        if meets:
            self.meet("ben", found.proposal.line, "web")
        return found

    def standing(self, state: str) -> list[int]:
        """Where the acceptances in a state are, the last of all being 0."""
        states = [each.offer.state for each in reversed(list(self.model.acceptances()))]
        return [place for place, found in enumerate(states) if found == state]

    def meet(self, who: str, line: Line, channel: str) -> None:
        heard = self.post("/signal", who, {"contract_id": line.contract_id, "kind": "contact", "channel": channel})
        assert heard.status_code == 201, heard.data
        self.model.meet(line, who, channel)

    # Answers.

    def asked(self, who: str, line: Line, channel: str, wish: dict[str, Any] | None) -> None:
        """Ask what may be offered; the same question on the same day gets the same bytes."""
        wants = {} if wish is None else {"wants": wish}
        answer = self.post("/offer", who, {"contract_id": line.contract_id, "channel": channel, **wants})
        assert answer.status_code == 200, answer.data
        if channel == "phone_out" and not self._called(answer):
            return
        self.model.meet(line, who, channel)
        if wish is not None and wish != (line.wants or {}):
            line.wants, line.answered = wish, None
        if line.answered is not None and line.answered[0] == self.model.today and not self._sold_out_meanwhile(line):
            assert answer.data == line.answered[1]
        self.proposed(line, channel, answer)

    def _called(self, answer: TestResponse) -> bool:
        """Whether the law let us call, which its own tests hold; else there is no contact, and the table stays."""
        body = answer.get_json()
        if body["call"] is None or body["call"]["allowed"]:
            return True
        self._on_record(body["decision_id"], answer.data)
        assert (body["proposal_id"], body["offers"]) == (None, [])
        return False

    def is_no_call(self, line: Line, who: str, answer: TestResponse) -> bool:
        """Whether it was refused as a call of ours; which calls may be made is held by the tests of those rules."""
        outbound = "phone_out" in (line.contacts[who].channel, line.live and line.live.channel)
        rules = b"FR-CALL", b"FR-PORT"
        return outbound and answer.status_code == 409 and any(rule in answer.data for rule in rules)

    def proposed(self, line: Line, channel: str, answer: TestResponse) -> None:
        """What was answered is on record, and what it proposes is alone on the table."""
        body = answer.get_json()
        self._on_record(body["decision_id"], answer.data)
        offered = {offer["offer_id"] for offer in body["offers"]}
        assert not offered & self.model.not_again(line)
        unasked = {terms_of(offer_id) for offer_id in offered if not offer_id.startswith("wish.")}
        assert not unasked & {terms_of(offer_id) for offer_id in self.model.not_again(line)}
        assert not (offered and (line.faulty or self.model.unkept(line)))
        live_id = None if line.live is None else line.live.id
        if line.live is not None and body["proposal_id"] != live_id:
            line.live.close("withdrawn")
        if body["proposal_id"] not in (None, live_id):
            assert body["proposal_id"] not in self.model.proposals
            line.live = self._put_on_the_table(line, channel, body)
        line.answered = self.model.today, answer.data

    def _put_on_the_table(self, line: Line, channel: str, body: dict[str, Any]) -> Proposal:
        with reading(self.store) as connection:
            mine = select(offers.c.offer_id, offers.c.depth_cents).where(offers.c.proposal_id == body["proposal_id"])
            depths = {row.offer_id: row.depth_cents for row in connection.execute(mine)}
        told = {each["offer_id"]: each for each in (*body["offers"], *body["entitlements"])}
        made = {name: Offer(each, depths[name]) for name, each in told.items()}
        last_day = datetime.date.fromisoformat(body["expires_on"])
        proposal = Proposal(body["proposal_id"], body["digest"], line, channel, last_day, made)
        self.model.proposals[proposal.id] = proposal
        return proposal

    def _on_record(self, decision_id: str, data: bytes) -> None:
        with reading(self.store) as connection:
            row = queries.find_decision(connection, decision_id)
        assert row is not None
        assert row.answer == data
        assert orjson.loads(row.record)["decision_id"] == decision_id

    def _sold_out_meanwhile(self, line: Line) -> bool:
        live = [] if line.live is None else [each.terms["device"] for each in line.live.offers.values()]
        taken = self.model.taken()
        return any(device and taken[device] >= self.model.stock[device] for device in live)

    def promised(self, line: Line, told: list[dict[str, Any]]) -> None:
        """Promises as an answer tells them."""
        line.promises.update({each["promise_id"]: dict(each) for each in told})

    def accepted(self, who: str, offer: Offer, reply: dict[str, Any]) -> None:
        """What was accepted is what was named, and binds only where the customer came to us."""
        line = self.model.proposals[reply["proposal_id"]].line
        state = self.model.accept(line, who, offer, reply["acceptance_id"])
        until = reply["confirm_by"] if state == "to_confirm" else reply["withdraw_until"]
        assert (reply["status"], reply["offer"]) == (state, offer.terms)
        assert datetime.datetime.fromisoformat(until) == line.acceptances[-1].until
        self.promised(line, reply["promises"])

    def role(self, who: str) -> str:
        return ROLE_OF[who]
