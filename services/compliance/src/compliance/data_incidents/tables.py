"""Where data incidents are kept; their steps and flags can only be added to (D1)."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, Uuid

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from chassis.errors import Violation
from compliance.data_incidents.domain import DataIncident, IncidentFlag, IncidentStep, StepKind
from compliance.database import mapper
from compliance.rulebook.privacy import DataKind

data_incidents = Table(
    "data_incidents",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("reference", String(120), nullable=False),
    Column("kinds", JsonOf(tuple[DataKind, ...]), nullable=False),
    Column("discovered_at", Instant, nullable=False),
    Column("report_due_at", Instant, nullable=True),
    Column("reported_at", Instant, nullable=True),
    Column("closed_at", Instant, nullable=True),
    Column("opened_by", String, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Index("ix_data_incidents_report_due_at", "report_due_at"),
)

data_incident_steps = Table(
    "data_incident_steps",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("incident_id", Uuid, ForeignKey("data_incidents.id"), nullable=False),
    Column("incident_version", Integer, nullable=False),
    Column("kind", EnumText(StepKind), nullable=False),
    Column("reference", String(120), nullable=True),
    Column("recorded_by", String, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("incident_id", "kind", name="uq_incident_steps_incident_id_kind"),
    enum_check("kind", StepKind),
    info=APPEND_ONLY,
)

data_incident_flags = Table(
    "data_incident_flags",
    mapper.metadata,
    Column("incident_id", Uuid, ForeignKey("data_incidents.id"), primary_key=True),
    Column("violations", JsonOf(tuple[Violation, ...]), nullable=False),
    Column("flagged_at", Instant, nullable=False),
    info=APPEND_ONLY,
)

mapper.map_imperatively(
    DataIncident, data_incidents, version_id_col=data_incidents.c.version, version_id_generator=False
)
mapper.map_imperatively(IncidentStep, data_incident_steps)
mapper.map_imperatively(IncidentFlag, data_incident_flags)
