"""Where evaluations are kept."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.orm import relationship

from chassis.db import APPEND_ONLY, EnumText, Instant, JsonOf, enum_check
from feedback.database import mapper
from feedback.evaluations.domain import Answer, Dimension, Evaluation, EvaluationStatus

evaluations = Table(
    "evaluations",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("ticket_id", Uuid, nullable=False, unique=True),
    Column("outlet_id", Uuid, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("service_code", Text, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("counter_id", Uuid, nullable=False),
    Column("visitor", Text),
    Column("offered_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("status", EnumText(EvaluationStatus), nullable=False),
    enum_check("status", EvaluationStatus),
    Index(None, "outlet_id", "business_date", "id"),
    Index("ix_evaluations_standing", "expires_at", postgresql_where="status = 'offered'"),
    # D1: whose visit is evaluated, and until when, never changes.
    info={"grants": "SELECT, INSERT, UPDATE (version, status)"},
)

answers = Table(
    "evaluation_answers",
    mapper.metadata,
    Column("evaluation_id", Uuid, ForeignKey(evaluations.c.id), primary_key=True),
    Column("score", SmallInteger, nullable=False),
    Column("dimensions", JsonOf(frozenset[Dimension]), nullable=False),
    Column("comment", String(1000)),
    Column("submitted_at", Instant, nullable=False),
    Column("submitted_by", Text, nullable=False),
    Column("device_id", Text),
    CheckConstraint("score BETWEEN 1 AND 5", name="score"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(Answer, answers)
mapper.map_imperatively(
    Evaluation,
    evaluations,
    version_id_col=evaluations.c.version,
    version_id_generator=False,
    properties={"answer": relationship(Answer, uselist=False, lazy="selectin")},
)
