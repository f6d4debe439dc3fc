"""From a case to a decision: what is on file, heard and remembered becomes one question to the kernel."""

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from api.service import Desk
from engine import VERSION
from engine.decide import decide
from engine.fields import CONTACT, MEMORY, ROLE, WANTS
from engine.tables import Cases, Scores
from ledger.cases import granted_cents, sold_out
from ledger.journal import canonical, draw_id
from ledger.records import Occasion, Outcome, Question, Record, Versions, write_scores
from ledger.snapshots import Features, Snapshot, read_features, read_snapshots
from models import NO_RELEASE
from models.churn import Reason
from models.scorer import SCORING_FAILURES, Scored, main_reasons, score_or_degrade
from models.store import Release

REASONS_FAILED = "reasons-failed"
ABOUT_THE_ASKER = {field.name for field in (*CONTACT, ROLE)}


@dataclass(frozen=True)
class Scoring:
    """What scored one contract: the release that serves, and its features as written and as columns."""

    release: Release | None
    features: Mapping[str, Any]
    columns: Features


def question_of(desk: Desk, asked: Mapping[str, Any]) -> Snapshot:
    """The facts on file, the wish, the contact, what was heard since, and what the case remembers."""
    case = desk.case
    snapshot: Snapshot = orjson.loads(case.contract.facts)
    wants = stated_wants(asked)
    known = case.wants if wants is None else wants
    if known is not None:
        snapshot.update({field.name: known.get(field.name, field.default) for field in WANTS})
    snapshot.update(channel=asked["channel"], reason_for_contact=asked["reason_for_contact"], role=desk.holder.role)
    return {**snapshot, **case.heard, **_memory(desk)}


def stated_wants(asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """The wish of a request, by the names of engine.fields; None where it says nothing of a wish."""
    return {f"wants_{name}": value for name, value in asked["wants"].items()} if "wants" in asked else None


def question_digest(desk: Desk, snapshot: Snapshot) -> str:
    """What makes two questions the same: the day, the rulebook, and all of the case but who asks and how."""
    about_the_asker = ABOUT_THE_ASKER - set(desk.case.heard)
    case = {name: value for name, value in snapshot.items() if name not in about_the_asker}
    asked = {"subject": desk.case.subject_id, "day": desk.today, "rulebook": desk.service.rulebook.digest, "case": case}
    return hashlib.sha256(canonical(asked)).hexdigest()


def columns_of(desk: Desk, snapshot: Snapshot) -> tuple[Cases, Scored, Scoring]:
    """One question as columns, scored, and what scored it."""
    features = orjson.loads(desk.case.contract.features)
    cases, columns = read_snapshots([snapshot]), read_features([features])
    release = desk.service.releases.current()
    scored = score_or_degrade(release, cases, columns, desk.today, desk.service.score)
    return cases, scored, Scoring(release, features, columns)


def decide_on(desk: Desk, snapshot: Snapshot) -> Record:
    """Score and decide one question; the record still has to be written."""
    cases, scored, scoring = columns_of(desk, snapshot)
    decisions = decide(cases, scored.scores, desk.service.rulebook, desk.today)
    question = Question(snapshot, scoring.features, write_scores(scored.scores, 0))
    return Record(_occasion(desk, scored, scoring), question, Outcome.of(decisions, 0, desk.previous))


def _occasion(desk: Desk, scored: Scored, scoring: Scoring) -> Occasion:
    release, reasons, untold = scoring.release, *_reasons(scoring, scored.scores)
    return Occasion(
        decision_id=draw_id(),
        decided_at=desk.now,
        decided_on=desk.today,
        agent_id=desk.holder.agent_id,
        versions=Versions(release.version if release else NO_RELEASE, desk.service.rulebook.digest, VERSION),
        assumptions=orjson.loads(desk.case.contract.assumptions),
        degraded=[*scored.degraded[0], *untold],
        previous=desk.previous,
        p_churn_reasons=[{**asdict(reason), "value": scoring.features.get(reason.feature)} for reason in reasons],
    )


def _memory(desk: Desk) -> dict[str, Any]:
    case, policy = desk.case, desk.in_force.policy
    since = desk.today - datetime.timedelta(days=30 * policy["account_months"])
    remembered = {field.name: field.default for field in MEMORY}
    unkept = case.unkept[0] if case.unkept else None
    return {
        **remembered,
        "unkept_promise": unkept.kind if unkept else "",
        "account_granted_cents": granted_cents(desk.connection, case.contract.customer_id, since),
        "sold_out": sold_out(desk.connection, desk.service.devices_digest),
    }


def _reasons(scoring: Scoring, scores: Scores) -> tuple[tuple[Reason, ...], tuple[str, ...]]:
    """The main reasons of one chance, and what to say where the model cannot tell them: the chance holds without."""
    try:
        [reasons] = main_reasons(scoring.release, scoring.columns, scores)
    except SCORING_FAILURES:
        return (), (REASONS_FAILED,)
    return reasons, ()
