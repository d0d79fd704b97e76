"""Where counters and sessions are kept. The partial indexes forbid two sessions at once, whoever races."""

from uuid import UUID

from sqlalchemy import Column, Index, Integer, String, Table, UniqueConstraint, Uuid, text

from chassis.db import Instant, JsonOf
from ticketing.counters.domain import CounterSession, CounterWindow
from ticketing.database import mapper

counters = Table(
    "counters",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("label", String(32), nullable=False),
    Column("queue_ids", JsonOf(frozenset[UUID]), nullable=False),
    UniqueConstraint("outlet_id", "label"),
)

OPEN = text("closed_at IS NULL")

counter_sessions = Table(
    "counter_sessions",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("counter_id", Uuid, nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Index(None, "outlet_id", postgresql_where=OPEN),
    Index("uq_counter_sessions_open_counter", "counter_id", unique=True, postgresql_where=OPEN),
    Index("uq_counter_sessions_open_employee", "employee_id", unique=True, postgresql_where=OPEN),
    # D1: who sat where is kept.
    info={"grants": "SELECT, INSERT, UPDATE"},
)

mapper.map_imperatively(
    CounterWindow, counters, version_id_col=counters.c.version, version_id_generator=False
)
mapper.map_imperatively(
    CounterSession,
    counter_sessions,
    version_id_col=counter_sessions.c.version,
    version_id_generator=False,
)
