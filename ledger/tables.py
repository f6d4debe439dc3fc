"""The tables of the store, in types that SQLite and PostgreSQL keep alike: text, bigint, bytes.

`events` is the journal: every fact once, chained by digests, never changed. The other tables below it say how things
stand now; each of their rows is written in the transaction of an event. `subject_id` is the pseudonym of a contract:
only `contracts` knows whose it is, and only `contracts`, `cases`, `bodies` and `replies` hold what can be erased.

Times are ISO 8601 text in UTC with a trailing Z, days are ISO 8601 text: SQLite would give times back without a zone.
"""

from collections.abc import Collection

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

MOST_CENTS = 10_000_000_000
OFFER_STATES = (
    "offered",
    "shown",
    "declined",
    "expired",
    "withdrawn",
    "to_confirm",
    "accepted",
    "withdrawn_by_customer",
)
PLACES = ("main", "alternative", "entitlement")
PROPOSAL_STATES = ("live", "closed")
PROMISE_STATES = ("open", "kept", "broken", "released")


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _within(name: str, low: int, high: int) -> CheckConstraint:
    return CheckConstraint(f"{name} BETWEEN {low} AND {high}", name=f"{name}_in_range")


def _cents(*names: str) -> list[CheckConstraint]:
    return [_within(name, -MOST_CENTS, MOST_CENTS) for name in names]


def _one_of(name: str, words: Collection[str]) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{name} IN ({listed})", name=f"{name}_is_known")


def _only_one(name: str, column: str, where: str, *more: str) -> Index:
    """At most one row for each value of the columns among the rows that meet a condition."""
    condition = text(where)
    return Index(name, column, *more, unique=True, sqlite_where=condition, postgresql_where=condition)


contracts = Table(
    "contracts",
    metadata,
    Column("contract_id", Text, primary_key=True),
    Column("subject_id", Text, nullable=False, unique=True),
    _text("customer_id"),
    _text("facts"),  # JSON: every fact, wish and contact field of engine.fields
    _text("features"),  # JSON: what the churn model reads, by the mapping's names
    _text("assumptions"),  # JSON: what the operator's file does not hold and the mapping declares
    _text("mapping_digest"),
    _text("as_of"),
    _text("imported_at"),
    Index("contracts_of_a_customer", "customer_id"),
)

