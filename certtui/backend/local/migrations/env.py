"""Run by alembic: migrates on the connection that `migrate.upgrade` gives, inside its transaction."""

from __future__ import annotations

from alembic import context

from certtui.backend.local.all_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    render_as_batch=True,
    # The transaction is begun by who holds the connection: with the write lock, so that two processes queue.
    transactional_ddl=False,
)
context.run_migrations()
