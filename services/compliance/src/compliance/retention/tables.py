"""Where the keeping of recordings stands: every row can only be added (D1), the recording's head is its lock.

Nothing here is a state that could be set: what is held, how long, and what was disposed of follows from the
rows. A certificate cannot stand without the decision that passed, nor be issued before the day is over.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from compliance.database import mapper
from compliance.evidence.domain import DisposalCertificate
from compliance.retention.domain import Ending
from compliance.retention.periods import HoldSource
from compliance.retention.reports import Report, ReportKind
from compliance.rulebook.decisions import Result
from compliance.rulebook.facts import ProductForm, ProductKind

retention_sales = Table(
    "retention_sales",
    mapper.metadata,
    Column("sale_id", Uuid, primary_key=True),
    Column("recording_id", Uuid, nullable=False),
    Column("kind", EnumText(ProductKind), nullable=False),
    Column("form", EnumText(ProductForm), nullable=False),
    Column("term_months", Integer, nullable=True),
    Column("sold_on", Date, nullable=False),
    Column("begun_at", Instant, nullable=False),
    enum_check("kind", ProductKind),
    enum_check("form", ProductForm),
    Index("ix_retention_sales_recording_id", "recording_id"),
    info=APPEND_ONLY,
)

retention_reports = Table(
    "retention_reports",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("source", String, nullable=False),
    Column("fact_id", String, nullable=False),
    Column("sale_id", Uuid, nullable=False),
    Column("kind", EnumText(ReportKind), nullable=False),
    Column("claimed_on", Date, nullable=True),
    Column("matter_id", String, nullable=True),
    Column("reported_at", Instant, nullable=False),
    UniqueConstraint("source", "fact_id", name="uq_retention_reports_source_fact_id"),
    enum_check("kind", ReportKind),
    CheckConstraint(
        "(matter_id IS NOT NULL) = (kind IN ('COMPLAINT_OPENED', 'COMPLAINT_ENDED'))", name="matter_id"
    ),
    CheckConstraint("(claimed_on IS NULL) = (kind = 'COMPLAINT_OPENED')", name="claimed_on"),
    Index("ix_retention_reports_sale_id", "sale_id", "id"),
    info=APPEND_ONLY,
)

holds = Table(
    "holds",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("recording_id", Uuid, nullable=False),
    Column("recording_version", Integer, nullable=False),
    Column("source", EnumText(HoldSource), nullable=False),
    Column("matter_id", String(128), nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("placed_by", String, nullable=False),
    UniqueConstraint("recording_id", "recording_version", name="uq_holds_recording_id_recording_version"),
    enum_check("source", HoldSource),
    info=APPEND_ONLY,
)

hold_releases = Table(
    "hold_releases",
    mapper.metadata,
    Column("hold_id", Uuid, ForeignKey("holds.id"), primary_key=True),
    Column("recording_version", Integer, nullable=False),
    Column("resolved_on", Date, nullable=False),
    Column("released_at", Instant, nullable=False),
    Column("released_by", String, nullable=False),
    info=APPEND_ONLY,
)

retention_dates = Table(
    "retention_dates",
    mapper.metadata,
    Column("recording_id", Uuid, primary_key=True),
    Column("recording_version", Integer, primary_key=True),
    Column("retain_until", Date, nullable=True),
    Column("rules", JsonOf(tuple[str, ...]), nullable=False),
    Column("dated_at", Instant, nullable=False),
    info=APPEND_ONLY,
)

disposal_attempts = Table(
    "disposal_attempts",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("recording_id", Uuid, nullable=False),
    Column("result", EnumText(Result), nullable=False),
    Column("requested_by", String, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("release", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("decision", JSONB, nullable=False),
    enum_check("result", Result),
    UniqueConstraint("id", "recording_id", "result", name="uq_disposal_attempts_id_recording_id_result"),
    Index("ix_disposal_attempts_recording_id", "recording_id", "id"),
    info=APPEND_ONLY,
)

disposal_certificates = Table(
    "disposal_certificates",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("recording_id", Uuid, nullable=False),
    Column("result", EnumText(Result), nullable=False),
    Column("retain_until", Date, nullable=False),
    Column("authorised_at", Instant, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("certificate", JsonOf(DisposalCertificate), nullable=False),
    ForeignKeyConstraint(
        ["id", "recording_id", "result"],
        ["disposal_attempts.id", "disposal_attempts.recording_id", "disposal_attempts.result"],
        name="fk_disposal_certificates_attempt",
    ),
    UniqueConstraint("id", "recording_id", name="uq_disposal_certificates_id_recording_id"),
    CheckConstraint("result = 'passed'", name="result"),
    # REC-07: the last day counts in full, in the bank's zone.
    CheckConstraint(
        "CAST(authorised_at AT TIME ZONE 'Asia/Shanghai' AS date) > retain_until", name="retain_until"
    ),
    Index("ix_disposal_certificates_recording_id", "recording_id", "id"),
    info=APPEND_ONLY,
)

disposal_endings = Table(
    "disposal_endings",
    mapper.metadata,
    Column("certificate_id", Uuid, primary_key=True),
    Column("recording_id", Uuid, nullable=False),
    Column("recording_version", Integer, nullable=False),
    Column("ending", EnumText(Ending), nullable=False),
    Column("ended_at", Instant, nullable=False),
    ForeignKeyConstraint(
        ["certificate_id", "recording_id"],
        ["disposal_certificates.id", "disposal_certificates.recording_id"],
        name="fk_disposal_endings_certificate",
    ),
    enum_check("ending", Ending),
    Index(
        "uq_disposal_endings_disposed",
        "recording_id",
        unique=True,
        postgresql_where=text("ending = 'DISPOSED'"),
    ),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Report, retention_reports)
