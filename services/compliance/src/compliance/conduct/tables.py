"""Where incidents are kept; steps and reporters can only be added (D1). A finding opens one incident."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, Uuid

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from compliance.conduct.domain import (
    Incident,
    IncidentKind,
    IncidentState,
    IncidentStep,
    Pointer,
    Reporter,
    StepKind,
)
from compliance.database import mapper

incidents = Table(
    "incidents",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("kind", EnumText(IncidentKind), nullable=False),
    Column("state", EnumText(IncidentState), nullable=False),
    Column("seller_id", Uuid, nullable=True),
    Column("outlet_id", Uuid, nullable=True),
    Column("product_named", String(120), nullable=True),
    Column("about", JsonOf(tuple[Pointer, ...]), nullable=False),
    Column("account", String(4000), nullable=True),
    Column("finding", String(200), nullable=True, unique=True),
    Column("opened_at", Instant, nullable=False),
    enum_check("kind", IncidentKind),
    enum_check("state", IncidentState),
    Index("ix_incidents_outlet_id", "outlet_id", "id"),
    Index("ix_incidents_seller_id", "seller_id", "id"),
)

incident_steps = Table(
    "incident_steps",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("incident_id", Uuid, ForeignKey("incidents.id"), nullable=False),
    Column("incident_version", Integer, nullable=False),
    Column("kind", EnumText(StepKind), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("taken_by", String, nullable=False),
    Column("taken_at", Instant, nullable=False),
    UniqueConstraint(
        "incident_id", "incident_version", name="uq_incident_steps_incident_id_incident_version"
    ),
    enum_check("kind", StepKind),
    info=APPEND_ONLY,
)

incident_reporters = Table(
    "incident_reporters",
    mapper.metadata,
    Column("incident_id", Uuid, ForeignKey("incidents.id"), primary_key=True),
    Column("subject", String, nullable=False),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Incident, incidents, version_id_col=incidents.c.version, version_id_generator=False)
mapper.map_imperatively(IncidentStep, incident_steps)
mapper.map_imperatively(Reporter, incident_reporters)
