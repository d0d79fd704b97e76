"""Where duties to tell holders are kept."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, UniqueConstraint, Uuid, text

from chassis.db import Instant
from compliance.database import mapper
from compliance.risk_notices.domain import RiskNotice

risk_notices = Table(
    "risk_notices",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("product_code", String(32), nullable=False),
    Column("product_version", Integer, nullable=False),
    Column("previous_level", Integer, nullable=False),
    Column("level", Integer, nullable=True),
    Column("changed_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("overdue_at", Instant, nullable=True),
    Column("told_at", Instant, nullable=True),
    Column("holders", Integer, nullable=True),
    Column("reported_by", String, nullable=True),
    Column("reported_at", Instant, nullable=True),
    UniqueConstraint("product_id", "product_version", name="uq_risk_notices_product_id_product_version"),
    CheckConstraint("overdue_at > due_at", name="overdue_at"),
    CheckConstraint("told_at >= changed_at", name="told_at"),
    CheckConstraint(
        "(told_at IS NULL) = (holders IS NULL) AND (told_at IS NULL) = (reported_at IS NULL)", name="reported"
    ),
    Index("ix_risk_notices_open", "due_at", postgresql_where=text("told_at IS NULL")),
)

mapper.map_imperatively(
    RiskNotice, risk_notices, version_id_col=risk_notices.c.version, version_id_generator=False
)
