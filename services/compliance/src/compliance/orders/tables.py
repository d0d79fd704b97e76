"""Where reports about orders are kept: they may only grow (D1)."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, String, Table, UniqueConstraint, Uuid

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from compliance.database import mapper
from compliance.orders.domain import OrderReport, OrderStep

order_reports = Table(
    "order_reports",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("source", String, nullable=False),
    Column("fact_id", String, nullable=False),
    Column("order_id", String(64), nullable=False),
    Column("step", EnumText(OrderStep), nullable=False),
    Column("amount_minor", BigInteger, nullable=True),
    Column("currency", String(3), nullable=True),
    Column("reported_at", Instant, nullable=False),
    UniqueConstraint("source", "fact_id", name="uq_order_reports_source_fact_id"),
    enum_check("step", OrderStep),
    CheckConstraint(
        "(step = 'CANCELLED') = (amount_minor IS NULL) AND (amount_minor IS NULL) = (currency IS NULL)",
        name="amount_minor",
    ),
    Index("ix_order_reports_order_id", "order_id", "step"),
    Index("ix_order_reports_reported_at", "reported_at"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(OrderReport, order_reports)
