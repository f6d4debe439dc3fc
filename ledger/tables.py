"""The tables of the store, in types that SQLite and PostgreSQL keep alike: text, bigint, bytes.

`events` is the journal: every fact once, chained by digests, never changed. The other tables below it say how things
stand now; each of their rows is written in the transaction of an event. `subject_id` is the pseudonym of a contract:
only `contracts` knows whose it is, and what can be erased stands in the columns of `PERSONAL`.

Times are ISO 8601 text in UTC with a trailing Z, days are ISO 8601 text: SQLite would give times back without a zone.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text

from engine.chance import ARMS
from engine.tables import MICRO
from ledger.columns import cents_in_range, count_column, count_in_range, known_word, only_one, text_column
from ledger.columns import metadata as metadata
from ledger.key_tables import api_keys as api_keys
from ledger.rulebook_tables import activations as activations
from ledger.rulebook_tables import rulebooks as rulebooks

ACCEPTANCE_STATES = ("to_confirm", "accepted", "expired", "withdrawn", "withdrawn_by_customer")
OFFER_STATES = ("offered", "shown", "declined", *ACCEPTANCE_STATES)
PLACES = ("main", "alternative", "entitlement")
PROPOSAL_STATES = ("live", "closed")
PROMISE_STATES = ("open", "kept", "broken", "released")


contracts = Table(
    "contracts",
    metadata,
    Column("contract_id", Text, primary_key=True),
    Column("subject_id", Text, nullable=False, unique=True),
    text_column("customer_id"),
    text_column("facts"),  # JSON: every fact, wish and contact field of engine.fields
    text_column("features"),  # JSON: what the churn model reads, by the mapping's names
    text_column("assumptions"),  # JSON: what the operator's file does not hold and the mapping declares
    text_column("mapping_digest"),
    text_column("as_of"),
    text_column("imported_at"),
    Index("contracts_of_a_customer", "customer_id"),
)

chain = Table(
    "chain",
    metadata,
    Column("name", Text, primary_key=True),
    count_column("length"),
    text_column("head"),
)

events = Table(
    "events",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    text_column("at"),
    text_column("kind"),
    Column("subject_id", Text),
    text_column("actor"),  # the agent id of a key, or the part of Counteroffer that did it
    text_column("role"),
    text_column("about"),  # the id of what it happened to: a proposal, a promise, a message
    text_column("details"),  # canonical JSON without personal data
    Column("body_digest", Text),
    text_column("previous"),
    Column("digest", Text, nullable=False, unique=True),
    Index("events_of_a_subject", "subject_id", "sequence"),
)

bodies = Table(
    "bodies",
    metadata,
    Column("sequence", BigInteger, ForeignKey("events.sequence"), primary_key=True, autoincrement=False),
    text_column("subject_id"),
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
    text_column("subject_id"),
    text_column("agent_id"),
    text_column("role"),
    text_column("decided_at"),
    text_column("decided_on"),
    text_column("stance"),
    text_column("model_version"),
    text_column("rulebook_digest"),
    text_column("engine_version"),
    text_column("answer_digest"),
    text_column("arm"),  # what decided the main offer; never in an answer
    count_column("probability_micro"),  # the chance with which it, or nothing, came out at this step
    known_word("arm", ARMS),
    count_in_range("probability_micro", 1, MICRO),
    Index("decisions_of_a_subject", "subject_id"),
)

cases = Table(
    "cases",
    metadata,
    Column("subject_id", Text, primary_key=True),
    text_column("wants"),  # JSON: the wish as last stated, by the names of engine.fields; null where none was
    text_column("heard"),  # JSON: facts that came in since the contract was imported, by the names of engine.fields
    Column("question_digest", Text),  # of what was last decided on; the same question gets the same decision
    Column("decision_id", Text, ForeignKey("decisions.decision_id")),
    Column("exit_on", Text),  # the day the ladder ended
)

interactions = Table(
    "interactions",
    metadata,
    Column("interaction_id", Text, primary_key=True),
    text_column("subject_id"),
    text_column("agent_id"),
    text_column("channel"),
    text_column("opened_at"),
    text_column("closes_at"),
    Column("closed_at", Text),
    only_one("one_open_interaction", "subject_id", "closed_at IS NULL", "agent_id"),
)

proposals = Table(
    "proposals",
    metadata,
    Column("proposal_id", Text, ForeignKey("decisions.decision_id"), primary_key=True),
    text_column("subject_id"),
    text_column("digest"),
    text_column("state"),
    text_column("channel"),
    text_column("made_at"),
    text_column("expires_on"),
    known_word("state", PROPOSAL_STATES),
    only_one("one_live_proposal", "subject_id", "state = 'live'"),
    Index("proposals_of_a_subject", "subject_id"),
    Index("proposals_by_last_day", "state", "expires_on"),
)

offers = Table(
    "offers",
    metadata,
    Column("proposal_id", Text, ForeignKey("proposals.proposal_id"), primary_key=True),
    Column("offer_id", Text, primary_key=True),
    text_column("place"),
    text_column("state"),
    text_column("terms"),  # canonical JSON: the offer as it was answered
    count_column("secured_cents"),
    count_column("floor_cents"),
    count_column("depth_cents"),
    known_word("place", PLACES),
    known_word("state", OFFER_STATES),
    *cents_in_range("secured_cents", "floor_cents", "depth_cents"),
    CheckConstraint("secured_cents >= floor_cents", name="keeps_the_floor"),
)

reactions = Table(
    "reactions",
    metadata,
    Column("proposal_id", Text, primary_key=True),
    Column("offer_id", Text, primary_key=True),
    Column("sequence", BigInteger, ForeignKey("events.sequence"), nullable=False),
    text_column("subject_id"),
    text_column("reason"),
    text_column("wants"),  # JSON: what the customer newly asked for
    text_column("reacted_on"),
    Index("reactions_of_a_subject", "subject_id"),
    Index("reactions_by_event", "sequence"),
)

acceptances = Table(
    "acceptances",
    metadata,
    Column("acceptance_id", Text, primary_key=True),
    Column("proposal_id", Text, ForeignKey("proposals.proposal_id"), nullable=False, unique=True),
    text_column("offer_id"),
    text_column("subject_id"),
    text_column("agent_id"),
    text_column("state"),
    text_column("terms_digest"),
    text_column("device"),
    text_column("devices_digest"),
    count_column("depth_cents"),
    text_column("accepted_at"),
    text_column("confirm_by"),
    text_column("withdraw_until"),
    known_word("state", ACCEPTANCE_STATES),
    *cents_in_range("depth_cents"),
    Index("acceptances_of_a_subject", "subject_id"),
    Index("acceptances_by_last_day", "state", "confirm_by"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("proposal_id", Text, primary_key=True),
    Column("offer_id", Text, primary_key=True),
    Column("agent_id", Text, primary_key=True),
    text_column("role"),
    text_column("verdict"),
    text_column("given_at"),
    known_word("verdict", ("approved", "refused")),
)

stock = Table(
    "stock",
    metadata,
    Column("devices_digest", Text, primary_key=True),
    Column("device", Text, primary_key=True),
    count_column("taken"),
    count_column("held"),
    CheckConstraint("taken BETWEEN 0 AND held", name="taken_within_stock"),
)

promises = Table(
    "promises",
    metadata,
    Column("promise_id", Text, primary_key=True),
    text_column("subject_id"),
    text_column("kind"),
    text_column("about"),
    text_column("made_at"),
    text_column("due_on"),
    text_column("state"),
    Column("settled_on", Text),
    known_word("state", PROMISE_STATES),
    Index("promises_of_a_subject", "subject_id"),
    Index("promises_by_due_day", "state", "due_on"),
)

alarms = Table(
    "alarms",
    metadata,
    Column("alarm_id", Text, primary_key=True),
    text_column("subject_id"),
    text_column("kind"),
    text_column("about"),
    text_column("details"),  # JSON without personal data
    text_column("raised_at"),
    Column("answer_by", Text),  # until when somebody must have answered; of a public complaint
    Column("closed_at", Text),
    Index("alarms_of_a_subject", "subject_id"),
    Index("alarms_still_open", "closed_at"),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("sequence", BigInteger, ForeignKey("events.sequence"), primary_key=True, autoincrement=False),
    text_column("subject_id"),
    text_column("kind"),
    text_column("happened_on"),
    Index("an_outcome_once", "subject_id", "kind", "happened_on", unique=True),
)

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("sequence", BigInteger, ForeignKey("events.sequence"), nullable=False, unique=True),
    text_column("subject_id"),
    text_column("kind"),
    Column("payload", LargeBinary, nullable=False),
    text_column("created_at"),
    text_column("next_try_at"),  # while a courier has it: when its claim lapses
    count_column("attempts"),
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
    text_column("fingerprint"),  # SHA-256 of the canonical body of the request
    text_column("subject_id"),
    count_column("status"),
    Column("body", LargeBinary, nullable=False),
    text_column("given_at"),
)

PERSONAL = (
    *(contracts.c.contract_id, contracts.c.customer_id, contracts.c.facts, contracts.c.features),
    *(cases.c.wants, cases.c.heard, cases.c.question_digest),
    *(bodies.c.content, bodies.c.answer, decisions.c.answer_digest, reactions.c.wants, outbox.c.payload),
    *(replies.c.key, replies.c.fingerprint, replies.c.body),
)
"""What names or describes a customer, and is deleted or emptied when the customer is erased."""

ERASABLE = tuple(dict.fromkeys(column.table for column in PERSONAL))
"""The tables that hold it."""
