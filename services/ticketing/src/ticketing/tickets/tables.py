"""Where tickets and their number series are kept.

The unique indexes forbid what must never exist: a number twice, two tickets in one hand. There are no foreign
keys to queues and counters: each would lock the queue's row for every ticket.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

from chassis.db import EnumText, Instant, enum_check
from ticketing.database import mapper
from ticketing.tickets.domain import Channel, Ticket, TicketState

#: D1: what was given out is never taken away.
KEPT = {"grants": "SELECT, INSERT, UPDATE"}

#: One row per queue and business date. ``last_at`` never runs backwards, whatever the clocks of replicas say.
number_series = Table(
    "number_series",
    mapper.metadata,
    Column("queue_id", Uuid, primary_key=True),
    Column("business_date", Date, primary_key=True),
    Column("outlet_id", Uuid, nullable=False),
    Column("issued", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("closed", Boolean, nullable=False),
    Index("ix_number_series_open", "business_date", postgresql_where=text("NOT closed")),
    postgresql_with={"fillfactor": 50},
    info=KEPT,
)

IN_HAND = text("state IN ('called', 'serving')")

tickets = Table(
    "tickets",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("queue_id", Uuid, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("number", String(12), nullable=False),
    Column("service_code", String(32), nullable=False),
    Column("channel", EnumText(Channel), nullable=False),
    Column("visitor", String(512)),
    Column("state", EnumText(TicketState), nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("counter_id", Uuid),
    Column("employee_id", Uuid),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("called_at", Instant),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    UniqueConstraint("queue_id", "business_date", "serial"),
    enum_check("channel", Channel),
    enum_check("state", TicketState),
    CheckConstraint(
        "state NOT IN ('called', 'serving') OR (counter_id IS NOT NULL AND employee_id IS NOT NULL)",
        name="in_hand",
    ),
    Index(
        "ix_tickets_waiting",
        "queue_id",
        "business_date",
        "issued_at",
        "serial",
        postgresql_where=text("state = 'waiting'"),
    ),
    Index("uq_tickets_in_hand_counter", "counter_id", unique=True, postgresql_where=IN_HAND),
    Index("uq_tickets_in_hand_employee", "employee_id", unique=True, postgresql_where=IN_HAND),
    info=KEPT,
)

mapper.map_imperatively(Ticket, tickets, version_id_col=tickets.c.version, version_id_generator=False)