rulebooks = Table(
    "rulebooks",
    metadata,
    Column("digest", Text, primary_key=True),
    _text("texts"),  # JSON: file name -> text
    _text("first_used_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("prefix", Text, primary_key=True),
    _text("digest"),  # SHA-256 of the whole key; the key itself is never stored
    _text("agent_id"),
    _text("role"),
    _text("created_at"),
    Column("revoked_at", Text),
)

chain = Table(
    "chain",
    metadata,
    Column("name", Text, primary_key=True),
    _count("length"),
    _text("head"),
)

events = Table(
    "events",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    _text("at"),
    _text("kind"),
    Column("subject_id", Text),
    _text("actor"),  # the agent id of a key, or the part of Counteroffer that did it
    _text("role"),
    _text("about"),  # the id of what it happened to: a proposal, a promise, a message
    _text("details"),  # canonical JSON without personal data
    Column("body_digest", Text),
    _text("previous"),
    Column("digest", Text, nullable=False, unique=True),
    Index("events_of_a_subject", "subject_id", "sequence"),
)

bodies = Table(
    "bodies",
    metadata,
    Column("sequence", BigInteger, ForeignKey("events.sequence"), primary_key=True, autoincrement=False),
    _text("subject_id"),
    Column("salt", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),  # canonical JSON, see ledger.records for decisions
    Column("answer", LargeBinary),  # of a decision, the very bytes that were sent
    Index("bodies_of_a_subject", "subject_id"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("decision_id", Text, primary_key=True),
    Column("sequence", BigInteger, ForeignKey("events.sequence"), nullable=False, unique=True),
    _text("subject_id"),
    _text("agent_id"),
    _text("role"),
    _text("decided_at"),
    _text("decided_on"),
    _text("stance"),
    _text("model_version"),
    _text("rulebook_digest"),
    _text("engine_version"),
    _text("answer_digest"),
    Index("decisions_of_a_subject", "subject_id"),
)

cases = Table(
    "cases",
    metadata,
    Column("subject_id", Text, primary_key=True),
    _text("wants"),  # JSON: the wish as last stated, by the names of engine.fields; null where none was
    _text("heard"),  # JSON: facts that came in since the contract was imported, by the names of engine.fields
    Column("question_digest", Text),  # of what was last decided on; the same question gets the same decision
    Column("decision_id", Text, ForeignKey("decisions.decision_id")),
    Column("exit_on", Text),  # the day the ladder ended
)

interactions = Table(
    "interactions",
    metadata,
    Column("interaction_id", Text, primary_key=True),
    _text("subject_id"),
    _text("agent_id"),
    _text("channel"),
    _text("opened_at"),
    _text("closes_at"),
    Column("closed_at", Text),
    _only_one("one_open_interaction", "subject_id", "closed_at IS NULL", "agent_id"),
)

proposals = Table(
    "proposals",
    metadata,
    Column("proposal_id", Text, ForeignKey("decisions.decision_id"), primary_key=True),
    _text("subject_id"),
    _text("digest"),
    _text("state"),
    _text("channel"),
    _text("made_at"),
    _text("expires_on"),
    _one_of("state", PROPOSAL_STATES),
    _only_one("one_live_proposal", "subject_id", "state = 'live'"),
    Index("proposals_of_a_subject", "subject_id"),
    Index("proposals_by_last_day", "state", "expires_on"),
)

offers = Table(
    "offers",
    metadata,
    Column("proposal_id", Text, ForeignKey("proposals.proposal_id"), primary_key=True),
    Column("offer_id", Text, primary_key=True),
    _text("place"),
    _text("state"),
    _text("terms"),  # canonical JSON: the offer as it was answered
    _count("secured_cents"),
    _count("floor_cents"),
    _count("depth_cents"),
    _one_of("place", PLACES),
    _one_of("state", OFFER_STATES),
    *_cents("secured_cents", "floor_cents", "depth_cents"),
    CheckConstraint("secured_cents >= floor_cents", name="keeps_the_floor"),
)

reactions = Table(
    "reactions",
    metadata,
    Column("proposal_id", Text, primary_key=True),
    Column("offer_id", Text, primary_key=True),
    Column("sequence", BigInteger, ForeignKey("events.sequence"), nullable=False),
    _text("subject_id"),
    _text("reason"),
    _text("wants"),  # JSON: what the customer newly asked for
    _text("reacted_on"),
    Index("reactions_of_a_subject", "subject_id"),
    Index("reactions_by_event", "sequence"),
)

acceptances = Table(
    "acceptances",
    metadata,
    Column("acceptance_id", Text, primary_key=True),
    Column("proposal_id", Text, ForeignKey("proposals.proposal_id"), nullable=False, unique=True),
    _text("offer_id"),
    _text("subject_id"),
    _text("agent_id"),
    _text("state"),
    _text("terms_digest"),
    _text("device"),
    _text("devices_digest"),
    _count("depth_cents"),
    _text("accepted_at"),
    _text("confirm_by"),
    _text("withdraw_until"),
    _one_of("state", ("to_confirm", "accepted", "expired", "withdrawn", "withdrawn_by_customer")),
    *_cents("depth_cents"),
    Index("acceptances_of_a_subject", "subject_id"),
    Index("acceptances_by_last_day", "state", "confirm_by"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("proposal_id", Text, primary_key=True),
    Column("offer_id", Text, primary_key=True),
    Column("agent_id", Text, primary_key=True),
    _text("role"),
    _text("verdict"),
    _text("given_at"),
    _one_of("verdict", ("approved", "refused")),
)

stock = Table(
    "stock",
    metadata,
    Column("devices_digest", Text, primary_key=True),
    Column("device", Text, primary_key=True),
    _count("taken"),
    _count("held"),
    CheckConstraint("taken BETWEEN 0 AND held", name="taken_within_stock"),
)

promises = Table(
    "promises",
    metadata,
    Column("promise_id", Text, primary_key=True),
    _text("subject_id"),
    _text("kind"),
    _text("about"),
    _text("made_at"),
    _text("due_on"),
    _text("state"),
    Column("settled_on", Text),
    _one_of("state", PROMISE_STATES),
    Index("promises_of_a_subject", "subject_id"),
    Index("promises_by_due_day", "state", "due_on"),
)

alarms = Table(
    "alarms",
    metadata,
    Column("alarm_id", Text, primary_key=True),
    _text("subject_id"),
    _text("kind"),
    _text("about"),
    _text("details"),  # JSON without personal data
    _text("raised_at"),
    Column("answer_by", Text),  # until when somebody must have answered; of a public complaint
    Column("closed_at", Text),
    Index("alarms_of_a_subject", "subject_id"),
    Index("alarms_still_open", "closed_at"),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("sequence", BigInteger, ForeignKey("events.sequence"), primary_key=True, autoincrement=False),
    _text("subject_id"),
    _text("kind"),
    _text("happened_on"),
    UniqueConstraint("subject_id", "kind", "happened_on", name="an_outcome_once"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("sequence", BigInteger, ForeignKey("events.sequence"), nullable=False, unique=True),
    _text("subject_id"),
    _text("kind"),
    Column("payload", LargeBinary, nullable=False),
    _text("created_at"),
    _text("next_try_at"),  # while a courier has it: when its claim lapses
    _count("attempts"),
    Column("delivered_at", Text),
    Index("outbox_waiting", "delivered_at", "next_try_at"),
    Index("outbox_of_a_subject", "subject_id", "sequence"),
)

replies = Table(
    "replies",
    metadata,
    Column("agent_id", Text, primary_key=True),
    Column("route", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    _text("fingerprint"),  # SHA-256 of the canonical body of the request
    _text("subject_id"),
    _count("status"),
    Column("body", LargeBinary, nullable=False),
    _text("given_at"),
)

ERASABLE = (contracts, cases, bodies, decisions, outbox, replies)
"""The tables that hold what can be erased."""
