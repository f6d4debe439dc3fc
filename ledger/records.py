"""A decision on paper: the answer that is sent and the record that lets it be decided again, as canonical JSON."""

import base64
import datetime
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.answers import Amounts, amounts_on_the_table, write_answer
from engine.check import Checked, put_on_the_table
from engine.decide import Decisions
from engine.errors import Fault, Faults
from engine.tables import MICRO, STATED, Response, Scores, objects
from ledger.journal import canonical
from ledger.snapshots import Snapshot
from ledger.software import software

FORMAT = 4


@dataclass(frozen=True)
class Versions:
    """What decided: the release of the model ("none" without one), the rulebook's digest, the engine."""

    model: str
    rulebook: str
    engine: str


@dataclass(frozen=True)
class Occasion:
    """Everything about one decision that is neither a fact nor computed: who asked, when, with which versions.

    `previous` is the main offer that lay on the table before, to tell the difference from. `software` is what decided.
    """

    decision_id: str
    decided_at: str
    decided_on: datetime.date
    agent_id: str
    versions: Versions
    assumptions: Sequence[Mapping[str, Any]] = ()
    degraded: Sequence[str] = ()
    p_churn_reasons: Sequence[Mapping[str, Any]] = ()
    previous: Mapping[str, Any] | None = None
    software: Mapping[str, str] = field(default_factory=software)


@dataclass(frozen=True)
class Question:
    """What was decided on, JSON-ready: facts, wish, contact and role; the features; the scores as `write_scores`.

    `given` are terms that an agent composed and put on the table; None where the offers were searched.
    """

    snapshot: Snapshot
    features: Mapping[str, Any]
    scores: Mapping[str, Any]
    given: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """What the kernel said: the answer's body, and a bit mask of refusals a candidate, listed and personal.

    `amounts` guard what lies on the table: for each offer and due of `written`, in their order, what it secures.
    `arm` decided the main offer, `probability_micro` is the chance of it: of what was composed there is no other.
    """

    written: Mapping[str, Any]
    listed: NDArray[np.integer[Any]]
    personal: NDArray[np.integer[Any]]
    amounts: Sequence[Amounts]
    arm: str
    probability_micro: int

    @classmethod
    def of(cls, decisions: Decisions, row: int, previous: Mapping[str, Any] | None = None) -> "Outcome":
        """What was decided for one row; without a wish there are no personal candidates."""
        amounts = amounts_on_the_table(decisions, row)
        return cls(write_answer(decisions, row, previous), *decisions.verdicts(row), amounts, *decisions.drawn(row))

    def instead(self, checked: Checked, row: int, previous: Mapping[str, Any] | None) -> "Outcome":
        """The same with given terms on the table instead of what was searched."""
        written = put_on_the_table(self.written, checked, row, previous)
        return replace(self, written=written, amounts=[checked.amounts(row)], probability_micro=MICRO)

    @property
    def offers(self) -> list[Mapping[str, Any]]:
        """All that may be accepted: the offers, then the dues."""
        return [*self.written["offers"], *self.written["entitlements"]]


@dataclass(frozen=True)
class Record:
    """One decision ready to be written."""

    occasion: Occasion
    question: Question
    outcome: Outcome

    @cached_property
    def answer(self) -> bytes:
        """The answer, as it is sent."""
        return write_answer_bytes(self.occasion, self.question.snapshot, self.outcome)

    @cached_property
    def proposal(self) -> dict[str, Any]:
        """What is put on the table, as the answer names it."""
        return name_proposal(self.occasion, self.outcome)

    @cached_property
    def answer_digest(self) -> str:
        """The SHA-256 of the answer's bytes."""
        return hashlib.sha256(self.answer).hexdigest()

    def row(self) -> dict[str, Any]:
        """The columns of the table `decisions` that a record fills."""
        occasion = self.occasion
        return {
            "decision_id": occasion.decision_id,
            "agent_id": occasion.agent_id,
            "role": self.question.snapshot["role"],
            "decided_at": occasion.decided_at,
            "decided_on": occasion.decided_on.isoformat(),
            "stance": self.outcome.written["stance"],
            "model_version": occasion.versions.model,
            "rulebook_digest": occasion.versions.rulebook,
            "engine_version": occasion.versions.engine,
            "answer_digest": self.answer_digest,
            "arm": self.outcome.arm,
            "probability_micro": self.outcome.probability_micro,
        }

    @cached_property
    def body(self) -> bytes:
        """The record itself: all that it takes to decide again."""
        occasion, question = self.occasion, self.question
        return canonical(
            {
                "format": FORMAT,
                "decision_id": occasion.decision_id,
                "decided_at": occasion.decided_at,
                "decided_on": occasion.decided_on,
                "agent_id": occasion.agent_id,
                "versions": occasion.versions,
                "software": occasion.software,
                "assumptions": list(occasion.assumptions),
                "degraded": list(occasion.degraded),
                "p_churn_reasons": list(occasion.p_churn_reasons),
                "previous": occasion.previous,
                "case": question.snapshot,
                "features": question.features,
                "scores": question.scores,
                "given": question.given,
                "verdicts": {
                    "listed": pack_verdicts(self.outcome.listed),
                    "personal": pack_verdicts(self.outcome.personal),
                },
                "arm": self.outcome.arm,
                "probability_micro": self.outcome.probability_micro,
                "outcome_digest": outcome_digest(self.outcome.written),
                "answer_digest": self.answer_digest,
            }
        )


