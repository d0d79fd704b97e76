"""Where complaints are kept."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import relationship

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from feedback.complaints.domain import Channel, Complaint, ComplaintStatus, Outcome, Step, StepKind, ToldVia
from feedback.database import mapper

complaints = Table(
    "complaints",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("reference", Text, nullable=False, unique=True),
    Column("outlet_id", Uuid, nullable=False),
    Column("sale_id", Uuid),
    Column("complainant", Text),
    Column("channel", EnumText(Channel), nullable=False),
    Column("category", String(80), nullable=False),
    Column("summary", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("first_contact_owner", Text, nullable=False),
    Column("regime", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("status", EnumText(ComplaintStatus), nullable=False),
    Column("watch_at", Instant),
    enum_check("channel", Channel),
    enum_check("status", ComplaintStatus),
    Index(None, "outlet_id", "due_at", "id"),
    Index(None, "complainant", "due_at", "id"),
    Index(None, "first_contact_owner", "due_at", "id"),
    Index("ix_complaints_watched", "watch_at", postgresql_where="watch_at IS NOT NULL"),
    # D1, CMP-03, CMP-09: the owner, the deadline and everything else that was received are fixed for this
    # service too.
    info={"grants": "SELECT, INSERT, UPDATE (version, status, watch_at)"},
)

steps = Table(
    "complaint_steps",
    mapper.metadata,
    Column("complaint_id", Uuid, ForeignKey(complaints.c.id), primary_key=True),
    Column("kind", EnumText(StepKind), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("outcome", EnumText(Outcome)),
    Column("told_via", EnumText(ToldVia)),
    Column("note", Text),
    UniqueConstraint("complaint_id", "version"),
    enum_check("kind", StepKind),
    enum_check("outcome", Outcome),
    enum_check("told_via", ToldVia),
    info=APPEND_ONLY,
)

#: The last number given out, a row for each outlet and business year.
series = Table(
    "complaint_series",
    mapper.metadata,
    Column("outlet_id", Uuid, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last_number", Integer, nullable=False),
    info={"grants": "SELECT, INSERT, UPDATE (last_number)"},
)

mapper.map_imperatively(Step, steps)
mapper.map_imperatively(
    Complaint,
    complaints,
    version_id_col=complaints.c.version,
    version_id_generator=False,
    properties={"steps": relationship(Step, lazy="selectin", order_by=steps.c.version)},
)
