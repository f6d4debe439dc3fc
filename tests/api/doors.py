"""Who gets what at which door: one table of roles, doors and objects, and a request for every cell of it.

`own`: the asker is in contact with the customer; `theirs`: somebody else is; `no contact`: nobody is; `unknown`: there
is no such thing. A door without an object has one column.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.api.calls import Call, named
from tests.api.world import NOON

OBJECTS = ("own", "theirs", "no contact", "unknown")
ROLES = ("agent", "supervisor", "manager", "auditor", "order_system", "no key", "revoked")
OFFER = ("agent", "supervisor", "manager")
ABOVE = ("supervisor", "manager")
NOBODYS_ID = "f" * 32
ORDER_IS_KNOWN = "order-recorded"

Cell = tuple[int, str]
UNKNOWN: Cell = (404, "not-found")
REFUSED: dict[str, Cell] = {
    **dict.fromkeys(("agent", "supervisor", "manager", "auditor", "order_system"), (403, "not-allowed")),
    **dict.fromkeys(("no key", "revoked"), (401, "unauthenticated")),
}


@dataclass(frozen=True)
class Request:
    """What is asked of a door; `ids` are the places in the body that name the object, `about` its id in the address."""

    address: str
    body: dict[str, Any] | None = None
    ids: tuple[str, ...] = ()
    about: str = ""

    def of_nothing(self) -> "Request":
        """The same about something that does not exist."""
        if self.about:
            return Request(self.address.replace(self.about, NOBODYS_ID), self.body)
        if self.body is None or not self.ids:
            return Request(f"{self.address.rpartition('/')[0]}/{NOBODYS_ID}", self.body)
        return Request(self.address, {**self.body, **dict.fromkeys(self.ids, NOBODYS_ID)})


@dataclass(frozen=True)
class Door:
    """A door, who gets in, and what they may see there."""

    route: str
    method: str = "POST"
    opens: dict[str, str] = field(default_factory=dict)
    """For each role that gets in, the objects it gets: `all`, `own`, or `-` where the door has no object."""
    status: int = 200
    ask: Callable[[Call], Request] = lambda call: Request("/")

    @property
    def objects(self) -> tuple[str, ...]:
        return OBJECTS if "<" in self.route or self.method == "POST" else ("-",)

    def cell(self, role: str, thing: str) -> Cell:
        """What a role is answered about a thing: the status, and the code of a refusal."""
        scope = self.opens.get(role)
        if scope is None:
            return REFUSED[role]
        if thing == "unknown" or (scope == "own" and thing != "own"):
            return UNKNOWN
        return self.status, ""


def _asked(call: Call) -> Request:
    return Request("/offer", {"contract_id": call.contract_id, "channel": "web"}, ("contract_id",))


def _checked(call: Call) -> Request:
    body = {"contract_id": call.contract_id, "terms": {"discount_cents": 100, "discount_months": 6}}
    return Request("/offer/check", body, ("contract_id",))


def _on_the_table(door: str, **more: Any) -> Callable[[Call], Request]:
    def ask(call: Call) -> Request:
        answer = call.ask()
        assert call.show(answer).status_code == 200
        return Request(door, {**named(answer), **more}, ("proposal_id",))

    return ask


def _accepted(call: Call) -> dict[str, Any]:
    answer = call.ask()
    assert call.show(answer).status_code == 200
    reply = call.accept(answer)
    assert reply.status_code == 201, reply.data
    return reply.get_json()


def _confirmed(call: Call) -> Request:
    waiting = _accepted(Call(call.operator, call.role, call.contract_id, "phone_out"))
    return Request("/confirm", {"acceptance_id": waiting["acceptance_id"], "how": "signed"}, ("acceptance_id",))


def _withdrawn(call: Call) -> Request:
    body = {"proposal_id": _accepted(call)["proposal_id"], "by": "customer", "because": "other"}
    return Request("/withdraw", body, ("proposal_id",))


def _echoed(call: Call) -> Request:
    return Request("/order-echo", {"order_id": _accepted(call)["acceptance_id"], "terms": {}}, ("order_id",))


def _heard(call: Call) -> Request:
    return Request("/signal", {"contract_id": call.contract_id, "kind": "fault_closed"}, ("contract_id",))


def _settled(call: Call) -> Request:
    [made] = call.signal("fault_opened", text="pas de réseau")["promises"]
    return Request(f"/promise/{made['promise_id']}", {"state": "kept"})


def _seen_to(call: Call) -> Request:
    return Request(f"/alarm/{call.signal('port_requested')['alarm']['alarm_id']}", {"state": "closed"})


def _ended(call: Call) -> Request:
    body = {"contract_id": call.contract_id, "kind": "stayed", "happened_on": NOON.date().isoformat()}
    return Request("/outcome", body, ("contract_id",))


def _supposed(call: Call) -> Request:
    return Request("/what-if", {"contract_id": call.contract_id, "channel": "web"}, ("contract_id",))


def _read(call: Call) -> Request:
    return Request(f"/case/{call.contract_id}")


def _why(call: Call) -> Request:
    decision_id = call.ask()["decision_id"]
    return Request(f"/decision/{decision_id}/why", about=decision_id)


def _contest(call: Call) -> Request:
    decision_id = call.ask()["decision_id"]
    return Request(f"/decision/{decision_id}/contest", {"reason": "I was promised this phone"}, about=decision_id)


def _reviewed(call: Call) -> Request:
    decision_id = Call(call.operator, "agent", call.contract_id).ask()["decision_id"]
    asked = call.post(f"/decision/{decision_id}/contest", {"reason": "I was promised this phone"})
    return Request(f"/contest/{asked.get_json()['contest_id']}", {"outcome": "upheld", "note": "it never was"})


def _explained(call: Call) -> Request:
    answer = call.ask()
    return Request(f"/decision/{answer['decision_id']}/why-not/{answer['offers'][0]['offer_id']}")


def _plain(address: str) -> Callable[[Call], Request]:
    return lambda call: Request(address)


ABOVE_ALL = dict.fromkeys(ABOVE, "all")
READS_DECISIONS = {"agent": "own", **dict.fromkeys((*ABOVE, "auditor"), "all")}
ANYBODY = dict.fromkeys(ROLES, "-")
DOORS = (
    Door("/offer", opens=dict.fromkeys(OFFER, "all"), ask=_asked),
    Door("/offer/check", opens=dict.fromkeys(OFFER, "own"), ask=_checked),
    Door("/shown", opens=dict.fromkeys(OFFER, "own"), ask=_on_the_table("/shown", read_back=True)),
    Door("/reaction", opens=dict.fromkeys(OFFER, "own"), ask=_on_the_table("/reaction", reason="other")),
    Door("/approval", opens=dict.fromkeys(ABOVE, "all"), ask=_on_the_table("/approval", verdict="approved")),
    Door("/accept", opens=dict.fromkeys(OFFER, "own"), status=201, ask=_on_the_table("/accept")),
    Door("/confirm", opens=dict.fromkeys(OFFER, "own"), ask=_confirmed),
    Door("/withdraw", opens=dict.fromkeys(OFFER, "own"), ask=_withdrawn),
    Door("/order-echo", opens={"order_system": "all"}, ask=_echoed),
    Door("/signal", opens=dict.fromkeys(OFFER, "all"), status=201, ask=_heard),
    Door("/promise/<promise_id>", opens={"agent": "own", **dict.fromkeys(ABOVE, "all")}, ask=_settled),
    Door("/alarm/<alarm_id>", opens={"agent": "own", **dict.fromkeys(ABOVE, "all")}, ask=_seen_to),
    Door("/outcome", opens=dict.fromkeys(ABOVE, "all"), status=201, ask=_ended),
    Door("/what-if", opens=dict.fromkeys(ABOVE, "all"), ask=_supposed),
    Door("/case/<contract_id>", "GET", {**dict.fromkeys(OFFER, "own"), "auditor": "all"}, ask=_read),
    Door("/decision/<decision_id>/why", "GET", READS_DECISIONS, ask=_why),
    Door("/decision/<decision_id>/why-not/<candidate>", "GET", READS_DECISIONS, ask=_explained),
    Door("/decision/<decision_id>/contest", opens={"agent": "own", **ABOVE_ALL}, status=201, ask=_contest),
    Door("/contest/<contest_id>", opens=ABOVE_ALL, ask=_reviewed),
    Door("/contests", "GET", dict.fromkeys((*ABOVE, "auditor"), "-"), ask=_plain("/contests")),
    Door("/promises", "GET", dict.fromkeys((*ABOVE, "auditor"), "-"), ask=_plain("/promises")),
    Door("/worklist", "GET", dict.fromkeys(OFFER, "-"), ask=_plain("/worklist")),
    Door("/live", "GET", ANYBODY, ask=_plain("/live")),
    Door("/ready", "GET", ANYBODY, ask=_plain("/ready")),
    Door("/openapi.json", "GET", ANYBODY, ask=_plain("/openapi.json")),
    Door("/docs/", "GET", ANYBODY, ask=_plain("/docs/")),
    Door("/docs/<path:path>", "GET", ANYBODY, ask=_plain("/docs/swagger-ui.css")),
)


def published() -> str:
    """The table as docs/api.md has it."""
    head = ["door", *ROLES]
    lines = [head, ["---"] * len(head)]
    for door in DOORS:
        cells = [_words(door, role) for role in ROLES]
        lines.append([f"`{door.method} {door.route}`".replace("<", "{").replace(">", "}"), *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _words(door: Door, role: str) -> str:
    scope = door.opens.get(role)
    if scope is None:
        return str(REFUSED[role][0])
    return {"all": "all", "own": "in contact", "-": "yes"}[scope]
