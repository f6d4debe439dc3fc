"""The whole story over HTTP: three agents, two refusals, two offers taken for one, a wish, and an order gone wrong.

After each chapter stands what each of the three agents sees, and that is no more than they are in contact for.
"""

import tomllib
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine

from api.courier.destination import read_destination
from api.courier.rounds import Courier
from api.courier.signature import read_secret
from engine.rulebook import Rulebook
from ledger import queries, writer
from ledger.anchors import Trace
from ledger.audit import find_flaw, read_copy
from ledger.replay import replay
from ledger.store import reading, writing
from tests.api.calls import Call, later, named, problem
from tests.api.orders import post
from tests.api.test_story import put_on_file
from tests.api.world import ROOT, Operator, make_operator
from tests.order_system import OrderSystem, running

CUSTOMER = {
    **tomllib.loads((ROOT / "tests/cases/story.toml").read_text())["customer"],
    "customer_id": "K-story",
    "refusals_on_file": 0,
    "public_complaints_on_file": 0,
}
"""The customer of the story before anybody has called."""

TEXTS = {"commitment_months": 24, "extras": ["sms_15"]}
WISH = {"device": "galaxy-a17", "max_commitment_months": 12}
AGENTS = ("first", "second", "manager")
FIRST_OFFER = "discount-extras.24m.data_20gb.sms_unlimited.-500x24"
SECOND_OFFER = "discount.0m.-1000x6"
REAL_OFFER = "wish.galaxy-a17.12m.top002040"


@dataclass
class Story:
    """The operator at one moment, who calls, and what is remembered from chapter to chapter."""

    operator: Operator
    told: dict[str, Any]

    def call(self, who: str, channel: str = "phone_out") -> Call:
        return Call(self.operator, who, "story", channel)

    def next_day(self) -> None:
        self.operator = later(self.operator, days=1)

    def sees(self, who: str) -> dict[str, Any]:
        """What an agent who is in contact reads in the case."""
        read = self.call(who).get("/case/story")
        assert read.status_code == 200, read.data
        return read.get_json()

    def who_see(self) -> set[str]:
        """Who may read the case; to the others it is as unknown as any."""
        read = {who: self.call(who).get("/case/story") for who in AGENTS}
        for who, answer in read.items():
            unknown = self.call(who).get("/case/nowhere")
            assert answer.status_code == 200 or problem(answer) == problem(unknown) == (404, "not-found")
        return {who for who, answer in read.items() if answer.status_code == 200}

    def worklist(self, who: str) -> list[str]:
        listed = self.call(who).get("/worklist").get_json()["items"]
        assert {each["contract_id"] for each in listed} <= {"story"}
        return [each["why"] for each in listed]

    def on_the_table(self, who: str) -> dict[str, str]:
        seen = self.sees(who)
        offers = [] if seen["proposal"] is None else seen["proposal"]["offers"]
        return {each["offer"]["offer_id"]: each["state"] for each in offers if each["offer"]["place"] == "main"}


@pytest.fixture
def story(each_store: Engine, rulebook: Rulebook) -> Story:
    operator = make_operator(each_store, rulebook)
    put_on_file(operator, CUSTOMER)
    with writing(each_store) as connection:
        operator.keys.update({who: writer.create_key(connection, f"{who}-agent", "agent") for who in AGENTS[:2]})
    return Story(operator, {})


def test_the_whole_story_is_lived(story: Story) -> None:
    an_agent_calls_and_fifteen_texts_are_not_even_offered(story)
    the_first_offer_is_refused_for_its_24_months(story)
    the_customer_says_so_in_public(story)
    nobody_may_call_so_soon_after_a_refusal(story)
    the_customer_rings_and_the_next_offer_is_refused(story)
    a_manager_will_do_nothing_that_harms_the_company(story)
    they_find_that_they_do_not_speak_of_the_same_offer(story)
    the_wish_brings_the_real_offer(story)
    it_is_read_back_and_accepted_and_waits_for_the_confirmation(story)
    the_signed_confirmation_binds_and_makes_promises(story)
    moment = story.operator.service.clock
    with running(OrderSystem(clock=lambda: moment().timestamp())) as orders:
        the_order_leaves_signed(story, orders)
        it_is_recorded_wrongly_and_caught(story, orders)
    the_promises_are_kept(story)
    everything_is_on_record_and_comes_out_again(story)


