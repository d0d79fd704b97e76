"""Where differences, settlements and days are kept: all of them may only grow (D1)."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from compliance.database import mapper
from compliance.reconciliation.domain import Difference, DifferenceKind, Reconciliation, Settlement

reconciliation_differences = Table(
    "reconciliation_differences",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", EnumText(DifferenceKind), nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("day", Date, nullable=False),
    Column("outlet_id", Uuid, nullable=True),
    Column("sale_id", Uuid, nullable=True),
    Column("permit_id", Uuid, nullable=True),
    Column("order_id", String(64), nullable=True),
    Column("expected_minor", BigInteger, nullable=True),
    Column("found_minor", BigInteger, nullable=True),
    Column("noted_at", Instant, nullable=False),
    enum_check("kind", DifferenceKind),
    UniqueConstraint("kind", "subject_id", name="uq_reconciliation_differences_kind_subject_id"),
    Index("ix_reconciliation_differences_day", "day", "id"),
    info=APPEND_ONLY,
)

reconciliation_settlements = Table(
    "reconciliation_settlements",
    mapper.metadata,
    Column(
        "difference_id",
        Uuid,
        ForeignKey("reconciliation_differences.id", name="fk_reconciliation_settlements_difference_id"),
        primary_key=True,
    ),
    Column("settled_at", Instant, nullable=False),
    info=APPEND_ONLY,
)

reconciliations = Table(
    "reconciliations",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("day", Date, nullable=False, unique=True),
    Column("found", Integer, nullable=False),
    Column("completed_at", Instant, nullable=False),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Difference, reconciliation_differences)
mapper.map_imperatively(Settlement, reconciliation_settlements)
mapper.map_imperatively(Reconciliation, reconciliations)
