"""Where assignments of intake owners are kept."""

from sqlalchemy import Column, Index, Table, Text, Uuid

from chassis.db import APPEND_ONLY, Instant
from feedback.database import mapper
from feedback.intake.domain import IntakeAssignment

intake_assignments = Table(
    "intake_assignments",
    mapper.metadata,
    Column("id", Uuid, primary_key=True),
    Column("outlet_id", Uuid),
    Column("subject", Text, nullable=False),
    Column("assigned_by", Text, nullable=False),
    Column("assigned_at", Instant, nullable=False),
    Index(None, "outlet_id", "assigned_at", "id"),
    info=APPEND_ONLY,
)

mapper.map_imperatively(IntakeAssignment, intake_assignments)
