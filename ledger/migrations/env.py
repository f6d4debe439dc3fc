"""What Alembic runs to apply revisions, or to compare them with the tables: in the connection it was given."""

from alembic import context

from ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most of a table: it is copied
)
context.run_migrations()
