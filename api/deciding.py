"""From a case to a decision: what is on file, heard and remembered becomes one question to the kernel."""

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson

from api.calls import call_of, verdict_on
from api.service import Desk, Service, looking_at
from engine import VERSION
from engine.check import Checked, check
from engine.decide import decide
from engine.fields import CALL, CONTACT, MEMORY, REACH, ROLE, WANTS
from engine.ladder import Heard, remember
from engine.tables import Cases, Scores
from ledger.cases import Case, granted_cents, sold_out
from ledger.journal import canonical, draw_id
from ledger.keys import KeyHolder
from ledger.records import Occasion, Outcome, Question, Record, Versions, write_scores
from ledger.snapshots import Features, Snapshot, read_features, read_snapshots
from models import NO_RELEASE
from models.churn import Reason
from models.scorer import SCORING_FAILURES, Scored, main_reasons, score_or_degrade
from models.store import Release

REASONS_FAILED = "reasons-failed"
ABOUT_THE_ASKER = {field.name for field in (*CONTACT, *REACH, *CALL, ROLE)}
OF_OTHERS = {"sold_out", "account_granted_cents"}


@dataclass(frozen=True)
class Scoring:
    """What scored one contract: the release that serves, and its features as written and as columns."""

    release: Release | None
    features: Mapping[str, Any]
    columns: Features


@dataclass(frozen=True)
class AtHand:
    """One question ready to decide: as it is recorded, as columns, and scored."""

    snapshot: Snapshot
    cases: Cases
    scored: Scored
    scoring: Scoring


@dataclass(frozen=True)
class Given:
    """Terms that somebody composed or accepted, and what the rules say of them for the customer of a question."""

    terms: Mapping[str, Any]
    checked: Checked


def question_of(desk: Desk, asked: Mapping[str, Any]) -> Snapshot:
    """The facts on file, the wish, the contact, what was heard since, and what the case remembers."""
    case = desk.case
    snapshot: Snapshot = orjson.loads(case.contract.facts)
    wants = stated_wants(asked)
    known = case.wants if wants is None else wants
    if known is not None:
        snapshot.update({field.name: known.get(field.name, field.default) for field in WANTS})
    snapshot.update(channel=asked["channel"], reason_for_contact=asked["reason_for_contact"], role=desk.holder.role)
    snapshot = {**snapshot, **case.heard, **_memory(desk)}
    return {**snapshot, **call_of(desk, snapshot)}


def may_call(service: Service, holder: KeyHolder, contract_id: str) -> bool:
    """Whether the customer of a contract may be called now. Raises Problem 404."""
    with looking_at(service, holder, contract_id) as desk:
        verdict = verdict_on(desk, question_of(desk, {"channel": "phone_out", "reason_for_contact": "information"}))
    return verdict is not None and verdict.allowed


def stated_wants(asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """The wish of a request, by the names of engine.fields; None where it says nothing of a wish."""
    return {f"wants_{name}": value for name, value in asked["wants"].items()} if "wants" in asked else None


def question_digest(desk: Desk, snapshot: Snapshot) -> str:
    """What makes two questions the same: the day, the rulebook, and all of the case but who asks and how.

    What was sold or granted to others meanwhile makes no new question: an acceptance looks at that again. Nor does the
    moment of a call of ours: whether it is lawful is asked before.
    """
    aside = (ABOUT_THE_ASKER | OF_OTHERS) - set(desk.case.heard)
    case = {name: value for name, value in snapshot.items() if name not in aside}
    asked = {"subject": desk.case.subject_id, "day": desk.today, "rulebook": desk.rulebook.digest, "case": case}
    return hashlib.sha256(canonical(asked)).hexdigest()


def score_question(desk: Desk, snapshot: Snapshot) -> AtHand:
    """One question as columns, scored; what was refused in this round is remembered and moves what is believed."""
    features = orjson.loads(desk.case.contract.features)
    cases, columns = read_snapshots([snapshot]), read_features([features])
    release, rulebook = desk.service.releases.current(), desk.rulebook
    scored = score_or_degrade(release, cases, columns, desk.today, desk.service.score)
    if desk.case.refused:
        left = remember(cases, scored.scores, rulebook, desk.today, _heard(desk.case))
        believed = {name: left.fields[name] for name in ("unwanted_devices", "least_worth_micro")}
        snapshot = {**snapshot, **believed}
        cases, scored = read_snapshots([snapshot]), replace(scored, scores=left.scores)
    return AtHand(snapshot, cases, scored, Scoring(release, features, columns))


def decide_on(desk: Desk, at_hand: AtHand, given: Given | None = None) -> Record:
    """Decide one question, or put given terms on the table; the record still has to be written."""
    scores = at_hand.scored.scores
    decisions = decide(at_hand.cases, scores, desk.rulebook, desk.today)
    question = Question(
        at_hand.snapshot, at_hand.scoring.features, write_scores(scores, 0), given.terms if given else None
    )
    outcome = Outcome.of(decisions, 0, desk.previous)
    if given is not None:
        outcome = outcome.instead(given.checked, 0, desk.previous)
    return Record(_occasion(desk, at_hand.scored, at_hand.scoring), question, outcome)


def check_terms(desk: Desk, at_hand: AtHand, terms: Mapping[str, Any]) -> Given:
    """Terms, judged for the customer of a question at hand."""
    checked = check(at_hand.cases, at_hand.scored.scores, desk.rulebook, desk.today, [terms])
    return Given(terms, checked)


def _heard(case: Case) -> list[Heard]:
    return [Heard(orjson.loads(row.terms), row.reason, orjson.loads(row.wants)) for row in case.refused]


def _occasion(desk: Desk, scored: Scored, scoring: Scoring) -> Occasion:
    release, reasons, untold = scoring.release, *_reasons(scoring, scored.scores)
    return Occasion(
        decision_id=draw_id(),
        decided_at=desk.now,
        decided_on=desk.today,
        agent_id=desk.holder.agent_id,
        versions=Versions(release.version if release else NO_RELEASE, desk.rulebook.digest, VERSION),
        assumptions=orjson.loads(desk.case.contract.assumptions),
        degraded=[*scored.degraded[0], *untold],
        previous=desk.previous,
        p_churn_reasons=[{**asdict(reason), "value": scoring.features.get(reason.feature)} for reason in reasons],
    )


def _memory(desk: Desk) -> dict[str, Any]:
    case, policy = desk.case, desk.in_force.policy
    since = desk.today - datetime.timedelta(days=30 * policy["account_months"])
    refused = {row.proposal_id for row in case.refused}
    return {
        **{field.name: field.default for field in MEMORY},
        "refused_offers": list(dict.fromkeys(row.offer_id for row in case.refused)),
        "steps_taken": policy["ladder_steps"] if desk.ladder_is_over() else len(refused),
        "unkept_promise": case.unkept[0].kind if case.unkept else "",
        "account_granted_cents": granted_cents(desk.connection, case.contract.customer_id, since),
        "sold_out": sold_out(desk.connection, desk.rulebook.devices_digest),
    }


def _reasons(scoring: Scoring, scores: Scores) -> tuple[tuple[Reason, ...], tuple[str, ...]]:
    """The main reasons of one chance, and what to say where the model cannot tell them: the chance holds without."""
    try:
        [reasons] = main_reasons(scoring.release, scoring.columns, scores)
    except SCORING_FAILURES:
        return (), (REASONS_FAILED,)
    return reasons, ()
