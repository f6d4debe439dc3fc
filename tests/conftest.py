"""Fixtures of every folder."""

from tests.databases import database, postgresql, postgresql_database

__all__ = ["database", "postgresql", "postgresql_database"]
