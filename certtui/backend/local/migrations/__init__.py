"""Alembic's migrations of the local store, from the first revision on."""
