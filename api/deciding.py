"""From a case to a decision: what is on file, heard and remembered becomes one question to the kernel."""

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson

from api.service import Desk
from engine import VERSION
from engine.decide import decide
from engine.fields import CONTACT, MEMORY, ROLE, WANTS
from engine.tables import Scores
from ledger.cases import granted_cents, sold_out
from ledger.journal import canonical, draw_id
from ledger.records import Occasion, Outcome, Question, Record, Versions, write_scores
from ledger.snapshots import Features, Snapshot, read_features, read_snapshots
from models import NO_RELEASE
from models.churn import Reason
from models.scorer import SCORING_FAILURES, main_reasons, score_or_degrade
from models.store import Release

REASONS_FAILED = "reasons-failed"
ABOUT_THE_ASKER = {field.name for field in (*CONTACT, ROLE)}


def question_of(desk: Desk, asked: Mapping[str, Any]) -> Snapshot:
    """The facts on file and heard since, the wish, the contact, and what the case remembers."""
    case = desk.case
    snapshot: Snapshot = {**orjson.loads(case.contract.facts), **case.heard}
    wants = stated_wants(asked)
    known = case.wants if wants is None else wants
    if known is not None:
        snapshot.update({field.name: known.get(field.name, field.default) for field in WANTS})
    snapshot.update(channel=asked["channel"], reason_for_contact=asked["reason_for_contact"], role=desk.holder.role)
    return {**snapshot, **_memory(desk)}


def stated_wants(asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """The wish of a request, by the names of engine.fields; None where it says nothing of a wish."""
    return {f"wants_{name}": value for name, value in asked["wants"].items()} if "wants" in asked else None


def question_digest(desk: Desk, snapshot: Snapshot) -> str:
    """What makes two questions the same: the day, the rulebook, and all of the case but who asks and how."""
    case = {name: value for name, value in snapshot.items() if name not in ABOUT_THE_ASKER}
    asked = {"subject": desk.case.subject_id, "day": desk.today, "rulebook": desk.service.rulebook.digest, "case": case}
    return hashlib.sha256(canonical(asked)).hexdigest()


def decide_on(desk: Desk, snapshot: Snapshot) -> Record:
    """Score and decide one question; the record still has to be written."""
    service, contract = desk.service, desk.case.contract
    features = orjson.loads(contract.features)
    cases, columns = read_snapshots([snapshot]), read_features([features])
    release = service.releases.current()
    scored = score_or_degrade(release, cases, columns, desk.today, service.score)
    reasons, untold = _reasons(release, columns, scored.scores)
    decisions = decide(cases, scored.scores, service.rulebook, desk.today)
    occasion = Occasion(
        decision_id=draw_id(),
        decided_at=desk.now,
        decided_on=desk.today,
        agent_id=desk.holder.agent_id,
        versions=Versions(release.version if release else NO_RELEASE, service.rulebook.digest, VERSION),
        assumptions=orjson.loads(contract.assumptions),
        degraded=[*scored.degraded[0], *untold],
        previous=desk.previous,
        p_churn_reasons=[{**asdict(reason), "value": features.get(reason.feature)} for reason in reasons],
    )
    question = Question(snapshot, features, write_scores(scored.scores, 0))
    return Record(occasion, question, Outcome.of(decisions, 0, desk.previous))


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


def _reasons(release: Release | None, features: Features, scores: Scores) -> tuple[tuple[Reason, ...], tuple[str, ...]]:
    """The main reasons of one chance, and what to say where the model cannot tell them: the chance holds without."""
    try:
        [reasons] = main_reasons(release, features, scores)
    except SCORING_FAILURES:
        return (), (REASONS_FAILED,)
    return reasons, ()