def an_agent_calls_and_fifteen_texts_are_not_even_offered(story: Story) -> None:
    assert story.who_see() == set()
    call = story.call("first")
    answer = story.told["first"] = call.ask()
    texts = call.post("/offer/check", {"contract_id": "story", "terms": TEXTS}).get_json()
    assert (texts["allowed"], texts["rules"], texts["limits"]) == (False, ["WORTH-NOTHING"], [])
    assert not any("sms_15" in offer["extras"] for offer in answer["offers"])
    assert [offer["offer_id"] for offer in answer["offers"]] == [FIRST_OFFER]
    assert story.who_see() == {"first"}
    assert story.on_the_table("first") == {FIRST_OFFER: "offered"}


def the_first_offer_is_refused_for_its_24_months(story: Story) -> None:
    call, answer = story.call("first"), story.told["first"]
    assert call.show(answer, read_back=False).status_code == 200
    assert story.on_the_table("first") == {FIRST_OFFER: "shown"}
    following = call.decline(answer, "commitment_too_long").get_json()
    assert [offer["offer_id"] for offer in following["offers"]] == [SECOND_OFFER]
    assert story.on_the_table("first") == {SECOND_OFFER: "offered"}
    timeline = story.sees("first")["timeline"]
    assert [entry["kind"] for entry in timeline] == ["contact_opened", "decided", "shown", "declined", "decided"]
    assert timeline[3]["details"]["reason"] == "commitment_too_long"


def the_customer_says_so_in_public(story: Story) -> None:
    before = story.call("first").ask()
    heard = story.call("first").signal("public_complaint", where="forum", reach=4200)
    assert (heard["alarm"]["route"], heard["alarm"]["answer_by"]) == ("manager", "2026-11-23T13:00:00.000000Z")
    assert story.call("first").ask()["offers"] == before["offers"]
    assert {who: story.worklist(who) for who in AGENTS} == {
        "first": ["public_complaint"],
        "second": [],
        "manager": ["public_complaint"],
    }
    assert story.who_see() == {"first"}
    story.told["complaint"] = heard["alarm"]["alarm_id"]


def nobody_may_call_so_soon_after_a_refusal(story: Story) -> None:
    story.next_day()
    refused = story.call("second").ask()
    assert (refused["call"]["rules"], refused["call"]["not_before"]) == (["FR-CALL-60"], "2027-01-25T10:00")
    assert (refused["stance"], refused["offers"], story.who_see()) == ("leave_alone", [], set())


def the_customer_rings_and_the_next_offer_is_refused(story: Story) -> None:
    call = story.call("second", "phone_in")
    answer = call.ask()
    assert answer["offers"][0]["offer_id"] == SECOND_OFFER
    assert [alarm["kind"] for alarm in story.sees("second")["alarms"]] == ["public_complaint"]
    assert "commitment_too_long" in [entry["details"].get("reason") for entry in story.sees("second")["timeline"]]
    call.show(answer, read_back=False)
    ended = call.decline(answer, "other").get_json()
    assert (ended["stance"], ended["offers"]) == ("leave_alone", [])
    assert story.who_see() == set()  # an end closes the contact, and what is due stays due
    asked = call.signal("callback", day="2026-11-25")
    story.told["callback"] = asked["promises"][0]["promise_id"]