def time_text(moment: datetime.datetime) -> str:
    """A moment in UTC as the store and the answers write it, with a trailing Z."""
    return moment.astimezone(datetime.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def outcome_digest(written: Mapping[str, Any]) -> str:
    """The SHA-256 of what the kernel said, without the occasion: the same from the API, the batch and a replay."""
    return hashlib.sha256(canonical(written)).hexdigest()


def name_proposal(occasion: Occasion, outcome: Outcome) -> dict[str, Any]:
    """The id, digest and last day of what is put on the table: all null where nothing is.

    The digest binds the decision and every word and number of its offers. It says nothing of the contract: the
    journal keeps the digest for ever, and the contract may be erased.
    """
    if not outcome.offers:
        return {"proposal_id": None, "digest": None, "expires_on": None}
    bound = {"proposal_id": occasion.decision_id, "offers": outcome.offers}
    return {
        "proposal_id": occasion.decision_id,
        "digest": hashlib.sha256(canonical(bound)).hexdigest(),
        "expires_on": outcome.offers[0]["expires_on"],
    }


def write_answer_bytes(occasion: Occasion, snapshot: Snapshot, outcome: Outcome) -> bytes:
    """The answer as it is sent: what the kernel wrote, and the occasion on which it did."""
    return canonical(
        {
            **outcome.written,
            **name_proposal(occasion, outcome),
            "decision_id": occasion.decision_id,
            "decided_at": occasion.decided_at,
            "contract_id": snapshot["contract_id"],
            "assumptions": list(occasion.assumptions),
            "degraded": [*outcome.written["degraded"], *occasion.degraded],
            "p_churn_reasons": list(occasion.p_churn_reasons),
            "versions": occasion.versions,
        }
    )


def write_scores(scores: Scores, row: int) -> dict[str, Any]:
    """The scores of one row as JSON-ready whole numbers."""
    return {
        "p_churn_micro": int(scores.p_churn_micro[row]),
        "window_months": int(scores.window_months[row]),
        "tastes_micro": scores.tastes_micro[row].tolist(),
        "stored": bool(scores.stored[row]),
        **_write_response(scores.responses[row]),
    }


def _write_response(response: Response) -> dict[str, Any]:
    """What was learned of how a customer reacts; nothing where nothing was."""
    return {} if response == STATED else {"response": asdict(response)}


def _read_response(row: Mapping[str, Any]) -> Response:
    if "response" not in row:
        return STATED
    told = row["response"]
    weights = tuple(tuple(point) for point in told["weights_micro"])
    columns = {name: tuple(told[name]) for name in ("share_micro", "willing_micro", "term_names", "terms_micro")}
    return Response(**columns, weights_micro=weights, woken_micro=told["woken_micro"])


def read_scores(rows: Sequence[Mapping[str, Any]]) -> Scores:
    """The scores [n] that `write_scores` wrote, one row each."""
    return Scores(
        p_churn_micro=np.array([row["p_churn_micro"] for row in rows], dtype=np.int64),
        window_months=np.array([row["window_months"] for row in rows], dtype=np.int64),
        tastes_micro=np.array([row["tastes_micro"] for row in rows], dtype=np.int64),
        stored=np.array([row["stored"] for row in rows], dtype=np.bool_),
        responses=objects(_read_response(row) for row in rows),
    )


def pack_verdicts(verdicts: NDArray[np.integer[Any]]) -> str:
    """One bit mask a candidate, little-endian 64 bit, deflated, as base64."""
    return base64.b64encode(zlib.compress(verdicts.astype("<i8").tobytes(), 1)).decode()


def read_occasion(record: Mapping[str, Any]) -> Occasion:
    """The occasion that stands in a record. Raises Faults where the record is of another format."""
    if record.get("format") != FORMAT:
        where = f"decision {record['decision_id']}"
        raise Faults([Fault("record-format", where, f"a record of format {record.get('format')}", f"format {FORMAT}")])
    return Occasion(
        decision_id=record["decision_id"],
        decided_at=record["decided_at"],
        decided_on=datetime.date.fromisoformat(record["decided_on"]),
        agent_id=record["agent_id"],
        versions=Versions(**record["versions"]),
        assumptions=record["assumptions"],
        degraded=record["degraded"],
        p_churn_reasons=record["p_churn_reasons"],
        previous=record["previous"],
        software=record["software"],
    )
