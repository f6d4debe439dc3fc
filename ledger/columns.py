"""Kinds of columns and constraints, in types that SQLite and PostgreSQL keep alike."""

from collections.abc import Collection

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, MetaData, Text, text

MOST_CENTS = 10_000_000_000

metadata = MetaData()
"""Every table of the store."""


def text_column(name: str) -> Column[str]:
    """A text that is always there."""
    return Column(name, Text, nullable=False)


def count_column(name: str) -> Column[int]:
    """A whole number that is always there."""
    return Column(name, BigInteger, nullable=False)


def count_in_range(name: str, low: int, high: int) -> CheckConstraint:
    """A whole number held by the database on both sides."""
    return CheckConstraint(f"{name} BETWEEN {low} AND {high}", name=f"{name}_in_range")


def cents_in_range(*names: str) -> list[CheckConstraint]:
    """Amounts in cents no order of ours reaches, held by the database on both sides."""
    return [count_in_range(name, -MOST_CENTS, MOST_CENTS) for name in names]


def known_word(name: str, words: Collection[str]) -> CheckConstraint:
    """One of some words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{name} IN ({listed})", name=f"{name}_is_known")


def only_one(name: str, column: str, where: str, *more: str) -> Index:
    """At most one row for each value of the columns among the rows that meet a condition."""
    condition = text(where)
    return Index(name, column, *more, unique=True, sqlite_where=condition, postgresql_where=condition)
