"""One question, from the contract on file to an answer that is on record: score, decide, record, answer."""

import datetime
import secrets
import zoneinfo
from collections.abc import Callable, Mapping
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
from engine.tables import Scores
from ledger import queries, writer
from ledger.keys import KeyHolder
from ledger.records import Occasion, Outcome, Question, Record, Versions, time_text, write_scores
from ledger.snapshots import Features, Snapshot, read_features, read_snapshots
from ledger.store import reading, writing
from models import NO_RELEASE
from models.churn import Reason
from models.scorer import SCORING_FAILURES, Score, main_reasons, score, score_or_degrade
from models.store import Release

REASONS_FAILED = "reasons-failed"


def utc_now() -> datetime.datetime:
    """This moment, with its zone."""
    return datetime.datetime.now(datetime.UTC)


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
        release, columns = self.releases.current(), read_features([features])
        scored = score_or_degrade(release, cases, columns, today, self.score)
        reasons, untold = _reasons(release, columns, scored.scores)
        decisions = decide(cases, scored.scores, self.rulebook, today)
        occasion = Occasion(
            decision_id=secrets.token_hex(16),
            decided_at=time_text(moment),
            decided_on=today,
            agent_id=holder.agent_id,
            versions=Versions(release.version if release else NO_RELEASE, self.rulebook.digest, VERSION),
            assumptions=orjson.loads(on_file.assumptions),
            degraded=[*scored.degraded[0], *untold],
            p_churn_reasons=[{**asdict(reason), "value": features.get(reason.feature)} for reason in reasons],
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


def _reasons(release: Release | None, features: Features, scores: Scores) -> tuple[tuple[Reason, ...], tuple[str, ...]]:
    """The main reasons of one chance, and what to say where the model cannot tell them: the chance holds without."""
    try:
        [reasons] = main_reasons(release, features, scores)
    except SCORING_FAILURES:
        return (), (REASONS_FAILED,)
    return reasons, ()


def _snapshot(on_file: Row[Any], asked: Mapping[str, Any], role: str) -> Snapshot:
    snapshot: Snapshot = orjson.loads(on_file.facts)
    if "wants" in asked:
        wants = {f"wants_{name}": value for name, value in asked["wants"].items()}
        snapshot.update({field.name: wants.get(field.name, field.default) for field in WANTS})
    snapshot.update(channel=asked["channel"], reason_for_contact=asked["reason_for_contact"], role=role)
    return snapshot
