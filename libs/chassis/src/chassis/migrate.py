"""Migrations of one service's database, run by its owner role as a one-shot job (D1).

A session advisory lock keeps two migrators apart; every migration runs with bounded lock and statement
waits; after the upgrade the application role gets exactly the grants that the tables declare, and the
archive its partitions.
"""

from datetime import UTC, datetime
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import SystemClock
from chassis.service import Service

LOCK_KEY = 7107002
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "60s"
PARTITION_MONTHS_AHEAD = 3

DEFAULT_GRANTS = "SELECT, INSERT, UPDATE, DELETE"
#: D1: the archive can be added to and read, nothing else.
CHASSIS_GRANTS = {
    "fact": "SELECT, INSERT",
    "outbox": "SELECT, INSERT, DELETE",
    "relay_position": "SELECT, INSERT, UPDATE",
    "relay_control": "SELECT, UPDATE",
    "inbox": "SELECT, INSERT, DELETE",
    "consumer_position": "SELECT, INSERT, UPDATE, DELETE",
    "register_heartbeat": "SELECT, INSERT, UPDATE, DELETE",
    "parked_key": "SELECT, INSERT, UPDATE, DELETE",
    "parked": "SELECT, INSERT, DELETE",
    "parked_dropped": "SELECT, INSERT",
    "idempotency": "SELECT, INSERT, UPDATE, DELETE",
    "alembic_version": "SELECT",
}


def chassis_schema() -> str:
    """The DDL of the chassis' own tables, for a service's first migration."""
    return files("chassis").joinpath("schema.sql").read_text(encoding="utf-8")


def sync_url(url: str) -> str:
    """``postgresql://…`` for the synchronous driver that Alembic uses."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def configuration(migrations: Path, connection: Connection | None = None) -> Config:
    """Alembic's configuration for a folder of migrations; no file of its own."""
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["connection"] = connection
    return config


def run_environment() -> None:
    """What every ``migrations/env.py`` calls: one transaction per migration on the connection that we
    hold.
    """
    from alembic import context

    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=None, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def upgrade(service: Service, owner_url: str) -> None:
    """Brings the database to the newest schema, its grants and partitions along; safe to repeat and to
    race.
    """
    engine = create_engine(sync_url(owner_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as keeper:
        keeper.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK_KEY})
        work = create_engine(sync_url(owner_url))
        with work.connect() as connection:
            connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
            connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
            connection.commit()
            command.upgrade(configuration(service.migrations, connection), "head")
            connection.commit()
            make_partitions(connection, SystemClock().now())
            grant(connection, service)
            connection.commit()
        work.dispose()
    engine.dispose()


def make_partitions(connection: Connection, now: datetime) -> None:
    """R2–R5: the archive's monthly partitions from this month to ``PARTITION_MONTHS_AHEAD`` months ahead."""
    for name, start, end in monthly_partitions(now, PARTITION_MONTHS_AHEAD):
        bounds = f"FROM ('{start}') TO ('{end}')"
        connection.execute(text(f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF fact FOR VALUES {bounds}"))


def monthly_partitions(now: datetime, months_ahead: int) -> list[tuple[str, str, str]]:
    """The archive's partitions of this month and so many after it, cut at midnight UTC: name, first instant,
    and the instant that is no longer in it.
    """
    today = now.astimezone(UTC)
    first = today.year * 12 + today.month - 1
    starts = [
        f"{month // 12:04d}-{month % 12 + 1:02d}-01 00:00:00+00"
        for month in range(first, first + months_ahead + 2)
    ]
    return [(f"fact_{start[:4]}_{start[5:7]}", start, end) for start, end in pairwise(starts)]


def grant(connection: Connection, service: Service) -> None:
    """D1: gives ``<service>_app`` the grants that the tables declare, and takes away all others."""
    role = f"{service.name}_app"
    if not connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).scalar():
        raise RuntimeError(f"role {role} does not exist; create the roles before migrating")
    tables = dict(CHASSIS_GRANTS)
    tables |= {
        name: table.info.get("grants", DEFAULT_GRANTS) for name, table in service.metadata.tables.items()
    }
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {role}"))
    for name, grants in sorted(tables.items()):
        connection.execute(text(f"REVOKE ALL ON TABLE {name} FROM {role}"))
        connection.execute(text(f"GRANT {grants} ON TABLE {name} TO {role}"))


def newest(service: Service) -> str | None:
    """The revision that the code expects."""
    return ScriptDirectory.from_config(configuration(service.migrations)).get_current_head()


async def present(connection: AsyncConnection) -> str | None:
    """The revision that the database has."""

    def read(sync: Connection) -> Any:
        return MigrationContext.configure(sync).get_current_revision()

    revision: str | None = await connection.run_sync(read)
    return revision