def a_manager_will_do_nothing_that_harms_the_company(story: Story) -> None:
    story.next_day()
    call = story.call("manager")
    called_back = call.ask()
    assert (called_back["offers"], called_back["call"]["allowed"]) == ([], True)
    assert call.post(f"/promise/{story.told['callback']}", {"state": "kept"}).status_code == 200
    wanted = {"device": "galaxy-a17", "commitment_months": 12, "top_up_cents": 2039}
    checked = call.post("/offer/check", {"contract_id": "story", "terms": wanted}).get_json()
    assert (checked["allowed"], checked["limits"], checked["missing_cents"]) == (False, ["HOUSE-FLOOR-CENTS"], 1)
    assert (checked["nearest"]["device"], checked["nearest"]["top_up_cents"]) == ("galaxy-a17", 2040)
    assert story.worklist("manager") == ["public_complaint"]
    answered = call.post(f"/alarm/{story.told['complaint']}", {"state": "closed"})
    assert answered.get_json()["closed_at"] is not None
    assert [story.worklist(who) for who in AGENTS] == [[], [], []]
    assert story.who_see() == {"manager"}


def they_find_that_they_do_not_speak_of_the_same_offer(story: Story) -> None:
    story.call("first").signal("contact", channel="social")
    old = story.told["first"]
    assert problem(story.call("first").show(old)) == (412, "not-the-same-offer")
    assert problem(story.call("first").accept(old)) == (412, "not-the-same-offer")
    for end in ("first", "manager"):
        assert {alarm["kind"] for alarm in story.sees(end)["alarms"]} == {"not-the-same-offer"}
        assert set(story.worklist(end)) == {"alarm"}
        assert story.sees(end)["timeline"][-1]["kind"] == "alarm_raised"
    assert (story.worklist("second"), story.who_see()) == ([], {"first", "manager"})
    for alarm in story.sees("manager")["alarms"]:
        story.call("manager").post(f"/alarm/{alarm['alarm_id']}", {"state": "closed"})
    assert story.sees("first")["alarms"] == []


def the_wish_brings_the_real_offer(story: Story) -> None:
    answer = story.told["real"] = story.call("manager").ask(wants=WISH)
    [offer] = answer["offers"]
    assert (offer["offer_id"], offer["top_up_cents"], offer["commitment_months"]) == (REAL_OFFER, 2040, 12)
    assert (offer["commitment_ends_on"], offer["why"], answer["wish"]["met"]) == ("2027-11-25", "asked_for", True)
    assert "20,40" in offer["difference"]["fr"]
    assert story.call("first", "social").ask() == answer
    assert story.sees("first")["proposal"] == story.sees("manager")["proposal"]
    assert story.who_see() == {"first", "manager"}


def it_is_read_back_and_accepted_and_waits_for_the_confirmation(story: Story) -> None:
    call, answer = story.call("manager"), story.told["real"]
    sentences = answer["offers"][0]["sentences"]
    assert sentences["customer"]["fr"] in sentences["read_back"]["fr"]
    assert call.show(answer).get_json()["read_back"] is True
    accepted = call.accept(answer)
    assert accepted.status_code == 201, accepted.data
    story.told["accepted"] = accepted.get_json()
    assert (accepted.get_json()["status"], accepted.get_json()["promises"]) == ("to_confirm", [])
    assert accepted.get_json()["offer"] == answer["offers"][0]
    assert story.who_see() == set()  # an acceptance ends every contact
    assert {who: story.worklist(who) for who in AGENTS} == {"first": [], "second": [], "manager": ["confirmation"]}


