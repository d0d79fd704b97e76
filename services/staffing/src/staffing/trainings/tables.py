"""Where trainings and experience are kept: rows are added, never changed (D1)."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, String, Table, Uuid
from sqlalchemy.orm import relationship

from chassis.db import APPEND_ONLY, EnumText, Instant, enum_check
from staffing.database import mapper
from staffing.trainings.domain import Annulment, Experience, Training, TrainingKind

trainings = Table(
    "trainings",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("employee_id", Uuid, ForeignKey("employees.id"), nullable=False),
    Column("kind", EnumText(TrainingKind), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("completed_on", Date, nullable=False),
    Column("evidence_id", Uuid, nullable=False),
    Column("recorded_by", String(255), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    enum_check("kind", TrainingKind),
    CheckConstraint("minutes > 0", name="minutes"),
    Index(None, "employee_id", "id"),
    info=APPEND_ONLY,
)

training_annulments = Table(
    "training_annulments",
    mapper.metadata,
    Column("training_id", Uuid, ForeignKey("trainings.id"), primary_key=True),
    Column("reason", String(500), nullable=False),
    Column("annulled_by", String(255), nullable=False),
    Column("annulled_at", Instant, nullable=False),
    info=APPEND_ONLY,
)

selling_experiences = Table(
    "selling_experiences",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("employee_id", Uuid, ForeignKey("employees.id"), nullable=False),
    Column("selling_since", Date, nullable=False),
    Column("evidence_id", Uuid, nullable=False),
    Column("recorded_by", String(255), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Index(None, "employee_id", "id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Annulment, training_annulments)
mapper.map_imperatively(
    Training, trainings, properties={"annulment": relationship(Annulment, lazy="joined", uselist=False)}
)
mapper.map_imperatively(Experience, selling_experiences)
