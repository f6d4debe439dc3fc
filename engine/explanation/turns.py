"""What is to turn every rule that refuses, what an agent can do at once first."""

from collections.abc import Mapping, Sequence

from engine.explanation import calls
from engine.explanation import other_facts as facts
from engine.explanation import other_terms as terms
from engine.explanation.eligibility import eligible
from engine.explanation.levers import Build, Lever
from engine.explanation.supposing import Matter

PAYS_MORE = (terms.more_top_up, terms.less_discount, terms.less_credit, terms.fewer_extras, terms.other_commitment)
GETS_MORE = (terms.less_top_up, terms.more_discount, terms.more_credit, terms.other_commitment)

TURNS: Mapping[str, tuple[Build, ...]] = {
    "HOUSE-REPAIR-FIRST": (facts.repaired,),
    "HOUSE-PROMISE-FIRST": (facts.promise_kept,),
    "GDPR-21": (facts.they_call, facts.no_objection),
    "HOUSE-DND": (facts.they_call, calls.may_be_called),
    "BE-DNCM": (facts.they_call, calls.may_be_called),
    "FR-PORT": (facts.they_call, facts.another_reason),
    "FR-CALL-OPTIN": (facts.they_call, calls.consented, calls.asked_to_be_called),
    "EU-BEST": (calls.later_call, facts.they_call, calls.noticed),
    "FR-CALL-60": (calls.later_call, facts.they_call, calls.asked_to_be_called),
    "FR-CALL-N": (calls.later_call, facts.they_call, calls.asked_to_be_called),
    "FR-CALL-H": (calls.later_call, facts.they_call, calls.consented),
    "AIA-5": (facts.not_vulnerable,),
    "HOUSE-CATALOGUE": (),
    "HOUSE-ELIGIBLE": (eligible,),
    "HOUSE-TRADE-IN": (terms.no_trade_in, facts.device_in_use),
    "HOUSE-STOCK": (facts.in_stock,),
    "HOUSE-SHOP-PRICE": (terms.less_top_up,),
    "HOUSE-PRICE": (terms.less_discount, facts.higher_price),
    "HOUSE-MONTH": (terms.less_discount, terms.fewer_extras, terms.other_commitment, facts.higher_price),
    "HOUSE-SHORTENS": (terms.other_commitment, facts.less_remaining),
    "FR-MAX24": (terms.other_commitment, facts.less_remaining),
    "BE-24": (terms.other_commitment, facts.less_remaining),
    "EU-24": (terms.other_commitment, facts.less_remaining),
    "BE-VOID": (),
    "FR-PERF": (terms.more_top_up,),
    "HOUSE-FLOOR-CENTS": (*PAYS_MORE, terms.no_trade_in, facts.higher_price),
    "HOUSE-FLOOR-SHARE": (*PAYS_MORE, terms.no_trade_in, facts.higher_price),
    "HOUSE-AUTHORITY": (*PAYS_MORE, terms.no_trade_in, facts.role),
    "HOUSE-ACCOUNT": (*PAYS_MORE, terms.no_trade_in, facts.less_granted),
    "FR-TWIN12": (
        terms.twin_beside,
        *PAYS_MORE,
        facts.role,
        facts.less_granted,
        facts.less_remaining,
        facts.higher_price,
    ),
    "FR-TWINGAP": (terms.more_top_up, terms.twin_beside, terms.other_commitment),
    "LADDER-OVER": (facts.fewer_refusals,),
    "LADDER-REFUSED": (facts.not_refused,),
    "LADDER-BETTER": (*GETS_MORE, facts.asked_for, facts.nothing_refused),
    "WORTH-NOTHING": (*GETS_MORE, facts.asked_for),
    "BEYOND-LIMIT": (terms.less_top_up, terms.other_commitment, facts.longer_accepted, facts.more_upfront_accepted),
    "BELOW-NOTHING": (terms.more_top_up, *GETS_MORE, facts.they_call, facts.another_reason, facts.likelier_to_leave),
}
"""What is to turn every rule, what an agent can do at once first; a test fails for a rule that does not say it."""

CURVED = frozenset({"BELOW-NOTHING"})
"""Rules that may hold only in the midst of a lever: a dearer offer earns more and is taken by fewer."""


def levers_of(matter: Matter, rules: Sequence[str]) -> list[tuple[Lever, frozenset[str]]]:
    """What is to turn some rules that refuse a candidate, each with the rules of these that it is to turn."""
    builders = dict.fromkeys(build for rule in rules for build in TURNS[rule])
    found = []
    for build in builders:
        turned = frozenset(rule for rule in rules if build in TURNS[rule])
        found += [(lever, turned) for lever in build(matter) if len(lever.values)]
    return found
