"""One question, from the contract on file to an answer that is on record: score, decide, record, answer."""

import datetime
import secrets
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from sqlalchemy import Engine, Row

from api.errors import Problem
from api.releases import Releases
from engine import VERSION
from engine.decide import decide
from engine.fields import WANTS
from engine.rulebook import InForce, Rulebook
from engine.tables import Cases, Scores
from ledger import queries, writer
from ledger.keys import KeyHolder
from ledger.records import Occasion, Outcome, Question, Record, Versions, time_text, write_scores
from ledger.snapshots import Features, Snapshot, read_features, read_snapshots
from ledger.store import reading, writing
from models.scorer import main_reasons, score
from models.store import Release

NO_MODEL = "none"
SCORING_FAILURES = (ArithmeticError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)

Score = Callable[[Release | None, Cases, Features, datetime.date], Scores]


def utc_now() -> datetime.datetime:
    """This moment, with its zone."""
    return datetime.datetime.now(datetime.UTC)


@dataclass(frozen=True)
class Scored:
    """The scores of one case, the release they come from, what had to be assumed, and the main reasons."""

    scores: Scores
    model: str
    degraded: Sequence[str] = ()
    reasons: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Service:
    """All that an answer needs; what can fail or change by itself (model, clock) is handed in."""

    store: Engine
    rulebook: Rulebook
    releases: Releases
    zone: zoneinfo.ZoneInfo
    score: Score = score
    clock: Callable[[], datetime.datetime] = utc_now

    def in_force(self) -> InForce:
        """The rulebook as it stands today, by the operator's calendar. Raises Faults where a number has no value."""
        return self.rulebook.as_of(self._today(self.clock()))

    def answer(self, holder: KeyHolder, asked: Mapping[str, Any]) -> bytes:
        """The answer to a checked request, recorded before it is returned. Raises Problem 404, StoreUnavailable."""
        moment = self.clock()
        today = self._today(moment)
        on_file = self._contract(asked["contract_id"])
        snapshot = _snapshot(on_file, asked, holder.role)
        features = orjson.loads(on_file.features)
        cases = read_snapshots([snapshot])
        scored = self._score(cases, features, today)
        decisions = decide(cases, scored.scores, self.rulebook, today)
        occasion = Occasion(
            decision_id=secrets.token_hex(16),
            decided_at=time_text(moment),
            decided_on=today,
            agent_id=holder.agent_id,
            versions=Versions(scored.model, self.rulebook.digest, VERSION),
            assumptions=orjson.loads(on_file.assumptions),
            degraded=scored.degraded,
            p_churn_reasons=scored.reasons,
        )
        question = Question(snapshot, features, write_scores(scored.scores, 0))
        record = Record(occasion, question, Outcome.of(decisions, 0))
        with writing(self.store) as connection:
            writer.save_decision(connection, record)
        return record.answer

    def _today(self, moment: datetime.datetime) -> datetime.date:
        return moment.astimezone(self.zone).date()

    def _contract(self, contract_id: str) -> Row[Any]:
        with reading(self.store) as connection:
            on_file = queries.find_contract(connection, contract_id)
        if on_file is None:
            raise Problem.of("not-found", "no contract with this id is on file")
        return on_file

    def _score(self, cases: Cases, on_file: Mapping[str, Any], today: datetime.date) -> Scored:
        release, features = self.releases.current(), read_features([on_file])
        version = NO_MODEL if release is None else release.version
        try:
            scores = self.score(release, cases, features, today)
            [reasons] = main_reasons(release, features, scores)
        except SCORING_FAILURES:
            return Scored(score(None, cases, features, today), version, ["score-failed"])
        if scores.p_churn_micro[0] >= 0 or cases["objects_to_profiling"][0]:
            told = [{**asdict(reason), "value": on_file.get(reason.feature)} for reason in reasons]
            return Scored(scores, version, reasons=told)
        return Scored(scores, version, ["no-release" if release is None else "score-unknown"])


def _snapshot(on_file: Row[Any], asked: Mapping[str, Any], role: str) -> Snapshot:
    snapshot: Snapshot = orjson.loads(on_file.facts)
    if "wants" in asked:
        wants = {f"wants_{name}": value for name, value in asked["wants"].items()}
        snapshot.update({field.name: wants.get(field.name, field.default) for field in WANTS})
    snapshot.update(channel=asked["channel"], reason_for_contact=asked["reason_for_contact"], role=role)
    return snapshot
