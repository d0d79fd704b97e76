"""Where forms and applications are kept; all but an application's version and state is only added to (D1)."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Uuid
from sqlalchemy.orm import relationship

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from compliance.applications.domain import (
    Application,
    ApplicationState,
    Choice,
    Ending,
    Form,
    FormKind,
    FormStep,
    IdentityCheck,
    IdentityMethod,
    Option,
    StepTaken,
)
from compliance.database import mapper

application_forms = Table(
    "application_forms",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", String(32), nullable=False, unique=True),
    Column("kind", EnumText(FormKind), nullable=False),
    Column("conditions_zh", String(4000), nullable=False),
    Column("conditions_en", String(4000), nullable=False),
    Column("options", JsonOf(tuple[Option, ...]), nullable=False),
    Column("steps", JsonOf(tuple[FormStep, ...]), nullable=False),
    Column("published_by", String, nullable=False),
    Column("published_at", Instant, nullable=False),
    enum_check("kind", FormKind),
    info=APPEND_ONLY,
)

applications = Table(
    "applications",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("form_id", Uuid, ForeignKey("application_forms.id"), nullable=False),
    Column("customer_id", Uuid, ForeignKey("customers.id"), nullable=False),
    Column("outlet_id", Uuid, nullable=False),
    Column("state", EnumText(ApplicationState), nullable=False),
    Column("opened_by", String, nullable=False),
    Column("opened_at", Instant, nullable=False),
    enum_check("state", ApplicationState),
    Index("ix_applications_outlet_id", "outlet_id", "id"),
    info={"grants": "SELECT, INSERT, UPDATE (version, state)"},
)

application_choices = Table(
    "application_choices",
    mapper.metadata,
    Column("application_id", Uuid, ForeignKey("applications.id"), primary_key=True),
    Column("options", JsonOf(tuple[str, ...]), nullable=False),
    Column("chosen_by", String, nullable=False),
    Column("chosen_at", Instant, nullable=False),
    info=APPEND_ONLY,
)

application_checks = Table(
    "application_checks",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("application_id", Uuid, ForeignKey("applications.id"), nullable=False, index=True),
    Column("application_version", Integer, nullable=False),
    Column("method", EnumText(IdentityMethod), nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("checked_by", String, nullable=False),
    Column("checked_at", Instant, nullable=False),
    enum_check("method", IdentityMethod),
    info=APPEND_ONLY,
)

application_steps = Table(
    "application_steps",
    mapper.metadata,
    Column("application_id", Uuid, ForeignKey("applications.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("application_version", Integer, nullable=False),
    Column("taken_by", String, nullable=False),
    Column("taken_at", Instant, nullable=False),
    info=APPEND_ONLY,
)

application_endings = Table(
    "application_endings",
    mapper.metadata,
    Column("application_id", Uuid, ForeignKey("applications.id"), primary_key=True),
    Column("state", EnumText(ApplicationState), nullable=False),
    Column("reason", String(500), nullable=True),
    Column("ended_by", String, nullable=False),
    Column("ended_at", Instant, nullable=False),
    enum_check("state", ApplicationState),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Form, application_forms)
mapper.map_imperatively(Choice, application_choices)
mapper.map_imperatively(IdentityCheck, application_checks)
mapper.map_imperatively(StepTaken, application_steps)
mapper.map_imperatively(Ending, application_endings)
mapper.map_imperatively(
    Application,
    applications,
    version_id_col=applications.c.version,
    version_id_generator=False,
    properties={
        "choice": relationship(Choice, uselist=False, lazy="selectin"),
        "ending": relationship(Ending, uselist=False, lazy="selectin"),
        "checks": relationship(
            IdentityCheck, lazy="selectin", order_by=application_checks.c.application_version
        ),
        "steps": relationship(StepTaken, lazy="selectin", order_by=application_steps.c.position),
    },
)
