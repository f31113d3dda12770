"""Bringing an older store to the schema of this code; the only module that imports alembic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from certtui.backend.local.schema import HEAD
from certtui.backend.local.writer import writing_engine

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection


def upgrade(file: Path, revision: str = HEAD) -> None:
    """Migrate in one transaction under the write lock: wholly, or not at all. A store that is there already stays as it is."""
    from sqlalchemy.exc import DBAPIError

    from certtui.errors import Unreachable

    engine = writing_engine(file)
    try:
        with engine.begin() as connection:
            migrate(connection, revision)
    except DBAPIError as error:
        raise Unreachable(
            f"The store at {file} could not be brought to schema {revision}: {error.orig}.",
            "Nothing was changed; see `certtui store check`.",
        ) from None
    finally:
        engine.dispose()


def migrate(connection: Connection, revision: str = HEAD) -> None:
    """Run the migrations that are missing on an open connection, within its transaction."""
    from alembic import command

    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def alembic_config() -> Config:
    """Alembic's configuration, without a file: the scripts are part of this package."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