def the_signed_confirmation_binds_and_makes_promises(story: Story) -> None:
    story.next_day()
    call, acceptance_id = story.call("second", "shop"), story.told["accepted"]["acceptance_id"]
    confirmation = {"acceptance_id": acceptance_id, "how": "signed"}
    assert problem(post(story.operator, "/confirm", "second", **confirmation)) == (404, "not-found")
    call.signal("contact", channel="shop")
    assert story.worklist("second") == ["confirmation"]
    confirmed = post(story.operator, "/confirm", "second", **confirmation).get_json()
    assert (confirmed["status"], confirmed["withdraw_until"]) == ("accepted", "2026-12-10T23:00:00.000000Z")
    seen = story.sees("second")
    assert [(each["status"], each["digest"]) for each in seen["acceptances"]] == [
        ("accepted", story.told["real"]["digest"])
    ]
    assert {each["kind"]: each["due_on"] for each in seen["promises"]} == {
        "activation": "2026-11-28",
        "delivery": "2026-12-01",
        "first_check": "2026-12-03",
        "second_check": "2026-12-11",
    }
    assert [story.worklist(who) for who in AGENTS] == [[], [], []]


def the_order_leaves_signed(story: Story, orders: OrderSystem) -> None:
    secret = read_secret(orders.secret)
    assert secret is not None
    destination = read_destination(orders.url, [secret])
    assert destination is not None
    Courier(story.operator.service.store, destination, story.operator.service.now).walk()
    [message] = orders.messages
    assert (orders.unsigned, message["type"]) == (0, "order.accepted")
    terms = message["data"]["terms"]
    assert (message["data"]["contract_id"], terms["top_up_cents"], terms["commitment_months"]) == ("story", 2040, 12)


def it_is_recorded_wrongly_and_caught(story: Story, orders: OrderSystem) -> None:
    order = orders.messages[0]["data"]
    wrong = {**order["terms"], "commitment_months": 24, "commitment_ends_on": "2028-11-25"}
    assert _echo(story, order["order_id"], wrong)["differences"] == [
        {"field": "commitment_months", "accepted": 12, "recorded": 24, "echoed": True},
        {"field": "commitment_ends_on", "accepted": "2027-11-25", "recorded": "2028-11-25", "echoed": True},
    ]
    assert {who: story.worklist(who) for who in AGENTS} == {"first": [], "second": ["alarm"], "manager": ["alarm"]}
    [alarm] = story.sees("second")["alarms"]
    assert (alarm["kind"], alarm["about"]) == ("order-recorded-wrongly", order["order_id"])
    assert _echo(story, order["order_id"], order["terms"])["match"] is True
    assert [story.worklist(who) for who in AGENTS] == [[], [], []]


def _echo(story: Story, order_id: str, terms: dict[str, Any]) -> dict[str, Any]:
    told = story.call("order_system").post("/order-echo", {"order_id": order_id, "terms": terms})
    assert told.status_code == 200, told.data
    return told.get_json()


def the_promises_are_kept(story: Story) -> None:
    story.operator = later(story.operator, days=6)
    assert story.worklist("manager") == ["promise", "promise"]
    call = story.call("first", "phone_in")
    assert (call.ask()["stance"], call.ask()["repair"]["promise"] is None) == ("repair_first", False)
    assert [each["late"] for each in story.sees("first")["promises"]] == [True, True, False, False]
    for each in story.sees("first")["promises"]:
        assert call.post(f"/promise/{each['promise_id']}", {"state": "kept"}).status_code == 200
    assert (story.worklist("manager"), story.sees("first")["promises"]) == ([], [])
    assert call.ask()["repair"] is None


def everything_is_on_record_and_comes_out_again(story: Story) -> None:
    with reading(story.operator.service.store) as connection:
        assert find_flaw(read_copy(connection), Trace([])) is None
    with reading(story.operator.service.store) as connection:
        [page] = queries.pages_of_decisions(connection)
    assert replay(page, story.operator.service.rulebook) == []
    told = [entry["sentences"] for entry in story.sees("first")["timeline"]]
    assert all(sentence[language] for sentence in told for language in ("fr", "nl", "en"))
    assert problem(story.call("first").show(story.told["real"])) == (409, "already-accepted")
    assert named(story.told["real"])["offer_id"] == REAL_OFFER
