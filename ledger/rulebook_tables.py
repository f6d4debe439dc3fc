"""The tables of rulebooks: the texts of each that ever decided, and which of them is, was and would be in force."""

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text

from ledger.columns import count_column, known_word, metadata, only_one, text_column

ACTIVATION_STATES = ("proposed", "in_force", "past", "rolled_back", "dropped")

rulebooks = Table(
    "rulebooks",
    metadata,
    Column("digest", Text, primary_key=True),
    text_column("texts"),  # JSON: file name -> text
    text_column("first_used_at"),
)

activations = Table(
    "activations",
    metadata,
    Column("sequence", BigInteger, ForeignKey("events.sequence"), primary_key=True, autoincrement=False),
    Column("digest", Text, ForeignKey("rulebooks.digest"), nullable=False),
    text_column("state"),
    text_column("proposed_by"),
    text_column("note"),
    text_column("proposed_at"),
    count_column("asked"),  # recent decisions that were taken again under it
    count_column("changed"),  # those of them whose answer would have been another
    Column("approved_by", Text),
    Column("put_in_force", BigInteger, ForeignKey("events.sequence")),  # the event that did
    known_word("state", ACTIVATION_STATES),
    only_one("one_rulebook_in_force", "state", "state = 'in_force'"),
    only_one("one_rulebook_proposed", "state", "state = 'proposed'"),
)
