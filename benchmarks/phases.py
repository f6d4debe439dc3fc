"""Where the time of one request goes inside the process: the steps of `api.offer` and `api.service`, one by one."""

import datetime
import secrets
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from api.asking import check_body
from api.offer import SCHEMA
from benchmarks.home import Home, Stage, rulebook
from benchmarks.load import Body
from engine import VERSION
from engine.decide import decide
from engine.fields import WANTS
from ledger import queries, writer
from ledger.cases import Asker, Case, find_on_file, open_case
from ledger.journal import By
from ledger.keys import authenticate
from ledger.records import Occasion, Outcome, Question, Record, Versions, time_text, write_scores
from ledger.snapshots import read_features, read_snapshots
from ledger.store import reading, writing
from models.scorer import score

ROUND_DAYS = 30
COMPUTE = ("score", "decide")


@dataclass(frozen=True)
class Lap:
    """How long a phase took, in microseconds: by the clock, and of this thread's processor time alone."""

    clock: float
    processor: float


Laps = dict[str, Lap]


class Stopwatch:
    """The laps between one phase and the next."""

    def __init__(self) -> None:
        self.laps: Laps = {}
        self._last = _now()

    def lap(self, phase: str) -> None:
        """The phase that has just ended."""
        now = _now()
        self.laps[phase] = Lap(*(1e6 * (after - before) for after, before in zip(now, self._last, strict=True)))
        self._last = _now()


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.thread_time()


class OneProcess:
    """All that a worker holds, to answer requests in this process."""

    def __init__(self, home: Home, stage: Stage) -> None:
        self.store, self.key = stage.open(), stage.key
        self.release, self.rulebook = home.release(), rulebook()
        self.today = datetime.date.today()

    @property
    def candidates(self) -> int:
        """How many candidates the catalogue of the day holds."""
        return len(self.rulebook.as_of(self.today).catalogue.offer_ids)

    def phases(self, body: Body) -> Laps:
        """The laps of each phase of one request, recorded like any other."""
        sent = orjson.dumps(body)
        catalogue = self.rulebook.as_of(self.today).catalogue
        watch = Stopwatch()
        asked = check_body(sent, SCHEMA, lambda: catalogue)
        watch.lap("parse body")
        with reading(self.store) as connection:
            holder = authenticate(connection, self.key)
        assert holder is not None
        watch.lap("key lookup")
        with reading(self.store) as connection:
            case = self._open(connection, asked["contract_id"], holder.agent_id)
        on_file = case.contract
        watch.lap("case read")
        snapshot, features = snapshot_of(on_file, asked, holder.role), orjson.loads(on_file.features)
        cases, columns = read_snapshots([snapshot]), read_features([features])
        watch.lap("facts to columns")
        scores = score(self.release, cases, columns, self.today)
        watch.lap("score")
        decisions = decide(cases, scores, self.rulebook, self.today)
        watch.lap("decide")
        outcome = Outcome.of(decisions, 0)
        watch.lap("write answer")
        versions = Versions(self.release.version, self.rulebook.digest, VERSION)
        moment = time_text(datetime.datetime.now(datetime.UTC))
        occasion = Occasion(secrets.token_hex(16), moment, self.today, holder.agent_id, versions)
        record = Record(occasion, Question(snapshot, features, write_scores(scores, 0)), outcome)
        watch.lap("dump answer")
        with writing(self.store) as connection:
            case = self._open(connection, asked["contract_id"], holder.agent_id)
            if case.live is not None:
                writer.withdraw(connection, case.live, By(holder.agent_id, holder.role), moment, "another question")
            writer.propose(connection, case, record, ())
        watch.lap("record (SQLite commit)")
        return watch.laps

    def _open(self, connection: Connection, contract_id: str, agent_id: str) -> Case:
        found = find_on_file(connection, contract_id)
        assert found is not None
        return open_case(connection, found, Asker(agent_id, self.today, ROUND_DAYS))

    def computed_again(self, body: Body) -> Laps:
        """The laps of score and decide when both have just been called on the same customer: all is in the cache."""
        with reading(self.store) as connection:
            on_file = queries.find_contract(connection, body["contract_id"])
        assert on_file is not None
        cases = read_snapshots([snapshot_of(on_file, body, "agent")])
        columns = read_features([orjson.loads(on_file.features)])
        decide(cases, score(self.release, cases, columns, self.today), self.rulebook, self.today)
        watch = Stopwatch()
        scores = score(self.release, cases, columns, self.today)
        watch.lap("score")
        decide(cases, scores, self.rulebook, self.today)
        watch.lap("decide")
        return watch.laps


def snapshot_of(on_file: Any, asked: dict[str, Any], role: str) -> dict[str, Any]:
    """The facts on file with the wish, contact and role of a request."""
    wants = {f"wants_{name}": value for name, value in asked.get("wants", {}).items()}
    said = {field.name: wants.get(field.name, field.default) for field in WANTS}
    contact = {name: asked[name] for name in ("channel", "reason_for_contact")}
    return {**orjson.loads(on_file.facts), **said, **contact, "role": role}


def medians(measured: Sequence[Laps]) -> Laps:
    """The median of each phase."""
    return {phase: _median([one[phase] for one in measured]) for phase in measured[0]}


def compute(measured: Sequence[Laps]) -> Lap:
    """The median of score and decide together."""
    laps = [[one[phase] for phase in COMPUTE] for one in measured]
    return _median([Lap(sum(lap.clock for lap in both), sum(lap.processor for lap in both)) for both in laps])


def _median(laps: Sequence[Lap]) -> Lap:
    return Lap(statistics.median(lap.clock for lap in laps), statistics.median(lap.processor for lap in laps))
