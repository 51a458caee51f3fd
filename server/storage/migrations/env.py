"""Runs the migrations on the connection that `store.migrate` hands over, in its transaction."""

from alembic import context

from server.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
