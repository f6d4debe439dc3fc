"""The tables of the store, in types that SQLite and PostgreSQL keep alike: text, bigint, bytes.

Times are ISO 8601 text in UTC with a trailing Z, days are ISO 8601 text: SQLite would give times back without a zone.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

_Sequence = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


contracts = Table(
    "contracts",
    metadata,
    Column("contract_id", Text, primary_key=True),
    _text("customer_id"),
    _text("facts"),  # JSON: every fact, wish and contact field of engine.fields
    _text("features"),  # JSON: what the churn model reads, by the mapping's names
    _text("assumptions"),  # JSON: what the operator's file does not hold and the mapping declares
    _text("mapping_digest"),
    _text("as_of"),
    _text("imported_at"),
    Index("contracts_of_a_customer", "customer_id"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("sequence", _Sequence, primary_key=True, autoincrement=True),
    Column("decision_id", Text, nullable=False, unique=True),
    _text("contract_id"),
    _text("agent_id"),
    _text("role"),
    _text("decided_at"),
    _text("decided_on"),
    _text("stance"),
    _text("model_version"),
    _text("rulebook_digest"),
    _text("engine_version"),
    Column("record", LargeBinary, nullable=False),  # canonical JSON, see ledger.records
    Column("answer", LargeBinary, nullable=False),  # the very bytes that were sent
    _text("answer_digest"),
    Index("decisions_of_a_contract", "contract_id"),
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
