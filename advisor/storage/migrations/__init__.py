"""From an older database to today's tables, by Alembic. A newer one is refused, not damaged.

``alembic revision --autogenerate -m TITLE`` writes the next step, with ``FULCRUM_DATABASE_URL`` naming a database of
the last one; ``HEAD`` is to be its name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from advisor.storage.failures import StoreError

#: The newest revision. They are numbered on from the schemas of before Alembic, of which 6 was the last.
HEAD: Final = "9"
BEFORE_ALEMBIC: Final = "6"


def schema_of(connection: Connection) -> str:
    """Which schema a database has, "" for a new one."""
    tables = inspect(connection)
    for table, column in (("alembic_version", "version_num"), ("fulcrum_schema", "version")):
        if tables.has_table(table):
            return str(connection.scalar(text(f"SELECT {column} FROM {table}")) or "")  # noqa: S608 - our own words
    return ""


def migrate(connection: Connection) -> None:
    """Make the tables, or bring old ones up to date, in the caller's transaction. Raises ``StoreError``."""
    from alembic import command  # late: most starts find nothing to do
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    found = schema_of(connection)
    if found not in {"", BEFORE_ALEMBIC, *known}:
        words = f"the database has schema {found}, this Fulcrum knows {HEAD}"
        raise StoreError(f"{words}: install a newer Fulcrum, or the one that it was last used with")
    command.upgrade(config, "head")
