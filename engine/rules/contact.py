"""Rules on calls of ours: when one may call, and whom; their dated numbers lie in law-eu.toml and that of the market.

They speak of outbound calls only, at the moment the call begins; HOUSE-DND is the house's own. Where nobody is called,
where a rule is not in force or not of this market, it holds for everybody at once.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.contact import ATTEMPTS, HOURS, SILENCE, calls_within, limits_of
from engine.dates import day
from engine.law import Law
from engine.question import Question, Sheet
from engine.rules.law import EVERYWHERE
from engine.terms import Truth

CONSENT, PORT, DISTURB, LISTED, NOTICE = "FR-CALL-OPTIN", "FR-PORT", "HOUSE-DND", "BE-DNCM", "EU-BEST"


def begins_within_hours(question: Question) -> Any:
    """FR-CALL-H: on a weekday, in the hours, on no public holiday, by the customer's clock; or consented to before."""
    limits, facts = limits_of(question.in_force.law), question.facts
    on, minute = day_of(question), facts["call_minute"]
    weekday = (on.astype(np.int64) + 3) % 7 + 1  # 1970-01-01 was a Thursday
    open_now = np.logical_or.reduce([(minute >= begin) & (minute < end) for begin, end in limits.windows])
    festive = [str(each) in holidays for each, holidays in zip(on, facts["public_holidays"], strict=True)]
    within = open_now & np.isin(weekday, list(limits.weekdays)) & ~np.array(festive, dtype=bool)
    return within | (minute < 0) | has_consented(question)


def follows_few_calls(question: Question) -> Any:
    """FR-CALL-N: fewer calls and attempts than the law allows in its rolling days, or asked for by the customer."""
    limits, facts = limits_of(question.in_force.law), question.facts
    assert limits.attempts is not None
    most, days = limits.attempts
    pairs = zip(facts["calls_made"], day_of(question).tolist(), strict=True)
    made = [calls_within(calls, on, days) if calls else 0 for calls, on in pairs]
    return (np.array(made, dtype=np.int64) < most) | facts["call_asked_for"]


def follows_silence(question: Question) -> Any:
    """FR-CALL-60: full calendar days have passed since a refusal in a call, or the customer asked to be called back."""
    limits, refused, on = limits_of(question.in_force.law), question.facts["call_refused_on"], day_of(question)
    assert limits.silence_days is not None
    days = (on - np.where(np.isnat(refused), on, refused)).astype(np.int64)
    return np.isnat(refused) | (days > limits.silence_days) | question.facts["call_asked_for"]


def has_consent_or_a_contract(question: Question) -> Any:
    """FR-CALL-OPTIN: within a current contract, or consented to before; winning back needs consent."""
    return has_a_contract(question) | has_consented(question) | question.facts["call_asked_for"]


def follows_no_port(question: Question) -> Any:
    """FR-PORT: while the number is being taken elsewhere nobody calls to keep the customer."""
    return question.facts["reason_for_contact"] != "port_requested"


def disturbs_nobody(question: Question) -> Any:
    """HOUSE-DND: who does not want to be called is not called."""
    return ~question.facts["do_not_call"]


def calls_nobody_listed(question: Question) -> Any:
    """BE-DNCM: who stands on the do-not-call list is not called."""
    return ~question.facts["on_do_not_call_list"]


def follows_the_notice(question: Question) -> Any:
    """EU-BEST: the notice of the end with the best tariff comes before the pitch; not on file: not checked."""
    noticed = question.facts["best_tariff_notice_on"]
    return np.isnat(noticed) | (noticed <= day_of(question)) | ~has_a_contract(question)


CALLS: Mapping[str, Callable[[Question], Any]] = {
    DISTURB: disturbs_nobody,
    LISTED: calls_nobody_listed,
    PORT: follows_no_port,
    CONSENT: has_consent_or_a_contract,
    NOTICE: follows_the_notice,
    SILENCE: follows_silence,
    ATTEMPTS: follows_few_calls,
    HOURS: begins_within_hours,
}
"""What may speak against a call, the most lasting first: where it holds, [n]."""


def is_in_force(rule: str, law: Law) -> bool:
    """Whether a rule on calls binds in this market on this day; the house's own always does."""
    return rule == DISTURB or rule in law.lines


def on_calls(rule: str) -> Callable[[Sheet], Any]:
    """A rule of `CALLS` as one of a sheet, (n, 1): inbound it holds."""
    holds = CALLS[rule]

    @functools.wraps(holds)
    def on_sheet(sheet: Sheet) -> Any:
        question = sheet.question
        if not question.calls_anybody or not is_in_force(rule, question.in_force.law):
            return EVERYWHERE
        return (holds(question) | ~question.outbound)[:, None]

    return on_sheet


def day_of(question: Question) -> NDArray[np.datetime64]:
    """The day on which each call begins [n]; where none is told, the day of the question."""
    on = question.facts["call_on"]
    found: NDArray[np.datetime64] = np.where(np.isnat(on), day(question.today), on)
    return found


def has_consented(question: Question) -> Truth:
    """Who has consented to calls by the day of the call, [n]."""
    consented = question.facts["calls_consented_on"]
    found: Truth = ~np.isnat(consented) & (consented <= day_of(question))
    return found


def has_a_contract(question: Question) -> Truth:
    """Whose contract runs on the day of the call, its last day included, [n]."""
    ended = question.facts["contract_ended_on"]
    found: Truth = np.isnat(ended) | (day_of(question) <= ended)
    return found
