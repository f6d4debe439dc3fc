"""The table of API keys: who asks, in which role, for which team."""

from sqlalchemy import Column, Table, Text

from ledger.columns import metadata, text_column

api_keys = Table(
    "api_keys",
    metadata,
    Column("prefix", Text, primary_key=True),
    text_column("digest"),  # SHA-256 of the whole key; the key itself is never stored
    text_column("agent_id"),
    text_column("role"),
    Column("team", Text),  # the team that reports may name; never a person
    text_column("created_at"),
    Column("revoked_at", Text),
)
