"""Where customers are kept; what is appended about them can only be added to (D1)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
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
from compliance.customers.domain import (
    Assessment,
    Customer,
    CustomerCheck,
    LevelConfirmation,
    ReportedChange,
)
from compliance.database import mapper
from compliance.rulebook.customer_facts import AssessmentPlace

customers = Table(
    "customers",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("subject", String(255), nullable=True, unique=True),
    Column("registered_by", String, nullable=False),
    Column("registered_at", Instant, nullable=False),
    info={"grants": "SELECT, INSERT, UPDATE (version)"},
)

assessments = Table(
    "assessments",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("customer_version", Integer, nullable=False),
    Column("level", Integer, nullable=False),
    Column("completed_at", Instant, nullable=False),
    Column("imported", Boolean, nullable=False),
    Column("source", String(120), nullable=True),
    Column("recorded_by", String, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("place", EnumText(AssessmentPlace), nullable=True),
    Column("age_considered", Boolean, nullable=True),
    enum_check("place", AssessmentPlace),
    UniqueConstraint("customer_id", "customer_version", name="uq_assessments_customer_id_customer_version"),
    CheckConstraint("level BETWEEN 1 AND 5", name="level"),
    CheckConstraint("completed_at <= recorded_at", name="completed_at"),
    CheckConstraint("imported = (source IS NOT NULL)", name="imported"),
    Index("ix_assessments_customer_id_completed_at", "customer_id", "completed_at", "customer_version"),
    Index("ix_assessments_completed_at", "completed_at", "customer_id"),
    info=APPEND_ONLY,
)

reported_changes = Table(
    "reported_changes",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("customer_version", Integer, nullable=False),
    Column("reported_by", String, nullable=False),
    Column("reported_at", Instant, nullable=False),
    UniqueConstraint(
        "customer_id", "customer_version", name="uq_reported_changes_customer_id_customer_version"
    ),
    info=APPEND_ONLY,
)

level_confirmations = Table(
    "level_confirmations",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("assessment_id", Uuid, ForeignKey("assessments.id"), nullable=False, unique=True),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("customer_version", Integer, nullable=False),
    Column("confirmed_by", String, nullable=False),
    Column("confirmed_at", Instant, nullable=False),
    UniqueConstraint(
        "customer_id", "customer_version", name="uq_level_confirmations_customer_id_customer_version"
    ),
    info=APPEND_ONLY,
)

#: No key to the customers: what is told of one who is unknown as yet waits for him (N4).
customer_checks = Table(
    "customer_checks",
    mapper.metadata,
    Column("customer_id", Uuid, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("cleared", Boolean, nullable=False),
    Column("cleared_until", Date, nullable=True),
    Column("told_at", Instant, nullable=False),
    CheckConstraint("cleared OR cleared_until IS NULL", name="cleared_until"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Customer, customers, version_id_col=customers.c.version, version_id_generator=False)
mapper.map_imperatively(Assessment, assessments)
mapper.map_imperatively(LevelConfirmation, level_confirmations)
mapper.map_imperatively(ReportedChange, reported_changes)
mapper.map_imperatively(CustomerCheck, customer_checks)
