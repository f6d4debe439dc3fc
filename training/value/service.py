"""How customers were served until some days after their decision, and who left after that: association, not proof.

Nobody drew who is served badly. So leaving is compared among customers of like risk, and it is counted only from the
landmark on: what happens to somebody after they have left cannot be why.
"""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from sqlalchemy import Row

from engine.fields import OUTBOUND_CHANNELS
from training.value.comparing import Sides, difference, too_little
from training.value.contract import GONE, LEFT, Followed
from training.value.earned import FEWER, Told, accounts_of, as_share, in_cents
from training.value.groups import FEWEST_PEOPLE, by_risk

LANDMARK_DAYS = 14
DAYS_OF_PROMISES = 90
DAYS_OF_CONTACTS = 30
FEWEST_CONTACTS = 2
NAMES = ("with it", "without it")


@dataclass(frozen=True)
class Served:
    """One contract at its landmark, and the days before it that count."""

    one: Followed
    landmark: datetime.date

    @property
    def promises(self) -> Sequence[Row[Any]]:
        """The promises that fell due not long before the decision, or between it and the landmark."""
        first, last = self._days_before(DAYS_OF_PROMISES), self.landmark.isoformat()
        return [each for each in self.one.around.promises if first <= each.due_on < last]

    @property
    def complaints(self) -> Sequence[Row[Any]]:
        """The public complaints that were to be answered before the landmark."""
        return [each for each in self.one.around.complaints if each.answer_by < self.landmark.isoformat()]

    def settled(self, promise: Row[Any]) -> bool:
        """Whether something had become of a promise by the landmark."""
        return promise.settled_on is not None and promise.settled_on <= self.landmark.isoformat()

    def events(self, kinds: Sequence[str], days: int | None = None) -> list[Row[Any]]:
        """The events of some kinds up to the landmark, from so many days before the decision on."""
        first, last = "" if days is None else self._days_before(days), self.landmark.isoformat()
        return [each for each in self.one.around.events if each.kind in kinds and first <= each.at[:10] <= last]

    def _days_before(self, days: int) -> str:
        return (self.one.decided_on - datetime.timedelta(days=days)).isoformat()


def everybody(served: Served) -> bool:
    """What anybody may meet with."""
    return True


def had_something_due(served: Served) -> bool:
    """Something was promised, or to be answered in public, by a day before the landmark."""
    return bool(served.promises or served.complaints)


def had_a_promise_due(served: Served) -> bool:
    """Something was promised by a day before the landmark."""
    return bool(served.promises)


def open_fault(served: Served) -> bool:
    """Something did not work at the landmark, by what was told last."""
    told = served.events(("fault_opened", "fault_closed"))
    return told[-1].kind == "fault_opened" if told else served.one.fault_on_file


def repeated_contacts(served: Served) -> bool:
    """The customer got in touch more than once."""
    told = served.events(("contact_opened",), DAYS_OF_CONTACTS)
    theirs = [one for one in told if orjson.loads(one.details)["channel"] not in OUTBOUND_CHANNELS]
    return len(theirs) >= FEWEST_CONTACTS


def waited(served: Served) -> bool:
    """A promise was kept after its day, or a public complaint answered after its hour or not at all."""
    kept = [one for one in served.promises if served.settled(one) and one.state == "kept"]
    late = [one for one in served.complaints if one.closed_at is None or one.closed_at > one.answer_by]
    return bool(late) or any(one.settled_on > one.due_on for one in kept)


def broken_promise(served: Served) -> bool:
    """A promise had fallen due and was not kept at the landmark."""
    return any(not served.settled(one) or one.state == "broken" for one in served.promises)


@dataclass(frozen=True)
class Exposure:
    """One kind of poor service: who could meet with it and who did, as functions of a contract, and both in words.

    Who was promised something has bought something: they are compared with others to whom something was promised.
    """

    could: Callable[[Served], bool]
    did: Callable[[Served], bool]
    means: str
    among: str


EXPOSURES: dict[str, Exposure] = {
    "open fault": Exposure(everybody, open_fault, "something did not work", "all"),
    "repeated contacts": Exposure(
        everybody, repeated_contacts, f"they got in touch twice, from {DAYS_OF_CONTACTS} days before on", "all"
    ),
    "waiting": Exposure(
        had_something_due,
        waited,
        "a promise was kept after its day, or a public complaint was not answered in time",
        "who was promised something, or complained in public",
    ),
    "broken promise": Exposure(
        had_a_promise_due, broken_promise, "a promise had fallen due and was not kept", "who was promised something"
    ),
}
"""What counts as poor service, each as it stood at the landmark."""


def at_their_landmark(followed: Sequence[Followed]) -> list[Served]:
    """The contracts whose end is known and that were still there at the landmark."""
    served = [Served(one, one.decided_on + datetime.timedelta(days=LANDMARK_DAYS)) for one in followed if one.known]
    return [each for each in served if each.landmark < each.one.window_ends and not _left_before(each)]


def _left_before(served: Served) -> bool:
    last, first = served.landmark.isoformat(), served.one.decided_on.isoformat()
    return any(one.kind in GONE and first <= one.happened_on < last for one in served.one.around.outcomes)


def cost_of(exposure: Exposure, served: Sequence[Served]) -> tuple[Told, dict[str, bool]]:
    """What one kind of poor service goes with, JSON-ready; and of who could meet with it, by decision, who did.

    Excess leaving is a difference of shares within bands of the chance of leaving; margin at risk is that times what
    leaving costs of those who met with it, in cents net of VAT: each of them, and all of them.
    """
    among = [each for each in served if exposure.could(each)]
    exposed = [exposure.did(each) for each in among]
    ones = [each.one for each in among]
    left = np.array([one.ending == LEFT for one in ones], dtype=bool)
    bands = np.array([by_risk(one) for one in ones], dtype=np.str_)
    sides = Sides(np.array(exposed, dtype=bool), accounts_of(ones), bands)
    refused = too_little(left, sides, NAMES)
    told: Told = {
        "means": exposure.means,
        "among": exposure.among,
        "with": _side(left, sides, True),
        "without": _side(left, sides, False),
        "refused": refused,
        "excess_leaving": None,
        "margin_at_risk": None,
        "margin_at_risk_of_all": None,
    }
    excess = difference(left.astype(np.float64), sides) if refused is None else None
    if excess is not None:
        at_stake = float(np.mean([one.prospects.at_stake for one, is_in in zip(ones, exposed, strict=True) if is_in]))
        told["excess_leaving"] = as_share(excess)
        told["margin_at_risk"] = in_cents(excess.times(at_stake))
        told["margin_at_risk_of_all"] = in_cents(excess.times(at_stake * sum(exposed)))
    elif refused is None:
        told["refused"] = "no band of the chance of leaving has both sides"
    return told, {one.decision_id: did for one, did in zip(ones, exposed, strict=True)}


def _side(left: Any, sides: Sides, first: bool) -> Told:
    mine, accounts = sides.first == first, sides.accounts(first)
    if accounts < FEWEST_PEOPLE:
        return {"contracts": FEWER, "left": FEWER}
    return {"contracts": int(mine.sum()), "left": int(left[mine].sum())}
