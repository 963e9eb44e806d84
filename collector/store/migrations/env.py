"""Alembic's entry: run migrations on the connection that `collector.store.schema` hands over."""

from alembic import context

from collector.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
